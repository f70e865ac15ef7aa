"""Upright clips: the cut that swscale makes lies where the affine map says."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cutfarm.render.crop import window_of
from cutfarm.render.placement import Box, Placement, place_picture
from cutfarm.render.upright import UprightCut, upright_cut, visible_cut
from cutfarm.timeline.model import Canvas, Crop, Transform
from tests.render.scene import clip

OUTPUT_PX = (1080, 1920)
TOLERANCE_PX = 1 / 16


def placed(scale: float, shift_x: float = 0.0, shift_y: float = 0.0, **other: object) -> Placement:
    transform = Transform(scale_x=scale, scale_y=scale, shift_x=shift_x, shift_y=shift_y, **other)  # type: ignore[arg-type]
    return place_picture((1920, 1080), transform, Canvas(*OUTPUT_PX), OUTPUT_PX)


def cut_of(placement: Placement) -> UprightCut | None:
    return upright_cut(placement, placement.bounds(*OUTPUT_PX))


@given(st.floats(0.05, 6.0), st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_the_cut_lies_in_place_and_fills_what_shows(scale: float, shift_x: float, shift_y: float) -> None:
    placement = placed(scale, shift_x, shift_y)
    visible = placement.bounds(*OUTPUT_PX)
    assume(not visible.is_empty)
    cut = upright_cut(placement, visible)
    if cut is None:
        return
    a, _, c, _, e, f = placement.to_output
    part, box = cut.part, cut.box
    ends = ((a * part.left_px + c, box.left_px), (a * part.right_px + c, box.right_px))
    ends += ((e * part.top_px + f, box.top_px), (e * part.bottom_px + f, box.bottom_px))
    assert all(abs(exact - whole) <= TOLERANCE_PX for exact, whole in ends)
    assert (box.left_px, box.top_px) <= (visible.left_px, visible.top_px)
    assert box.left_px <= visible.left_px <= visible.right_px <= box.right_px
    assert box.top_px <= visible.top_px <= visible.bottom_px <= box.bottom_px
    sides = (part.left_px, part.top_px, part.right_px, part.bottom_px)
    sides += (box.left_px, box.top_px, box.right_px, box.bottom_px)
    assert all(side % 2 == 0 for side in sides)


@pytest.mark.parametrize("scale", [1.0, 3.16049, 0.4, 0.5])
def test_common_scales_have_one(scale: float) -> None:
    assert cut_of(placed(scale)) is not None


@given(
    st.floats(0.0, 0.4),
    st.floats(0.0, 0.4),
    st.floats(0.2, 0.6),
    st.floats(0.2, 0.6),
    st.floats(0.3, 2.0),
    st.floats(-0.5, 0.5),
)
def test_a_crop_is_cut_out_of_the_picture(
    left: float, top: float, width: float, height: float, scale: float, shift_x: float
) -> None:
    """What lies on the cut's corners is the picture's by the formula: the crop contained in the canvas, then scaled."""
    crop = Crop((left, top), (left + width, top), (left, top + height), (left + width, top + height))
    window = window_of(crop, (1920, 1080))
    assume(window is not None)
    assert window is not None
    fit = min(OUTPUT_PX[0] / window.width_px, OUTPUT_PX[1] / window.height_px) * scale
    c = OUTPUT_PX[0] / 2 * (1 + shift_x) - fit * window.width_px / 2
    f = OUTPUT_PX[1] / 2 - fit * window.height_px / 2
    placement = Placement(window.width_px, window.height_px, (fit, 0.0, c, 0.0, fit, f), window)
    cut = cut_of(placement)
    if cut is None:
        return
    part, box = cut.part, cut.box
    for x, y, column, row in (
        (part.left_px, part.top_px, box.left_px, box.top_px),
        (part.right_px, part.bottom_px, box.right_px, box.bottom_px),
    ):
        assert (x - left * 1920) * fit + c == pytest.approx(column, abs=TOLERANCE_PX + 1e-6)
        assert (y - top * 1080) * fit + f == pytest.approx(row, abs=TOLERANCE_PX + 1e-6)


@pytest.mark.parametrize(("shift_x", "box"), [(0.0, Box(270, 656, 810, 960)), (-0.75, Box(0, 656, 406, 960))])
def test_edges_on_whole_even_pixels_are_the_cuts_own(shift_x: float, box: Box) -> None:
    """Even where the clip leaves the output: nothing beside it is drawn."""
    placement = Placement(540.0, 304.0, (1.0, 0.0, 270.0 + shift_x * 540 + (1 if shift_x else 0), 0.0, 1.0, 656.0))
    found = visible_cut(clip("a.mp4"), placement, OUTPUT_PX)
    assert found is not None
    assert found[0] == box


@pytest.mark.parametrize("scale", [1e-9, 1e-4, 0.003, 300.0, 1e6, 1e9])
def test_extremes_are_bounded(scale: float) -> None:
    cut = cut_of(placed(scale, 0.1, 0.1))
    if cut is not None:
        assert cut.part.width_px <= 1920 + 1024
        assert cut.box.width_px <= OUTPUT_PX[0] + 1024
        assert cut.box.height_px <= OUTPUT_PX[1] + 1024


@pytest.mark.parametrize("other", [{"rotation_deg": 5.0}, {"rotation_deg": 90.0}, {"flip_x": True}, {"flip_y": True}])
def test_what_is_turned_or_mirrored_has_none(other: dict[str, object]) -> None:
    assert cut_of(placed(1.0, **other)) is None
