"""What swings, against formulas and loops over samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cutfarm.render.sound.effects.modulations import chorus, phaser, ringmod, tremolo, vibrato, wow
from kernels.sound import Doubles, Samples
from tests.render.sound.effects.listening import RATE_HZ, heard, impulse, noise, rms, sine

PLACES = np.arange(RATE_HZ)


def frequencies(samples: Samples) -> Doubles:
    """Instantaneous frequency of a tone, Hz, without its edges."""
    wave = samples[0].astype(np.float64)
    spectrum = np.fft.fft(wave)
    spectrum[len(wave) // 2 :] = 0
    phase = np.unwrap(np.angle(np.fft.ifft(spectrum)))
    found: Doubles = np.diff(phase)[3000:-3000] * RATE_HZ / (2 * np.pi)
    return found


def test_vibrato_swings_the_pitch_by_semitones() -> None:
    found = frequencies(heard(vibrato, sine(2 * RATE_HZ, 1000), rate=6, depth=1.0))
    share = 2 ** (1 / 12) - 1
    assert found.max() == pytest.approx(1000 * (1 + share), rel=0.003)
    assert found.min() == pytest.approx(1000 * (1 - share), rel=0.003)
    assert found.mean() == pytest.approx(1000, rel=0.003)


@pytest.mark.parametrize(("rate", "depth"), [(1.3, 0.05), (0.7, 0.02)])
def test_wow_swings_the_speed_by_a_share(rate: float, depth: float) -> None:
    found = frequencies(heard(wow, sine(4 * RATE_HZ, 1000), rate=rate, depth=depth))
    assert found.max() == pytest.approx(1000 * (1 + depth), rel=0.001)
    assert found.min() == pytest.approx(1000 * (1 - depth), rel=0.001)


def test_vibrato_is_its_formula() -> None:
    got = heard(vibrato, sine(RATE_HZ, 3000), rate=5, depth=0.5)[0]
    swing_s = 0.5 * (2 ** (1 / 12) - 1) / (2 * math.pi * 5)
    at_s = PLACES / RATE_HZ + swing_s * np.sin(2 * np.pi * 5 * PLACES / RATE_HZ)
    wanted = 0.5 * np.sin(2 * np.pi * 3000 * at_s)
    np.testing.assert_allclose(got[100:-100], wanted[100:-100], atol=2e-4)


def test_tremolo_is_its_formula() -> None:
    samples = noise(RATE_HZ)
    got = heard(tremolo, samples, rate=7, depth=0.8)
    gain = 1 - 0.8 * (0.5 - 0.5 * np.cos(2 * np.pi * 7 * PLACES / RATE_HZ))
    np.testing.assert_allclose(got, samples * gain, atol=1e-6)


def test_a_ring_modulator_is_its_formula() -> None:
    samples = noise(RATE_HZ)
    got = heard(ringmod, samples, hz=50)
    np.testing.assert_allclose(got, samples * np.sin(2 * np.pi * 50 * PLACES / RATE_HZ), atol=1e-6)


def test_a_chorus_sounds_after_the_sound_itself() -> None:
    at = 5000
    got = heard(chorus, impulse(12_000, at), rate=2, depth=0.5)
    assert got[:, at] == pytest.approx(math.sqrt(0.75), abs=1e-6)
    late = np.abs(got)
    late[:, at] = 0.0
    sounding_s = np.flatnonzero(late.max(0) > 1e-3) / RATE_HZ - at / RATE_HZ
    assert sounding_s.min() > 0.014
    assert sounding_s.max() < 0.026
    assert np.abs(got[0] - got[1]).max() > 0.1


def test_a_chorus_keeps_the_loudness() -> None:
    assert rms(heard(chorus, noise(RATE_HZ))) == pytest.approx(0.1, rel=0.05)


def test_a_phaser_is_its_recursion() -> None:
    samples, rate, depth = noise(6000), 1.0, 0.9
    wave = samples[1].astype(np.float64)
    swing = 0.5 - 0.5 * np.cos(2 * np.pi * rate * np.arange(6000) / RATE_HZ)
    slope = np.tan(np.pi * 300 * 8**swing / RATE_HZ)
    coefficient = (slope - 1) / (slope + 1)
    passed = wave.tolist()
    for _ in range(4):
        earlier_in = earlier_out = 0.0
        for place, value in enumerate(passed):
            earlier_out = coefficient[place] * value + earlier_in - coefficient[place] * earlier_out
            earlier_in, passed[place] = value, earlier_out
    wanted = (1 - depth / 2) * wave + depth / 2 * np.array(passed)
    np.testing.assert_allclose(heard(phaser, samples, rate=rate, depth=depth)[1], wanted, atol=1e-6)


def test_swings_of_depth_nothing_leave_the_sound() -> None:
    samples = noise(10_000)
    for op in (vibrato, wow, tremolo, phaser):
        np.testing.assert_allclose(heard(op, samples, depth=0), samples, atol=1e-6)
