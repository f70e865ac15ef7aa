"""Families that turn a unit out of the plane of the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import skia

from cutfarm.text.motion import amounts, layers, placing
from cutfarm.text.motion.amounts import number
from cutfarm.text.motion.moment import Box, Draw, Family, Moment, Params
from cutfarm.text.motion.placing import about

Rows = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]

_PERSPECTIVE = 0.5
_BACK_SHADE, _FOLD_SHADE = 0.85, 0.8
_EDGE_ON = 0.01  # cosine below which nothing of a card is seen
_FOLD_DEPTH = 0.25
_FAR_PX = 1e5
_LEAST_STEP_DEG = 0.5


def flip3d(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A card that turns about an axis through its middle, its top or its bottom; its back is darker and mirrored.

    Into rest from `deg`; in a loop by `deg` a turn where those are whole rounds, else to and fro.
    """
    if amounts.at_rest(moment):
        return draw
    deg = number(params, "deg", 90.0)
    alpha = 1.0
    if moment.kind == "loop":
        angle = deg * moment.p if deg % 360.0 == 0.0 else deg * math.sin(2.0 * math.pi * moment.p)
    else:
        angle, alpha = deg * placing.far(moment, params), placing.showing(moment, params)
    pivot = {"top": -0.5, "bottom": 0.5}.get(str(params.get("pivot")), 0.0) * moment.box.height
    return _card(moment.box, draw, turned(params.get("axis"), angle), (0.0, pivot), params, alpha)


