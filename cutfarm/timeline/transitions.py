"""Transitions between the clips of a track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest

from cutfarm.catalogue.transitions import is_dissolve
from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import ClipSegment, Segment, Transition
from cutfarm.timeline.notes import Notes, SegmentNotes


def read_transition(raw: Node | None, segment_id: str) -> Transition | None:
    """An item of `materials.transitions`; None where there is none or it takes no time.

    Raises DraftError, naming the segment, for a duration that is no number or past 100 hours.
    """
    if raw is None or (duration_us := fields.time_us(raw.get("duration"), f"Segment {segment_id}") or 0) <= 0:
        return None
    return Transition(
        name=fields.text(raw, "name"),
        resource_id=fields.text(raw, "resource_id"),
        effect_id=fields.text(raw, "effect_id"),
        duration_us=duration_us,
        is_overlap=fields.flag(raw, "is_overlap"),
    )


def kept_transitions(segments: Sequence[Segment], gap_us: Fraction, notes: Notes | None) -> Iterator[Segment]:
    """The segments of a track, sorted by start, with transitions only where a clip follows within `gap_us`.

    The last clip's transition leads nowhere. What is not drawn as the application draws it goes to `notes`.
    """
    for segment, following in zip_longest(segments, segments[1:]):
        if not isinstance(segment, ClipSegment) or segment.transition is None:
            yield segment
        elif not isinstance(following, ClipSegment) or (following.target.start_us - segment.target.end_us > gap_us):
            yield replace(segment, transition=None)
        else:
            if notes is not None:
                _note(segment.transition, SegmentNotes(notes, segment.id, is_silenced=not segment.is_visible))
            yield segment


def _note(transition: Transition, notes: SegmentNotes) -> None:
    ids = {"resource_id": transition.resource_id, "effect_id": transition.effect_id, "name": transition.name}
    if not is_dissolve(**ids):
        message = f"The transition “{transition.name}” is shown as a cross-dissolve."
        notes.evocative("transition", message, transition.resource_id or transition.effect_id)
