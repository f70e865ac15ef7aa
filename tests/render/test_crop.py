"""Crops: the map from what is shown to the picture, judged by eight equations solved by numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.render.crop import Window, composed, window_of
from cutfarm.timeline.model import Crop
from tests.render.spots import corners_of, mapped, shown_size, shown_to_picture

PICTURE = (320.0, 180.0)


def matrix(to_picture: tuple[float, ...]) -> np.ndarray:
    return np.array(to_picture if len(to_picture) == 9 else (*to_picture, 0.0, 0.0, 1.0)).reshape(3, 3)


def moved(crop: Crop, by: float) -> Crop:
    """Every corner moved a little, each in another direction."""
    (a, b), (c, d), (e, f), (g, h) = crop.upper_left, crop.upper_right, crop.lower_left, crop.lower_right
    return Crop((a + by, b), (c, d + by), (e - by, f), (g, h - by / 2))


CROPS = {
    "a rectangle": Crop((0.1, 0.2), (0.7, 0.2), (0.1, 0.9), (0.7, 0.9)),
    "a sheared one": Crop((0.2, 0.1), (0.7, 0.3), (0.3, 0.6), (0.8, 0.8)),
    "leaning": Crop((0.1, 0.05), (0.8, 0.2), (0.15, 0.9), (0.95, 0.85)),
    "nearly a triangle": Crop((0.45, 0.0), (0.55, 0.0), (0.0, 1.0), (1.0, 1.0)),
    "partly outside": Crop((-0.5, 0.1), (0.5, 0.1), (-0.5, 1.4), (0.5, 1.4)),
}


class TestWindows:
    @pytest.mark.parametrize("crop", CROPS.values(), ids=CROPS)
    def test_every_point_is_where_the_equations_have_it(self, crop: Crop) -> None:
        window = window_of(crop, PICTURE)
        assert window is not None
        width, height = shown_size(PICTURE, crop)
        assert (window.width_px, window.height_px) == pytest.approx((width, height))
        points = np.random.default_rng(1).uniform(0, 1, (50, 2)) * (width, height)
        wanted = mapped(shown_to_picture(PICTURE, crop), points)
        np.testing.assert_allclose(mapped(matrix(window.to_picture), points), wanted, rtol=0, atol=1e-6)

    @given(
        st.tuples(*[st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)) for _ in range(4)]),
        st.tuples(st.integers(16, 4000), st.integers(16, 4000)),
    )
    def test_corners_come_on_corners(self, inwards: tuple[tuple[float, float], ...], size: tuple[int, int]) -> None:
        (a, b), (c, d), (e, f), (g, h) = inwards
        crop = Crop((a, b), (1 - c, d), (e, 1 - f), (1 - g, 1 - h))
        window = window_of(crop, size)
        if window is None:
            assert np.abs(corners_of(crop) - corners_of(Crop())).max() * max(size) < 0.1
            return
        width, height = window.width_px, window.height_px
        ends = np.array(((0, 0), (width, 0), (width, height), (0, height)))
        found = mapped(matrix(window.to_picture), ends)
        np.testing.assert_allclose(found, corners_of(crop) * size, rtol=0, atol=1 / 32)

    @pytest.mark.parametrize("by", [0.0, 1e-9, 2e-5])
    def test_a_rectangle_but_for_rounding_is_upright(self, by: float) -> None:
        window = window_of(moved(CROPS["a rectangle"], by), PICTURE)
        assert window is not None
        assert window.is_upright
        assert not window_of(moved(CROPS["a rectangle"], 0.01), PICTURE).is_upright  # type: ignore[union-attr]

    def test_a_turned_rectangle_is_not_leaning(self) -> None:
        window = window_of(CROPS["a sheared one"], PICTURE)
        assert window is not None
        assert len(window.to_picture) == 6

    @pytest.mark.parametrize(
        "crop",
        [
            Crop(),
            Crop((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)),
            Crop((0.5, 0.0), (0.5, 0.0), (0.5, 1.0), (0.5, 1.0)),
            Crop((1.0, 0.0), (0.0, 0.0), (1.0, 1.0), (0.0, 1.0)),  # mirrored
            Crop((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),  # crosses itself
            Crop((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.2, 0.2)),  # dented
            Crop((math.nan, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)),
            Crop((0.0, 0.0), (math.inf, 0.0), (0.0, 1.0), (1.0, 1.0)),
        ],
        ids=str,
    )
    def test_what_is_no_area_shows_the_whole_picture(self, crop: Crop) -> None:
        assert window_of(crop, PICTURE) is None

    def test_far_corners_are_held(self) -> None:
        far = Crop((-9.0, 0.0), (1.0, 0.0), (-9.0, 1.0), (1.0, 1.0))
        assert window_of(far, PICTURE) == window_of(Crop((-1.0, 0.0), (1.0, 0.0), (-1.0, 1.0), (1.0, 1.0)), PICTURE)

    @pytest.mark.parametrize("crop", CROPS.values(), ids=CROPS)
    def test_another_resolution_shows_the_same(self, crop: Crop) -> None:
        window = window_of(crop, PICTURE)
        assert window is not None
        half = window.resampled(160, 60)
        points = np.random.default_rng(1).uniform(0, 1, (20, 2)) * (window.width_px, window.height_px)
        wanted = mapped(matrix(window.to_picture), points) * (160 / 320, 60 / 180)
        np.testing.assert_allclose(mapped(matrix(half.to_picture), points), wanted, rtol=0, atol=1e-9)
        assert half.picture_px == (160, 60)

    @pytest.mark.parametrize("crop", CROPS.values(), ids=CROPS)
    def test_steps_are_the_derivatives(self, crop: Crop) -> None:
        """Against finite differences, for an output that is turned and scaled."""
        window = window_of(crop, PICTURE)
        assert window is not None
        linear = np.array(((0.8, -0.5), (0.3, 1.4)))
        at = np.array((window.width_px * 0.3, window.height_px * 0.6))
        tiny = 1e-5
        ends = at + tiny * linear.T
        here, right, down = mapped(matrix(window.to_picture), np.array((at, *ends)))
        across = np.hypot(right[0] - here[0], down[0] - here[0]) / tiny
        along = np.hypot(right[1] - here[1], down[1] - here[1]) / tiny
        steps = window.steps_at(*at, tuple(linear.ravel()))
        assert steps == pytest.approx((across, along), rel=1e-4)


def test_composed() -> None:
    inner = (0.8, 0.6, -2.0, -0.6, 0.8, 3.0)
    for outer in ((1.0, 0.3, 0.1, -0.2, 0.9, 0.7), (0.9, 0.1, 0.2, 0.05, 0.8, -0.3, 0.03, -0.04, 1.0)):
        wanted = matrix(outer) @ matrix(inner)
        np.testing.assert_allclose(matrix(composed(outer, inner)), wanted, rtol=0, atol=1e-12)  # type: ignore[arg-type]


def test_the_same_crop_is_worked_out_once() -> None:
    crop = CROPS["leaning"]
    first = window_of(crop, (640, 480))
    assert isinstance(first, Window)
    assert window_of(Crop(crop.upper_left, crop.upper_right, crop.lower_left, crop.lower_right), (640, 480)) is first
