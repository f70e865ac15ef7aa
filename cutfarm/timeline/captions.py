"""A text material as a `TextBlock`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cutfarm.timeline import fields
from cutfarm.timeline.content import StyledText, read_content
from cutfarm.timeline.fields import Node
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import Canvas
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.styles import GLOW_BIT, Look, Switches
from cutfarm.timeline.text import Glow, TextBlock
from cutfarm.timeline.text_boxes import read_backgrounds
from cutfarm.timeline.text_paints import Held
from cutfarm.timeline.text_shadows import read_glow
from cutfarm.timeline.word_art import in_word_art

DEFAULT_WRAP_WIDTH = 0.82  #: of the canvas width, for subtitles
FIXED_WIDTH_CANVAS = 720.0  #: width of the canvas whose pixels `fixed_width` and `fixed_height` count
MAX_CURVE_DEG = 360.0
WORD_ART, GLOW = "text_effect", "bloom"  #: types of effects that a caption is drawn with
_ALIGNMENTS = {0: 0, 1: 1, 2: 2}
_COLUMN_ALIGNMENTS = _ALIGNMENTS | {3: 0, 4: 2}
_MAX_WRAP_WIDTH = 100.0


def read_caption(material: Node, effects: Sequence[Node], canvas: Canvas, notes: SegmentNotes) -> TextBlock:
    """The caption's text, looks and layout; what is not drawn of it goes to `notes`.

    `effects` are those of its segment: word art and a glow among them are drawn, the others are passed over.
    """
    switches = Switches.of(material)
    held = Held()
    styled = _in_word_art(read_content(material), effects, notes)
    styled = _glowing(styled, _glow(material, effects, switches, held, notes))
    is_vertical = fields.integer(material, "typesetting") == 1
    has_box = switches.background and ("check_flag" in material or fields.integer(material, "background_style") != 0)
    block = TextBlock(
        material_id=fields.text(material, "id"),
        text=styled.text,
        styles=styled.styles(),
        alignment=_alignment(material, is_vertical, notes),
        letter_spacing_em=held.number(material, "letter_spacing", 0.0, -1.0, 10.0, "caption's letter spacing"),
        line_spacing=held.number(material, "line_spacing", 0.02, -1.0, 10.0, "caption's line spacing"),
        wrap_width=_wrap_width(material, canvas, is_vertical),
        alpha=held.alpha(material, "global_alpha"),
        is_vertical=is_vertical,
        curve_deg=_curve_deg(material, held),
        backgrounds=read_backgrounds(material, held, is_switched_on=has_box),
    )
    _note_guesses(block, notes)
    _note_lost(material, styled.worn, notes)
    for sentence in (*styled.said, *(said for look in styled.worn for said in look.said), *held.said):
        notes.close("caption", sentence)
    return block


def is_caption_material(material: Material) -> bool:
    """Whether a caption is drawn with a material, or tells itself what it does not draw of it."""
    is_effect = material.bucket == "effects" and fields.text(material.raw, "type") in (WORD_ART, GLOW)
    return is_effect or material.bucket == "material_animations"


def _in_word_art(styled: StyledText, effects: Sequence[Node], notes: SegmentNotes) -> StyledText:
    """The text with its word art; where its styles are not its own, that of the segment's effects lies over all."""
    names: dict[str, str] = {}
    for effect in effects:
        id_ = _number_of(effect) or fields.text(effect, "path")
        if fields.text(effect, "type") == WORD_ART and id_ and fields.flag(effect, "visible", default=True):
            names.setdefault(id_, fields.text(effect, "name").strip())
    looks = styled.looks
    if not styled.is_json:
        looks = tuple(replace(look, art_id=look.art_id or next(iter(names), "")) for look in looks)
    drawn = replace(
        styled, looks=tuple(in_word_art(look, names.get(look.art_id, "")) if look.art_id else look for look in looks)
    )
    worn = dict.fromkeys(look.art_id for look in drawn.worn if look.art_id)
    for id_ in worn:
        notes.evocative("word art", f"{_called(names.get(id_, ''))} is drawn as a look of our own.", id_)
    for id_ in (id_ for id_ in names if id_ not in worn):
        notes.close("word art", f"{_called(names[id_])} is not among the caption's styles, which are drawn alone.", id_)
    return drawn


