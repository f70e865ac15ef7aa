"""Where clips lie by what they show, what of it, and how large its picture is asked for; what bad numbers do."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.render.crop import Window
from cutfarm.render.placement import Box, Placement, place_clip, place_picture, sampling_size
from cutfarm.render.upright import visible_cut
from cutfarm.timeline.layers import ClipLayer
from cutfarm.timeline.model import Canvas, ClipSegment, Compound, Content, Crop, Curve, Fill, Keyframe, Shape, Transform
from cutfarm.timeline.time import TimeRange
from tests.render.scene import clip, timeline
from tests.render.test_placement import transforms

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Source:
    """As far as a placement looks at one."""

    width_px: int
    height_px: int


def layer(
    content: Content | None = None, move: Transform | None = None, *curves: Curve, **material: object
) -> ClipLayer:
    """A clip of any content; of a picture's where none is given."""
    picture = clip("a.mp4", transform=move or Transform(), curves=curves)
    shown = content or replace(picture.material, **material)  # type: ignore[arg-type]
    times = TimeRange(0, 1_000_000)
    segment = ClipSegment(
        id="s", target=times, source=times, rate=Fraction(1), material=shown, transform=picture.transform, curves=curves
    )
    return ClipLayer(segment, Fraction(0), segment.transform)


def placed(clip_layer: ClipLayer, source: Source, canvas: tuple[int, int], output: tuple[int, int]) -> Placement:
    return place_clip(clip_layer, source, Canvas(*canvas), output)  # type: ignore[arg-type]


