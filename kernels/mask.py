"""What a mask keeps of a picture: opacities of plain shapes at the centres of an output grid.

Coordinates are continuous, as in `kernels.geometry`; a picture's own count its pixels, x right, y down. A shape is a
signed distance in a frame of its own, positive outside. Pixels that a narrow edge runs through are looked at in many
places, so that their opacity is the mean over the pixel whatever the map does. Positions are double precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from kernels.geometry import Affine

Shape = Literal["line", "mirror", "circle", "rectangle", "heart", "star"]

_FAR = 1e9  # where shapes without an end are cut off, in pixels
_LEAST_PX = 1e-6  # a shape thinner than this is nothing
_SMOOTH_PX = 8.0  # half width of an edge from which on a pixel's centre stands for all of it
_COARSE, _FINE = 4, 16  # places to a pixel's side where an edge runs through it
_FINE_PX = 256  # a shape no longer around than this is looked at finely
_BAND, _GPU_BAND = 1 << 15, 1 << 18  # pixels at a time: a CPU's cache holds them, a GPU's memory what comes of them

# A heart is a square on its corner with half discs on its upper sides: tip at 0, the square's diagonal 1, y up.
_ARC = math.sqrt(2.0) / 4.0
_HEART_HALF_WIDTH, _HEART_HEIGHT = 0.25 + _ARC, 0.75 + _ARC
# A star's points lie on the unit circle, the first one above; y up.
_FIFTH_SINE, _FIFTH_COSINE = math.sin(math.pi / 5.0), math.cos(math.pi / 5.0)
_STAR_HALF_WIDTH, _STAR_BOTTOM = math.sin(math.pi * 0.4), -_FIFTH_COSINE
_STAR_INNER = 0.382


@dataclass(frozen=True, slots=True)
class Stencil:
    """A shape on a picture, lengths in the picture's pixels."""

    shape: Shape
    center_x: float
    center_y: float  #: down
    width: float  #: of the shape's box; a line and a mirror have none
    height: float  #: of the shape's box; a line has none
    half_height: float  #: of the picture: the unit of a line's and a mirror's soft edge
    rotation_deg: float = 0.0  #: clockwise about the centre
    feather: float = 0.0  #: 0…1
    round_corner: float = 0.0  #: 0…1, of a rectangle: 1 is half its short side
    expansion: float = 0.0  #: -1…1, by which part of its short side it gets wider and higher
    is_inverted: bool = False


class Window(NamedTuple):
    """Rows and columns of a grid."""

    rows: range
    columns: range


class _Figure(NamedTuple):
    """A stencil in its own frame."""

    from_picture: Affine
    sides: tuple[float, float, float, float]  #: left, top, right, bottom of the shape in its frame
    soft: float  #: half width of the soft edge, in units of the frame
    distance: Callable[[Tensor, Tensor], Tensor]  #: of (x, y), negative inside


def opacity(stencil: Stencil, to_picture: Affine, height: int, width: int, like: Tensor) -> Tensor:
    """How much of each output pixel the stencil keeps: (height, width) in [0, 1], dtype and device of `like`.

    `to_picture` leads from the grid to the picture's pixels and must be invertible. A shape without area keeps nothing.
    """
    kept = like.new_zeros((height, width))
    figure = _figure(stencil)
    window = None if figure is None else _window(figure, to_picture, height, width)
    if figure is not None and window is not None:
        to_figure = composed(figure.from_picture, to_picture)
        columns = window.columns
        for rows in _bands(window, like.device):
            part = _moved(to_figure, columns.start, rows.start)
            samples = _kept(figure, part, len(rows), len(columns), like.device)
            kept[rows.start : rows.stop, columns.start : columns.stop] = samples
    return kept.neg_().add_(1.0) if stencil.is_inverted else kept


def touched(stencil: Stencil, to_picture: Affine, height: int, width: int) -> Window | None:
    """The part of the grid outside which the stencil keeps nothing, were it not inverted; None where there is none."""
    figure = _figure(stencil)
    return None if figure is None else _window(figure, to_picture, height, width)


def soft_part(feather: float) -> float:
    """Half the width of the soft edge of a closed shape, in parts of half its short side, as measured of ellipses."""
    return 4.86 * math.pow(max(feather, 0.0), 1.866)


