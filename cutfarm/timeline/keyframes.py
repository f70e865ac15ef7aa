"""Keyframes: from the draft's two clocks to microseconds after the segment's start."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import Curve, Handle, Keyframe, LookCurve, SpeedPoint
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.old_keyframes import NO_KEYS, DraftKeys, OldKeys
from cutfarm.timeline.pace import pace_of
from cutfarm.timeline.time import round_half_up

SNAP_US = 1000  #: keys nearer than this to an end of the segment lie on it, as in the application
MAX_VALUE = 1e6

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
    "KFTypeShapeGlobalAlpha": "KFTypeGlobalAlpha",
    "KFTypeVolume": "KFTypeVolume",
    "KFTypeAudioPanning": "KFTypeAudioPanning",
    "KFTypeChromaIntensity": "KFTypeChromaIntensity",
    "KFTypeChromaShadow": "KFTypeChromaShadow",
    "KFTypeChromaSpill": "KFTypeChromaSpill",
    "KFTypeChromaEdgeSmooth": "KFTypeChromaEdgeSmooth",
}
_MASK_PREFIX = "KFTypeCommonMask"
#: The same of masks; the older names are spelt as the format spells them.
MASK_PROPERTIES = {
    **{
        f"{_MASK_PREFIX}{name}": f"{_MASK_PREFIX}{name}"
        for name in (
            "PositionX",
            "PositionY",
            "SizeWidth",
            "SizeHeight",
            "Rotation",
            "Feather",
            "Expansion",
            "RoundCorner",
            "Scale",
        )
    },
    "KFTypeMaskPostionX": "KFTypeCommonMaskPositionX",
    "KFTypeMaskPostionY": "KFTypeCommonMaskPositionY",
    "KFTypeMaskSizeX": "KFTypeCommonMaskSizeWidth",
    "KFTypeMaskSizeY": "KFTypeCommonMaskSizeHeight",
    "KFTypeMaskRotation": "KFTypeCommonMaskRotation",
    "KFTypeMaskFeather": "KFTypeCommonMaskFeather",
    "KFTypeMaskRoundCorner": "KFTypeCommonMaskRoundCorner",
}
_WITHOUT_MEANING = {"KFTypeLastVolume"}
_LINEAR = {"", "line", "linear"}
_FREE = "freecurve"


@dataclass(frozen=True, slots=True)
class Clock:
    """What a segment's key times count from: the media's start for files, the segment's own start for the rest."""

    start_us: int  #: key time at the segment's start
    rate: Fraction  #: key microseconds per timeline microsecond
    duration_us: int  #: length of the segment on the timeline
    speed_points: tuple[SpeedPoint, ...] = ()  #: of a speed curve, of which `rate` is the mean

    @property
    def end_us(self) -> Fraction:
        """Key time at the segment's end."""
        return self.start_us + self.rate * self.duration_us

    def at_us(self, key_time_us: int) -> int:
        """Microseconds after the segment's start, snapped to its ends."""
        at = round_half_up(self.exactly_us(key_time_us))
        for end in (0, self.duration_us):
            if abs(at - end) < SNAP_US:
                return end
        return at

    def exactly_us(self, key_time_us: float) -> Fraction:
        """Microseconds after the segment's start, neither rounded nor snapped."""
        played_us = Fraction(key_time_us) - self.start_us
        if not self.speed_points:
            return played_us / self.rate
        share = played_us / (self.rate * self.duration_us)
        return self.duration_us * Fraction(pace_of(self.speed_points).time_at(share))


@dataclass(frozen=True, slots=True)
class _Key:
    """A key as written, on the draft's clock."""

    time_us: int
    value: float
    before: tuple[float, float] | None = None
    after: tuple[float, float] | None = None
    values: tuple[float, ...] = ()  #: all of them, of which `value` is the first


