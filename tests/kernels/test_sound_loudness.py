"""Weighting, gates and true peaks against the figures of ITU-R BS.1770-4 and EBU Tech 3341."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kernels.sound import Doubles, Samples
from kernels.sound_loudness import PEAK_CONTEXT, Biquad, LoudnessMeter, hop_peaks, k_weighting, true_peak_dbtp

RATE_HZ = 48_000


def response(biquads: tuple[Biquad, ...], hz: Doubles, rate_hz: int) -> Doubles:
    """Magnitude in dB of filters in series."""
    delays = np.exp(-2j * np.pi * hz / rate_hz)[:, None] ** np.arange(3)
    ratio = np.prod([(delays @ over) / (delays @ under) for over, under in biquads], 0)
    return 20 * np.log10(np.abs(ratio))


def tone(hz: float, level: float, phase_deg: float = 0.0, seconds: float = 1.0) -> Samples:
    at = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return (level * np.sin(2 * np.pi * hz * at + np.radians(phase_deg)))[None].astype(np.float32)


def test_at_48_khz_the_weighting_is_the_standards_table() -> None:
    (over, under), (over_2, under_2) = k_weighting(48_000)
    np.testing.assert_allclose(over, (1.53512485958697, -2.69169618940638, 1.19839281085285), rtol=1e-12)
    np.testing.assert_allclose(under, (1.0, -1.69065929318241, 0.73248077421585), rtol=1e-12)
    np.testing.assert_allclose(over_2, (1.0, -2.0, 1.0), rtol=1e-9)
    np.testing.assert_allclose(under_2, (1.0, -1.99004745483398, 0.99007225036621), rtol=1e-12)


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 96_000, 192_000])
def test_at_other_rates_it_weighs_as_at_48_khz(rate_hz: int) -> None:
    hz = np.geomspace(20, 4000, 50)
    np.testing.assert_allclose(
        response(k_weighting(rate_hz), hz, rate_hz), response(k_weighting(48_000), hz, 48_000), atol=0.05
    )


def measured(powers: list[float], channels: int = 1) -> float:
    """Loudness of hops of these powers, given in pieces that fit no hop."""
    meter = LoudnessMeter(RATE_HZ)
    samples = np.repeat(np.sqrt(powers), RATE_HZ // 10)[None].repeat(channels, 0).astype(np.float32)
    for start in range(0, samples.shape[1], 7001):
        meter.add(samples[:, start : start + 7001])
    return meter.integrated_lufs()


def lufs(power: float) -> float:
    return -0.691 + 10 * math.log10(power)


def test_power_is_summed_over_the_channels() -> None:
    assert measured([0.01] * 10) == pytest.approx(lufs(0.01), abs=1e-5)
    assert measured([0.01] * 10, channels=2) == pytest.approx(lufs(0.02), abs=1e-5)


def test_what_is_ten_units_below_does_not_count() -> None:
    # Blocks of 0…4 loud hops: the relative gate takes those with at least one, the quiet ones fall away.
    loud, quiet = 0.1, 1e-4
    blocks = np.convolve([loud] * 8 + [quiet] * 20, np.full(4, 0.25), "valid")
    gated = blocks[blocks > 0.1 * blocks.mean()]
    assert len(gated) < len(blocks)
    assert measured([loud] * 8 + [quiet] * 20) == pytest.approx(lufs(gated.mean()), abs=1e-5)


def test_what_is_below_minus_70_does_not_even_set_the_gate() -> None:
    silence = 10 ** (-7.2)
    whole = measured([0.01] * 40 + [0.0015] * 40 + [silence] * 400)
    blocks = np.convolve([0.01] * 40 + [0.0015] * 40 + [silence] * 400, np.full(4, 0.25), "valid")
    heard = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    assert whole == pytest.approx(lufs(heard[heard > 0.1 * heard.mean()].mean()), abs=1e-5)
    assert whole < measured([0.01] * 40)


@pytest.mark.parametrize("hops", [0, 3, 10])
def test_silence_has_no_loudness(hops: int) -> None:
    assert measured([0.0] * hops) == -math.inf
    assert measured([10**-7.2] * hops) == -math.inf


def test_a_sound_of_less_than_a_block_counts_as_one() -> None:
    meter = LoudnessMeter(RATE_HZ)
    meter.add(np.full((1, 5000), 0.1, np.float32))
    meter.add(np.full((1, 5000), 0.3, np.float32))
    assert meter.integrated_lufs() == pytest.approx(lufs(0.05), abs=1e-5)


@pytest.mark.parametrize(
    ("hz", "level", "phase_deg", "dbtp"),
    [
        (RATE_HZ / 4, 0.5, 0.0, -6.0),
        (RATE_HZ / 4, 0.5, 45.0, -6.0),
        (RATE_HZ / 6, 0.5, 60.0, -6.0),
        (RATE_HZ / 8, 0.5, 67.5, -6.0),
        (RATE_HZ / 4, 1.41, 45.0, 3.0),
    ],
    ids=["15", "16", "17", "18", "19"],
)
def test_true_peaks_of_the_ebus_signals(hz: float, level: float, phase_deg: float, dbtp: float) -> None:
    samples = tone(hz, level, phase_deg)
    ramp = np.minimum(np.minimum(np.arange(RATE_HZ), np.arange(RATE_HZ)[::-1]) / 2000, 1.0).astype(np.float32)
    assert -0.4 <= true_peak_dbtp(samples * ramp) - dbtp <= 0.2


@pytest.mark.parametrize("hz", [100.0, 997.0, 11_997.0, 20_003.0, 23_003.0])
def test_true_peaks_of_tones_are_their_levels(hz: float) -> None:
    samples = tone(hz, 0.7, 17.0) * np.hanning(RATE_HZ).astype(np.float32)
    assert true_peak_dbtp(samples) == pytest.approx(20 * math.log10(0.7), abs=0.05 if hz < 15_000 else 0.17)


def test_a_peak_between_samples_at_an_edge_is_seen() -> None:
    pair = np.zeros((2, 10_001), np.float32)
    pair[1, :2] = 1.0
    pair[0, -1] = 1.0
    # Halfway between two samples of 1: twice sinc(1/2).
    assert true_peak_dbtp(pair) == pytest.approx(20 * math.log10(4 / math.pi), abs=0.01)


def test_silence_has_no_peak() -> None:
    assert true_peak_dbtp(np.zeros((2, 100), np.float32)) == -math.inf
    assert true_peak_dbtp(np.zeros((2, 0), np.float32)) == -math.inf


def test_peaks_of_hops_lie_where_they_are() -> None:
    samples = np.zeros((2, 6144 + 2 * PEAK_CONTEXT), np.float32)
    samples[0, PEAK_CONTEXT + 640], samples[1, PEAK_CONTEXT + 6143] = -3.0, 2.0
    peaks = hop_peaks(samples, 32)
    assert peaks.shape == (192,)
    assert peaks[20] == pytest.approx(3.0, rel=1e-5)
    assert peaks[191] == pytest.approx(2.0, rel=1e-5)
    assert peaks[np.arange(192) % 100 > 60].max() == pytest.approx(2.0, rel=1e-5)
    assert peaks[30:180].max() < 0.01