def composed(outer: Affine, inner: Affine) -> Affine:
    """The map that does `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (g * a + h * d, g * b + h * e, g * c + h * f + i, j * a + k * d, j * b + k * e, j * c + k * f + m)


def _figure(stencil: Stencil) -> _Figure | None:
    """The stencil in its own frame; None where it has no area."""
    numbers = (stencil.center_x, stencil.center_y, stencil.width, stencil.height, stencil.half_height)
    if not all(map(math.isfinite, (*numbers, stencil.rotation_deg, stencil.feather, stencil.expansion))):
        return None
    if stencil.shape == "line":
        return _line(stencil)
    if stencil.shape == "mirror":
        return _mirror(stencil)
    grown = stencil.expansion * min(stencil.width, stencil.height)
    width, height = stencil.width + grown, stencil.height + grown
    if min(width, height) < _LEAST_PX:
        return None
    match stencil.shape:
        case "circle":
            return _circle(stencil, width, height)
        case "rectangle":
            return _rectangle(stencil, width, height)
        case "heart":
            box = (-_HEART_HALF_WIDTH, 0.0, _HEART_HALF_WIDTH, _HEART_HEIGHT)
            return _drawn(stencil, (width, height), box, _heart)
        case "star":
            box = (-_STAR_HALF_WIDTH, _STAR_BOTTOM, _STAR_HALF_WIDTH, 1.0)
            return _drawn(stencil, (width, height), box, _star)


def _line(stencil: Stencil) -> _Figure:
    """What lies above; its soft edge was measured in half picture heights, and `expansion` moves it by as much."""
    edge = stencil.expansion * stencil.half_height
    soft = stencil.feather**2 * stencil.half_height
    return _Figure(_frame(stencil), (-_FAR, -_FAR, _FAR, edge), soft, lambda _x, y: y.sub_(edge))


def _mirror(stencil: Stencil) -> _Figure | None:
    half = stencil.height * (1.0 + stencil.expansion) / 2.0
    if 2.0 * half < _LEAST_PX:
        return None
    soft = stencil.feather**2 * stencil.half_height
    return _Figure(_frame(stencil), (-_FAR, -half, _FAR, half), soft, lambda _x, y: y.abs_().sub_(half))


def _circle(stencil: Stencil, width: float, height: float) -> _Figure:
    """An ellipse in the unit circle's frame.

    The middle of its soft edge was measured at 1.025. A sharp edge lies on 1, and a soft one begins there until it is
    wide enough for that middle, from feather 0.06 on.
    """
    soft = soft_part(stencil.feather)
    middle = 1.0 + min(soft, 0.025)
    frame = _frame(stencil, 2.0 / width, 2.0 / height)
    return _Figure(frame, (-middle, -middle, middle, middle), soft, lambda x, y: x.hypot(y).sub_(middle))


def _rectangle(stencil: Stencil, width: float, height: float) -> _Figure:
    across, down = width / 2.0, height / 2.0
    soft = soft_part(stencil.feather) * min(across, down)
    radius = stencil.round_corner * min(across, down)

    def distance(x: Tensor, y: Tensor) -> Tensor:
        x, y = x.abs_().sub_(across - radius), y.abs_().sub_(down - radius)
        inside = torch.maximum(x, y).clamp_max_(0.0)
        return x.clamp_min_(0.0).hypot(y.clamp_min_(0.0)).add_(inside).sub_(radius)

    return _Figure(_frame(stencil), (-across, -down, across, down), soft, distance)


def _drawn(
    stencil: Stencil,
    size: tuple[float, float],
    box: tuple[float, float, float, float],
    distance: Callable[[Tensor, Tensor], Tensor],
) -> _Figure:
    """A shape with y up, drawn in `box`, stretched to `size`; so is its soft edge, which keeps its width on average."""
    soft = soft_part(stencil.feather) * min(size) / 2.0
    left, bottom, right, top = box
    across, down = (right - left) / size[0], (top - bottom) / size[1]
    frame = _frame(stencil, across, -down, (bottom + top) / 2.0)
    return _Figure(frame, box, soft * math.sqrt(across * down), distance)


def _heart(x: Tensor, y: Tensor) -> Tensor:
    x = x.abs_()
    total = x + y
    arc = (x - 0.25).hypot(y - 0.75).sub_(_ARC)
    foot = (total * 0.5).clamp_min_(0.0)  # of the perpendicular on the side
    side = torch.minimum((x - foot).hypot(y - foot), x.hypot(y - 1.0))
    return torch.where(total > 1.0, arc, side.copysign_(x.sub_(y)))


def _star(x: Tensor, y: Tensor) -> Tensor:
    """All ten sides are mirror images of the one between the upper point and the inner corner to its right."""
    x = x.abs_()
    for turn in (1.0, -1.0):
        beyond = (turn * _FIFTH_COSINE * x - _FIFTH_SINE * y).clamp_min_(0.0).mul_(2.0)
        x, y = x.sub_(turn * _FIFTH_COSINE * beyond), y.add_(_FIFTH_SINE * beyond)
    x, y = x.abs_(), y.sub_(1.0)
    across, down = _STAR_INNER * _FIFTH_SINE, _STAR_INNER * _FIFTH_COSINE - 1.0
    along = ((across * x + down * y) / (across * across + down * down)).clamp_(0.0, 1.0)
    outside = down * x - across * y  # its sign alone counts
    return (x - across * along).hypot(y - down * along).copysign_(outside.neg_())


def _frame(stencil: Stencil, across: float = 1.0, down: float = 1.0, middle: float = 0.0) -> Affine:
    """From the picture to a frame turned with the stencil, stretched, its centre on (0, `middle`)."""
    angle = math.radians(stencil.rotation_deg % 360.0)
    cosine, sine = math.cos(angle), math.sin(angle)
    a, b, d, e = across * cosine, across * sine, -down * sine, down * cosine
    x, y = stencil.center_x, stencil.center_y
    return (a, b, -a * x - b * y, d, e, middle - d * x - e * y)


def _moved(to_figure: Affine, x: float, y: float) -> Affine:
    """The map of a grid whose corner is (x, y) of the old one."""
    a, b, c, d, e, f = to_figure
    return (a, b, a * x + b * y + c, d, e, d * x + e * y + f)


def _window(figure: _Figure, to_picture: Affine, height: int, width: int) -> Window | None:
    a, b, c, d, e, f = composed(figure.from_picture, to_picture)
    determinant = a * e - b * d
    left, top, right, bottom = figure.sides
    corners = [
        (x - c, y - f)
        for x in (left - figure.soft, right + figure.soft)
        for y in (top - figure.soft, bottom + figure.soft)
    ]
    columns = _span([(e * x - b * y) / determinant for x, y in corners], width)
    rows = _span([(a * y - d * x) / determinant for x, y in corners], height)
    return Window(rows, columns) if rows and columns else None


def _span(places: list[float], length: int) -> range:
    """Whole pixels around `places`, and one more for the edge's own width."""
    low, high = (min(max(place, -2.0), length + 2.0) for place in (min(places), max(places)))
    return range(max(math.floor(low) - 1, 0), min(math.ceil(high) + 1, length))


