"""Polygons with a fill, a border and round corners, drawn by Skia."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.media.planes import SoftPicture, soft_picture
from cutfarm.render.generated import GeneratedSource
from cutfarm.timeline.model import Point, Rgba, Shape

_COARSE = 0.004  # how far the middle of an arc's pieces lies beside it
_MOST_SAMPLES = 16_000_000  # up to here drawn finer: Skia's anti-aliasing alone is a tenth off where lines bend
_FAR = 7200.0  # ten canvas widths
_MITER = 4.0  # sharper corners than 29° are cut, as in SVG


def shape_source(shape: Shape) -> GeneratedSource:
    """A shape, whose size counts the pixels of a canvas 720 px wide and whose middle is the shape's own centre.

    The picture is as large as the outline with its border, to both sides of the centre alike. The border lies half
    inside and is laid over the fill; its corners are sharp. A corner's radius is the roundness, held so that its arc
    begins within the nearer half of both sides. Points are held within ten canvas widths. Edges are anti-aliased.
    """
    path = _outline(shape)
    bounds = path.computeTightBounds()
    pen = _pen(shape)
    if pen is not None:
        edge = skia.Path()
        pen.getFillPath(path, edge)
        bounds.join(edge.computeTightBounds())
    x, y = max(-bounds.left(), bounds.right(), 0.5), max(-bounds.top(), bounds.bottom(), 0.5)
    size_px = 2 * math.ceil(x), 2 * math.ceil(y)

    def draw(width_px: int, height_px: int) -> SoftPicture:
        finer = next(finer for finer in (4, 2, 1) if finer == 1 or width_px * height_px * finer**2 <= _MOST_SAMPLES)
        rgba = np.zeros((height_px * finer, width_px * finer, 4), np.uint8)
        surface = skia.Surface(rgba, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        canvas = surface.getCanvas()
        canvas.scale(width_px * finer / size_px[0], height_px * finer / size_px[1])
        canvas.translate(size_px[0] / 2, size_px[1] / 2)
        if shape.fill is not None:
            canvas.drawPath(path, skia.Paint(AntiAlias=True, Color4f=_colour(shape.fill)))
        if pen is not None:
            canvas.drawPath(path, pen)
        surface.flushAndSubmit()
        return soft_picture(_averaged(rgba, finer))

    return GeneratedSource(size_px, draw, is_opaque=False)


def _averaged(rgba: NDArray[np.uint8], finer: int) -> NDArray[np.uint8]:
    """Means of squares of `finer` by `finer` pixels."""
    if finer == 1:
        return rgba
    height, width, _ = rgba.shape
    sums = rgba.reshape(height // finer, finer, width // finer, finer, 4).sum((1, 3), dtype=np.uint16)
    means: NDArray[np.uint8] = ((sums + finer**2 // 2) // finer**2).astype(np.uint8)
    return means


def _outline(shape: Shape) -> Any:
    """The closed outline, y down."""
    points = [(_held(x), _held(-y)) for x, y in shape.points]
    corners = [point for number, point in enumerate(points) if point != points[number - 1]]
    path = skia.Path()
    if len(corners) >= 3:
        for number, corner in enumerate(corners):
            around = corners[number - 1], corners[(number + 1) % len(corners)]
            for point in _rounded(corner, around, shape.roundness):
                path.lineTo(*point) if path.countPoints() else path.moveTo(*point)
        path.close()
    return path


def _held(length: float) -> float:
    """Within reach and on a grid of thousandths, so that two corners are one or clearly apart."""
    return round(min(max(length, -_FAR), _FAR), 3)


def _rounded(corner: Point, around: tuple[Point, Point], wanted: float) -> Iterator[Point]:
    """The points of an arc that touches both sides of a corner; Skia's own arcs are coarse."""
    sides = [(x - corner[0], y - corner[1]) for x, y in around]
    lengths = [math.hypot(*side) for side in sides]
    (x, y), (u, v) = ((side[0] / length, side[1] / length) for side, length in zip(sides, lengths, strict=True))
    half_angle = math.atan2(abs(x * v - y * u), x * u + y * v) / 2.0
    radius = min(wanted, min(lengths) / 2.0 * math.tan(half_angle))
    if radius < _COARSE or math.sin(half_angle) > 1.0 - 1e-9:
        yield corner
        return
    middle = math.hypot(x + u, y + v)
    to_centre = radius / math.sin(half_angle)
    centre = corner[0] + (x + u) / middle * to_centre, corner[1] + (y + v) / middle * to_centre
    turn = math.copysign(math.pi - 2.0 * half_angle, y * u - x * v)
    first = math.atan2(corner[1] - centre[1], corner[0] - centre[0]) - turn / 2.0
    count = math.ceil(abs(turn) / (2.0 * math.acos(1.0 - _COARSE / radius)))
    for step in range(count + 1):
        angle = first + turn * step / count
        yield centre[0] + radius * math.cos(angle), centre[1] + radius * math.sin(angle)


def _pen(shape: Shape) -> Any | None:
    """What draws the border; None where there is none."""
    width = min(shape.border_width, _FAR)
    if shape.border is None or not width > 0.0:
        return None
    return skia.Paint(
        AntiAlias=True,
        Color4f=_colour(shape.border),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width,
        StrokeJoin=skia.Paint.kMiter_Join,
        StrokeMiter=_MITER,
    )


def _colour(rgba: Rgba) -> Any:
    return skia.Color4f(*(min(max(channel, 0.0), 1.0) for channel in rgba))
