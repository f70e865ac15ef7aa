"""How fast, and in which direction, a segment plays its source."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.keyframes import Clock
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import SpeedPoint
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.pace import mean_speed
from cutfarm.timeline.time import US_PER_SECOND, TimeRange

MIN_RATE, MAX_RATE = 0.01, 1000.0
MOST_POINTS = 1000  #: of a speed curve; the application's hold about ten
_AGREEMENT = Fraction(1, 100)


@dataclass(frozen=True, slots=True)
class Played:
    """What of its source a segment plays, and how."""

    source: TimeRange
    rate: Fraction
    speed_points: tuple[SpeedPoint, ...] = ()
    is_reversed: bool = False

    def common(self) -> dict[str, Any]:
        """The fields of a `MediaSegment` by these names."""
        return {
            "source": self.source,
            "rate": self.rate,
            "speed_points": self.speed_points,
            "is_reversed": self.is_reversed,
        }

    def clock(self, target: TimeRange) -> Clock:
        """What the segment's key times count from; keys of a reversed clip count as if it played forwards."""
        return Clock(self.source.start_us, self.rate, target.duration_us, self.speed_points)


def read_played(
    segment: Node,
    materials: Iterable[Material],
    written: TimeRange | None,
    target: TimeRange,
    fps: Fraction,
    notes: SegmentNotes,
) -> Played:
    """What of its source a segment plays; without a written range as much as its speed asks for, from the start."""
    rate, points = read_pace(segment, materials, written, target, fps, notes)
    is_reversed = fields.flag(segment, "reverse")
    if written is None or written.duration_us == 0:
        written = TimeRange(written.start_us if written else 0, max(round(target.duration_us * rate), 1))
    return Played(written, rate, points, is_reversed)


def read_pace(
    segment: Node,
    materials: Iterable[Material],
    source: TimeRange | None,
    target: TimeRange,
    fps: Fraction,
    notes: SegmentNotes,
) -> tuple[Fraction, tuple[SpeedPoint, ...]]:
    """Source microseconds per timeline microsecond, and the points of a speed curve, of which that is the mean.

    The source range maps across the target range, evenly unless there is a speed curve: then by it, else if that
    contradicts the declared speed by more than 1 % and more than one frame.
    """
    speeds = next((material.raw for material in materials if material.bucket == "speeds"), None)
    declared = _declared(segment, speeds)
    points: tuple[SpeedPoint, ...] = ()
    if speeds is not None and fields.integer(speeds, "mode") == 1:
        points = _points(speeds, notes)
    if points:
        declared = _rate(mean_speed(points))
    if source is None or source.duration_us == 0:
        return declared or Fraction(1), points
    mapped = Fraction(source.duration_us, target.duration_us)
    if not MIN_RATE <= mapped <= MAX_RATE:
        return declared or Fraction(1), ()
    if points or declared is None or abs(mapped - declared) <= _AGREEMENT * declared:
        return mapped, points
    if abs(source.duration_us / declared - target.duration_us) <= US_PER_SECOND / fps:
        return mapped, ()
    notes.close("speed", f"The clip's ranges contradict its speed; it plays at {float(declared):g}.")
    return declared, ()


def _declared(segment: Node, speeds: Node | None) -> Fraction | None:
    """The `speeds` material is what the application goes by; the segment's own field mirrors it."""
    for owner in (speeds, segment):
        value = fields.finite(owner.get("speed")) if owner is not None else None
        if value is not None and value > 0:
            return _rate(value)
    return None


def _rate(value: float) -> Fraction:
    return Fraction(min(max(value, MIN_RATE), MAX_RATE)).limit_denominator(1_000_000)


def _points(speeds: Node, notes: SegmentNotes) -> tuple[SpeedPoint, ...]:
    """The points of a speed curve, ascending from 0 to 1; none where fewer than two are left.

    Points that are no numbers, lie outside of 0…1 or do not come after the one before are passed over; speeds are held
    to 0.01…1000; the outermost points' speeds hold up to the ends.
    """
    raw = fields.nodes(fields.node(speeds, "curve_speed"), "speed_points")
    found: list[SpeedPoint] = []
    is_whole = len(raw) <= MOST_POINTS
    for point in raw[:MOST_POINTS]:
        at, speed = fields.finite(point.get("x")), fields.finite(point.get("y"))
        if at is None or speed is None or not (found[-1].at if found else -1.0) < at <= 1 or at < 0:
            is_whole = False
            continue
        held = min(max(speed, MIN_RATE), MAX_RATE)
        is_whole = is_whole and held == speed
        found.append(SpeedPoint(at, held))
    if len(found) < 2:
        notes.close("speed curve", "The clip plays evenly: its speed curve has no course.")
        return ()
    if found[0].at > 0:
        found.insert(0, SpeedPoint(0.0, found[0].speed))
    if found[-1].at < 1:
        found.append(SpeedPoint(1.0, found[-1].speed))
    if not is_whole or len(found) > len(raw):
        notes.close("speed curve", "Points of the speed curve that cannot be are passed over or held to what can.")
    return tuple(found)
