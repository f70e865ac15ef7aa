"""The draft's materials: one index over all lists, and the files among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import Crop, PictureKind, PictureMaterial, SoundMaterial

PHOTO_DURATION_US = 10_800_000_000  #: what drafts write for stills, which have no length: three hours


@dataclass(frozen=True, slots=True)
class Material:
    """One item of a list under `materials`."""

    bucket: str  #: the list's name
    id: str
    raw: Node


class Materials:
    """All materials of a draft by id; an id may stand in several lists."""

    def __init__(self, draft: Node) -> None:
        self._by_id: dict[str, list[Material]] = {}
        buckets = fields.node(draft, "materials")
        for bucket in buckets:
            for raw in fields.nodes(buckets, bucket):
                material = Material(bucket, fields.text(raw, "id"), raw)
                self._by_id.setdefault(material.id, []).append(material)

    def primary(self, segment: Node, bucket: str) -> Material | None:
        """The segment's own material, from `bucket` if it stands there, else from whichever list has it."""
        found = self._by_id.get(fields.text(segment, "material_id"), [])
        return next((material for material in found if material.bucket == bucket), found[0] if found else None)

    def referenced(self, segment: Node) -> Iterator[Material]:
        """The segment's further materials, each id once; ids that lead nowhere happen and are passed over."""
        listed = fields.values(segment, "extra_material_refs") + fields.values(segment, "extra_material_ids")
        for id_ in dict.fromkeys(item for item in listed if isinstance(item, str)):
            yield from self._by_id.get(id_, [])


def picture_material(raw: Node, crop: Crop) -> PictureMaterial:
    """An item of `materials.videos`, shown with `crop`; the length of stills and endless images reads as 0."""
    duration_us = max(0, fields.integer(raw, "duration"))
    kind = _picture_kind(fields.text(raw, "type"))
    return PictureMaterial(
        id=fields.text(raw, "id"),
        kind=kind,
        name=fields.text(raw, "material_name") or fields.text(raw, "name"),
        path=fields.text(raw, "path"),
        width_px=_side_px(raw, "width"),
        height_px=_side_px(raw, "height"),
        duration_us=0 if kind == "photo" or duration_us == PHOTO_DURATION_US else duration_us,
        has_audio=fields.flag(raw, "has_audio", default=kind == "video"),
        reverse_path=fields.text(raw, "reverse_path"),
        crop=crop,
    )


def sound_material(raw: Node) -> SoundMaterial:
    """An item of `materials.audios`."""
    return SoundMaterial(
        id=fields.text(raw, "id"),
        kind=fields.text(raw, "type"),
        name=fields.text(raw, "name"),
        path=fields.text(raw, "path"),
        duration_us=max(0, fields.integer(raw, "duration")),
    )


def _picture_kind(name: str) -> PictureKind:
    match name:
        case "photo" | "image":
            return "photo"
        case "gif":
            return "gif"
        case _:
            return "video"


def _side_px(raw: Node, key: str) -> int:
    return round(fields.number(raw, key, low=0, high=1e6))
