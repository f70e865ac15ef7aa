"""Colour and gradient clips against the formula in float64."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, SoftPicture, planes_of
from cutfarm.render.fills import fill_source
from cutfarm.timeline.model import Canvas, Fill, Rgba

NOW = Fraction(0)
CANVAS = Canvas(640, 360)
RED, BLUE, GLASS = (1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 1.0), (0.0, 1.0, 0.0, 0.25)

Array = NDArray[np.float64]


def gradient(*colours: Rgba, places: tuple[float, ...] = (), angle_deg: float = 0.0) -> Fill:
    return Fill("f", 80, 40, colours, places, angle_deg)


def opaque(fill: Fill, size_px: tuple[int, int] = (80, 40)) -> Planes:
    picture = fill_source(fill, CANVAS).picture_at(NOW, *size_px)
    assert isinstance(picture, Picture)
    return planes_of(picture)


def soft(fill: Fill, size_px: tuple[int, int] = (80, 40)) -> SoftPicture:
    picture = fill_source(fill, CANVAS).picture_at(NOW, *size_px)
    assert isinstance(picture, SoftPicture)
    return picture


def codes(rgba: Rgba) -> tuple[float, float, float, float]:
    """Premultiplied code values and opacity, by ITU-R BT.709."""
    red, green, blue, alpha = rgba
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    u, v = 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748
    return (16 + 219 * luma) * alpha, u * alpha, v * alpha, alpha


def formula(fill: Fill, size_px: tuple[int, int], x: float, y: float) -> Array:
    """The premultiplied colour at the point (x, y) of a picture of `size_px`, pixel by pixel."""
    angle = math.radians(fill.angle_deg)
    across, down = fill.width_px * math.cos(angle), fill.height_px * math.sin(angle)
    place = ((x / size_px[0] - 0.5) * across + (y / size_px[1] - 0.5) * down) / (abs(across) + abs(down)) + 0.5
    made = [codes(colour) for colour in fill.colours]
    if place <= fill.places[0]:
        return np.array(made[0])
    for number in range(len(made) - 1):
        first, last = fill.places[number : number + 2]
        if place <= last:
            share = (place - first) / (last - first)
            return np.array([(1 - share) * a + share * b for a, b in zip(made[number], made[number + 1], strict=True)])
    return np.array(made[-1])


class TestColour:
    @pytest.mark.parametrize("colour", [RED, BLUE, (1.0, 1.0, 1.0, 1.0), (0.2, 0.4, 0.7, 1.0)])
    def test_is_the_nearest_code_value_everywhere(self, colour: Rgba) -> None:
        source = fill_source(gradient(colour), CANVAS)
        assert source.is_opaque
        for plane, value in zip(opaque(gradient(colour), (33, 17)), codes(colour), strict=False):
            assert plane.eq(round(value)).all()

    def test_translucent_ones_are_premultiplied(self) -> None:
        picture = soft(gradient(GLASS), (7, 5))
        planes = (picture.y, picture.u, picture.v, picture.alpha, picture.chroma_alpha)
        for plane, value in zip(planes, (*codes(GLASS), 0.25), strict=True):
            assert np.allclose(plane, value, rtol=0, atol=1e-5)
        assert (picture.y.shape, picture.u.shape) == ((6, 8), (3, 4))

    def test_is_as_large_as_the_canvas_where_nothing_is_said(self) -> None:
        source = fill_source(replace(gradient(RED), width_px=0, height_px=0), CANVAS)
        assert (source.width_px, source.height_px) == (640, 360)

    def test_is_drawn_once(self) -> None:
        source = fill_source(gradient(RED), CANVAS)
        assert source.key_at(NOW) == source.key_at(Fraction(10**9))
        assert source.picture_at(NOW, 8, 8) is source.picture_at(Fraction(10**9), 8, 8)


class TestGradient:
    @pytest.mark.parametrize("angle_deg", [0.0, 30.0, 90.0, 135.0, 180.0, 271.5, -45.0])
    @pytest.mark.parametrize("size_px", [(80, 40), (50, 50), (161, 83)])
    @pytest.mark.parametrize("last", [BLUE, GLASS])
    def test_is_the_formula(self, angle_deg: float, size_px: tuple[int, int], last: Rgba) -> None:
        fill = gradient(RED, (1.0, 1.0, 0.0, 1.0), last, places=(0.1, 0.35, 0.9), angle_deg=angle_deg)
        picture = opaque(fill, size_px) if last == BLUE else soft(fill, size_px)
        for row in range(0, size_px[1], 7):
            for column in range(0, size_px[0], 7):
                wanted = formula(fill, size_px, column + 0.5, row + 0.5)
                assert abs(float(picture.y[row, column]) - wanted[0]) <= 0.5 + 1e-4
                if last == GLASS:
                    assert isinstance(picture, SoftPicture)
                    assert abs(float(picture.y[row, column]) - wanted[0]) < 1e-3
                    assert abs(float(picture.alpha[row, column]) - wanted[3]) < 1e-6
        for row in range(size_px[1] // 2):
            for column in range(size_px[0] // 2):
                wanted = formula(fill, size_px, 2 * column + 0.5, 2 * row + 1.0)
                assert abs(float(picture.u[row, column]) - wanted[1]) <= 0.5 + 1e-4
                assert abs(float(picture.v[row, column]) - wanted[2]) <= 0.5 + 1e-4

    def test_turns_clockwise(self) -> None:
        across, down = (opaque(gradient(BLUE, RED, angle_deg=angle)).v for angle in (0.0, 90.0))
        assert across[0, 0] < across[0, -1]
        assert across[0, 0] == across[-1, 0]
        assert down[0, 0] < down[-1, 0]
        assert down[0, 0] == down[0, -1]

    def test_has_every_step(self) -> None:
        """From black to white each of the 220 code values is there, in order."""
        black, white = (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0, 1.0)
        row = opaque(gradient(black, white), (1920, 2)).y[0].int()
        assert row.unique().tolist() == list(range(16, 236))
        assert set(row.diff().tolist()) == {0, 1}

    @pytest.mark.parametrize("places", [(), (0.0,), (0.8, 0.2, 1.0), (0.0, 1.0)])
    def test_places_that_cannot_be_lie_evenly(self, places: tuple[float, ...]) -> None:
        colours = (RED, GLASS, BLUE)
        assert soft(gradient(*colours, places=places)).y.equal(soft(gradient(*colours, places=(0.0, 0.5, 1.0))).y)

    def test_a_step_is_as_sharp_as_a_pixel(self) -> None:
        row = opaque(gradient(RED, RED, BLUE, BLUE, places=(0.0, 0.5, 0.5, 1.0)), (80, 40)).y[0]
        assert row[:40].eq(round(codes(RED)[0])).all()
        assert row[40:].eq(round(codes(BLUE)[0])).all()
        slanted = opaque(gradient(RED, RED, BLUE, BLUE, places=(0.0, 0.5, 0.5, 1.0), angle_deg=20.0), (80, 40)).y
        assert len(slanted.unique()) > 10

    @given(
        colours=st.lists(st.tuples(*[st.floats(0.0, 1.0)] * 4), min_size=1, max_size=5),
        places=st.lists(st.floats(allow_nan=True), max_size=5),
        angle_deg=st.floats(-1e6, 1e6),
        size_px=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    )
    @settings(max_examples=100, deadline=None)
    def test_stays_within_its_colours(
        self, colours: list[Rgba], places: list[float], angle_deg: float, size_px: tuple[int, int]
    ) -> None:
        fill = gradient(*colours, places=tuple(places), angle_deg=angle_deg)
        picture = fill_source(fill, CANVAS).picture_at(NOW, *size_px)
        planes = planes_of(picture) if isinstance(picture, Picture) else picture
        luma = [codes(colour)[0] for colour in colours]
        assert not isinstance(planes, Picture)
        assert float(planes.y.min()) >= min(luma) - 0.51
        assert float(planes.y.max()) <= max(luma) + 0.51
