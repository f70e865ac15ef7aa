"""Noise for any place: its power, its colour, its independence of where it is begun."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.sound import Doubles
from kernels.sound_drops import EVEN, MOSTLY_FAINT, Strengths, drops, rung, struck
from kernels.sound_noise import STEP, Place, coloured, wandering
from kernels.sound_passing import passing

RATE_HZ = 48_000
PLACE = Place(11, RATE_HZ, 0, 200 * STEP)


def rms(sound: Doubles) -> float:
    return float(np.sqrt(np.square(sound).mean()))


@pytest.mark.parametrize("power", [0.0, -1.0, 0.5])
def test_colour_has_an_rms_of_one_and_the_slope_asked(power: float) -> None:
    shape = (PLACE.bin_hz + 50.0) ** power
    sound = coloured(PLACE, shape)
    assert rms(sound) == pytest.approx(1.0, rel=0.01)
    spectrum = np.square(np.abs(np.fft.rfft(sound.reshape(-1, 4096) * np.hanning(4096), axis=1))).mean(0)
    low, high = spectrum[80:90].mean(), spectrum[1600:1700].mean()
    slope = 10 * np.log10(high / low)
    assert slope == pytest.approx(
        20 * power * np.log10((1650 * RATE_HZ / 4096 + 50) / (85 * RATE_HZ / 4096 + 50)), abs=0.7
    )


def test_a_colour_may_change_from_frame_to_frame() -> None:
    frames = len(PLACE.frame_seconds)
    shape = np.where(np.arange(frames)[:, None] < frames // 2, PLACE.bin_hz < 1000, PLACE.bin_hz > 5000).astype(float)
    sound = coloured(PLACE, shape)
    first, second = (np.abs(np.fft.rfft(part)) for part in np.split(sound, 2))
    assert np.argmax(first) / len(first) < 1000 / 24_000
    assert np.argmax(second) / len(second) > 4900 / 24_000


@pytest.mark.parametrize(("first", "count"), [(0, 1), (7, 5), (150, 50)])
def test_a_part_is_the_part_of_the_whole(first: int, count: int) -> None:
    part = Place(11, RATE_HZ, first * STEP, count * STEP)
    inside = slice(first * STEP, (first + count) * STEP)
    shape = np.ones_like(PLACE.bin_hz)
    sounds = np.stack((rung(1000.0, 0.01, RATE_HZ, 0.02), rung(3000.0, 0.01, RATE_HZ, 0.02)))
    np.testing.assert_allclose(coloured(part, shape), coloured(PLACE, shape)[inside], atol=1e-9)
    np.testing.assert_allclose(drops(part, 90.0, sounds, EVEN), drops(PLACE, 90.0, sounds, EVEN)[:, inside], atol=1e-9)
    np.testing.assert_allclose(passing(part), passing(PLACE)[:, inside], atol=1e-9)


def test_salt_makes_another_sound_of_the_same_place() -> None:
    shape = np.ones_like(PLACE.bin_hz)
    one, other = coloured(PLACE, shape), coloured(PLACE.salted(1), shape)
    assert abs(np.mean(one * other)) < 0.02


@pytest.mark.parametrize("strengths", [EVEN, MOSTLY_FAINT])
def test_the_mean_square_of_strengths_is_theirs(strengths: Strengths) -> None:
    chance = (np.arange(100_000) + 0.5) / 100_000
    assert np.mean(np.square(strengths.of(chance))) == pytest.approx(strengths.mean_square, rel=1e-3)
    assert strengths.of(chance).max() <= 3.0


@pytest.mark.parametrize("per_s", [20.0, 200.0, 2000.0])
def test_drops_fall_as_often_as_asked_with_an_rms_of_one(per_s: float) -> None:
    place = Place(4, RATE_HZ, 0, 20 * RATE_HZ // STEP * STEP)
    tick = np.ones((1, 1))
    sound = drops(place, per_s, tick, EVEN)
    assert rms(sound) == pytest.approx(1.0, rel=0.12)
    fallen = np.count_nonzero(np.abs(sound).max(0) > 1e-6)
    assert fallen == pytest.approx(per_s * place.count / RATE_HZ, rel=0.15)


def test_struck_sounds_begin_where_they_should_even_before_the_place() -> None:
    sounds = np.array([[1.0, 0.5, 0.25], [0.0, -1.0, 0.0]])
    place = Place(0, RATE_HZ, 2 * STEP, STEP)
    at = 2 * STEP + np.array([-1, 10, 10, STEP - 1, STEP, -3 + 0])
    kind = np.array([0, 0, 1, 0, 0, 0])
    sides = np.array([[1.0, 1.0, 1.0, 1.0, 9.0, 9.0], [0.0, 2.0, 0.0, 0.0, 9.0, 9.0]])
    heard = struck(place, at, kind, sides, sounds)
    expected = np.zeros((2, STEP))
    expected[0, :2] = (0.5, 0.25)
    expected[0, 10:13] = (1.0, -0.5, 0.25)
    expected[1, 10:13] = (2.0, 1.0, 0.5)
    expected[0, STEP - 1] = 1.0
    np.testing.assert_allclose(heard, expected, atol=1e-9)


def test_wandering_is_smooth_even_and_the_same_from_anywhere() -> None:
    at = np.linspace(0, 5000, 500_001)
    chance = wandering(3, at)
    assert abs(chance.mean()) < 0.05
    assert np.abs(chance).max() <= 1
    assert np.abs(np.diff(chance)).max() < 0.05
    np.testing.assert_allclose(wandering(3, at[1234:2345]), chance[1234:2345], atol=1e-12)
    assert len(wandering(3, at[:0])) == 0


def test_cars_have_a_mean_square_of_one() -> None:
    long = Place(5, 1000, 0, 600 * 1000 // STEP * STEP)
    assert rms(passing(long)) == pytest.approx(1.0, rel=0.08)
