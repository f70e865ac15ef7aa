"""One style of a caption, from its JSON, from markup, or from the material's flat fields."""

from __future__ import annotations

from dataclasses import dataclass, field

from cutfarm.timeline import fields
from cutfarm.timeline.colours import rgba_of
from cutfarm.timeline.fields import Node
from cutfarm.timeline.markup import Run, numbers
from cutfarm.timeline.text import Colour, Stroke

WHITE: Colour = (1.0, 1.0, 1.0)
DEFAULT_SIZE = 15.0  #: what the applications give to new text
MAX_SIZE = 1000.0
STROKE_BIT = 8  #: of a text material's `check_flag`
_SIZE_RANGE = {"low": 0.01, "high": MAX_SIZE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A `TextStyle` without its place, and what of it cannot be drawn."""

    size: float
    colour: Colour
    alpha: float
    font_id: str
    font_path: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strokes: tuple[Stroke, ...] = ()
    lost: frozenset[str] = field(default=frozenset(), compare=False)  #: features that the style asks for in vain
    art_id: str = field(default="", compare=False)  #: resource id of its word art


def allows(material: Node, bit: int) -> bool:
    """Whether the material's switches admit a feature; drafts without switches admit all."""
    return fields.integer(material, "check_flag", bit) & bit != 0


def flat_look(material: Node) -> Look:
    """The style that the material's own fields describe; plain captions have no other."""
    return Look(
        size=fields.number(material, "font_size", DEFAULT_SIZE, **_SIZE_RANGE),
        colour=hex_colour(fields.text(material, "text_color")) or WHITE,
        alpha=_alpha(material, "text_alpha"),
        font_id=fields.text(material, "font_resource_id") or fields.text(material, "font_id"),
        font_path=fields.text(material, "font_path"),
        bold=fields.number(material, "bold_width") > 0,
        italic=fields.number(material, "italic_degree") != 0,
        underline=fields.flag(material, "underline"),
        strokes=_flat_strokes(material),
        lost=frozenset({"shadow"} if fields.flag(material, "has_shadow") else ()),
    )


def json_look(style: Node, flat: Look, *, with_strokes: bool) -> Look:
    """A style of the JSON generation; `flat` stands in for a size, colour or font that it lacks."""
    fill = fields.node(style, "fill")
    paint = fields.node(fill, "content")
    colour = _paint_colour(paint)
    font = fields.node(style, "font")
    art = fields.node(style, "effectStyle")
    strokes = _json_strokes(style) if with_strokes else ()
    lost = {
        "shadow": bool(fields.nodes(style, "shadows")),
        "gradient": "gradient" in paint or any("gradient" in fields.node(s, "content") for s in _strokes_of(style)),
        "texture": "texture" in paint,
        "word art": bool(fields.text(art, "id") or fields.text(art, "path")),
    }
    return Look(
        size=fields.number(style, "size", flat.size, **_SIZE_RANGE),
        colour=colour or flat.colour,
        alpha=_alpha(fill, "alpha") * _alpha(fields.node(paint, "solid"), "alpha"),
        font_id=fields.text(font, "id") if font else flat.font_id,
        font_path=fields.text(font, "path") if font else flat.font_path,
        bold=fields.flag(style, "bold"),
        italic=fields.flag(style, "italic"),
        underline=fields.flag(style, "underline"),
        strokes=strokes,
        lost=frozenset(name for name, is_there in lost.items() if is_there),
        art_id=fields.text(art, "id"),
    )


def markup_look(run: Run, flat: Look, *, with_strokes: bool) -> Look:
    """The style of a stretch of tag markup."""
    paint = numbers(run.attribute("color", ""))
    size = numbers(run.attribute("size", ""))
    outline = numbers(run.attribute("outline", "color"))
    width = numbers(run.attribute("outline", "width"))
    strokes = flat.strokes
    if with_strokes and len(outline) >= 3 and width and width[0] > 0:
        strokes = (Stroke(_colour(outline), _fourth(outline), min(width[0], 1.0)),)
    return Look(
        size=min(max(size[0], 0.01), MAX_SIZE) if size else flat.size,
        colour=_colour(paint) if len(paint) >= 3 else flat.colour,
        alpha=_fourth(paint) if len(paint) >= 3 else flat.alpha,
        font_id=run.attribute("font", "id") or flat.font_id,
        font_path=run.attribute("font", "path") or flat.font_path,
        bold=flat.bold or run.has("b"),
        italic=flat.italic or run.has("i"),
        underline=flat.underline or run.has("u"),
        strokes=strokes,
        lost=flat.lost,
    )


def hex_colour(value: str) -> Colour | None:
    """`#RRGGBB` or `#RRGGBBAA` as R, G, B in 0…1; None for anything else."""
    colour = rgba_of(value)
    return None if colour is None else colour[:3]


def _paint_colour(paint: Node) -> Colour | None:
    solid = fields.values(fields.node(paint, "solid"), "color")
    gradient = fields.values(fields.node(paint, "gradient"), "color")
    for candidate in (solid, gradient[0] if gradient else None):
        parts = [fields.finite(part) for part in candidate] if isinstance(candidate, list) else []
        if len(parts) >= 3 and (known := [part for part in parts[:3] if part is not None]) and len(known) == 3:
            return _colour(known)
    return None


def _strokes_of(style: Node) -> list[Node]:
    return fields.nodes(style, "strokes")


def _json_strokes(style: Node) -> tuple[Stroke, ...]:
    return tuple(
        Stroke(
            _paint_colour(paint) or (0.0, 0.0, 0.0),
            _alpha(stroke, "alpha") * _alpha(fields.node(paint, "solid"), "alpha"),
            width,
        )
        for stroke in _strokes_of(style)
        if (width := fields.number(stroke, "width", low=0, high=1)) > 0
        for paint in (fields.node(stroke, "content"),)
    )


def _flat_strokes(material: Node) -> tuple[Stroke, ...]:
    colour = hex_colour(fields.text(material, "border_color"))
    width = fields.number(material, "border_width", low=0, high=1)
    if colour is None or width == 0 or not allows(material, STROKE_BIT):
        return ()
    return (Stroke(colour, _alpha(material, "border_alpha"), width),)


def _alpha(parent: Node, key: str) -> float:
    return fields.number(parent, key, 1.0, low=0, high=1)


def _colour(parts: list[float]) -> Colour:
    red, green, blue = (min(max(part, 0.0), 1.0) for part in parts[:3])
    return red, green, blue


def _fourth(parts: list[float]) -> float:
    return min(max(parts[3], 0.0), 1.0) if len(parts) > 3 else 1.0