def page(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A leaf that turns about the edge that `dir` leads to, from and to edge-on."""
    if amounts.at_rest(moment):
        return draw
    angle = 90.0 * placing.far(moment, params)
    if params.get("axis") == "x":
        pivot = (0.0, (0.5 if params.get("dir") == "d" else -0.5) * moment.box.height)
    else:
        pivot = ((0.5 if params.get("dir") == "r" else -0.5) * moment.box.width, 0.0)
    alpha = placing.showing(moment, params)
    return _card(moment.box, draw, turned(params.get("axis", "y"), angle), pivot, params, alpha)


def cube(moment: Moment, params: Params, draw: Draw) -> Draw:
    """On the side of a cylinder of `n` faces: a quarter round into rest; a loop rolls on with a copy on every face."""
    if amounts.at_rest(moment):
        return draw
    faces = int(min(max(number(params, "n", 4.0), 3.0), 24.0))
    axis = params.get("axis", "x")
    size_px = moment.box.width if axis == "y" else moment.box.height
    radius_px = size_px / (2.0 * math.tan(math.pi / faces))
    if moment.kind == "loop":
        return _rolling(moment, draw, axis, faces, params)
    angle = 90.0 * placing.far(moment, params) * (-1.0 if moment.kind == "out" else 1.0)
    return on_cylinder(moment.box, draw, axis, angle, radius_px, params)


def _rolling(moment: Moment, draw: Draw, axis: object, faces: int, params: Params) -> Draw:
    """Lines on one cylinder about the text's middle, as often as they go round it; a turn brings the next round up.

    Units beside each other have each their own.
    """
    box, (x, y) = moment.box, moment.block.center
    index, count = (moment.index, moment.count) if _are_stacked(moment.boxes, axis) else (0, 1)
    if count == 1:
        x, y = box.center
    rounds = max(faces // count, 1)
    step_deg = 360.0 / (rounds * count)
    around = box if count == 1 else moment.block
    size_px = (around.width if axis == "y" else around.height) / count
    radius_px = size_px / (2.0 * math.tan(math.radians(max(step_deg, _LEAST_STEP_DEG)) / 2.0))
    by = (x - box.center[0], 0.0) if axis == "y" else (0.0, y - box.center[1])
    ahead = placing.placed(draw, skia.Matrix.Translate(*by))
    front = Box(box.left + by[0], box.top + by[1], box.right + by[0], box.bottom + by[1])
    first_deg = (index - (count - 1) / 2.0) * step_deg
    angles = (first_deg + step_deg * count * (turn - moment.p) for turn in range(rounds))
    return placing.together(on_cylinder(front, ahead, axis, angle, radius_px, params) for angle in angles)


def _are_stacked(boxes: Sequence[Box], axis: object) -> bool:
    """Whether each box begins where the one before has ended, or nearly so, across an axis."""
    sides = [(box.left, box.right) if axis == "y" else (box.top, box.bottom) for box in boxes]
    return len(sides) > 1 and all(2.0 * low >= sum(before) for before, (low, _) in pairwise(sides))


def on_cylinder(box: Box, draw: Draw, axis: object, angle_deg: float, radius_px: float, params: Params) -> Draw:
    """A unit on the front of a cylinder about an axis behind it, turned by an angle; it fades towards the rim."""
    rows = turned(axis, angle_deg)
    facing = rows[2][2]
    if facing <= _EDGE_ON:
        return layers.nothing
    shift = (-radius_px * rows[0][2], -radius_px * rows[1][2], radius_px * (1.0 - facing))
    return placing.placed(draw, _projected(box, rows, shift, params), min(2.0 * facing, 1.0))


def fold(moment: Moment, params: Params, draw: Draw) -> Draw:
    """An accordion of `n` strips, every other one shaded, that opens about its middle."""
    if amounts.at_rest(moment):
        return draw
    q = placing.to_and_fro(moment) if moment.kind == "loop" else min(max(placing.far(moment, params), 0.0), 1.0)
    height = math.cos(q * math.pi / 2.0)
    if height < _EDGE_ON:
        return layers.nothing
    strips = int(min(max(number(params, "n", 2.0), 2.0), 12.0))
    narrow = 1.0 - _FOLD_DEPTH * math.sin(q * math.pi / 2.0)
    drawn = [_strip(moment.box, draw, params, (strip, strips), height, narrow) for strip in range(strips)]
    return layers.faded(placing.together(drawn), 1.0 if moment.kind == "loop" else placing.showing(moment, params))


def _strip(box: Box, draw: Draw, params: Params, of: tuple[int, int], height: float, narrow: float) -> Draw:
    """One strip between two creases, odd creases further away, as a trapezium; squeezed about the box's middle."""
    strip, strips = of
    upright = params.get("axis") == "y"
    low, high, side = (box.left, box.right, box.height) if upright else (box.top, box.bottom, box.width)
    (middle, aside) = box.center if upright else box.center[::-1]
    ends = [low + (high - low) * (strip + end) / strips for end in (0, 1)]
    widths = [narrow if (strip + end) % 2 else 1.0 for end in (0, 1)]
    source, target = [], []
    for end, width in zip(ends, widths, strict=True):
        for sign in (-0.5, 0.5):
            at, to = (end, aside + sign * side), (middle + (end - middle) * height, aside + sign * side * width)
            source.append(skia.Point(*(at if upright else at[::-1])))
            target.append(skia.Point(*(to if upright else to[::-1])))
    matrix = skia.Matrix()
    if not matrix.setPolyToPoly(source, target):
        return layers.nothing
    first, last = (-_FAR_PX if strip == 0 else ends[0]), (_FAR_PX if strip == strips - 1 else ends[1])
    edges = (first, -_FAR_PX, last, _FAR_PX) if upright else (-_FAR_PX, first, _FAR_PX, last)
    cut = placing.clipped(draw, *edges)
    shade = 1.0 - (1.0 - _FOLD_SHADE) * (1.0 - height)
    return placing.placed(_shaded(cut, shade) if strip % 2 else cut, matrix)


def turned(axis: object, angle_deg: float) -> Rows:
    """The rotation about `x`, `y`, `xy` (their diagonal) or `z`: x right, y down, z away from the eye.

    What is in front of the axis goes down, to the right, both ways, or clockwise.
    """
    c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    match axis:
        case "y":
            return (c, 0.0, -s), (0.0, 1.0, 0.0), (s, 0.0, c)
        case "z":
            return (c, -s, 0.0), (s, c, 0.0), (0.0, 0.0, 1.0)
        case "xy":
            h, d = (1.0 + c) / 2.0, s * math.sqrt(0.5)
            return (h, 1.0 - h, d), (1.0 - h, h, -d), (-d, d, c)
    return (1.0, 0.0, 0.0), (0.0, c, -s), (0.0, s, c)


def _card(box: Box, draw: Draw, rows: Rows, pivot: tuple[float, float], params: Params, alpha: float) -> Draw:
    if abs(rows[2][2]) < _EDGE_ON:
        return layers.nothing
    x, y = pivot
    shift = (x - rows[0][0] * x - rows[0][1] * y, y - rows[1][0] * x - rows[1][1] * y, -rows[2][0] * x - rows[2][1] * y)
    shown = draw if rows[2][2] > 0.0 else _shaded(draw, _BACK_SHADE)
    return placing.placed(shown, _projected(box, rows, shift, params), alpha)


def _projected(box: Box, rows: Rows, shift: tuple[float, float, float], params: Params) -> skia.Matrix:
    """A plane turned and shifted, seen by an eye before the box's middle, larger side / `persp` away."""
    eye_px = max(box.width, box.height, 1.0) / min(max(number(params, "persp", _PERSPECTIVE), 0.05), 0.9)
    (xx, xy, _), (yx, yy, _), (zx, zy, _) = rows
    x, y, z = shift
    values = (eye_px * xx, eye_px * xy, eye_px * x, eye_px * yx, eye_px * yy, eye_px * y, zx, zy, eye_px + z)
    return about(*box.center, skia.Matrix.MakeAll(*values))


def _shaded(draw: Draw, share: float) -> Draw:
    scale = [share if row == column and row < 3 else float(row == column) for row in range(4) for column in range(5)]
    return layers.toned(draw, skia.ColorFilters.Matrix(scale))


FAMILIES: Mapping[str, Family] = {"cube": cube, "flip3d": flip3d, "fold": fold, "page": page}
"""The families of this module."""
