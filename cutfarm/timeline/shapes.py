"""Shapes: polygons on a sticker track."""

from __future__ import annotations

from collections.abc import Iterator

from cutfarm.timeline import fields
from cutfarm.timeline.colours import rgba_of
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import Point, Rgba, Shape

_WHITE: Rgba = (1.0, 1.0, 1.0, 1.0)
_MOST_POINTS = 4096
_FAR = 100_000.0  #: px of a canvas 720 px wide


def read_shape(raw: Node) -> Shape | None:
    """An item of `materials.shapes`; None where it names no polygon of three points or more.

    Points are `custom_points`, `{x, y}` or `[x, y]`, or the corners of `shape_size`; they, fill, border and roundness
    stand in the item itself or in its `shape_param`. A shape without any colour is white. Lengths are held to 100,000.
    """
    points = _points(raw)
    if len(points) < 3:
        return None
    opacity = _alpha(raw, "global_alpha")
    fill = _paint(raw, ("fill_color", "background_color", "color"), ("fill_alpha", "background_alpha"), opacity)
    width = max(_number(raw, "border_width"), 0.0)
    border = _paint(raw, ("border_color", "stroke_color"), ("border_alpha",), opacity) if width > 0 else None
    if fill is None and border is None:
        fill = (*_WHITE[:3], opacity)
    return Shape(
        id=fields.text(raw, "id"),
        points=points,
        fill=fill,
        border=border,
        border_width=width if border is not None else 0.0,
        roundness=max(_number(raw, "roundness"), 0.0),
    )


def _points(raw: Node) -> tuple[Point, ...]:
    for owner in _owners(raw):
        points = tuple(_as_points(fields.values(owner, "custom_points")[:_MOST_POINTS]))
        if points:
            return points
    for owner in _owners(raw):
        size = [fields.finite(side) for side in fields.values(owner, "shape_size")]
        match size:
            case [float(width), float(height)] if width > 0 and height > 0:
                x, y = min(width, _FAR) / 2, min(height, _FAR) / 2
                return ((-x, y), (x, y), (x, -y), (-x, -y))
    return ()


def _as_points(written: list[object]) -> Iterator[Point]:
    for item in written:
        pair = [item.get("x"), item.get("y")] if isinstance(item, dict) else item
        match [fields.finite(part) for part in pair] if isinstance(pair, list) else None:
            case [float(x), float(y)]:
                yield min(max(x, -_FAR), _FAR), min(max(y, -_FAR), _FAR)


def _number(raw: Node, key: str) -> float:
    """A number of the shape, or the first of a list of numbers."""
    for owner in _owners(raw):
        value = owner.get(key)
        value = fields.finite(value[0] if isinstance(value, list) and value else value)
        if value is not None:
            return min(max(value, -_FAR), _FAR)
    return 0.0


def _paint(raw: Node, colours: tuple[str, ...], alphas: tuple[str, ...], opacity: float) -> Rgba | None:
    for owner in _owners(raw):
        for key in colours:
            if (colour := rgba_of(owner.get(key))) is not None:
                red, green, blue, alpha = colour
                for name in alphas:
                    alpha *= _alpha(owner, name)
                return red, green, blue, alpha * opacity
    return None


def _owners(raw: Node) -> tuple[Node, Node]:
    return raw, fields.node(raw, "shape_param")


def _alpha(raw: Node, key: str) -> float:
    return fields.number(raw, key, 1.0, low=0, high=1)
