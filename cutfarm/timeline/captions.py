"""A text material as a `TextBlock`."""

from __future__ import annotations

from collections.abc import Collection

from cutfarm.timeline import fields
from cutfarm.timeline.content import read_content
from cutfarm.timeline.fields import Node
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.styles import Look, allows
from cutfarm.timeline.text import TextBlock

BACKGROUND_BIT, SHADOW_BIT, GLOW_BIT = 16, 32, 64  #: of a text material's `check_flag`
DEFAULT_WRAP_WIDTH = 0.82  #: of the canvas width, for subtitles


def read_caption(
    material: Node, canvas_width_px: int, notes: SegmentNotes, *, noted_ids: Collection[str] = ()
) -> TextBlock:
    """The caption's text and layout; what is not drawn of it goes to `notes`, without the `noted_ids`."""
    text, styles, looks = read_content(material)
    _note_looks(material, looks, notes)
    for art_id in dict.fromkeys(look.art_id for look in looks if "word art" in look.lost):
        if art_id not in noted_ids:
            notes.unsupported("word art", "The caption is drawn in its plain style, without its word art.", art_id)
    _note_block(material, notes)
    return TextBlock(
        material_id=fields.text(material, "id"),
        text=text,
        styles=styles,
        alignment=_alignment(material, notes),
        letter_spacing_em=fields.number(material, "letter_spacing", low=-1, high=10),
        line_spacing=fields.number(material, "line_spacing", 0.02, low=-1, high=10),
        wrap_width=_wrap_width(material, canvas_width_px),
        alpha=fields.number(material, "global_alpha", 1.0, low=0, high=1),
    )


def _alignment(material: Node, notes: SegmentNotes) -> int:
    alignment = fields.integer(material, "alignment", 1)
    if 0 <= alignment <= 2:
        return alignment
    if not _is_vertical(material):
        notes.close("caption", "Its lines are centred in place of an unknown alignment.")
    return 1


def _wrap_width(material: Node, canvas_width_px: int) -> float | None:
    fixed_px = fields.number(material, "fixed_width", -1.0)
    if fixed_px > 0:
        return min(fixed_px / canvas_width_px, 100.0)
    if fields.text(material, "type") != "subtitle" and not fields.flag(material, "force_apply_line_max_width"):
        return None
    width = fields.number(material, "line_max_width", DEFAULT_WRAP_WIDTH)
    return min(width, 100.0) if width > 0 else DEFAULT_WRAP_WIDTH


def _note_looks(material: Node, looks: tuple[Look, ...], notes: SegmentNotes) -> None:
    lost = frozenset[str]().union(*(look.lost for look in looks))
    if "shadow" in lost and allows(material, SHADOW_BIT):
        notes.unsupported("caption", "The caption is drawn without its shadow.")
    if "gradient" in lost:
        notes.unsupported("caption", "The caption's gradient is drawn as its first colour.")
    if "texture" in lost:
        notes.unsupported("caption", "The caption's textured fill is drawn as a plain colour.")


def _note_block(material: Node, notes: SegmentNotes) -> None:
    if _has_background(material):
        notes.unsupported("caption", "The caption is drawn without its background.")
    if "check_flag" in material and allows(material, GLOW_BIT):
        notes.unsupported("caption", "The caption is drawn without its glow.")
    if _is_vertical(material):
        notes.unsupported("caption", "The vertical caption is laid out in horizontal lines.")
    if fields.flag(fields.node(material, "text_curve"), "enable", bool(fields.node(material, "text_curve"))):
        notes.unsupported("caption", "The curved caption is laid out in straight lines.")
    if fields.flag(material, "single_char_bg_enable"):
        notes.unsupported("caption", "The caption is drawn without the boxes behind its characters.")
    if fields.values(fields.node(material, "combo_info"), "text_templates"):
        notes.unsupported("text template", "The caption is drawn in its plain style, without its template.")
    template = fields.node(material, "caption_template_info")
    if resource_id := fields.text(template, "resource_id"):
        notes.unsupported("caption template", "The caption is drawn without its caption template.", resource_id)


def _has_background(material: Node) -> bool:
    if not fields.text(material, "background_color") or not allows(material, BACKGROUND_BIT):
        return False
    return "check_flag" in material or fields.integer(material, "background_style") != 0


def _is_vertical(material: Node) -> bool:
    return fields.integer(material, "typesetting") == 1
