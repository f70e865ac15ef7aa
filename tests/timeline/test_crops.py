"""Crop quads."""

from __future__ import annotations

import pytest

from cutfarm.timeline.model import Crop
from cutfarm.timeline.reader import read_timeline


def quad(upper_left, upper_right, lower_left, lower_right):
    names = ("upper_left", "upper_right", "lower_left", "lower_right")
    corners = zip(names, (upper_left, upper_right, lower_left, lower_right), strict=True)
    return {f"{name}_{axis}": corner[at] for name, corner in corners for at, axis in enumerate("xy")}


@pytest.fixture
def crop_of(make, only):
    def read(raw):
        draft = make.one_clip()
        draft["materials"]["videos"] = [make.video(crop=raw)]
        timeline = read_timeline(draft)
        return only(timeline).material.crop, [(entry.what, entry.segment_id) for entry in timeline.report]

    return read


@pytest.mark.parametrize(
    "raw", [{}, None, "x", quad((0, 0), (1, 0), (0, 1), (1, 1)), quad((0, 0), (1, 0), (0, 1), (1, 0.99999))]
)
def test_whole_pictures(crop_of, raw):
    assert crop_of(raw) == (Crop(), [])


def test_a_band(crop_of):
    crop, said = crop_of(quad((0, 0.289), (1, 0.289), (0, 0.711), (1, 0.711)))
    assert crop == Crop((0, 0.289), (1, 0.289), (0, 0.711), (1, 0.711))
    assert said == []


def test_a_turned_quad(crop_of):
    corners = (0.5, 0.1), (0.9, 0.5), (0.1, 0.5), (0.5, 0.9)
    assert crop_of(quad(*corners)) == (Crop(*corners), [])


def test_missing_corners_are_the_pictures_own(crop_of):
    raw = {"lower_right_x": 0.5, "lower_right_y": float("nan"), "upper_left_x": "x"}
    assert crop_of(raw) == (Crop(lower_right=(0.5, 1.0)), [])


def test_corners_are_held(crop_of):
    crop, _ = crop_of(quad((-9, -9), (9, -9), (-9, 9), (9, 9)))
    assert crop == Crop((-1, -1), (2, -1), (-1, 2), (2, 2))


@pytest.mark.parametrize(
    "corners",
    [
        ((0, 0), (1, 1), (0, 1), (1, 0)),  # crosses itself
        ((1, 0), (0, 0), (1, 1), (0, 1)),  # mirrored
        ((0.5, 0), (0.5, 0), (0.5, 1), (0.5, 1)),  # no width
        ((0, 0.5), (1, 0.5), (0, 0.5), (1, 0.5)),  # no height
        ((0, 0), (1, 0), (0, 1), (0.2, 0.2)),  # dented
        ((0.3, 0.3), (0.3, 0.3), (0.3, 0.3), (0.3, 0.3)),
    ],
)
def test_what_is_no_quad_shows_the_whole_picture(crop_of, corners):
    assert crop_of(quad(*corners)) == (Crop(), [("crop", "clip")])


def test_a_colour_clip_is_not_cropped(make):
    draft = make.one_clip(
        make.clip(extra_material_refs=["c"]),
        material_colors=[{"id": "c", "is_color_clip": True, "solid_color": "#ff0000"}],
    )
    draft["materials"]["videos"] = [make.video(crop=quad((0, 0), (0.5, 0), (0, 1), (0.5, 1)))]
    assert [entry.what for entry in read_timeline(draft).report] == ["crop"]
