"""Integrated loudness against FFmpeg's meter, torchaudio's, and the signals of EBU Tech 3341.

Of these signals 6 is 5.0 and is not here: sound comes as one or two channels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torchaudio.functional

from cutfarm.media.loudness import gain_to, integrated_lufs
from kernels.sound import Doubles, Samples
from tests.media import r128


def pieces(samples: Samples, count: int = 32_768) -> Iterator[Samples]:
    for start in range(0, samples.shape[1], count):
        yield samples[:, start : start + count]


def tones(rate_hz: int, *parts: tuple[float, float], hz: float = 1000.0) -> Samples:
    """Stereo sines end to end, each (peak level in dB, seconds)."""
    levels = np.concatenate([np.full(round(seconds * rate_hz), 10 ** (db / 20)) for db, seconds in parts])
    wave = levels * np.sin(2 * np.pi * hz * np.arange(len(levels)) / rate_hz)
    return np.stack((wave, wave)).astype(np.float32)


def noise(rate_hz: int, channels: int, envelope: Doubles | float = 0.1) -> Samples:
    wave = np.random.default_rng(7).standard_normal((channels, 6 * rate_hz)) * envelope
    return wave.astype(np.float32)


def gated(rate_hz: int) -> Samples:
    """A second of noise, a second of next to none, in turn."""
    return noise(rate_hz, 2, np.where(np.arange(6 * rate_hz) // rate_hz % 2, 0.002, 0.2))


def speech_like(rate_hz: int) -> Samples:
    """Levels that change five times a second over 40 dB, so that the gates have something to decide.

    Low enough that torchaudio's filters, which clip, clip nothing.
    """
    levels = 10 ** (np.random.default_rng(3).uniform(-60, -20, 30) / 20)
    return noise(rate_hz, 1, np.repeat(levels, rate_hz // 5))


MATERIALS = {
    "stereo noise": lambda rate_hz: noise(rate_hz, 2),
    "mono noise": lambda rate_hz: noise(rate_hz, 1),
    "one side": lambda rate_hz: noise(rate_hz, 2) * np.array([[1], [0]], np.float32),
    "bass": lambda rate_hz: tones(rate_hz, (-10, 6), hz=60),
    "treble": lambda rate_hz: tones(rate_hz, (-20, 6), hz=10_000),
    "gated": gated,
    "speech-like": speech_like,
}


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("material", MATERIALS)
def test_it_reads_what_others_read(material: str, rate_hz: int) -> None:
    samples = MATERIALS[material](rate_hz)
    mine = integrated_lufs(pieces(samples), rate_hz)
    theirs = torchaudio.functional.loudness(torch.from_numpy(samples).double(), rate_hz).item()
    assert mine == pytest.approx(theirs, abs=0.1)
    metered, _ = r128.measured(samples, rate_hz)
    assert mine == pytest.approx(metered, abs=0.02)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize(
    ("parts", "lufs"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
    ids=["1", "2", "3", "4", "5"],
)
def test_the_ebus_signals_read_as_they_must(parts: list[tuple[float, float]], lufs: float, rate_hz: int) -> None:
    assert integrated_lufs(pieces(tones(rate_hz, *parts)), rate_hz) == pytest.approx(lufs, abs=0.1)


def test_how_it_is_cut_is_of_no_matter() -> None:
    samples = gated(44_100)
    whole = integrated_lufs([samples], 44_100)
    for count in (997, 4410, 100_000):
        assert integrated_lufs(pieces(samples, count), 44_100) == pytest.approx(whole, abs=1e-9)
    with_nothing = (part for piece in pieces(samples) for part in (piece, piece[:, :0]))
    assert integrated_lufs(with_nothing, 44_100) == pytest.approx(whole, abs=1e-9)


def test_silence_and_no_sound_have_none() -> None:
    assert integrated_lufs([], 44_100) == -math.inf
    assert integrated_lufs([np.zeros((2, 0), np.float32)], 44_100) == -math.inf
    assert integrated_lufs([np.zeros((2, 100_000), np.float32)], 44_100) == -math.inf


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.39])
def test_a_short_sound_counts_as_one_block(seconds: float) -> None:
    short = tones(44_100, (-20, seconds))
    assert integrated_lufs([short], 44_100) == pytest.approx(-20, abs=0.2)


@pytest.mark.parametrize("target_lufs", [-14.0, -23.0, -30.0])
def test_the_gain_brings_a_sound_to_its_target(target_lufs: float) -> None:
    samples = gated(44_100)
    gain = gain_to(target_lufs, integrated_lufs(pieces(samples), 44_100))
    brought = (samples * gain).astype(np.float32)
    assert integrated_lufs(pieces(brought), 44_100) == pytest.approx(target_lufs, abs=0.01)
    assert r128.measured(brought, 44_100)[0] == pytest.approx(target_lufs, abs=0.05)


def test_a_gain_is_held() -> None:
    assert gain_to(-14.0, -34.0) == pytest.approx(10.0)
    assert gain_to(-34.0, -14.0) == pytest.approx(0.1)
    assert gain_to(-14.0, -69.0) == pytest.approx(10**1.5)
    assert gain_to(-14.0, -math.inf) == 1.0
