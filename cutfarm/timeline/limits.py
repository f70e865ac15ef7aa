"""How much a draft may show at once, and how much it may unfold to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush

from cutfarm.errors import DraftError
from cutfarm.timeline.model import ClipSegment, Compound, Segment, TextSegment, Track

MAX_LAYERS = 1_000  #: at one instant, those within compound clips counted
MAX_UNFOLDED = 100_000  #: segments within compound clips, those that are shown several times counted as often


def require_limits(tracks: Iterable[Track]) -> None:
    """Raise DraftError, naming the first segment that goes over `MAX_LAYERS` or `MAX_UNFOLDED`."""
    tracks = tuple(tracks)
    sizes = _Sizes()
    unfolded = 0
    for segment in (segment for track in tracks for segment in track.segments):
        unfolded += sizes.of(segment).segments
        if unfolded > MAX_UNFOLDED:
            raise DraftError(f"With segment {segment.id} the compound clips hold more than {MAX_UNFOLDED} segments.")
    for segment, layers in _depths(tracks, sizes):
        if layers > MAX_LAYERS:
            raise DraftError(f"With segment {segment.id} more than {MAX_LAYERS} layers lie on each other.")


@dataclass(frozen=True, slots=True)
class _Size:
    layers: int  #: at one instant, at most
    segments: int


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Sizes of compound clips; a draft that several of them show is measured once."""

    _known: dict[int, _Size] = field(default_factory=dict)  #: by the identity of the inner timeline

    def of(self, segment: Segment) -> _Size:
        """What lies within a segment."""
        if not isinstance(segment, ClipSegment) or not isinstance(segment.material, Compound):
            return _Size(0, 0)
        inner = segment.material.timeline
        if id(inner) not in self._known:
            within = [self.of(other) for track in inner.tracks for other in track.segments]
            layers = max((layers for _, layers in _depths(inner.tracks, self)), default=0)
            self._known[id(inner)] = _Size(layers, len(within) + sum(size.segments for size in within))
        return self._known[id(inner)]


def _depths(tracks: Iterable[Track], sizes: _Sizes) -> Iterator[tuple[Segment, int]]:
    """Each segment that is drawn, by its start, and the layers there are when it begins."""
    drawn = [
        segment
        for track in tracks
        if not track.is_hidden
        for segment in track.segments
        if segment.is_visible and isinstance(segment, ClipSegment | TextSegment)
    ]
    ends: list[tuple[int, int]] = []
    layers = 0
    for segment in sorted(drawn, key=lambda segment: segment.target.start_us):
        while ends and ends[0][0] <= segment.target.start_us:
            layers -= heappop(ends)[1]
        own = 1 + sizes.of(segment).layers
        heappush(ends, (segment.target.end_us, own))
        layers += own
        yield segment, layers
