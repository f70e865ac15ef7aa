"""Upright clips: the cut that swscale makes lies where the affine map says."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cutfarm.render.placement import Placement, place_picture
from cutfarm.render.upright import UprightCut, upright_cut
from cutfarm.timeline.model import Canvas, Transform

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


@pytest.mark.parametrize("other", [{"rotation_deg": 5.0}, {"rotation_deg": 90.0}, {"flip_x": True}, {"flip_y": True}])
def test_what_is_turned_or_mirrored_has_none(other: dict[str, object]) -> None:
    assert cut_of(placed(1.0, **other)) is None
