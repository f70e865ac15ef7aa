"""Where a layer's corners land, against the format's rules written out once more in complex numbers."""

from __future__ import annotations

import cmath
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.render.placement import Box, Placement, chroma_map, place_drawn, place_picture
from cutfarm.timeline.model import Canvas, Transform

Point = tuple[float, float]


def corners_by_the_format(source: Point, move: Transform, canvas: Point, output: Point) -> list[Point]:
    """Upper left, upper right, lower right, lower left corner of the clip in output pixels (format §4).

    Contained in the canvas, mirrored, scaled, turned clockwise about its centre, moved by half canvases with y up; then
    the canvas is stretched to the output.
    """
    fit = min(canvas[0] / source[0], canvas[1] / source[1])
    half_width, half_height = source[0] * fit * move.scale_x / 2, source[1] * fit * move.scale_y / 2
    mirror_x, mirror_y = (-1 if move.flip_x else 1), (-1 if move.flip_y else 1)
    centre = complex(canvas[0] / 2 * (1 + move.shift_x), canvas[1] / 2 * (1 - move.shift_y))
    turn = cmath.exp(
        1j * math.radians(move.rotation_deg)
    )  # y points down, so counter-clockwise in the plane is clockwise
    found = []
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        at = centre + complex(x * half_width * mirror_x, y * half_height * mirror_y) * turn
        found.append((at.real * output[0] / canvas[0], at.imag * output[1] / canvas[1]))
    return found


def corners(placement: Placement) -> list[Point]:
    a, b, c, d, e, f = placement.to_output
    width, height = placement.width_px, placement.height_px
    ends = ((0.0, 0.0), (width, 0.0), (width, height), (0.0, height))
    return [(a * x + b * y + c, d * x + e * y + f) for x, y in ends]


transforms = st.builds(
    Transform,
    scale_x=st.floats(0.01, 20),
    scale_y=st.floats(0.01, 20),
    rotation_deg=st.floats(-1000, 1000) | st.sampled_from([0.0, 90.0, -90.0, 180.0, 270.0, 360.0, 450.0, 45.0]),
    shift_x=st.floats(-3, 3),
    shift_y=st.floats(-3, 3),
    flip_x=st.booleans(),
    flip_y=st.booleans(),
)
sizes = st.tuples(st.integers(1, 8000), st.integers(1, 8000))


class TestPlacePicture:
    @given(source=sizes, move=transforms, canvas=sizes, scale=st.fractions(1, 4))
    @settings(max_examples=300, deadline=None)
    def test_corners(self, source: tuple[int, int], move: Transform, canvas: tuple[int, int], scale: float) -> None:
        output = (round(canvas[0] * scale), round(canvas[1] * scale))
        placement = place_picture(source, move, Canvas(*canvas), output)
        wanted = corners_by_the_format(source, move, canvas, output)
        size = max(max(abs(x), abs(y)) for x, y in wanted) + max(output)
        np.testing.assert_allclose(corners(placement), wanted, rtol=0, atol=1e-9 * size)

    @pytest.mark.parametrize(
        ("source", "canvas", "box"),
        [
            ((1920, 1080), (1920, 1080), (0, 0, 1920, 1080)),
            ((640, 360), (1920, 1080), (0, 0, 1920, 1080)),
            ((1920, 1080), (1080, 1920), (0, 656.25, 1080, 1263.75)),
            ((1080, 1920), (1920, 1080), (656.25, 0, 1263.75, 1080)),
            ((1000, 1000), (1920, 1080), (420, 0, 1500, 1080)),
        ],
    )
    def test_a_clip_is_contained_in_the_canvas(self, source: Point, canvas: tuple[int, int], box: Point) -> None:
        placement = place_picture(source, Transform(), Canvas(*canvas), canvas)
        assert [*corners(placement)[0], *corners(placement)[2]] == pytest.approx(list(box))

    def test_known_signs(self) -> None:
        """Right and up are positive; a quarter turn clockwise takes the upper left corner to the upper right."""
        moved = place_picture(
            (200, 100), Transform(shift_x=0.5, shift_y=0.5, scale_x=0.5, scale_y=0.5), Canvas(200, 100), (200, 100)
        )
        assert corners(moved)[0] == pytest.approx((100.0, 0.0))
        turned = place_picture((200, 100), Transform(rotation_deg=90.0), Canvas(200, 100), (200, 100))
        assert corners(turned) == [(150.0, -50.0), (150.0, 150.0), (50.0, 150.0), (50.0, -50.0)]

    @pytest.mark.parametrize("turns", range(-5, 9))
    def test_quarter_turns_are_exact(self, turns: int) -> None:
        a, b, _, d, e, _ = place_picture(
            (64, 36), Transform(rotation_deg=90.0 * turns), Canvas(64, 36), (64, 36)
        ).to_output
        assert sorted(map(abs, (a, b, d, e))) == [0.0, 0.0, 1.0, 1.0]


