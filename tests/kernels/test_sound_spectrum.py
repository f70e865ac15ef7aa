"""Frames that add up, peaks of what is known to be there, and envelopes that move."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import sound_spectrum as spectrum
from kernels.sound import Doubles, Samples
from kernels.sound_spectrum import BINS, FRAME, HOP


def powers_of(samples: Doubles) -> Samples:
    return spectrum.power(spectrum.spectra(np.stack((samples, samples)).astype(np.float32)))


def test_frames_a_hop_apart_add_up_to_what_they_were_cut_from() -> None:
    samples = np.random.default_rng(2).standard_normal((2, 8 * FRAME)).astype(np.float32)
    total = np.zeros_like(samples)
    for first in range(0, samples.shape[1] - FRAME + 1, HOP):
        frame = samples[:, first : first + FRAME]
        total[:, first : first + FRAME] += spectrum.pieces(spectrum.spectra(frame))
    np.testing.assert_allclose(total[:, FRAME:-FRAME], samples[:, FRAME:-FRAME], atol=5e-6)


def test_power_is_of_both_channels() -> None:
    samples = np.random.default_rng(3).standard_normal((2, FRAME)).astype(np.float32)
    left, right = (spectrum.power(spectrum.spectra(row[None])) for row in samples)
    np.testing.assert_allclose(spectrum.power(spectrum.spectra(samples)), left + right, rtol=1e-5)


def test_partials_are_peaks_that_stand_out() -> None:
    bins = np.array([20.3, 61.0, 140.5, 900.8])
    samples = np.sin(2 * np.pi * bins[:, None] * np.arange(FRAME) / FRAME).sum(0)
    noise = np.random.default_rng(4).standard_normal(FRAME) * 1e-3
    powers = powers_of(samples + noise)
    at = spectrum.peaks(powers)
    tonal = at[spectrum.are_tonal(powers, at) & (powers[at] > 1)]
    assert np.abs(tonal - bins).max() <= 0.5
    assert spectrum.widths(at).sum() == BINS
    assert (spectrum.widths(at) > 0).all()


def test_peaks_of_noise_do_not_stand_out() -> None:
    powers = powers_of(np.random.default_rng(5).standard_normal(FRAME))
    at = spectrum.peaks(powers)
    assert len(at) > 200
    assert np.mean(spectrum.are_tonal(powers, at)) < 0.1


def test_silence_has_no_peaks() -> None:
    assert len(spectrum.peaks(powers_of(np.zeros(FRAME)))) == 0


def test_bands_take_in_every_bin_once() -> None:
    assert spectrum.band_sums(np.ones(BINS, np.float32)).sum() == BINS
    np.testing.assert_allclose(spectrum.over_bins(spectrum.band_sums(np.zeros(BINS, np.float32)) + 3), 3.0)


def voice(period: int) -> tuple[Doubles, Doubles]:
    """Harmonics under hills in decibels, and the bins of the harmonics."""
    bins = np.arange(1, 380 // (FRAME / period)) * FRAME / period
    angle = 2 * np.pi * bins[:, None] * np.arange(FRAME) / FRAME + np.square(np.arange(len(bins)))[:, None]
    return (10 ** (hills_db(bins) / 20) * np.sin(angle).T).sum(1), bins


def hills_db(bins: Doubles) -> Doubles:
    middles = np.array([[70.0], [170.0], [290.0]])
    levels: Doubles = 24 * np.exp(-np.square((bins - middles) / 30)).sum(0) - 24
    return levels


@pytest.mark.parametrize("period", [400, 300, 180])
@pytest.mark.parametrize("ratio", [0.8, 1.25])
def test_an_envelope_moves_and_harmonics_stay(period: int, ratio: float) -> None:
    samples, bins = voice(period)
    powers = powers_of(samples)
    gain = spectrum.warp_gain(powers, ratio)
    inner = bins[(bins > 60) & (bins < 250)]
    wanted = hills_db(inner / ratio) - hills_db(inner)
    got = 20 * np.log10(gain[np.round(inner).astype(int)])
    error = (got - got.mean()) - (wanted - wanted.mean())
    assert np.sqrt(np.mean(np.square(error))) < 4
    assert np.sqrt(np.mean(np.square(wanted - wanted.mean()))) > 6
    assert float((powers * np.square(gain)).sum()) == pytest.approx(float(powers.sum()), rel=1e-3)


def test_an_envelope_that_does_not_move_changes_nothing() -> None:
    powers = powers_of(voice(300)[0])
    np.testing.assert_allclose(spectrum.warp_gain(powers, 1.0), 1.0, atol=1e-5)


def test_silence_may_be_warped() -> None:
    assert np.isfinite(spectrum.warp_gain(np.zeros(BINS, np.float32), 1.3)).all()
