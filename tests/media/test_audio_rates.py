"""Sample rates: what a resampler leaves and takes, where it puts impulses, and rates that are none."""

from __future__ import annotations

import resource
import struct
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.media import audio_filter
from cutfarm.media.audio import SoundReader
from tests.media.sounds import encode, read

Doubles = NDArray[np.float64]
PAIRS = [(48_000, 44_100), (96_000, 44_100), (192_000, 48_000), (44_100, 48_000)]
PART_S = Fraction(3, 10)
LEVEL = 0.5


def heard_tones(folder: Path, frequencies_hz: list[float], from_hz: int, to_hz: int) -> list[tuple[Doubles, Doubles]]:
    """Of tones one after the other: when the middle of each is heard (s, in the file) and its samples."""
    count = int(from_hz * PART_S)
    at = np.arange(count) / from_hz
    parts = [LEVEL * np.sin(2 * np.pi * frequency * at) for frequency in frequencies_hz]
    path = encode(folder / "a.wav", "pcm_f64le", np.concatenate(parts)[None], from_hz, layout="mono")
    heard = read(path, int(to_hz * PART_S * len(parts)), to_hz)[0][0].astype(np.float64)
    found = []
    for number in range(len(parts)):
        first = int((number + Fraction(1, 4)) * PART_S * to_hz)
        places = np.arange(first, first + int(PART_S * to_hz / 2))
        found.append((places / to_hz - number * float(PART_S), heard[places]))
    return found


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_what_both_rates_hold_is_untouched(tmp_path: Path, from_hz: int, to_hz: int) -> None:
    nyquist_hz = min(from_hz, to_hz) / 2
    frequencies_hz = [float(value) for value in np.linspace(40, 0.9 * nyquist_hz, 20)]
    for frequency_hz, (at, samples) in zip(
        frequencies_hz, heard_tones(tmp_path, frequencies_hz, from_hz, to_hz), strict=True
    ):
        waves = np.stack([np.sin(2 * np.pi * frequency_hz * at), np.cos(2 * np.pi * frequency_hz * at)])
        parts = np.linalg.lstsq(waves.T, samples, rcond=None)[0]
        assert abs(20 * np.log10(np.hypot(*parts) / LEVEL)) < 0.05
        assert abs(np.arctan2(parts[1], parts[0])) < 1e-3  # radians: no sound is moved
        rest = samples - parts @ waves
        assert 20 * np.log10(np.sqrt(np.square(rest).mean()) * 2**0.5 / LEVEL) < -100


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS[:3])
def test_what_the_lower_rate_cannot_hold_is_gone(tmp_path: Path, from_hz: int, to_hz: int) -> None:
    frequencies_hz = [float(value) for value in np.linspace(1.002 * to_hz / 2, 0.98 * from_hz / 2, 20)]
    for _, samples in heard_tones(tmp_path, frequencies_hz, from_hz, to_hz):
        assert 20 * np.log10(np.sqrt(np.square(samples).mean()) * 2**0.5 / LEVEL) < -100