def read_curves(
    segment: Node,
    clock: Clock,
    notes: SegmentNotes,
    draft_keys: DraftKeys = NO_KEYS,
    *,
    looks: Collection[str] = (),
) -> tuple[Curve, ...]:
    """The segment's own animated properties; what cannot be animated goes to `notes`.

    Keys of masks are `mask_curves`', those of the properties `looks` are `look_curves`'. Raises DraftError for key
    times that are not numbers or past 100 hours.
    """
    reader = _Reader(segment, clock, notes, draft_keys)
    elsewhere = {*MASK_PROPERTIES, *looks}
    lists = [raw for raw in reader.lists if fields.text(raw, "property_type") not in elsewhere]
    for raw in lists:
        name = fields.text(raw, "property_type")
        is_known = name in _WITHOUT_MEANING or (name in PROPERTIES and not fields.text(raw, "material_id"))
        if not is_known and reader.keys(raw):
            notes.unsupported("keyframe", f"The keyframes of {name or 'a property without a name'} are not applied.")
    own = [raw for raw in lists if not fields.text(raw, "material_id")]
    reader.old.note(notes)
    return reader.curves(own, PROPERTIES, reader.old.own)


def mask_curves(
    segment: Node, mask_ids: Collection[str], clock: Clock, notes: SegmentNotes, draft_keys: DraftKeys = NO_KEYS
) -> tuple[Curve, ...]:
    """The animated properties of the segment's mask, by the names KFTypeCommonMask….

    `mask_ids` are the ids by which keys may name it; those that name nothing are its too. Raises DraftError.
    """
    reader = _Reader(segment, clock, notes, draft_keys)
    wanted = {"", *mask_ids}
    lists = [raw for raw in reader.lists if fields.text(raw, "material_id") in wanted]
    curves = reader.curves(lists, MASK_PROPERTIES, reader.old.mask)
    others = {fields.text(raw, "property_type") for raw in reader.lists if raw not in lists}
    for name in sorted(others & MASK_PROPERTIES.keys()):
        notes.unsupported("keyframe", f"The keyframes of {name} are those of a mask that the clip does not show.")
    if any(curve.property == "KFTypeCommonMaskScale" for curve in curves):
        notes.close("keyframe", "The keyed scale of the mask multiplies its width and height.")
    return curves


def look_curves(segment: Node, values: Mapping[str, int], clock: Clock, notes: SegmentNotes) -> tuple[LookCurve, ...]:
    """The animated looks of a caption: of the properties `values`, whose keys have so many values at most.

    Keys of several values are joined by straight lines. Raises DraftError for times that are not numbers.
    """
    reader = _Reader(segment, clock, notes, NO_KEYS)
    found: dict[str, LookCurve] = {}
    for raw in reader.lists:
        name = fields.text(raw, "property_type")
        if name in values and (curves := reader.parts(raw, name, values[name])):
            found[name] = LookCurve(name, curves)
    return tuple(found.values())


