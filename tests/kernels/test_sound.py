"""Gains and places in the stereo field against formulas in float64."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import sound
from kernels.sound import Doubles, Samples


def db(ratio: Doubles) -> Doubles:
    return 20 * np.log10(ratio)


def doubles(*values: float) -> Doubles:
    return np.array(values, np.float64)


def noise(count: int, level: float = 1.0, seed: int = 7) -> Samples:
    return np.random.default_rng(seed).standard_normal((2, count), np.float32) * np.float32(level)


def power(samples: Samples) -> float:
    return float((samples.astype(np.float64) ** 2).sum())


def test_fades_are_straight_lines_from_the_edges() -> None:
    at = np.linspace(0, 10, 4001, endpoint=False)
    got = sound.fade_gain(at, 10.0, 2.0, 3.0)
    wanted = np.minimum(np.minimum(at / 2.0, (10.0 - at) / 3.0), 1.0)
    loud = wanted > 1e-6
    assert np.abs(db(got[loud] / wanted[loud])).max() < 1e-9
    assert (sound.fade_gain(at, 10.0, 0.0, 0.0) == 1.0).all()


def test_fades_that_meet_are_multiplied() -> None:
    assert sound.fade_gain(doubles(5.0), 10.0, 10.0, 10.0).item() == 0.25


def test_beyond_a_fade_there_is_nothing() -> None:
    assert sound.fade_gain(doubles(-1.0, 0.0, 10.0, 11.0), 10.0, 1.0, 1.0).tolist() == [0.0] * 4


@pytest.mark.parametrize("gain", [0.5, np.linspace(0, 10, 100)], ids=["number", "envelope"])
def test_a_gain_is_what_float64_makes_of_it(gain: float | Doubles) -> None:
    samples = noise(100)
    wanted = samples.astype(np.float64) * gain
    np.testing.assert_allclose(sound.scaled(samples.copy(), gain), wanted, rtol=2e-7)


def test_a_gain_of_one_passes_bit_for_bit() -> None:
    samples = noise(100)
    np.testing.assert_array_equal(sound.scaled(samples.copy(), 1.0), samples)


class TestPanning:
    @pytest.mark.parametrize("is_mono", [True, False])
    def test_the_middle_changes_nothing(self, is_mono: bool) -> None:
        samples = noise(100)
        np.testing.assert_allclose(sound.panned(samples, doubles(0.0), is_mono=is_mono), samples, rtol=1e-6)

    @pytest.mark.parametrize("pan", [-1.0, -0.7, -0.2, 0.3, 0.6, 1.0])
    def test_a_mono_sound_keeps_its_power_and_moves(self, pan: float) -> None:
        samples = np.repeat(noise(4_000)[:1], 2, 0)
        got = sound.panned(samples, doubles(pan), is_mono=True)
        assert db(doubles(power(got) / power(samples))).item() == pytest.approx(0.0, abs=1e-5)
        left, right = (power(side) for side in got)
        assert (left > right) == (pan < 0)
        assert np.arctan2(np.sqrt(right), np.sqrt(left)) == pytest.approx((pan + 1) * np.pi / 4)

    @pytest.mark.parametrize("side", [-1, 1])
    def test_a_stereo_sound_loses_nothing_on_the_way_to_a_side(self, side: int) -> None:
        samples = noise(100)
        got = sound.panned(samples, doubles(side), is_mono=False)
        here, there = (0, 1) if side < 0 else (1, 0)
        np.testing.assert_allclose(got[here], samples.sum(0), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(got[there], 0.0, atol=1e-6)

    def test_half_way_is_the_formula(self) -> None:
        left, right = samples = noise(100)
        got = sound.panned(samples, doubles(0.5), is_mono=False)
        root = np.sqrt(0.5)
        np.testing.assert_allclose(got, np.stack((left * root, right + left * root)), rtol=1e-5, atol=1e-6)

    @pytest.mark.parametrize("is_mono", [True, False])
    def test_a_moving_pan_is_the_still_ones_one_after_another(self, is_mono: bool) -> None:
        samples, pans = noise(9), np.linspace(-1, 1, 9)
        got = sound.panned(samples, pans, is_mono=is_mono)
        for place, pan in enumerate(pans):
            still = sound.panned(samples[:, place : place + 1], doubles(pan), is_mono=is_mono)
            np.testing.assert_allclose(got[:, place : place + 1], still, rtol=1e-6, atol=1e-7)
