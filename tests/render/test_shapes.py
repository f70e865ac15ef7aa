"""Shapes against their areas, counted on a sixteenfold grid by formulas of distance."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cutfarm.media.planes import SoftPicture
from cutfarm.render.shapes import shape_source
from cutfarm.timeline.model import Point, Rgba, Shape

NOW = Fraction(0)
WHITE, GLASS = (1.0, 1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.5)
BOX = ((-30.0, 20.0), (30.0, 20.0), (30.0, -20.0), (-30.0, -20.0))
SLANTED = ((-33.0, -21.0), (12.0, -30.0), (40.0, 7.0), (-4.0, 32.0), (-29.0, 18.0))
DENSE = 16

Array = NDArray[np.float64]


def drawn(
    points: tuple[Point, ...],
    *,
    fill: Rgba | None = WHITE,
    border: Rgba | None = None,
    width: float = 0.0,
    roundness: float = 0.0,
    scale: float = 1.0,
) -> SoftPicture:
    source = shape_source(Shape("s", points, fill, border, width, roundness))
    picture = source.picture_at(NOW, round(source.width_px * scale), round(source.height_px * scale))
    assert isinstance(picture, SoftPicture)
    return picture


def grid(picture: SoftPicture, scale: float = 1.0) -> tuple[Array, Array]:
    """The shape's own coordinates of a dense grid over the picture, y up."""
    rows, columns = picture.alpha.shape
    x = ((np.arange(columns * DENSE) + 0.5) / DENSE - columns / 2) / scale
    y = (rows / 2 - (np.arange(rows * DENSE) + 0.5) / DENSE) / scale
    return np.meshgrid(x, y)


def coverage(inside: NDArray[np.bool_]) -> Array:
    rows, columns = (length // DENSE for length in inside.shape)
    shares: Array = inside.reshape(rows, DENSE, columns, DENSE).mean((1, 3))
    return shares


def distance(points: tuple[Point, ...], x: Array, y: Array) -> Array:
    """To a convex polygon whose corners go counter-clockwise; 0 inside."""
    nearest, inside = np.full(x.shape, np.inf), np.ones(x.shape, bool)
    for (ax, ay), (bx, by) in zip(points, (*points[1:], points[0]), strict=True):
        dx, dy = bx - ax, by - ay
        inside &= dx * (y - ay) - dy * (x - ax) >= 0
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1)
        nearest = np.minimum(nearest, np.hypot(x - ax - along * dx, y - ay - along * dy))
    return np.where(inside, 0.0, nearest)


def shrunk(points: tuple[Point, ...], by: float) -> tuple[Point, ...]:
    """The corners of a convex polygon whose sides have moved inwards."""
    lines = []
    for (ax, ay), (bx, by_) in zip(points, (*points[1:], points[0]), strict=True):
        length = math.hypot(bx - ax, by_ - ay)
        normal = (-(by_ - ay) / length, (bx - ax) / length)
        lines.append((*normal, normal[0] * ax + normal[1] * ay + by))
    return tuple(
        tuple(np.linalg.solve([one[:2], other[:2]], [one[2], other[2]]))  # type: ignore[misc]
        for one, other in zip((lines[-1], *lines[:-1]), lines, strict=True)
    )


def greatest(drawn: SoftPicture, wanted: Array) -> float:
    """The largest difference of opacities."""
    return float(np.abs(drawn.alpha.numpy() - wanted).max())


class TestOutline:
    @pytest.mark.parametrize("scale", [0.5, 1.0, 2.5])
    @pytest.mark.parametrize("roundness", [0.0, 6.0])
    def test_fill_is_its_area(self, roundness: float, scale: float) -> None:
        picture = drawn(SLANTED, roundness=roundness, scale=scale)
        wanted = coverage(distance(shrunk(SLANTED, roundness), *grid(picture, scale)) <= roundness)
        assert greatest(picture, wanted) < 0.04

    def test_border_lies_on_the_outline(self) -> None:
        picture = drawn(SLANTED, fill=None, border=WHITE, width=6.0, roundness=8.0)
        x, y = grid(picture)
        beyond = distance(shrunk(SLANTED, 8.0), x, y) - 8.0
        assert greatest(picture, coverage(np.abs(beyond) <= 3.0)) < 0.05

    def test_border_has_sharp_corners_and_widens_the_picture(self) -> None:
        source = shape_source(Shape("s", BOX, WHITE, WHITE, 8.0))
        assert (source.width_px, source.height_px) == (68, 48)
        assert drawn(BOX, border=WHITE, width=8.0).alpha.eq(1.0).all()

    def test_border_is_laid_over_the_fill(self) -> None:
        alpha = drawn(BOX, fill=GLASS, border=GLASS, width=8.0).alpha
        assert alpha[24, 34] == pytest.approx(0.5, abs=0.01)
        assert alpha[24, 6] == pytest.approx(0.75, abs=0.01)
        assert alpha[24, 2] == pytest.approx(0.5, abs=0.01)

    def test_a_box_as_round_as_it_goes_has_round_ends(self) -> None:
        picture = drawn(BOX, roundness=1e6)
        x, y = grid(picture)
        assert greatest(picture, coverage(np.hypot(np.maximum(np.abs(x) - 10.0, 0.0), y) <= 20.0)) < 0.04

    def test_y_points_up_and_the_centre_is_the_shapes_own(self) -> None:
        source = shape_source(Shape("s", ((0.0, 0.0), (10.0, 0.0), (0.0, 30.0)), WHITE, None))
        assert (source.width_px, source.height_px) == (20, 60)
        alpha = drawn(((0.0, 0.0), (10.0, 0.0), (0.0, 30.0))).alpha
        assert alpha[:30, 10:].sum() == pytest.approx(150.0, abs=1.0)
        assert alpha[30:].sum() == alpha[:, :10].sum() == 0.0

    def test_hollow_corners_are_round_too(self) -> None:
        arrow = ((-30.0, -20.0), (0.0, 0.0), (30.0, -20.0), (0.0, 40.0))
        sharp, soft = drawn(arrow), drawn(arrow, roundness=6.0)
        assert float(soft.alpha[soft.height_px // 2, soft.width_px // 2]) > 0.9
        assert float(sharp.alpha[40, 30]) == pytest.approx(1 / 3, abs=0.03)


class TestColour:
    def test_is_premultiplied(self) -> None:
        picture = drawn(BOX, fill=(1.0, 0.0, 0.0, 0.5))
        luma, u, v = 16 + 219 * 0.2126, 128 - 224 * 0.2126 / 1.8556, 128 + 112.0
        for plane, wanted in ((picture.y, luma), (picture.u, u), (picture.v, v)):
            assert float(plane[10, 10]) == pytest.approx(wanted * 0.5, abs=1.0)

    @given(
        points=st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=3, max_size=6),
        width=st.floats(0.0, 1e6),
        roundness=st.floats(0.0, 1e6),
    )
    @settings(max_examples=100, deadline=None)
    def test_any_polygon_can_be_drawn(self, points: list[Point], width: float, roundness: float) -> None:
        source = shape_source(Shape("s", tuple(points), WHITE, GLASS, width, roundness))
        assert source.width_px >= 2
        picture = source.picture_at(NOW, 16, 9)
        assert isinstance(picture, SoftPicture)
        assert picture.alpha.isfinite().all()

    def test_points_in_one_place_show_nothing(self) -> None:
        assert drawn(((1.0, 1.0),) * 3, border=WHITE, width=0.0).alpha.sum() == 0.0
