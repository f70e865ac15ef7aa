"""Crops: how what is shown of a picture lies in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from cutfarm.timeline.model import Crop, Point

if TYPE_CHECKING:
    from kernels.geometry import Affine, Perspective

_LOW, _HIGH = -1.0, 2.0  # how far a corner may lie beyond the picture, in parts of it
_LEAST = 1e-6  # what three neighbouring corners span at least, in parts of the picture's area
_STRAIGHT_PX = 1.0 / 64.0  # corners nearer to a rectangle's or a parallelogram's than this are on it

_Quad = tuple[Point, Point, Point, Point]  # clockwise from the upper left


@dataclass(frozen=True, slots=True)
class Window:
    """What is shown of a picture: a rectangle of width_px × height_px, counted from its own upper left corner."""

    width_px: float
    height_px: float
    picture_px: tuple[float, float]  #: width and height of the whole picture, in its samples
    to_picture: Affine | Perspective  #: from the rectangle to samples of the picture

    @property
    def is_upright(self) -> bool:
        """Whether its sides lie along the picture's."""
        return len(self.to_picture) == 6 and not self.to_picture[1] and not self.to_picture[3]

    def resampled(self, width_px: int, height_px: int) -> Window:
        """The same window of the picture at another resolution."""
        x, y = width_px / self.picture_px[0], height_px / self.picture_px[1]
        a, b, c, d, e, f, *depth = self.to_picture
        rows = (a * x, b * x, c * x, d * y, e * y, f * y)
        to_picture = (*rows, *depth) if depth else rows
        return Window(self.width_px, self.height_px, (width_px, height_px), to_picture)  # type: ignore[arg-type]

    def steps_at(self, x: float, y: float, from_output: tuple[float, float, float, float]) -> tuple[float, float]:
        """Picture samples to an output pixel, along the picture's width and height, at a point of the rectangle.

        `from_output` is the linear part of the map from the output to the rectangle, row by row.
        """
        a, b, c, d, e, f, *depth = self.to_picture
        g, h, i = depth or (0.0, 0.0, 1.0)
        depth_here = g * x + h * y + i
        left, top = (a * x + b * y + c) / depth_here, (d * x + e * y + f) / depth_here
        p, q, r, s = from_output

        def step(along: float, across: float) -> float:
            return math.hypot(along * p + across * r, along * q + across * s) / depth_here

        return step(a - left * g, b - left * h), step(d - top * g, e - top * h)


@lru_cache(maxsize=256)
def window_of(crop: Crop, picture_px: tuple[float, float]) -> Window | None:
    """The window that a crop cuts out of a picture of the given width and height; None where it shows all of it.

    It is as wide as the upper side of the crop's quad is long in the picture's pixels, and as high as the left side.
    A parallelogram is laid out by an affine map, any other quad by the perspective map that its corners define.
    Corners are held within a picture's length around it; what lies beyond the picture repeats its outermost samples.
    A quad that does not run clockwise around a convex area (crossed, mirrored, dented, without area, or with a corner
    that is no number) shows the whole picture.
    """
    corners = crop.upper_left, crop.upper_right, crop.lower_right, crop.lower_left
    held = [(_held(x), _held(y)) for x, y in corners]
    if not _is_convex(held):
        return None
    width, height = picture_px
    quad = [(x * width, y * height) for x, y in held]
    shown_px = math.dist(quad[0], quad[1]), math.dist(quad[0], quad[3])
    to_picture = _laid_out((quad[0], quad[1], quad[2], quad[3]), *shown_px)
    if to_picture == (1.0, 0.0, 0.0, 0.0, 1.0, 0.0) and shown_px == picture_px:
        return None
    return Window(*shown_px, picture_px, to_picture)


def composed(outer: Affine | Perspective, inner: Affine) -> Affine | Perspective:
    """The map that does `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    rows = [
        (p * a + q * d, p * b + q * e, p * c + q * f + r)
        for p, q, r in (outer[at : at + 3] for at in range(0, len(outer), 3))
    ]
    return tuple(chain.from_iterable(rows))  # type: ignore[return-value]


def _held(place: float) -> float:
    return min(max(place, _LOW), _HIGH) if math.isfinite(place) else math.nan


def _is_convex(corners: list[Point]) -> bool:
    turns = (_turn(corners[at - 2], corners[at - 1], corners[at]) for at in range(4))
    return all(turn >= _LEAST for turn in turns)


def _turn(a: Point, b: Point, c: Point) -> float:
    """Twice the area of a triangle, positive where the way from `a` over `b` to `c` turns clockwise on screen."""
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])


def _laid_out(quad: _Quad, width: float, height: float) -> Affine | Perspective:
    """The map from [0, width] × [0, height] onto `quad`, corner for corner."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    x_left, y_left = x0 - x1 + x2 - x3, y0 - y1 + y2 - y3  # nothing is left over by a parallelogram
    if math.hypot(x_left, y_left) > _STRAIGHT_PX:
        return _perspective(quad, (x_left, y_left), width, height)
    if max(abs(y1 - y0), abs(x3 - x0)) <= _STRAIGHT_PX:
        return (1.0, 0.0, x0, 0.0, 1.0, y0)
    return (
        (x1 - x0) / width,
        (x3 - x0) / height,
        x0,
        (y1 - y0) / width,
        (y3 - y0) / height,
        y0,
    )


def _perspective(quad: _Quad, left_over: Point, width: float, height: float) -> Perspective:
    """As Heckbert has it (Fundamentals of Texture Mapping and Image Warping, 1989, §2.2.3)."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    x_far, y_far = left_over
    x_right, y_right, x_below, y_below = x1 - x2, y1 - y2, x3 - x2, y3 - y2
    area = x_right * y_below - x_below * y_right
    g = (x_far * y_below - x_below * y_far) / area
    h = (x_right * y_far - x_far * y_right) / area
    return (
        (x1 - x0 + g * x1) / width,
        (x3 - x0 + h * x3) / height,
        x0,
        (y1 - y0 + g * y1) / width,
        (y3 - y0 + h * y3) / height,
        y0,
        g / width,
        h / height,
        1.0,
    )