class TestPlaceClip:
    """Sizes at scale 1, by kind."""

    @pytest.mark.parametrize(
        ("content", "source", "size"),
        [
            (None, (640, 360), (1080, 607.5)),
            (Fill("f", 0, 0, ((1.0, 0.0, 0.0, 1.0),)), (1080, 1920), (1080, 1920)),
            (Fill("f", 100, 50, ((1.0, 0.0, 0.0, 1.0),)), (100, 50), (1080, 540)),
            (Shape("s", ((-100, 50), (100, 50), (0, -50)), (1.0, 1.0, 1.0, 1.0), None), (200, 100), (300, 150)),
            (Compound("c", "c", timeline(canvas_px=(800, 800))), (800, 800), (1080, 1080)),
        ],
        ids=["picture", "fill", "small fill", "shape", "compound"],
    )
    def test_of_contents(self, content: Content | None, source: Point, size: Point) -> None:
        placement = placed(layer(content), Source(*source), (1080, 1920), (1080, 1920))  # type: ignore[arg-type]
        assert placement.scaled_size_px == pytest.approx(size)

    @pytest.mark.parametrize(("kind", "size"), [("photo", (1080, 540)), ("gif", (1080, 540)), ("sticker", (540, 270))])
    def test_of_pictures(self, kind: str, size: Point) -> None:
        placement = placed(layer(kind=kind), Source(100, 50), (1080, 1920), (1080, 1920))
        assert placement.scaled_size_px == pytest.approx(size)

    @pytest.mark.parametrize(("kind", "width"), [("photo", 1080.0), ("sticker", 540.0)])
    def test_a_crop_is_contained_as_a_picture_is(self, kind: str, width: float) -> None:
        crop = Crop((0.1, 0.289), (0.9, 0.289), (0.1, 0.711), (0.9, 0.711))
        placement = placed(layer(kind=kind, crop=crop), Source(1080, 1920), (1080, 1920), (1080, 1920))
        assert placement.scaled_size_px == pytest.approx((width, width * (0.422 * 1920) / (0.8 * 1080)))

    @given(move=transforms)
    @settings(max_examples=50, deadline=None)
    def test_a_crop_of_everything_changes_nothing(self, move: Transform) -> None:
        whole = placed(layer(move=move), Source(640, 360), (500, 400), (250, 200))
        cropped = placed(layer(move=move, crop=Crop((0.0, 0.0), (1.0, 0.0))), Source(640, 360), (500, 400), (250, 200))
        assert whole == cropped == place_picture((640, 360), move, Canvas(500, 400), (250, 200))

    def test_coverage_is_the_crops_and_samples_are_the_pictures(self) -> None:
        """The upper left quarter shown on a canvas of the picture's size: twice as large, cut at its own sides."""
        crop = Crop((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
        placement = placed(layer(crop=crop), Source(640, 360), (640, 360), (640, 360))
        assert placement.covers(Box(0, 0, 640, 360))
        assert placement.whole_box() == Box(0, 0, 640, 360)
        assert placement.to_source(Box(2, 4, 10, 12)) == pytest.approx((0.5, 0, 1, 0, 0.5, 2))
        assert placement.to_picture(Box(2, 4, 10, 12)) == pytest.approx((0.5, 0, 1, 0, 0.5, 2))
        assert placement.picture_px == (640, 360)
        right = placed(
            layer(crop=Crop((0.5, 0.0), (1.0, 0.0), (0.5, 0.5), (1.0, 0.5))), Source(640, 360), (640, 360), (640, 360)
        )
        assert right.to_source(Box(0, 0, 2, 2)) == pytest.approx((0.5, 0, 0, 0, 0.5, 0))
        assert right.to_picture(Box(0, 0, 2, 2)) == pytest.approx((0.5, 0, 320, 0, 0.5, 0))


ODD_VALUES = [0.0, -0.0, 1e9, -1e9, 1e-12, 1e300, math.nan, math.inf, -math.inf]


class TestBadValues:
    """Nothing is drawn, or as much as fits; never an exception and never a size beyond output and source."""

    @given(
        move=st.builds(
            Transform,
            scale_x=st.sampled_from(ODD_VALUES) | st.floats(),
            scale_y=st.sampled_from([1.0, *ODD_VALUES]) | st.floats(),
            rotation_deg=st.sampled_from([0.0, 45.0, *ODD_VALUES]) | st.floats(),
            shift_x=st.sampled_from([0.0, 1e6, *ODD_VALUES]) | st.floats(),
            shift_y=st.sampled_from([0.0, -1e6, *ODD_VALUES]) | st.floats(),
        ),
        crop=st.builds(Crop, *[st.tuples(st.floats(), st.floats())] * 4)
        | st.builds(Crop, *[st.tuples(st.floats(-1, 2), st.floats(-1, 2))] * 4),
        moves=st.booleans(),
    )
    @settings(max_examples=400, deadline=None)
    def test_sizes_stay_bounded(self, move: Transform, crop: Crop, moves: bool) -> None:
        curves = (Curve("KFTypeScaleX", (Keyframe(0, 1.0),)),) if moves else ()
        clip_layer = layer(None, move, *curves, crop=crop)
        placement = placed(clip_layer, Source(640, 360), (500, 400), (250, 200))
        box = placement.bounds(250, 200)
        assert Box(0, 0, 250, 200).intersection(box) == box or box.is_empty
        assert not placement.is_degenerate or not placement.covers(Box(0, 0, 2, 2))
        if placement.is_degenerate:
            return
        width_px, height_px = sampling_size(placement, clip_layer.segment)
        assert 1 <= width_px <= 640
        assert 1 <= height_px <= 360
        found = visible_cut(clip_layer.segment, placement, (250, 200))
        if found is not None:
            part, size_px = found[1].part, found[1].size_px
            assert part.width_px <= 640 + 1024
            assert part.height_px <= 360 + 1024
            assert size_px[0] <= 250 + 1024
            assert size_px[1] <= 200 + 1024

    @pytest.mark.parametrize("name", ["scale_x", "scale_y", "rotation_deg", "shift_x", "shift_y"])
    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
    def test_what_is_no_number_is_nowhere(self, name: str, value: float) -> None:
        move = replace(Transform(), **{name: value})
        assert place_picture((640, 360), move, Canvas(640, 360), (640, 360)).is_degenerate


class TestSamplingSize:
    def size(self, move: Transform, *curves: Curve, source: Source | None = None, **material: object) -> Point:
        clip_layer = layer(None, move, *curves, **material)
        return sampling_size(placed(clip_layer, source or Source(640, 360), (640, 360), (640, 360)), clip_layer.segment)

    @pytest.mark.parametrize(
        ("scale", "size"),
        [(1.0, (640, 360)), (3.0, (640, 360)), (0.5, (320, 180)), (0.3001, (194, 110)), (1e-9, (2, 2))],
    )
    def test_it_is_what_the_output_shows(self, scale: float, size: Point) -> None:
        assert self.size(Transform(scale_x=scale, scale_y=scale)) == size
        assert self.size(Transform(scale_x=scale, scale_y=scale, rotation_deg=77.7, flip_x=True)) == size

    def test_each_side_by_itself(self) -> None:
        assert self.size(Transform(scale_x=0.25, scale_y=2.0, rotation_deg=30)) == (160, 360)

    @pytest.mark.parametrize(
        ("scale", "size"), [(0.9, (640, 360)), (0.5, (320, 180)), (0.49, (320, 180)), (0.2, (160, 90))]
    )
    def test_a_scale_that_moves_takes_halves(self, scale: float, size: Point) -> None:
        curve = Curve("KFTypeScaleX", (Keyframe(0, 1.0),))
        assert self.size(Transform(scale_x=scale, scale_y=scale), curve) == size

    def test_odd_pictures_stay_as_they_are(self) -> None:
        assert self.size(Transform(scale_x=2.0, scale_y=2.0), source=Source(321, 181)) == (321, 181)

    def test_a_crop_asks_for_more_of_the_picture(self) -> None:
        """Half of the picture on the whole canvas, at half size: the picture as large as the canvas."""
        crop = Crop((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
        assert self.size(Transform(scale_x=0.5, scale_y=0.5), crop=crop) == (640, 360)
        assert self.size(Transform(scale_x=0.25, scale_y=0.25), crop=crop) == (320, 180)

    def test_a_turned_crop_shrinks_along_the_pictures_own_sides(self) -> None:
        """A square crop turned by a quarter, twice as narrow as high in the output: that is the picture's height."""
        crop = Crop((0.5 + 0.25, 0.5 - 4 / 9), (0.5 + 0.25, 0.5 + 4 / 9), (0.25, 0.5 - 4 / 9), (0.25, 0.5 + 4 / 9))
        width, height = self.size(Transform(scale_x=0.25, scale_y=0.5), crop=crop)
        assert width / 640 == pytest.approx(2 * height / 360, abs=0.02)

    def test_perspective_is_at_no_corner_more_than_twice_too_large(self) -> None:
        crop = Crop((0.4, 0.0), (0.6, 0.0), (0.0, 1.0), (1.0, 1.0))
        width, height = self.size(Transform(scale_x=0.1, scale_y=0.1), crop=crop)
        clip_layer = layer(None, Transform(scale_x=0.1, scale_y=0.1), crop=crop)
        placement = placed(clip_layer, Source(640, 360), (640, 360), (640, 360))
        a, _, _, _, e, _ = placement.to_output
        assert placement.window is not None
        steps = [
            placement.window.steps_at(x * placement.width_px, y * placement.height_px, (1 / a, 0.0, 0.0, 1 / e))
            for x in (0, 1)
            for y in (0, 1)
        ]
        assert 1.0 <= max((width - 2) / 640 * across for across, _ in steps) <= 2.0
        assert 1.0 <= max((height - 2) / 360 * along for _, along in steps) <= 2.0

    def test_a_shape_is_drawn_as_large_as_it_is_shown(self) -> None:
        shape = Shape("s", ((-100, 50), (100, 50), (0, -50)), (1.0, 1.0, 1.0, 1.0), None)
        for scale, size in ((1.0, (300, 150)), (0.5, (150, 76)), (3.0, (900, 450)), (100.0, (2048, 2048))):
            clip_layer = layer(shape, Transform(scale_x=scale, scale_y=scale))
            placement = placed(clip_layer, Source(200, 100), (1080, 1920), (1080, 1920))
            assert sampling_size(placement, clip_layer.segment) == size


class TestCroppedPlacement:
    @given(move=transforms)
    @settings(max_examples=60, deadline=None)
    def test_another_resolution_lies_in_the_same_place(self, move: Transform) -> None:
        crop = Crop((0.1, 0.05), (0.8, 0.2), (0.15, 0.9), (0.95, 0.85))
        placement = placed(layer(None, move, crop=crop), Source(640, 360), (500, 400), (250, 200))
        half = placement.resampled(160, 180)
        box = Box(10, 20, 30, 40)
        assert half.to_source(box) == placement.to_source(box)
        assert (half.width_px, half.height_px) == (placement.width_px, placement.height_px)
        rows, halves = placement.to_picture(box), half.to_picture(box)
        assert halves == pytest.approx((*(0.25 * n for n in rows[:3]), *(0.5 * n for n in rows[3:6]), *rows[6:]))

    def test_axes_of_an_upright_crop(self) -> None:
        window = Window(160.0, 90.0, (640, 360), (1.0, 0.0, 80.0, 0.0, 1.0, 22.5))
        placement = Placement(160.0, 90.0, (2.0, 0.0, 10.0, 0.0, 3.0, 20.0), window)
        assert placement.upright_axes() == ((2.0, 10.0 - 160.0), (3.0, 20.0 - 67.5))
        assert replace(placement, to_output=(-2.0, 0.0, 10.0, 0.0, 3.0, 20.0)).upright_axes() is None
        turned = Window(160.0, 90.0, (640, 360), (1.0, 0.1, 80.0, -0.1, 1.0, 22.5))
        assert replace(placement, window=turned).upright_axes() is None
