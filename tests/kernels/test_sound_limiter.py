"""What the limiter promises, by an FFT over the whole sound and by FFmpeg's meter."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from kernels import sound_limiter
from kernels.sound import Doubles, Samples
from kernels.sound_limiter import CONTEXT_BLOCKS, HOP, REACH, limited
from tests.media import r128

BLOCK = 32_768
RATE_HZ = 44_100
LENGTH = 2 * RATE_HZ


def blocks(samples: Samples) -> list[Samples]:
    """Whole blocks with silence around them, as many as the limiter asks for."""
    count = -(-samples.shape[1] // BLOCK)
    padded = np.zeros((samples.shape[0], (count + 2 * CONTEXT_BLOCKS) * BLOCK), np.float32)
    start = CONTEXT_BLOCKS * BLOCK
    padded[:, start : start + samples.shape[1]] = samples
    return list(np.split(padded, padded.shape[1] // BLOCK, 1))


def held(samples: Samples) -> Samples:
    return np.concatenate(list(limited(blocks(samples))), 1)[:, : samples.shape[1]]


def true_peak_dbtp(samples: Samples) -> float:
    """Of all instants at 16 times the rate, by one FFT of the sound and the silence after it."""
    count = 1 << (samples.shape[1] + 4096).bit_length()
    spectrum = np.fft.rfft(samples.astype(np.float64), count)
    spectrum[:, -1] /= 2
    return float(20 * np.log10(np.abs(np.fft.irfft(spectrum, 16 * count)).max() * 16))


def time_s() -> Doubles:
    return np.arange(LENGTH) / RATE_HZ


def both(wave: Doubles) -> Samples:
    return np.stack((wave, wave)).astype(np.float32)


def noise() -> Samples:
    return np.random.default_rng(7).standard_normal((2, LENGTH), np.float32)


def square() -> Samples:
    return both(np.where(np.sin(2 * np.pi * 441.7 * time_s()) >= 0, 1.0, -1.0))


def chord() -> Samples:
    return both(sum((np.sin(2 * np.pi * hz * time_s()) for hz in (220.0, 277.2, 329.6, 440.0)), np.zeros(LENGTH)) / 4)


def clicks() -> Samples:
    at = np.arange(LENGTH, dtype=np.float64)
    samples = both(0.1 * np.sin(2 * np.pi * 330 * time_s()))
    samples[0, 20_000], samples[1, 40_000:40_002] = 1.0, -1.0
    samples[:, BLOCK] = 1.0
    samples += np.sinc(at - 60_000.5).astype(np.float32)
    return samples


def quarter_rate() -> Samples:
    return both(np.sin(np.pi / 2 * np.arange(LENGTH) + np.pi / 4))


def high() -> Samples:
    return both(np.sin(2 * np.pi * 20_011 * time_s() + 0.3))


def bursts() -> Samples:
    return (noise() * np.where(np.sin(2 * np.pi * 3 * time_s()) > 0.8, 1.0, 0.1)).astype(np.float32)


MATERIALS = [noise, square, chord, clicks, quarter_rate, high, bursts]


@pytest.mark.parametrize("gain", [1.5, 8.0])
@pytest.mark.parametrize("material", MATERIALS, ids=lambda material: material.__name__)
def test_true_peaks_stay_below_the_ceiling_and_near_it(material: Callable[[], Samples], gain: float) -> None:
    samples = held(material() * np.float32(gain))
    peak_dbtp = true_peak_dbtp(samples)
    assert -1.6 <= peak_dbtp <= -1.0
    silence = np.zeros((2, HOP * 100), np.float32)  # a meter's own filter starts and ends somehow
    _, metered_dbtp = r128.measured(np.concatenate((silence, samples, silence), 1), RATE_HZ)
    assert metered_dbtp <= -1.0


def test_what_does_not_clip_passes_as_the_very_array() -> None:
    samples = np.random.default_rng(7).uniform(-1, 1, (2, 3 * BLOCK)).astype(np.float32)
    samples[:, 5000] = 1.0, -1.0
    assert true_peak_dbtp(samples) > 1.0
    given = blocks(samples)
    assert all(out is block for out, block in zip(limited(given), given[CONTEXT_BLOCKS:], strict=False))


@pytest.mark.parametrize("peak", [1.0 + 2**-23, -1.5, 40.0])
def test_far_from_what_clips_everything_passes_bit_for_bit(peak: float) -> None:
    samples = np.random.default_rng(7).uniform(-1, 1, (2, 8 * BLOCK)).astype(np.float32)
    samples[1, 4 * BLOCK + 99] = peak
    changed = np.flatnonzero((held(samples) != samples).any(0))
    assert 4 * BLOCK + 99 in changed
    assert changed.min() >= 3 * BLOCK - REACH
    assert changed.max() < 6 * BLOCK + REACH


def test_around_what_clips_quieter_peaks_are_held_as_well() -> None:
    samples = both(0.99 * np.sin(2 * np.pi * 441 * np.arange(8 * BLOCK) / RATE_HZ))
    samples[:, 4 * BLOCK] = 1.2
    around = held(samples)[:, 3 * BLOCK : 6 * BLOCK]
    assert np.abs(around).max() <= 10 ** (-1 / 20)


def test_any_range_has_the_samples_of_the_whole() -> None:
    samples = np.random.default_rng(7).uniform(-1, 1, (2, 12 * BLOCK)).astype(np.float32)
    samples[:, 100:20_000] *= 1.5
    samples[:, 9 * BLOCK - 500 : 10 * BLOCK] *= 4
    given = blocks(samples)
    whole = list(limited(given))
    assert any(out is block for out, block in zip(whole, given[CONTEXT_BLOCKS:], strict=False))
    assert any(out is not block for out, block in zip(whole, given[CONTEXT_BLOCKS:], strict=False))
    for first in range(12):
        for end in (first + 1, 12):
            part = list(limited(given[first : end + 2 * CONTEXT_BLOCKS]))
            assert len(part) == end - first
            for mine, wholes in zip(part, whole[first:end], strict=True):
                np.testing.assert_array_equal(mine, wholes)


@pytest.mark.parametrize("hz", [25.0, 50.0, 1000.0])
def test_a_tone_is_turned_down_not_bent(hz: float) -> None:
    tone = both(1.5 * np.sin(2 * np.pi * hz * np.arange(3 * RATE_HZ) / RATE_HZ))
    steady = held(tone)[0, RATE_HZ : 2 * RATE_HZ].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(steady))
    fundamental = spectrum[round(hz)]
    spectrum[round(hz)] = 0
    assert np.linalg.norm(spectrum) / fundamental < 1e-4


def gain_of(samples: Samples) -> Doubles:
    """The gain that a sound got, in dB, from a channel that is never 0."""
    return 20 * np.log10(held(samples)[1].astype(np.float64) / samples[1])


def beats(*places: int) -> Samples:
    samples = np.full((2, 8 * BLOCK), 0.01, np.float32)
    for place in places:
        samples[0, place] = 2.0
    return samples


def test_the_gain_falls_before_a_peak_and_rises_after_it_without_a_step() -> None:
    place = 4 * BLOCK + 1000
    gain_db = gain_of(beats(place))
    assert gain_db[place] == pytest.approx(-20 * np.log10(2) - 1.4, abs=0.05)
    assert np.abs(np.diff(gain_db)).max() < 0.08
    attack, release = place - 300, place + RATE_HZ // 5
    assert gain_db[attack] > -0.7
    assert gain_db[release] > -0.7
    assert (np.diff(gain_db[place + HOP : release]) >= -1e-3).all()


def test_a_peak_of_one_channel_turns_both_down_alike() -> None:
    samples = noise() * np.float32(0.2)
    samples[0, 50_000] = 4.0
    out = held(samples).astype(np.float64)
    audible = (np.abs(samples) > 1e-3).all(0)
    left, right = (out[:, audible] / samples[:, audible]).tolist()
    np.testing.assert_allclose(left, right, rtol=1e-6)


def test_among_dense_peaks_the_gain_swings_less() -> None:
    every = RATE_HZ // 4
    first = 3 * BLOCK
    dense = gain_of(beats(*range(first, first + 8 * every, every)))
    alone = gain_of(beats(first + 4 * every))
    between = slice(first + 4 * every - 1000, first + 4 * every - 500)
    assert dense[between].max() < alone[between].max() - 0.25


def test_it_looks_no_farther_ahead_than_its_context() -> None:
    taken = 0

    def counted() -> Iterator[Samples]:
        nonlocal taken
        for block in blocks(noise()):
            taken += 1
            yield block

    for given, _ in enumerate(limited(counted()), 1):
        assert taken <= given + 2 * CONTEXT_BLOCKS


def test_the_reach_lies_within_a_block() -> None:
    assert REACH <= BLOCK
    assert BLOCK % HOP == 0
    assert sound_limiter.CEILING_DBTP == -1.0
