from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline.curves import as_lines, mask_at, transform_at, value_at, volume_at
from cutfarm.timeline.model import Curve, Handle, Keyframe, Mask, PictureMaterial, PictureSegment, Transform
from cutfarm.timeline.time import TimeRange

FILM = PictureMaterial("film", "video", "film", "film.mp4", 640, 360, 0, has_audio=True)


def curve(property_, *keys):
    return Curve(property_, tuple(Keyframe(at, value) for at, value in keys))


def clip(*curves, **more):
    span = TimeRange(0, 100)
    return PictureSegment(id="c", target=span, source=span, rate=Fraction(1), material=FILM, curves=curves, **more)


def test_straight_between_keys_and_held_outside():
    ramp = curve("KFTypeAlpha", (10, 1.0), (20, 3.0), (40, -1.0))
    times = [-5, 10, 15, Fraction(35, 2), 20, 30.0, 40, 99]
    assert [value_at(ramp, at) for at in times] == [1.0, 1.0, 2.0, 2.5, 3.0, 1.0, -1.0, -1.0]


def test_one_key_is_a_constant():
    assert value_at(curve("KFTypeAlpha", (10, 0.25)), 3) == 0.25


@given(st.dictionaries(st.integers(-1000, 1000), st.floats(-10, 10), min_size=1, max_size=8), st.integers(-1200, 1200))
def test_never_beyond_its_keys(keys, at):
    values = [keys[time] for time in sorted(keys)]
    assert min(values) - 1e-9 <= value_at(curve("x", *sorted(keys.items())), at) <= max(values) + 1e-9


def test_without_curves_the_still_transform():
    still = Transform(alpha=0.5, shift_x=0.1)
    assert transform_at(clip(transform=still), 7) is still


def test_a_keyed_property_takes_the_place_of_the_still_one():
    still = Transform(alpha=0.5, scale_x=2, scale_y=3, rotation_deg=5, shift_x=0.1, shift_y=0.2, flip_x=True)
    moved = transform_at(clip(curve("KFTypePositionX", (0, 0.0), (10, 1.0)), transform=still), 5)
    assert moved == Transform(0.5, 2, 3, 5, 0.5, 0.2, flip_x=True)


@pytest.mark.parametrize(
    ("curves", "uniform", "scales"),
    [
        ([curve("KFTypeScaleX", (0, 4.0))], True, (4, 4)),
        ([curve("KFTypeScaleX", (0, 4.0))], False, (4, 3)),
        ([curve("KFTypeScaleY", (0, 4.0))], True, (2, 4)),
        ([curve("KFTypeScaleX", (0, 4.0)), curve("KFTypeScaleY", (0, 5.0))], True, (4, 5)),
        ([curve("KFTypeScale", (0, 4.0))], False, (4, 4)),
        ([curve("KFTypeScaleX", (0, 1e6))], True, (1000, 1000)),
        ([curve("KFTypeScaleX", (0, -1.0))], True, (0, 0)),
        ([curve("KFTypeRotation", (0, 90.0))], True, (2, 3)),
    ],
)
def test_scales(curves, uniform, scales):
    moved = transform_at(clip(*curves, uniform_scale=uniform, transform=Transform(scale_x=2, scale_y=3)), 0)
    assert (moved.scale_x, moved.scale_y) == scales


@pytest.mark.parametrize("name", ["KFTypeAlpha", "KFTypeGlobalAlpha"])
def test_opacity_stays_in_range(name):
    assert transform_at(clip(curve(name, (0, 7.0))), 0).alpha == 1.0
    assert transform_at(clip(curve(name, (0, -7.0))), 0).alpha == 0.0


def test_volume():
    assert volume_at(clip(volume=0.5), 3) == 0.5
    assert volume_at(clip(curve("KFTypeVolume", (0, 0.0), (10, 1.0)), volume=0.5), 5) == 0.5
    assert volume_at(clip(curve("KFTypeVolume", (0, 99.0))), 5) == 10