def _called(name: str) -> str:
    return f"The word art “{name}”" if name else "The word art"


def _number_of(effect: Node) -> str:
    return fields.text(effect, "resource_id") or fields.text(effect, "effect_id")


def _glow(material: Node, effects: Sequence[Node], switches: Switches, held: Held, notes: SegmentNotes) -> Glow | None:
    """The glow of the segment's effects; one of middling strength where the switch alone asks for one."""
    if not switches.glow:
        return None
    blooms = [
        effect
        for effect in effects
        if fields.text(effect, "type") == GLOW and fields.flag(effect, "visible", default=True)
    ]
    is_asked_for = fields.integer(material, "check_flag") & GLOW_BIT != 0
    source = blooms[0] if blooms else {} if is_asked_for else None
    glow = None if source is None else read_glow(source, held)
    if source is not None and glow is not None:
        notes.close("glow", "The reach and strength of the caption's glow are guesses.", _number_of(source))
    return glow


def _glowing(styled: StyledText, glow: Glow | None) -> StyledText:
    if glow is None:
        return styled
    return replace(styled, looks=tuple(replace(look, glow=glow) for look in styled.looks))


def _alignment(material: Node, is_vertical: bool, notes: SegmentNotes) -> int:
    known = _COLUMN_ALIGNMENTS if is_vertical else _ALIGNMENTS
    alignment = known.get(fields.integer(material, "alignment", 1))
    if alignment is None:
        notes.close("caption", "Its lines are centred in place of an unknown alignment.")
        return 1
    return alignment


def _wrap_width(material: Node, canvas: Canvas, is_vertical: bool) -> float | None:
    """How long lines may be in parts of the canvas width, columns in parts of its height.

    A fixed box counts pixels of a canvas 720 wide, as polygons do: so read, lines that were broken by hand for their
    box fit into it. Columns are held by the height of the box, and by the height of the canvas.
    """
    fixed = fields.number(material, "fixed_height" if is_vertical else "fixed_width", -1.0)
    if fixed > 0:
        along_px = canvas.height_px if is_vertical else canvas.width_px
        return min(fixed / FIXED_WIDTH_CANVAS * canvas.width_px / along_px, _MAX_WRAP_WIDTH)
    if fields.text(material, "type") != "subtitle" and not fields.flag(material, "force_apply_line_max_width"):
        return None
    width = fields.number(material, "line_max_width", DEFAULT_WRAP_WIDTH)
    return min(width if width > 0 else DEFAULT_WRAP_WIDTH, _MAX_WRAP_WIDTH)


def _curve_deg(material: Node, held: Held) -> float:
    curve = fields.node(material, "text_curve")
    if not fields.flag(curve, "enable", default=bool(curve)):
        return 0.0
    return held.number(curve, "angle", 0.0, -MAX_CURVE_DEG, MAX_CURVE_DEG, "caption's curve")


def _note_guesses(block: TextBlock, notes: SegmentNotes) -> None:
    if block.backgrounds:
        notes.close("caption", "The room between the caption and the edges of its background is a guess.")
    if block.curve_deg:
        notes.close("caption", "How far the caption's curve bends it is a guess.")


def _note_lost(material: Node, looks: Sequence[Look], notes: SegmentNotes) -> None:
    if any("thickness" in look.lost for look in looks):
        notes.unsupported("caption", "The caption's shadow is drawn without its thickness.")
    if fields.text(material, "background_fill"):
        notes.unsupported("caption", "The caption is drawn without the picture of its background.")
    if fields.flag(material, "enable_path_typesetting"):
        notes.unsupported("caption", "The caption is laid out in straight lines, not along its path.")
    if fields.values(fields.node(material, "combo_info"), "text_templates"):
        notes.unsupported("text template", "The caption is drawn in its plain style, without its template.")
    for key, what in (("caption_template_info", "caption template"), ("lyrics_template", "lyrics template")):
        if resource_id := fields.text(fields.node(material, key), "resource_id"):
            notes.unsupported(what, f"The caption is drawn without its {what}.", resource_id)
