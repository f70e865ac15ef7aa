"""How fast a segment plays its source."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.materials import Material
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.time import US_PER_SECOND, TimeRange

MIN_RATE, MAX_RATE = 0.01, 1000.0
_AGREEMENT = Fraction(1, 100)


def read_rate(
    segment: Node,
    materials: Iterable[Material],
    source: TimeRange | None,
    target: TimeRange,
    fps: Fraction,
    notes: SegmentNotes,
) -> Fraction:
    """Source microseconds per timeline microsecond.

    The source range maps straight across the target range, unless that contradicts the declared speed by more than
    1 % and more than one frame.
    """
    speeds = next((material.raw for material in materials if material.bucket == "speeds"), None)
    declared = _declared(segment, speeds)
    if speeds is not None and fields.integer(speeds, "mode") == 1:
        notes.unsupported("speed curve", "The clip plays evenly, at the mean of its speed curve.")
    if source is None or source.duration_us == 0:
        return declared or Fraction(1)
    mapped = Fraction(source.duration_us, target.duration_us)
    if not MIN_RATE <= mapped <= MAX_RATE:
        return declared or Fraction(1)
    if declared is None or abs(mapped - declared) <= _AGREEMENT * declared:
        return mapped
    if abs(source.duration_us / declared - target.duration_us) <= US_PER_SECOND / fps:
        return mapped
    notes.close("speed", f"The clip's ranges contradict its speed; it plays at {float(declared):g}.")
    return declared


def _declared(segment: Node, speeds: Node | None) -> Fraction | None:
    """The `speeds` material is what the application goes by; the segment's own field mirrors it."""
    for owner in (speeds, segment):
        value = fields.finite(owner.get("speed")) if owner is not None else None
        if value is not None and value > 0:
            return Fraction(min(max(value, MIN_RATE), MAX_RATE)).limit_denominator(1_000_000)
    return None