def bisected(left, right, at_us):
    """The Bézier through two keys at a time, by halving."""
    after, before = left.after or Handle(0, 0), right.before or Handle(0, 0)
    xs = (left.at_us, left.at_us + after.dx_us, right.at_us + before.dx_us, right.at_us)
    ys = (left.value, left.value + after.dy, right.value + before.dy, right.value)

    def cubic(u, points):
        return sum(
            w * p for w, p in zip(((1 - u) ** 3, 3 * u * (1 - u) ** 2, 3 * u * u * (1 - u), u**3), points, strict=True)
        )

    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if cubic(middle, xs) < at_us else (low, middle)
    return cubic(low, ys)


EASINGS = [
    (Handle(320_000, 0.94), Handle(-400_000, 0)),
    (Handle(500_000, 0), None),
    (None, Handle(-900_000, 0.7)),
    (Handle(700_000, 2.0), Handle(-600_000, 1.5)),
]


@pytest.mark.parametrize(("after", "before"), EASINGS)
def test_eased_between_keys(after, before):
    keys = Keyframe(2_000_000, -1.0, after=after), Keyframe(3_000_000, 0.5, before=before)
    eased = Curve("KFTypeRotation", keys)
    for at_us in range(2_000_000, 3_000_001, 6_250):
        assert abs(value_at(eased, at_us) - bisected(*keys, at_us)) <= 1e-6
    assert (value_at(eased, 0), value_at(eased, 5_000_000)) == (-1.0, 0.5)


def test_handles_on_the_outer_sides_do_nothing():
    keys = (Keyframe(0, 0.0, before=Handle(-5, 9.0)), Keyframe(10, 1.0, after=Handle(5, 9.0)))
    assert [value_at(Curve("x", keys), at) for at in (-3, 5, 12)] == [0.0, 0.5, 1.0]


def test_opacity_that_eases_beyond_its_keys_stays_in_range():
    keys = (Keyframe(0, 0.5, after=Handle(3, 3.0)), Keyframe(10, 1.0, before=Handle(-3, 3.0)))
    eased = Curve("KFTypeAlpha", keys)
    assert value_at(eased, 5) > 2
    assert transform_at(clip(eased), 5).alpha == 1.0


def test_lines_that_stand_for_a_curve():
    keys = (
        Keyframe(0, 0.0, after=Handle(320, 0.94)),
        Keyframe(1000, 1.0, before=Handle(-400, 0.0)),
        Keyframe(2000, 0.0),
    )
    eased = Curve("KFTypeVolume", keys)
    points = as_lines(eased)
    assert points[-1] == (2000, 0.0)
    assert len(points) == 66
    for at in range(0, 2000, 7):
        (a, low), (b, high) = next(two for two in pairwise(points) if two[0][0] <= at <= two[1][0])
        assert low + (high - low) * (at - a) / (b - a) == pytest.approx(value_at(eased, at), abs=1e-3)


class TestMask:
    def at(self, *curves, **still):
        return mask_at(clip(mask=Mask("circle", **{"width": 0.5, "height": 0.25, **still}, curves=curves)), 5)

    def test_scale_drives_width_and_height(self):
        mask = self.at(curve("KFTypeCommonMaskScale", (0, 1.0), (10, 3.0)))
        assert (mask.width, mask.height, mask.curves) == (1.0, 0.5, ())

    def test_scale_of_a_keyed_width(self):
        mask = self.at(curve("KFTypeCommonMaskScale", (0, 2.0)), curve("KFTypeCommonMaskSizeWidth", (0, 0.1)))
        assert (mask.width, mask.height) == (0.2, 0.5)

    def test_keyed_fields_stay_in_range(self):
        mask = self.at(curve("KFTypeCommonMaskFeather", (0, 7.0)), curve("KFTypeCommonMaskScale", (0, -1.0)))
        assert (mask.feather, mask.width, mask.height) == (1.0, 0.0, 0.0)