@pytest.mark.parametrize("to_hz", [44_100, 48_000])
@pytest.mark.parametrize("from_hz", [1_000, 8_000, 11_025, 32_000, 44_101, 88_200, 96_000, 192_000, 384_000, 768_000])
def test_an_impulse_is_at_its_place(tmp_path: Path, from_hz: int, to_hz: int) -> None:
    samples = np.zeros((1, from_hz), np.float32)
    samples[0, from_hz // 5 :: from_hz // 5] = 0.9
    path = encode(tmp_path / "a.wav", "pcm_f32le", samples, from_hz, layout="mono")
    heard = read(path, to_hz, to_hz)[0][0]
    for number in range(1, 5):
        exact = Fraction(from_hz // 5 * number, from_hz) * to_hz
        low = round(exact) - to_hz // 20
        assert abs(low + int(np.argmax(heard[low : low + to_hz // 10])) - exact) <= 0.5


@pytest.mark.parametrize("first", [1, 12_345, 100_001])
@pytest.mark.parametrize("from_hz", [48_000, 32_000, 44_101, 96_000])
def test_a_start_anywhere_is_the_same_samples(tmp_path: Path, from_hz: int, first: int) -> None:
    noise = np.random.default_rng(2).uniform(-0.5, 0.5, (2, from_hz * 4)).astype(np.float32)
    path = encode(tmp_path / "a.wav", "pcm_f32le", noise, from_hz)
    whole = read(path, 44_100 * 4, 44_100)[0]
    np.testing.assert_array_equal(read(path, 20_000, 44_100, first)[0], whole[:, first : first + 20_000])


@pytest.mark.parametrize("speed", [Fraction(137_391, 100_000), Fraction(99_991, 100_003)])
def test_a_speed_of_long_numbers_starts_beside_the_grid_by_nothing_to_hear(tmp_path: Path, speed: Fraction) -> None:
    at = np.arange(48_000 * 4) / 48_000
    path = encode(tmp_path / "a.wav", "pcm_f32le", 0.5 * np.sin(2 * np.pi * 5_000 * at)[None], 48_000, layout="mono")
    with SoundReader(str(path), 44_100, speed=speed) as reader:
        whole = reader.read(100_000)
    start_us = Fraction(50_000, 44_100) * speed * 1_000_000
    with SoundReader(str(path), 44_100, start_us=start_us, speed=speed) as reader:
        assert np.abs(reader.read(50_000) - whole[:, 50_000:]).max() < 1e-4


def wav_header(path: Path, rate_hz: int, count: int) -> Path:
    """A mono wave file of 16 bits, of a tone, that claims any rate."""
    data = (np.sin(np.arange(count) / 9) * 20_000).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, 1, rate_hz, rate_hz * 2 & 0xFFFFFFFF, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


@pytest.mark.parametrize("rate_hz", [1, 50, 999, 768_001, 1_000_000, 2_000_000_000])
def test_a_rate_that_is_none_of_sound_is_silent_and_says_so(tmp_path: Path, rate_hz: int) -> None:
    path = wav_header(tmp_path / "a.wav", rate_hz, 200_000)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with SoundReader(str(path), 44_100, start_us=500_000) as reader:
        assert not reader.read(100_000).any()
        assert reader.has_sound
        assert str(rate_hz) in reader.damage
    assert time.process_time() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KiB


@pytest.mark.parametrize("rate_hz", [1_000, 768_000])
def test_the_outermost_rates_are_heard_in_bounded_memory(tmp_path: Path, rate_hz: int) -> None:
    path = wav_header(tmp_path / "a.wav", rate_hz, 400_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    heard, damage = read(path, 22_050, 44_100)
    assert heard.any(0).mean() > 0.9
    assert not damage
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB


@pytest.mark.parametrize("ratio", [Fraction(16), Fraction(4, 3), Fraction(147, 160), Fraction(1, 7)])
def test_pieces_of_any_length_are_resampled_alike(ratio: Fraction) -> None:
    rng = np.random.default_rng(3)
    samples = rng.normal(0, 0.1, (2, 90_000)).astype(np.float32)
    whole = np.concatenate(list(audio_filter.resampled([samples], ratio)), 1)
    assert whole.shape[1] == pytest.approx(90_000 * float(ratio), abs=2)
    cuts = np.sort(rng.integers(0, 90_000, 40)).tolist()
    pieces = [samples[:, start:end] for start, end in pairwise([0, *cuts, 90_000])]
    np.testing.assert_allclose(np.concatenate(list(audio_filter.resampled(pieces, ratio)), 1), whole, atol=1e-6)


@pytest.mark.parametrize("speed", [Fraction(1, 16), Fraction(1, 4), Fraction(1, 3), Fraction(7, 2), Fraction(20)])
def test_a_click_far_into_a_slow_or_fast_sound_is_at_its_place(speed: Fraction, tmp_path: Path) -> None:
    rate_hz, second = 11_025, 6
    samples = np.zeros((1, rate_hz * 8), np.float32)
    samples[0, rate_hz * second] = 0.9
    path = encode(tmp_path / "click.wav", "pcm_f32le", samples, rate_hz, layout="mono")
    with SoundReader(str(path), 44_100, speed=speed) as reader:
        heard = np.abs(reader.read(round(44_100 * 8 / speed))[0])
    assert abs(int(heard.argmax()) - 44_100 * second / speed) <= 0.5