class _Reader:
    """All keys of a segment, on the clock that they were written for."""

    def __init__(self, segment: Node, clock: Clock, notes: SegmentNotes, draft_keys: DraftKeys) -> None:
        self._owner = f"Segment {notes.segment_id}"
        self._notes = notes
        self._drawn = draft_keys.drawn
        self.lists = fields.nodes(segment, "common_keyframes")
        self.old = OldKeys.read(draft_keys.of(segment), self._owner)
        times = [key.time_us for raw in self.lists for key in self.keys(raw)]
        self._clock = _clock_as_written(clock, [*times, *self.old.times_us], notes)

    def keys(self, raw: Node) -> list[_Key]:
        """The keys of one property as written."""
        return list(_keys(raw, self._owner))

    def curves(
        self, lists: Sequence[Node], known: Mapping[str, str], old: Mapping[str, Sequence[tuple[int, float]]]
    ) -> tuple[Curve, ...]:
        """A curve for each property; of two lists of a property the later one counts, before any of the old keys."""
        found = {name: self._curve(name, [_Key(*key) for key in keys]) for name, keys in old.items()}
        for raw in lists:
            name = fields.text(raw, "property_type")
            if name in known and (keys := self.keys(raw)):
                self._note(raw, name)
                found[known[name]] = self._curve(known[name], keys)
        return tuple(found.values())

    def parts(self, raw: Node, name: str, most: int) -> tuple[Curve, ...]:
        """A curve for each value that all keys of a property have."""
        keys = self.keys(raw)
        if not keys:
            return ()
        self._note(raw, name)
        count = min(len(key.values) for key in keys)
        if count == 1:
            return (self._curve(name, keys),)
        if any(key.before or key.after for key in keys):
            self._notes.close("keyframe", f"The eased keyframes of {name} move evenly.")
        return tuple(
            self._curve(name, [_Key(key.time_us, key.values[at]) for key in keys]) for at in range(min(count, most))
        )

    def _curve(self, name: str, keys: Sequence[_Key]) -> Curve:
        """Sorted; of several keys at a time the last one counts."""
        at = {self._clock.at_us(key.time_us): key for key in keys}
        return Curve(name, tuple(self._keyframe(time_us, at[time_us]) for time_us in sorted(at)))

    def _keyframe(self, at_us: int, key: _Key) -> Keyframe:
        found = Keyframe(at_us, key.value)
        if key.before is None and key.after is None:
            return found
        return replace(found, before=self._handle(key, key.before), after=self._handle(key, key.after))

    def _handle(self, key: _Key, control: tuple[float, float] | None) -> Handle | None:
        if control is None:
            return None
        dx_us = self._clock.exactly_us(key.time_us + control[0]) - self._clock.exactly_us(key.time_us)
        return Handle(float(dx_us), control[1])

    def _note(self, raw: Node, name: str) -> None:
        listed = fields.nodes(raw, "keyframe_list")
        if len(listed) > 1 and any(_is_eased_unknown(key) for key in listed):
            self._notes.close("keyframe", f"The eased keyframes of {name} move evenly.")
        if any(fields.text(key, "graphID") in self._drawn for key in listed[1:]):
            message = f"The hand-drawn curve of {name} is not in its keys; these are joined by their handles alone."
            self._notes.close("keyframe", message)


def _keys(raw: Node, owner: str) -> Iterator[_Key]:
    for key in fields.nodes(raw, "keyframe_list"):
        time_us = fields.time_us(key.get("time_offset"), owner)
        values = tuple(
            _held(value) for item in fields.values(key, "values") if (value := fields.finite(item)) is not None
        )
        if values:
            controls = (_control(key, "left_control"), _control(key, "right_control"))
            yield _Key(time_us or 0, values[0], *controls, values)


def _control(key: Node, side: str) -> tuple[float, float] | None:
    """The handle of one side, (microseconds, value); None where it is straight or lies on its key."""
    if _kind(key) in _LINEAR:
        return None
    raw = fields.node(key, side)
    x, y = (fields.number(raw, axis) for axis in "xy")
    return (x, _held(y)) if x or y else None


def _kind(key: Node) -> str:
    """The word for how a key is left and reached; numbers other than 0 are free curves."""
    value = key.get("curveType")
    return value.lower() if isinstance(value, str) else _FREE if value else ""


def _is_eased_unknown(key: Node) -> bool:
    """Whether the key names an easing that neither the format nor its handles describe."""
    kind = _kind(key)
    is_told = kind.startswith(_FREE) or _control(key, "left_control") or _control(key, "right_control")
    return kind not in _LINEAR and not is_told


def _held(value: float) -> float:
    return min(max(value, -MAX_VALUE), MAX_VALUE)


def _clock_as_written(clock: Clock, times_us: Sequence[int], notes: SegmentNotes) -> Clock:
    """Libraries that write drafts count from the segment's start even where the application counts media time.

    So it is taken to be where all keys lie before the in point, and where some lie outside of the range that is played
    while, counted from the segment's start, they span it from end to end.
    """
    if not times_us:
        return clock
    own = Clock(0, Fraction(1), clock.duration_us)
    first_us, last_us = min(times_us), max(times_us)
    if last_us < clock.start_us:
        notes.close("keyframe", "All keyframes lie before the clip's in point and are read as counted from there.")
        return own
    is_outside = first_us <= clock.start_us - SNAP_US or last_us >= clock.end_us + SNAP_US
    if is_outside and (own.at_us(first_us), own.at_us(last_us)) == (0, clock.duration_us):
        message = (
            "The keyframes span the segment, not what it plays of its file, and are read as counted from its start."
        )
        notes.close("keyframe", message)
        return own
    return clock