class TestPlaceDrawn:
    @given(move=transforms, origin=st.tuples(st.floats(0, 300), st.floats(0, 300)), scale=st.floats(0.1, 4))
    @settings(max_examples=100, deadline=None)
    def test_the_origin_lies_on_the_centre(self, move: Transform, origin: Point, scale: float) -> None:
        placement = place_drawn((300, 200), origin, (scale, scale), move, Canvas(1920, 1080), (960, 540))
        a, b, c, d, e, f = placement.to_output
        at = (a * origin[0] + b * origin[1] + c, d * origin[0] + e * origin[1] + f)
        assert at == pytest.approx((480 * (1 + move.shift_x), 270 * (1 - move.shift_y)), abs=1e-6)

    def test_its_scale_counts_output_pixels(self) -> None:
        placement = place_drawn((300, 200), (0, 0), (0.5, 2.0), Transform(scale_x=7.0), Canvas(1920, 1080), (960, 540))
        assert placement.scaled_size_px == pytest.approx((150.0, 400.0))


class TestPlacement:
    PLAIN = Placement(64.0, 36.0, (2.0, 0.0, 10.0, 0.0, 2.0, 20.0))

    def test_another_resolution_lies_in_the_same_place(self) -> None:
        placement = place_picture(
            (640, 360), Transform(rotation_deg=33, scale_x=0.7, flip_x=True), Canvas(500, 400), (250, 200)
        )
        np.testing.assert_allclose(corners(placement.resampled(77, 13)), corners(placement), atol=1e-9)

    @given(move=transforms)
    @settings(max_examples=100, deadline=None)
    def test_there_and_back(self, move: Transform) -> None:
        placement = place_picture((640, 360), move, Canvas(1920, 1080), (960, 540))
        box = Box(10, 20, 30, 40)
        a, b, c, d, e, f = placement.to_output
        i, j, k, m, n, o = placement.to_source(box)
        for x, y in ((0.0, 0.0), (640.0, 0.0), (320.0, 360.0)):
            column, row = a * x + b * y + c - box.left_px, d * x + e * y + f - box.top_px
            assert (i * column + j * row + k, m * column + n * row + o) == pytest.approx((x, y), abs=1e-5)

    @given(move=transforms)
    @settings(max_examples=200, deadline=None)
    def test_bounds_hold_every_corner_that_is_seen(self, move: Transform) -> None:
        placement = place_picture((640, 360), move, Canvas(960, 540), (960, 540))
        box = placement.bounds(960, 540)
        assert all(edge % 2 == 0 for edge in (box.left_px, box.top_px, box.right_px, box.bottom_px))
        assert box.left_px >= 0
        assert box.top_px >= 0
        assert box.right_px <= 960
        assert box.bottom_px <= 540
        on_it = 1 / 64  # a side nearer than this to a whole pixel is on it
        for x, y in corners(placement):
            if 0 <= x <= 960 and 0 <= y <= 540:
                assert box.left_px - on_it <= x <= box.right_px + on_it
                assert box.top_px - on_it <= y <= box.bottom_px + on_it

    @pytest.mark.parametrize(("shift_x", "shift_y"), [(2.1, 0), (-2.1, 0), (0, 2.1), (0, -2.1), (1000, 1000)])
    def test_what_lies_outside_has_no_bounds(self, shift_x: float, shift_y: float) -> None:
        move = Transform(shift_x=shift_x, shift_y=shift_y)
        assert place_picture((64, 36), move, Canvas(640, 360), (640, 360)).bounds(640, 360).is_empty

    @pytest.mark.parametrize(("scale_x", "scale_y"), [(0.0, 1.0), (1.0, 0.0), (0.0, 0.0)])
    def test_what_is_squeezed_to_nothing_is_degenerate(self, scale_x: float, scale_y: float) -> None:
        move = Transform(scale_x=scale_x, scale_y=scale_y, rotation_deg=10)
        assert place_picture((64, 36), move, Canvas(640, 360), (640, 360)).is_degenerate
        assert not self.PLAIN.is_degenerate

    @pytest.mark.parametrize(
        ("to_output", "box"),
        [
            ((2.0, 0.0, 10.0, 0.0, 2.0, 20.0), Box(10, 20, 138, 92)),
            ((2.0, 0.0, 10.01, 0.0, 2.0, 19.99), Box(10, 20, 138, 92)),  # less than a 64th of a pixel off
            ((2.0, 0.0, -10.0, 0.0, 2.0, -20.0), Box(-10, -20, 118, 52)),
            ((2.0, 0.0, 10.5, 0.0, 2.0, 20.0), None),
            ((2.0, 0.0, 11.0, 0.0, 2.0, 20.0), None),  # chroma would lie between two samples
            ((-2.0, 0.0, 138.0, 0.0, 2.0, 20.0), None),
            ((0.0, -2.0, 100.0, 2.0, 0.0, 20.0), None),
            ((0.0001, 0.0, 10.0, 0.0, 2.0, 20.0), None),  # a hair that fills no pixel
            ((2.0, 0.0, 10.0, 0.0, 0.0001, 20.0), None),
        ],
    )
    def test_whole_boxes(self, to_output: tuple[float, ...], box: Box | None) -> None:
        assert Placement(64.0, 36.0, to_output).whole_box() == box  # type: ignore[arg-type]


