from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline.curves import transform_at, value_at, volume_at
from cutfarm.timeline.model import Curve, Keyframe, PictureMaterial, PictureSegment, Transform
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
