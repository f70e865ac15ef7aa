"""Short spectra and back, bands of the ear, steady tones."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.sound_bands import band_shares, bin_hz
from kernels.sound_frames import CHANCE_GAIN, HOP, REACH, joined, spectra
from kernels.sound_wave import period, tone


def test_there_and_back_is_the_same() -> None:
    window = np.random.default_rng(1).standard_normal((2, 2 * REACH + 9 * HOP)).astype(np.float32)
    frames = spectra(window)
    assert frames.shape[:2] == (2, 12)
    np.testing.assert_allclose(joined(frames), window[:, REACH:-REACH], atol=1e-6)


def test_phases_of_chance_keep_the_power() -> None:
    chance = np.random.default_rng(2)
    window = chance.standard_normal((1, 2 * REACH + 400 * HOP))
    frames = spectra(window)
    turned = np.abs(frames) * np.exp(2j * np.pi * chance.uniform(size=frames.shape))
    assert np.square(joined(turned * CHANCE_GAIN)).mean() == pytest.approx(1.0, rel=0.05)


@pytest.mark.parametrize("bands", [4, 16, 40])
@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_every_bin_is_shared_out_and_bands_rise(bands: int, rate_hz: int) -> None:
    shares = band_shares(bands, rate_hz)
    np.testing.assert_allclose(shares.sum(1), 1.0)
    assert shares.min() >= 0
    middles = (shares * bin_hz(rate_hz)[:, None]).sum(0) / np.maximum(shares.sum(0), 1e-9)
    present = shares.sum(0) > 0.5
    assert (np.diff(middles[present]) > 0).all()


@pytest.mark.parametrize("hz", [50.0, 110.3, 523.25])
def test_a_tone_is_the_sum_of_its_harmonics(hz: float) -> None:
    amplitudes = np.array([1.0, 0.5, 0.0, 0.25])
    table = period(amplitudes)
    heard = tone(table, hz, 48_000, -500, 48_500)
    at = np.arange(-500, 48_000) / 48_000
    wave = sum(level * np.sin(2 * np.pi * hz * part * at) for part, level in enumerate(amplitudes, 1))
    expected = wave / np.sqrt(np.square(amplitudes).sum() / 2)
    np.testing.assert_allclose(heard, expected, atol=1e-5)


def test_a_late_place_is_as_exact_as_the_first() -> None:
    table = period(np.ones(1))
    hour = 3600 * 48_000
    np.testing.assert_allclose(tone(table, 441.0, 48_000, hour, 2000), tone(table, 441.0, 48_000, 0, 2000), atol=1e-5)
