"""Envelopes against numpy's own in float64, and what the limiter promises."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import sound
from kernels.sound import Doubles, Samples

REACH = sound.LIMITER_REACH


def db(ratio: Doubles) -> Doubles:
    return 20 * np.log10(ratio)


def doubles(*values: float) -> Doubles:
    return np.array(values, np.float64)


def noise(count: int, level: float = 1.0, seed: int = 7) -> Samples:
    return np.random.default_rng(seed).standard_normal((2, count), np.float32) * np.float32(level)


@given(
    points=st.lists(st.integers(-1000, 1000), min_size=1, max_size=6, unique=True),
    seed=st.integers(0, 2**31),
)
@settings(max_examples=50, deadline=None)
def test_a_line_through_points_is_numpys(points: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    points.sort()
    values = rng.uniform(0, 10, len(points))
    at = rng.uniform(-1500, 1500, 200)
    got = sound.piecewise_linear(at, doubles(*points), values)
    np.testing.assert_allclose(got, np.interp(at, points, values), atol=1e-12)


def test_two_points_at_one_instant_are_a_step() -> None:
    points, values = doubles(0.0, 1.0, 1.0, 2.0), doubles(0.0, 0.0, 5.0, 5.0)
    got = sound.piecewise_linear(doubles(0.999, 1.0, 1.5), points, values)
    assert got.tolist() == [0.0, 5.0, 5.0]


def test_a_step_at_an_end_holds_its_outer_value() -> None:
    points, values = doubles(0.0, 0.0, 1.0, 1.0), doubles(1.0, 2.0, 3.0, 4.0)
    got = sound.piecewise_linear(doubles(-1.0, 0.0, 0.5, 1.0, 2.0), points, values)
    assert got.tolist() == [1.0, 2.0, 2.5, 4.0, 4.0]


def test_fades_are_straight_lines_from_the_edges() -> None:
    at = np.linspace(0, 10, 4001, endpoint=False)
    got = sound.fade_gain(at, 10.0, 2.0, 3.0)
    wanted = np.minimum(np.minimum(at / 2.0, (10.0 - at) / 3.0), 1.0)
    loud = wanted > 1e-6
    assert np.abs(db(got[loud] / wanted[loud])).max() < 1e-9
    assert (sound.fade_gain(at, 10.0, 0.0, 0.0) == 1.0).all()


def test_fades_that_meet_are_multiplied() -> None:
    assert sound.fade_gain(doubles(5.0), 10.0, 10.0, 10.0).item() == 0.25


@pytest.mark.parametrize("gain", [1.0, 0.5, np.linspace(0, 1, 100)], ids=["one", "number", "envelope"])
def test_adding_touches_its_place_only(gain: float | Doubles) -> None:
    total, part = np.ones((2, 300), np.float32), noise(100)
    sound.add_at(total, part, 50, gain)
    assert (total[:, :50] == 1).all()
    assert (total[:, 150:] == 1).all()
    wanted = (1 + part.astype(np.float64) * gain).astype(np.float32)
    np.testing.assert_array_equal(total[:, 50:150], wanted)


def test_what_does_not_clip_passes_bit_for_bit() -> None:
    samples = np.random.default_rng(7).uniform(-1, 1, (2, sound.HOP * 200)).astype(np.float32)
    samples[:, 5000] = 1.0, -1.0
    np.testing.assert_array_equal(sound.limited(samples), samples[:, REACH:-REACH])


@pytest.mark.parametrize("level", [0.5, 3.0])
def test_nothing_leaves_above_the_ceiling(level: float) -> None:
    samples = noise(sound.HOP * 400, level)
    limited = sound.limited(samples)
    assert limited.dtype == np.float32
    assert limited.shape[1] == samples.shape[1] - 2 * REACH
    assert np.abs(limited).max() <= 1.0
    # It turns down, it does not cut off: hardly a sample sits on the ceiling.
    assert (np.abs(limited) == 1.0).sum() < limited.size / 200


@pytest.mark.parametrize("level", [2.0, -2.0])
def test_a_peak_turns_down_its_neighbourhood_alone_and_both_channels_alike(level: float) -> None:
    samples = np.full((2, sound.HOP * 300), 0.1, np.float32)
    peak = 9999
    samples[0, peak] = level
    limited, untouched = sound.limited(samples), samples[:, REACH:-REACH]
    changed = np.flatnonzero((limited != untouched).any(0))
    assert np.abs(changed - (peak - REACH)).max() <= REACH
    assert limited[0, peak - REACH] == pytest.approx(np.sign(level), abs=1e-6)
    gain = limited / untouched
    np.testing.assert_allclose(gain[0], gain[1], rtol=1e-6)
    assert np.abs(np.diff(gain[1])).max() < 1e-3


def test_pieces_on_the_hop_grid_agree_with_the_whole() -> None:
    samples = noise(sound.HOP * 600, 0.6)
    whole = sound.limited(samples)
    cut = sound.HOP * 250
    left = sound.limited(samples[:, : cut + REACH])
    right = sound.limited(samples[:, cut - REACH :])
    np.testing.assert_allclose(np.concatenate((left, right), 1), whole, rtol=1.3e-6)
