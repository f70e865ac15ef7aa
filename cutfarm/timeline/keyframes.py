"""Keyframes: from the draft's two clocks to microseconds after the segment's start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import Curve, Keyframe
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.time import round_half_up

SNAP_US = 1000  #: keys nearer than this to an end of the segment lie on it, as in the application

#: What the renderer animates, by the format's names; an alias stands for the name that it maps to.
PROPERTIES = {
    "KFTypePositionX": "KFTypePositionX",
    "KFTypePositionY": "KFTypePositionY",
    "KFTypeScale": "KFTypeScale",
    "KFTypeScaleX": "KFTypeScaleX",
    "KFTypeScaleY": "KFTypeScaleY",
    "KFTypeRotation": "KFTypeRotation",
    "KFTypeRotationZ": "KFTypeRotation",
    "KFTypeAlpha": "KFTypeAlpha",
    "KFTypeGlobalAlpha": "KFTypeGlobalAlpha",
    "KFTypeVolume": "KFTypeVolume",
}
_WITHOUT_MEANING = {"KFTypeLastVolume"}
_LINEAR = {"", "line", "linear"}


@dataclass(frozen=True, slots=True)
class Clock:
    """What a segment's key times count from: the media's start for files, the segment's own start for the rest."""

    start_us: int  #: key time at the segment's start
    rate: Fraction  #: key microseconds per timeline microsecond
    duration_us: int  #: length of the segment on the timeline

    def at_us(self, key_time_us: int) -> int:
        """Microseconds after the segment's start, snapped to its ends."""
        at = round_half_up((key_time_us - self.start_us) / self.rate)
        for end in (0, self.duration_us):
            if abs(at - end) < SNAP_US:
                return end
        return at


def read_curves(segment: Node, clock: Clock, notes: SegmentNotes) -> tuple[Curve, ...]:
    """The segment's animated properties; what cannot be animated goes to `notes`.

    Raises DraftError for key times that are not numbers or past 100 hours.
    """
    if fields.values(segment, "keyframe_refs"):
        notes.unsupported("keyframe", "Keyframes of the oldest format are not applied.")
    lists = fields.nodes(segment, "common_keyframes")
    keys = [_keys(raw, f"Segment {notes.segment_id}") for raw in lists]
    clock = _clock_as_written(clock, [time_us for times in keys for time_us, _ in times], notes)
    curves: dict[str, Curve] = {}
    for raw, raw_keys in zip(lists, keys, strict=True):
        name = fields.text(raw, "property_type")
        property_ = PROPERTIES.get(name)
        if name in _WITHOUT_MEANING or not raw_keys:
            continue
        if property_ is None or fields.text(raw, "material_id"):
            notes.unsupported("keyframe", f"The keyframes of {name or 'a property without a name'} are not applied.")
            continue
        if _is_eased(raw):
            notes.close("keyframe", f"The eased keyframes of {name} move evenly.")
        at = {clock.at_us(time_us): value for time_us, value in raw_keys}
        curves[property_] = Curve(property_, tuple(Keyframe(time, at[time]) for time in sorted(at)))
    return tuple(curves.values())


def _keys(raw: Node, owner: str) -> list[tuple[int, float]]:
    """(key time, value) of one property, as written."""

    def valid() -> Iterator[tuple[int, float]]:
        for key in fields.nodes(raw, "keyframe_list"):
            time_us = fields.time_us(key.get("time_offset"), owner)
            value = next((fields.finite(item) for item in fields.values(key, "values")), None)
            if value is not None:
                yield time_us or 0, min(max(value, -1e6), 1e6)

    return list(valid())


def _clock_as_written(clock: Clock, times_us: Sequence[int], notes: SegmentNotes) -> Clock:
    """Libraries that write drafts count from the segment's start even where the application counts media time."""
    if clock.start_us == 0 or not times_us or max(times_us) >= clock.start_us:
        return clock
    notes.close("keyframe", "All keyframes lie before the clip's in point and are read as counted from there.")
    return Clock(0, Fraction(1), clock.duration_us)


def _is_eased(raw: Node) -> bool:
    def kind(key: Node) -> str:
        value = key.get("curveType")
        return value.lower() if isinstance(value, str) else "eased" if value else ""

    keys = fields.nodes(raw, "keyframe_list")
    return len(keys) > 1 and any(kind(key) not in _LINEAR for key in keys)
