"""Colour clips and shapes."""

from __future__ import annotations

import pytest

from cutfarm.timeline.model import ClipSegment, Fill, OtherSegment, Shape
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Fidelity
from cutfarm.timeline.time import TimeRange

RED, BLUE, BLACK, WHITE = (1, 0, 0, 1), (0, 0, 1, 1), (0, 0, 0, 1), (1, 1, 1, 1)
GRADIENT = {"is_gradient": True, "gradient_colors": ["#ff0000", "#0000ff"], "gradient_angle": 45.0}


@pytest.fixture
def colour_clip(make, only):
    def read(raw, **video):
        clip = make.clip(extra_material_refs=["c"], source_start=7)
        draft = make.one_clip(clip, material_colors=[{"id": "c", "is_color_clip": True, **raw}])
        draft["materials"]["videos"] = [make.video(path="", **{"width": 0, "height": 0, **video})]
        timeline = read_timeline(draft)
        return only(timeline), list(timeline.report)

    return read


class TestColourClips:
    def test_one_colour(self, colour_clip):
        clip, entries = colour_clip({"solid_color": "#ff0000"})
        assert clip.material == Fill("c", 0, 0, (RED,))
        assert (clip.source, clip.rate) == (TimeRange(0, 2_000_000), 1)
        assert (entries, clip.unknown) == ([], ())

    def test_transparent_ones(self, colour_clip):
        assert colour_clip({"solid_color": "#ff000080"})[0].material.colours == ((1, 0, 0, 128 / 255),)

    @pytest.mark.parametrize(
        ("own", "video", "size"),
        [
            ({"width": 30, "height": 20}, {"width": 400, "height": 300}, (400, 300)),
            ({"width": 30, "height": 20}, {}, (30, 20)),
            ({"width": 30, "height": 0}, {"width": 5}, (0, 0)),
            ({"width": float("inf"), "height": "x"}, {}, (0, 0)),
            ({"width": 1e9, "height": 1}, {}, (16_384, 1)),
        ],
    )
    def test_sizes(self, colour_clip, own, video, size):
        material = colour_clip({"solid_color": "#ff0000", **own}, **video)[0].material
        assert (material.width_px, material.height_px) == size

    @pytest.mark.parametrize(
        ("percents", "places"),
        [
            ([0, 1], (0, 1)),
            ([0.25, 0.5], (0.25, 0.5)),
            ([0, 100], (0, 1)),
            ([], (0, 1)),
            ([0.5], (0, 1)),
            ([-3, 0.5], (0, 0.5)),
        ],
    )
    def test_gradients(self, colour_clip, percents, places):
        clip, [entry] = colour_clip(GRADIENT | {"gradient_percents": percents})
        assert clip.material == Fill("c", 0, 0, (RED, BLUE), places, 45)
        assert entry.fidelity is Fidelity.CLOSE

    def test_colours_are_sorted_by_place(self, colour_clip):
        material = colour_clip(GRADIENT | {"gradient_percents": [0.9, 0.1]})[0].material
        assert (material.colours, material.places) == ((BLUE, RED), (0.1, 0.9))

    def test_a_gradient_of_one_colour_is_that_colour(self, colour_clip):
        assert colour_clip(GRADIENT | {"gradient_colors": ["#0000ff"]})[0].material == Fill("c", 0, 0, (BLUE,))

    @pytest.mark.parametrize("raw", [{}, {"solid_color": "blue"}, {"is_gradient": True, "gradient_colors": [None]}])
    def test_no_colour_is_black_and_reported(self, colour_clip, raw):
        clip, [entry] = colour_clip(raw)
        assert clip.material == Fill("c", 0, 0, (BLACK,))
        assert (entry.fidelity, entry.what) == (Fidelity.UNSUPPORTED, "colour clip")
        assert [material.id for material in clip.unknown] == ["c"]

    def test_other_clips_are_none(self, make, only):
        draft = make.one_clip(
            make.clip(extra_material_refs=["c"]), material_colors=[{"id": "c", "solid_color": "#ff0000"}]
        )
        assert only(read_timeline(draft)).material.path == "film.mp4"


@pytest.fixture
def shape_of(make):
    def read(raw):
        segment = make.clip(material_id="s", source_start=None, id="shape", clip={"rotation": 10})
        draft = make.draft([{"type": "sticker", "segments": [segment]}], {"shapes": [{"id": "s", **raw}]})
        draft["tracks"].append({"type": "video", "segments": [make.clip()]})
        draft["materials"]["videos"] = [make.video()]
        timeline = read_timeline(draft)
        return timeline.tracks[0].segments[0], list(timeline.report)

    return read


TRIANGLE = [{"x": 0, "y": 100}, {"x": 90.5, "y": -50}, {"x": -90.5, "y": -50}]
CORNERS = ((0.0, 100.0), (90.5, -50.0), (-90.5, -50.0))


class TestShapes:
    def test_a_polygon(self, shape_of):
        paint = {"fill_color": "#ff0000", "border_color": "#0000ff80", "border_width": 4, "roundness": 8}
        segment, [entry] = shape_of({"custom_points": TRIANGLE, **paint})
        assert isinstance(segment, ClipSegment)
        assert segment.material == Shape("s", CORNERS, RED, (0, 0, 1, 128 / 255), 4, 8)
        assert (segment.source, segment.rate, segment.transform.rotation_deg) == (TimeRange(0, 2_000_000), 1, 10)
        assert (entry.fidelity, entry.what) == (Fidelity.CLOSE, "shape")

    def test_all_that_is_missing(self, shape_of):
        assert shape_of({"custom_points": TRIANGLE})[0].material == Shape("s", CORNERS, WHITE, None)

    def test_an_outline_alone(self, shape_of):
        material = shape_of({"custom_points": TRIANGLE, "border_color": "#ff0000", "border_width": 2})[0].material
        assert (material.fill, material.border, material.border_width) == (None, RED, 2)

    def test_parameters_in_an_object_of_their_own(self, shape_of):
        parameters = {"custom_points": [[0, 100], [90.5, -50], [-90.5, -50]], "roundness": [3, 3, 3]}
        material = shape_of({"shape_param": parameters, "background_color": "#ff0000", "background_alpha": 0.5})[
            0
        ].material
        assert material == Shape("s", CORNERS, (1, 0, 0, 0.5), None, 0, 3)

    def test_a_size_is_a_rectangle(self, shape_of):
        material = shape_of({"shape_param": {"shape_size": [200, 100]}})[0].material
        assert material.points == ((-100, 50), (100, 50), (100, -50), (-100, -50))

    def test_opacity(self, shape_of):
        material = shape_of({"custom_points": TRIANGLE, "fill_color": "#ff000080", "global_alpha": 0.5})[0].material
        assert material.fill == pytest.approx((1, 0, 0, 64 / 255))

    @pytest.mark.parametrize(
        "raw",
        [
            {},
            {"shape_type": 9},
            {"custom_points": TRIANGLE[:2]},
            {"custom_points": [{"x": 1}, {"y": float("nan")}, 7, [1, 2, 3]]},
            {"shape_param": {"shape_size": [0, 5]}},
        ],
    )
    def test_unknown_forms_are_left_out_and_reported(self, shape_of, raw):
        segment, [entry] = shape_of(raw)
        assert isinstance(segment, OtherSegment)
        assert (entry.fidelity, entry.what, entry.segment_id) == (Fidelity.UNSUPPORTED, "shape", "shape")
        assert segment.unknown[0].bucket == "shapes"
