"""One style of a caption, from its JSON, from markup, or from the material's flat fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.markup import Run, numbers
from cutfarm.timeline.text import Colour, Fill, Glow, Shadow, Stroke, TextStyle
from cutfarm.timeline.text_paints import Held, Paint, read_paint
from cutfarm.timeline.text_shadows import flat_shadows, json_shadows

WHITE: Colour = (1.0, 1.0, 1.0)
BLACK: Colour = (0.0, 0.0, 0.0)
DEFAULT_SIZE = 15.0  #: what the applications give to new text
MIN_SIZE, MAX_SIZE = 0.01, 1000.0
MAX_STROKE_EM = 1.0
MAX_STROKES = 8
STROKE_BIT, BACKGROUND_BIT, SHADOW_BIT, GLOW_BIT = 8, 16, 32, 64  #: of a text material's `check_flag`


@dataclass(frozen=True, slots=True)
class Switches:
    """What a material's `check_flag` admits; drafts without it admit all."""

    strokes: bool = True
    background: bool = True
    shadows: bool = True
    glow: bool = True

    @classmethod
    def of(cls, material: Node) -> Self:
        """Those of `material`."""
        bits = fields.integer(material, "check_flag", STROKE_BIT | BACKGROUND_BIT | SHADOW_BIT | GLOW_BIT)
        return cls(*(bits & bit != 0 for bit in (STROKE_BIT, BACKGROUND_BIT, SHADOW_BIT, GLOW_BIT)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A `TextStyle` without its place, and what there is to say of it."""

    size: float
    colour: Colour
    alpha: float
    font_id: str
    font_path: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strokes: tuple[Stroke, ...] = ()
    fill: Fill | None = None
    shadows: tuple[Shadow, ...] = ()
    glow: Glow | None = None
    art_id: str = ""  #: resource id of its word art, or its path where it has no id
    art_path: str = ""  #: of the word art's package
    own_colour: bool = False  #: whether the letters keep their colour within word art
    said: tuple[str, ...] = field(default=(), compare=False)  #: what was held to what can be drawn
    lost: frozenset[str] = field(default=frozenset(), compare=False)  #: features that the style asks for in vain

    def at(self, start: int, end: int) -> TextStyle:
        """The style of the characters [start, end)."""
        return TextStyle(
            start,
            end,
            self.size,
            self.colour,
            self.alpha,
            self.font_id,
            self.font_path,
            self.bold,
            self.italic,
            self.underline,
            self.strokes,
            self.fill,
            self.shadows,
            self.glow,
        )


def flat_look(material: Node, switches: Switches) -> Look:
    """The style that the material's own fields describe; plain captions have no other."""
    held = Held()
    return Look(
        size=_size(material, "font_size", DEFAULT_SIZE, held),
        colour=held.colour(material.get("text_color")) or WHITE,
        alpha=held.alpha(material, "text_alpha"),
        font_id=fields.text(material, "font_resource_id") or fields.text(material, "font_id"),
        font_path=fields.text(material, "font_path"),
        bold=fields.number(material, "bold_width") > 0,
        italic=fields.number(material, "italic_degree") != 0,
        underline=fields.flag(material, "underline"),
        strokes=_flat_strokes(material, held) if switches.strokes else (),
        shadows=flat_shadows(material, held) if switches.shadows else (),
        said=held.said,
    )


def json_look(style: Node, flat: Look, switches: Switches) -> Look:
    """A style of the JSON generation; `flat` stands in for a size, colour or font that it lacks."""
    held = Held()
    raw_fill = fields.node(style, "fill")
    paint = read_paint(fields.node(raw_fill, "content"), held)
    font = fields.node(style, "font")
    art = fields.node(style, "effectStyle")
    shadows = fields.nodes(style, "shadows") if switches.shadows else []
    return Look(
        size=_size(style, "size", flat.size, held),
        colour=paint.colour or flat.colour,
        alpha=held.alpha(raw_fill) * paint.alpha,
        font_id=fields.text(font, "id") if font else flat.font_id,
        font_path=fields.text(font, "path") if font else flat.font_path,
        bold=fields.flag(style, "bold"),
        italic=fields.flag(style, "italic"),
        underline=fields.flag(style, "underline"),
        strokes=_json_strokes(style, held) if switches.strokes else (),
        fill=paint.fill,
        shadows=json_shadows(style, held) if switches.shadows else (),
        art_id=fields.text(art, "id") or fields.text(art, "path"),
        art_path=fields.text(art, "path"),
        own_colour=fields.flag(style, "useLetterColor"),
        said=held.said + (flat.said if fields.finite(style.get("size")) is None else ()),
        lost=frozenset({"thickness"} if any(_is_thick(raw) for raw in shadows) else ()),
    )


def markup_look(run: Run, flat: Look, switches: Switches) -> Look:
    """The style of a stretch of tag markup; what its tags leave open the flat fields say."""
    held = Held()
    paint = numbers(run.attribute("color", ""))
    size = numbers(run.attribute("size", ""))
    outline = numbers(run.attribute("outline", "color"))
    width = numbers(run.attribute("outline", "width"))
    strokes = flat.strokes
    if switches.strokes and len(outline) >= 3 and width and width[0] > 0:
        width_em = held.within(width[0], 0.0, MAX_STROKE_EM, "caption's stroke")
        strokes = (Stroke(held.channels(outline), _fourth(outline), width_em),)
    return Look(
        size=_possible(size[0], flat.size, held) if size else flat.size,
        colour=held.channels(paint) if len(paint) >= 3 else flat.colour,
        alpha=_fourth(paint) if len(paint) >= 3 else flat.alpha,
        font_id=run.attribute("font", "id") or flat.font_id,
        font_path=run.attribute("font", "path") or flat.font_path,
        bold=flat.bold or run.has("b"),
        italic=flat.italic or run.has("i"),
        underline=flat.underline or run.has("u"),
        strokes=strokes,
        shadows=flat.shadows,
        own_colour=run.has("useLetterColor"),
        said=flat.said + held.said,
    )


def _size(parent: Node, key: str, default: float, held: Held) -> float:
    size = fields.finite(parent.get(key))
    return default if size is None else _possible(size, default, held)


def _possible(size: float, default: float, held: Held) -> float:
    """A size that can be drawn; one that is not above 0 counts as missing."""
    if size > 0:
        return held.within(size, MIN_SIZE, MAX_SIZE, "caption's size")
    held.say(f"The caption's size of {size:g} cannot be and is drawn as {default:g}.")
    return default


def _is_thick(shadow: Node) -> bool:
    return fields.flag(shadow, "thickness_projection_enable")


def _json_strokes(style: Node, held: Held) -> tuple[Stroke, ...]:
    written = fields.nodes(style, "strokes")
    if len(written) > MAX_STROKES:
        held.say(f"Of the {len(written)} strokes of the caption {MAX_STROKES} are drawn.")
    strokes = [(raw, _stroke_em(raw, "width", held)) for raw in written[:MAX_STROKES]]
    return tuple(
        _stroke(read_paint(fields.node(raw, "content"), held), held.alpha(raw), width_em)
        for raw, width_em in strokes
        if width_em > 0
    )


def _stroke(paint: Paint, alpha: float, width_em: float) -> Stroke:
    return Stroke(paint.colour or BLACK, alpha * paint.alpha, width_em, paint.fill)


def _flat_strokes(material: Node, held: Held) -> tuple[Stroke, ...]:
    colour = held.colour(material.get("border_color"))
    width_em = _stroke_em(material, "border_width", held) if colour is not None else 0.0
    if colour is None or width_em == 0:
        return ()
    return (Stroke(colour, held.alpha(material, "border_alpha"), width_em),)


def _stroke_em(raw: Node, key: str, held: Held) -> float:
    return held.number(raw, key, 0.0, 0.0, MAX_STROKE_EM, "caption's stroke")


def _fourth(parts: list[float]) -> float:
    return min(max(parts[3], 0.0), 1.0) if len(parts) > 3 else 1.0
