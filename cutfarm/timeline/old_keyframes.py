"""Keyframes of the oldest drafts: one object for each time, with all properties and bits that say which are keyed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.notes import SegmentNotes

_PLACES = {
    "position.x": "KFTypePositionX",
    "position.y": "KFTypePositionY",
    "scale.x": "KFTypeScaleX",
    "scale.y": "KFTypeScaleY",
    "rotation": "KFTypeRotation",
    "alpha": "KFTypeAlpha",
    "volume": "KFTypeVolume",
    "chroma_intensity": "KFTypeChromaIntensity",
    "chroma_shadow": "KFTypeChromaShadow",
}
_MASK_PLACES = {
    "mask_config.centerX": "KFTypeCommonMaskPositionX",
    "mask_config.centerY": "KFTypeCommonMaskPositionY",
    "mask_config.width": "KFTypeCommonMaskSizeWidth",
    "mask_config.height": "KFTypeCommonMaskSizeHeight",
    "mask_config.rotation": "KFTypeCommonMaskRotation",
    "mask_config.feather": "KFTypeCommonMaskFeather",
    "mask_config.expansion": "KFTypeCommonMaskExpansion",
    "mask_config.roundCorner": "KFTypeCommonMaskRoundCorner",
}
#: Bits whose meaning is known, by the list that the object stands in. Drafts show 7 where place, size and angle are
#: keyed together.
_BITS: Mapping[str, Mapping[int, tuple[str, ...]]] = {
    "videos": {
        7: ("position.x", "position.y", "scale.x", "scale.y", "rotation"),
        8: ("alpha",),
    },
    "audios": {1: ("volume",)},
}
_MOST = 1e6
_WITHOUT_MEANING = frozenset({"flags", "time_offset", "last_volume"})


@dataclass(frozen=True, slots=True)
class DraftKeys:
    """What a draft holds of keyframes outside of its segments."""

    objects: Mapping[str, tuple[str, Node]] = field(default_factory=dict)  #: old keyframes and their lists, by id
    drawn: frozenset[str] = frozenset()  #: ids of curves that were drawn by hand

    @classmethod
    def read(cls, draft: Node) -> Self:
        """Those of `draft`."""
        lists = fields.node(draft, "keyframes")
        objects = {fields.text(raw, "id"): (name, raw) for name in lists for raw in fields.nodes(lists, name)}
        graphs = [raw for raw in fields.nodes(draft, "keyframe_graph_list") if fields.values(raw, "graph_points")]
        drawn = {fields.text(raw, key) for raw in graphs for key in ("id", "resource_id")}
        return cls(objects, frozenset(drawn - {""}))

    def of(self, segment: Node) -> list[tuple[str, Node]]:
        """The old keyframes that the segment refers to, with the lists that they stand in; None leads nowhere."""
        ids = [id_ for id_ in fields.values(segment, "keyframe_refs") if isinstance(id_, str)]
        return [self.objects.get(id_, ("", MappingProxyType({}))) for id_ in dict.fromkeys(ids)]


NO_KEYS = DraftKeys()


@dataclass(frozen=True, slots=True)
class OldKeys:
    """A segment's old keyframes by property: pairs of time, on the draft's clock, and value."""

    own: Mapping[str, Sequence[tuple[int, float]]]
    mask: Mapping[str, Sequence[tuple[int, float]]]
    times_us: tuple[int, ...]
    guessed: tuple[str, ...]  #: animated for no better reason than that they differ
    lost: tuple[str, ...]  #: differ and are not animated
    missing: int  #: how many lead nowhere

    @classmethod
    def read(cls, objects: Sequence[tuple[str, Node]], owner: str) -> Self:
        """A property is keyed where a known bit says so, or where it is not the same in all of `objects`.

        Raises DraftError, naming `owner`, for times that are no numbers or past 100 hours.
        """
        found = [(kind, raw, fields.time_us(raw.get("time_offset"), owner) or 0) for kind, raw in objects if raw]
        values: dict[str, list[tuple[int, float]]] = {}
        for _, raw, time_us in found:
            for name, value in _numbers(raw):
                values.setdefault(name, []).append((time_us, value))
        flagged = {name for kind, raw, _ in found for name in _flagged(kind, raw)}
        moving = {name for name, keys in values.items() if len({value for _, value in keys}) > 1}
        keyed = [name for name in values if name in flagged or name in moving]
        known = _PLACES | _MASK_PLACES
        return cls(
            {_PLACES[name]: values[name] for name in keyed if name in _PLACES},
            {_MASK_PLACES[name]: values[name] for name in keyed if name in _MASK_PLACES},
            tuple(time_us for _, _, time_us in found),
            tuple(name for name in keyed if name not in flagged and name in known),
            tuple(name for name in keyed if name not in known),
            len(objects) - len(found),
        )

    def note(self, notes: SegmentNotes) -> None:
        """Say what is guessed and what is left out."""
        if self.guessed:
            words = ", ".join(self.guessed)
            notes.close("keyframe", f"Of the keyframes of the oldest format those are applied that differ: {words}.")
        if self.lost:
            notes.unsupported("keyframe", f"Keyframes of the oldest format are not applied to {', '.join(self.lost)}.")
        if self.missing:
            notes.unsupported("keyframe", f"{self.missing} keyframes of the oldest format are not in the draft.")


def _numbers(raw: Node) -> Iterator[tuple[str, float]]:
    """All numbers of an object, those of the objects in it as `outer.inner`."""
    for key, value in raw.items():
        if key in _WITHOUT_MEANING:
            continue
        inner: Node = value if isinstance(value, Mapping) else {"": value}
        for name, item in inner.items():
            number = fields.finite(item)
            if number is not None:
                yield f"{key}.{name}" if name else key, min(max(number, -_MOST), _MOST)


def _flagged(kind: str, raw: Node) -> Iterator[str]:
    bits = fields.integer(raw, "flags")
    for mask, names in _BITS.get(kind, {}).items():
        if bits & mask == mask:
            yield from names
