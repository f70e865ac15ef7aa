"""The pitch that is found against the pitch that was made, for voices, tones, noise and silence."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.sound import Doubles, Samples
from kernels.sound_pitch import HOP, MIDDLE, REACH, PitchTrack, pitch_hz, settled


def harmonics(hz: float, count: int, rate_hz: int, number: int = 12) -> Samples:
    turns = hz * np.arange(count) / rate_hz
    wave = sum(np.sin(2 * np.pi * part * turns + part) / part for part in range(1, number + 1) if part * hz < 20_000)
    return np.stack((wave, wave)).astype(np.float32) * np.float32(0.2)


def frames(count: int) -> int:
    return REACH + (count - 1) * HOP


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("hz", [66.0, 82.4, 110.0, 220.0, 311.1, 440.0, 698.5, 770.0])
def test_a_tone_is_heard_within_two_cents(hz: float, rate_hz: int) -> None:
    found = pitch_hz(harmonics(hz, frames(30), rate_hz), rate_hz)
    assert len(found) == 30
    assert np.abs(1200 * np.log2(found / hz)).max() < 2


def test_an_octave_is_not_mistaken_when_the_first_harmonic_is_missing() -> None:
    whole = harmonics(150.0, frames(20), 48_000)
    wave = 0.2 * np.sin(2 * np.pi * 150.0 * np.arange(frames(20)) / 48_000 + 1)
    found = pitch_hz(whole - wave.astype(np.float32), 48_000)
    assert np.abs(1200 * np.log2(found / 150.0)).max() < 2


@pytest.mark.parametrize("level", [0.0, 1e-4, 0.3])
def test_noise_and_silence_have_no_pitch(level: float) -> None:
    hiss = (np.random.default_rng(2).standard_normal((2, frames(100))) * level).astype(np.float32)
    assert np.mean(settled(pitch_hz(hiss, 48_000)) > 0) < 0.02


def test_opposite_sides_are_heard_as_one_voice() -> None:
    tone = harmonics(200.0, frames(10), 48_000)
    tone[1] *= -1
    assert np.abs(1200 * np.log2(pitch_hz(tone, 48_000) / 200.0)).max() < 2


def test_a_frame_stands_for_its_middle() -> None:
    change = MIDDLE + 10 * HOP
    step = np.concatenate((harmonics(120.0, change, 48_000), harmonics(180.0, frames(21) - change, 48_000)), 1)
    found = pitch_hz(step, 48_000)
    assert (np.abs(found[:8] - 120.0) < 3).all()
    assert (np.abs(found[13:] - 180.0) < 3).all()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([100, 100, 200, 100, 100], 100),
        ([0, 0, 100, 0, 0], 0),
        ([0, 100, 101, 0, 102], 101),
        ([0, 0, 0, 0, 0], 0),
        ([5, 4, 3, 2, 1], 3),
    ],
)
def test_one_frame_that_is_off_does_not_count(given: list[float], expected: float) -> None:
    np.testing.assert_array_equal(settled(np.array(given, np.float64)), [expected])


def test_a_track_in_pieces_is_the_track_of_the_whole() -> None:
    tone = harmonics(170.0, 60 * HOP, 48_000)
    whole = tracked(tone, [60 * HOP])
    np.testing.assert_array_equal(tracked(tone, [HOP] * 60), whole)
    np.testing.assert_array_equal(tracked(tone, [1000, 3000, 17, 60 * HOP - 4017]), whole)
    assert np.abs(1200 * np.log2(whole[6:] / 170.0)).max() < 2


def tracked(sound: Samples, counts: list[int]) -> Doubles:
    track, at, found = PitchTrack(48_000), 0, []
    for count in counts:
        found.append(track.push(sound[:, at : at + count]))
        at += count
    return np.concatenate(found)
