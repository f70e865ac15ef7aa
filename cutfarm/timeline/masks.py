"""The mask of a clip, from either of the lists that hold masks."""

from __future__ import annotations

from cutfarm.catalogue.masks import MaskShape, mask_shape
from cutfarm.timeline import fields
from cutfarm.timeline.curves import MAX_SCALE, MAX_SHIFT
from cutfarm.timeline.fields import Node
from cutfarm.timeline.keyframes import Clock, mask_curves
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import Curve, Mask, MaskText
from cutfarm.timeline.old_keyframes import NO_KEYS, DraftKeys
from cutfarm.timeline.stage import SegmentSource

MASK_BUCKETS = ("masks", "common_mask")  #: JianYing up to 5.9 and older CapCuts; newer ones
DEFAULT_SIZE = 0.5  #: of a mask that names none: what the applications begin with
_MOST_TEXT = 10_000  #: characters of a text mask
_DRAWN = {"heart", "rectangle", "star"}  #: shapes whose soft edge nobody has measured
_OUTLINES = {"heart", "star"}  #: shapes whose outline is ours


def read_mask(source: SegmentSource, clock: Clock, keys: DraftKeys = NO_KEYS) -> Mask | None:
    """The mask of a clip: the first that cuts it; None where there is none or the segment's switch is off.

    Sizes are held to 0…1000, places to ±1000, feather and corners to 0…1, expansion to ±1; a size of 0 keeps nothing.
    What is not cut as the application cuts it is noted, and so are masks of unknown shapes and all after the first.
    """
    if not fields.flag(source.raw, "enable_video_mask", default=True):
        return None
    found: Mask | None = None
    each_once: dict[str, Material] = {}  # one may stand in both lists
    for material in source.all_of(*MASK_BUCKETS):
        each_once.setdefault(material.id, material)
    for material in each_once.values():
        mask = _read(source, material, clock, keys)
        if mask is None:
            continue
        if found is not None:
            message = f"{_named(material.raw)} is not applied: only the first of several is."
            source.lose(material, "mask", message, fields.text(material.raw, "resource_id"))
            continue
        found = mask
        _note(source, material.raw, found)
    return found


def _read(source: SegmentSource, material: Material, clock: Clock, keys: DraftKeys) -> Mask | None:
    raw = material.raw
    resource_id = fields.text(raw, "resource_id")
    if fields.text(raw, "category") == "adjust":
        message = f"{_named(raw)} limits the colour adjustment, which is not applied."
        source.lose(material, "mask", message, resource_id)
        return None
    shape = mask_shape(
        resource_id=resource_id, resource_type=fields.text(raw, "resource_type"), name=fields.text(raw, "name")
    )
    if shape is None:
        source.lose(material, "mask", f"{_named(raw)} is not applied.", resource_id)
        return None
    ids = {material.id, fields.text(raw, "constant_material_id")}
    return _mask(shape, raw, mask_curves(source.raw, ids, clock, source.notes, keys))


def _mask(shape: MaskShape, raw: Node, curves: tuple[Curve, ...]) -> Mask:
    config = fields.node(raw, "config")
    return Mask(
        shape=shape,
        width=fields.number(config, "width", DEFAULT_SIZE, low=0, high=MAX_SCALE),
        height=fields.number(config, "height", DEFAULT_SIZE, low=0, high=MAX_SCALE),
        center_x=fields.number(config, "centerX", low=-MAX_SHIFT, high=MAX_SHIFT),
        center_y=fields.number(config, "centerY", low=-MAX_SHIFT, high=MAX_SHIFT),
        rotation_deg=fields.number(config, "rotation", low=-1e6, high=1e6),
        feather=fields.number(config, "feather", low=0, high=1),
        round_corner=fields.number(config, "roundCorner", low=0, high=1),
        expansion=fields.number(config, "expansion", low=-1, high=1),
        is_inverted=fields.flag(config, "invert"),
        text=_text(fields.node(raw, "text_config")) if shape == "text" else None,
        curves=curves,
    )


def _text(raw: Node) -> MaskText:
    """The words of a text mask."""
    alignment = fields.integer(raw, "align_type", 1)
    return MaskText(
        content=fields.text(raw, "content")[:_MOST_TEXT],
        font_path=fields.text(raw, "font_path"),
        font_size=fields.number(raw, "font_size", 40.0, low=0, high=10_000),
        scale=fields.number(raw, "scale", 1.0, low=0, high=MAX_SCALE),
        bold_width=fields.number(raw, "bold_width", low=0, high=1),
        letter_spacing=fields.number(raw, "char_spacing", low=-1, high=100),
        alignment=alignment if alignment in (0, 1, 2) else 1,  # the application's default number is none of them
    )


def _note(source: SegmentSource, raw: Node, mask: Mask) -> None:
    keyed = {curve.property for curve in mask.curves}
    proposals = {
        "its outline": mask.shape in _OUTLINES,
        "its soft edge": mask.shape in _DRAWN and (mask.feather > 0 or "KFTypeCommonMaskFeather" in keyed),
        "its round corners": mask.shape == "rectangle"
        and (mask.round_corner > 0 or "KFTypeCommonMaskRoundCorner" in keyed),
        "its expansion": mask.expansion != 0 or "KFTypeCommonMaskExpansion" in keyed,
        "the size of its words": mask.shape == "text",
    }
    guessed = [words for words, is_there in proposals.items() if is_there]
    if guessed:
        message = f"{_named(raw)} is cut with guessed amounts: {', '.join(guessed)}."
        source.notes.close("mask", message, fields.text(raw, "resource_id"))


def _named(raw: Node) -> str:
    name = fields.text(raw, "name").strip()
    return f"The mask “{name}”" if name else "The mask"
