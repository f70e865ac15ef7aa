"""An id for every segment of a draft, whatever the draft says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node


@dataclass(frozen=True, slots=True)
class Namer:
    """Names segments in the order of the draft: by their own id, told apart where several have the same."""

    _met: Counter[str] = field(default_factory=Counter)

    def name(self, segment: Node, fallback: str) -> str:
        """The id of the next segment."""
        return self._unique(fields.text(segment, "id") or fallback)

    def _unique(self, id_: str) -> str:
        self._met[id_] += 1
        return id_ if self._met[id_] == 1 else self._unique(f"{id_}~{self._met[id_]}")


def fallback_name(kind: str, track: int, place: int) -> str:
    """For a segment without an id, number `place` of a track of `kind`."""
    return f"{kind}-{track}-{place}"


def segment_ids(draft: Node) -> Iterator[tuple[tuple[int, int], str]]:
    """(number of the track, number of the segment among its objects) and the id, for all segments of a draft."""
    namer = Namer()
    for track, raw_track in enumerate(fields.nodes(draft, "tracks")):
        kind = fields.text(raw_track, "type")
        for place, raw in enumerate(fields.nodes(raw_track, "segments")):
            yield (track, place), namer.name(raw, fallback_name(kind, track, place))
