"""Grains laid out anew: nothing lost, nothing moved where the pitch stays, marks on every period."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.sound import Doubles, Samples
from kernels.sound_marks import AHEAD, Known, Mark, next_mark
from kernels.sound_pitch import HOP
from kernels.sound_psola import Repitched

RATE_HZ = 48_000


def pulses(period: float, count: int) -> Samples:
    at = np.arange(0, count - 200, period)
    wave = np.zeros(count)
    for place in at:
        n = np.arange(int(place), int(place) + 200)
        wave[n] += np.exp(-(n - place) / 30) * np.sin((n - place) * 0.2) * (n >= place)
    return np.stack((wave, wave)).astype(np.float32)


def pushed(voice: Repitched, sound: Samples, piece: int) -> Samples:
    ready = [voice.push(sound[:, at : at + piece]) for at in range(0, sound.shape[1], piece)]
    return np.concatenate(ready, 1)


@pytest.mark.parametrize("period", [120.0, 233.3, 431.7, 640.25])
def test_marks_lie_a_period_apart_to_a_fraction_of_a_sample(period: float) -> None:
    sound = pulses(period, 40_000)
    known = Known(0, sound, 0, np.full(40_000 // HOP, period * 1.01))
    marks = [Mark(5000.0, period)]
    while known.reaches(marks[-1].at):
        marks.append(next_mark(known, marks[-1]))
    apart = np.diff([mark.at for mark in marks[2:]])
    assert np.abs(apart - period).max() < 0.5
    assert abs(apart.mean() - period) < 0.02


def test_without_a_voice_marks_lie_on_frames() -> None:
    known = Known(0, np.zeros((2, 20_000), np.float32), 0, np.zeros(20_000 // HOP))
    mark = next_mark(known, Mark(float(3 * HOP), 0.0))
    assert mark == Mark(4.0 * HOP, 0.0)
    assert not known.reaches(20_000 - AHEAD + 1)


def test_a_voices_first_mark_is_where_it_is_loudest() -> None:
    sound = np.zeros((2, 20_000), np.float32)
    sound[:, HOP * 10 + 123] = 1.0
    known = Known(0, sound, 0, np.where(np.arange(20_000 // HOP) >= 10, 300.0, 0.0))
    assert next_mark(known, Mark(9.0 * HOP, 0.0)) == Mark(HOP * 10 + 123.0, 300.0)


@pytest.mark.parametrize("piece", [4096, 1000, 9999])
def test_what_keeps_its_pitch_keeps_its_samples(piece: int) -> None:
    sound = np.concatenate((np.zeros((2, 3000), np.float32), pulses(311.0, 40_000)), 1)

    def same(_: int, pitches: Doubles) -> Doubles:
        return np.where(pitches > 0, RATE_HZ / 311.0, 0.0)

    out = pushed(Repitched(RATE_HZ, same), sound, piece)
    assert out.shape[1] > 30_000
    np.testing.assert_allclose(out[:, :3000], 0.0, atol=1e-6)
    lost = np.abs(out - sound[:, : out.shape[1]])[:, 5000:30_000]
    assert lost.mean() < 0.05 * np.abs(sound[:, 5000:30_000]).mean()


def test_how_it_is_pushed_does_not_matter() -> None:
    sound = np.concatenate((pulses(400.0, 20_000), pulses(211.0, 20_000)), 1)

    def higher(_: int, pitches: Doubles) -> Doubles:
        return 1.3 * pitches

    one, other = (pushed(Repitched(RATE_HZ, higher), sound, piece) for piece in (4096, 700))
    shared = min(one.shape[1], other.shape[1])
    assert shared > 25_000
    np.testing.assert_allclose(one[:, :shared], other[:, :shared], atol=1e-6)


def test_frames_are_asked_for_once_and_in_order() -> None:
    asked: list[int] = []

    def noted(first: int, pitches: Doubles) -> Doubles:
        asked.extend(range(first, first + len(pitches)))
        return pitches

    pushed(Repitched(RATE_HZ, noted), pulses(300.0, 50_000), 4096)
    assert asked == list(range(len(asked)))
    assert len(asked) > 150