class TestChromaMap:
    @given(
        st.tuples(
            st.floats(-3, 3),
            st.floats(-3, 3),
            st.floats(-50, 50),
            st.floats(-3, 3),
            st.floats(-3, 3),
            st.floats(-50, 50),
        ),
        st.integers(0, 40),
        st.integers(0, 40),
    )
    def test_a_chroma_site_goes_where_its_luma_goes(self, luma: tuple[float, ...], column: int, row: int) -> None:
        """Site (j, i) stands on the centre of luma column 2j and between the rows 2i and 2i + 1 (H.264, figure E-1)."""
        a, b, c, d, e, f = luma
        g, h, k, m, n, o = chroma_map(luma)  # type: ignore[arg-type]
        x, y = 2 * column + 0.5, 2 * row + 1.0
        to_x, to_y = a * x + b * y + c, d * x + e * y + f
        chroma_x, chroma_y = (to_x - 0.5) / 2 + 0.5, (to_y - 1.0) / 2 + 0.5
        at = (column + 0.5, row + 0.5)
        assert g * at[0] + h * at[1] + k == pytest.approx(chroma_x, abs=1e-9)
        assert m * at[0] + n * at[1] + o == pytest.approx(chroma_y, abs=1e-9)

    @given(
        st.tuples(*[st.floats(-3, 3)] * 6, *[st.floats(-0.01, 0.01)] * 2, st.floats(0.8, 2)),
        st.integers(0, 40),
        st.integers(0, 40),
    )
    def test_in_perspective_too(self, luma: tuple[float, ...], column: int, row: int) -> None:
        def through(numbers: tuple[float, ...], x: float, y: float) -> Point:
            a, b, c, d, e, f, g, h, i = numbers
            depth = g * x + h * y + i
            return (a * x + b * y + c) / depth, (d * x + e * y + f) / depth

        if abs(luma[6] * (2 * column + 0.5) + luma[7] * (2 * row + 1) + luma[8]) < 0.05:
            return
        to_x, to_y = through(luma, 2 * column + 0.5, 2 * row + 1.0)
        got = through(chroma_map(luma), column + 0.5, row + 0.5)  # type: ignore[arg-type]
        assert got == pytest.approx(((to_x - 0.5) / 2 + 0.5, (to_y - 1.0) / 2 + 0.5), rel=1e-9, abs=1e-7)