def _bands(window: Window, device: torch.device) -> Iterator[range]:
    """Runs of rows that are worked on at a time."""
    rows = window.rows
    count = max((_BAND if device.type == "cpu" else _GPU_BAND) // len(window.columns), 1)
    for first in range(rows.start, rows.stop, count):
        yield range(first, min(first + count, rows.stop))


def _kept(figure: _Figure, to_figure: Affine, height: int, width: int, device: torch.device) -> Tensor:
    """(height, width) float64."""
    a, b, c, d, e, f = to_figure
    columns = torch.arange(width, dtype=torch.float64, device=device) + 0.5
    rows = torch.arange(height, dtype=torch.float64, device=device)[:, None] + 0.5
    distance = figure.distance(a * columns + (b * rows + c), d * columns + (e * rows + f))
    pixel = _longest(to_figure)
    if figure.soft >= _SMOOTH_PX * pixel:
        return _inside(distance, figure.soft, pixel)
    row, column = (distance.abs() < figure.soft + pixel).nonzero(as_tuple=True)
    kept = (distance < 0.0).to(torch.float64)
    kept[row, column] = _mean(figure, to_figure, row, column, pixel)
    return kept


def _mean(figure: _Figure, to_figure: Affine, row: Tensor, column: Tensor, pixel: float) -> Tensor:
    """(N,): what is kept of the pixels (`row`, `column`), looked at in many places."""
    a, b, c, d, e, f = to_figure
    left, top, right, bottom = figure.sides
    # By the shape alone: what is kept of a pixel may not depend on how many others are asked for.
    each = _FINE if 2.0 * (right - left + bottom - top) <= _FINE_PX * pixel else _COARSE
    steps = (torch.arange(each, dtype=torch.float64, device=row.device) + 0.5) / each
    x, y = column[:, None, None] + steps, row[:, None, None] + steps[:, None]
    distance = figure.distance(a * x + (b * y + c), d * x + (e * y + f))
    return _inside(distance, figure.soft, pixel / each).mean((1, 2))


def _longest(to_figure: Affine) -> float:
    """The greatest length that a pixel's side has in the frame, in any direction: the map's greater singular value."""
    a, b, _, d, e, _ = to_figure
    return (math.hypot(a + e, d - b) + math.hypot(a - e, b + d)) / 2.0


def _inside(distance: Tensor, soft: float, length: float) -> Tensor:
    """1 − smoothstep(−soft, soft, distance); where that is steeper than a ramp of `length`, the ramp."""
    if 2.0 * soft <= length:
        return (0.5 - distance / length).clamp_(0.0, 1.0)
    part = (0.5 - distance / (2.0 * soft)).clamp_(0.0, 1.0)
    return part.square().mul_(3.0 - 2.0 * part)
