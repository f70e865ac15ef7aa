"""Frames of a phase vocoder: what passes, what goes on, what stays between the channels."""

from __future__ import annotations

import numpy as np

from kernels.sound import Samples
from kernels.sound_spectrum import FRAME, HOP
from kernels.sound_stretch import TAKEN, Vocoder


def stretched(samples: Samples, pace: float, count: int, fresh: tuple[int, ...] = ()) -> Samples:
    """`count` frames of a vocoder added up; the first stands at `FRAME`."""
    vocoder = Vocoder()
    total = np.zeros((2, count * HOP + FRAME), np.float32)
    for number in range(count):
        first = FRAME + round(number * HOP * pace) - FRAME // 2 - HOP
        onset = samples[:, first + FRAME : first + 2 * FRAME] if number in fresh else None
        piece = vocoder.piece(samples[:, first : first + TAKEN], onset)
        total[:, number * HOP : number * HOP + FRAME] += piece
    return total[:, FRAME : count * HOP]


def noise(seed: int, count: int = 40 * FRAME) -> Samples:
    return np.random.default_rng(seed).standard_normal((2, count)).astype(np.float32) * np.float32(0.1)


def test_frames_hop_by_hop_are_the_sound() -> None:
    samples = noise(1)
    got = stretched(samples, 1.0, 20, fresh=(5,))
    first = FRAME + FRAME // 2
    np.testing.assert_allclose(got, samples[:, first : first + got.shape[1]], atol=2e-6)


def test_a_tone_goes_on_at_any_pace() -> None:
    at = np.arange(40 * FRAME)
    samples = np.stack((np.sin(0.1 * at), np.sin(0.1 * at))).astype(np.float32)
    for pace in (0.1, 0.77, 1.9, 5.3):
        got = stretched(samples, pace, 24)[0].astype(np.float64)
        axes = np.stack((np.sin(0.1 * np.arange(len(got))), np.cos(0.1 * np.arange(len(got)))))
        parts = np.linalg.lstsq(axes.T, got, rcond=None)[0]
        assert abs(np.hypot(*parts) - 1) < 0.01
        assert np.sqrt(np.mean(np.square(got - parts @ axes))) < 3e-3


def test_noise_keeps_its_level() -> None:
    samples = noise(2)
    for pace in (0.2, 0.5, 0.9, 1.3, 2.0, 5.0):
        got = stretched(samples, pace, 28)
        assert abs(20 * np.log10(got.std() / 0.1)) < 1


def test_both_channels_turn_alike() -> None:
    left = noise(3)[0]
    got = stretched(np.stack((left, -0.4 * left)), 1.7, 20)
    np.testing.assert_allclose(got[1], -0.4 * got[0], atol=1e-6)


def test_a_fresh_frame_brings_noise_back_to_its_own_phases() -> None:
    samples = noise(4)
    vocoder, pieces = Vocoder(), []
    for number in range(12):
        first = (number * 2 if number < 8 else 16 + number - 8) * HOP
        onset = samples[:, 18 * HOP : 18 * HOP + FRAME] if number == 8 else None
        pieces.append(vocoder.piece(samples[:, first : first + TAKEN], onset))
    plain = Vocoder().piece(samples[:, 18 * HOP : 18 * HOP + TAKEN])
    likeness = np.corrcoef(pieces[10].ravel(), plain.ravel())[0, 1]
    assert likeness > 0.9
    assert abs(np.corrcoef(pieces[6].ravel(), samples[:, 13 * HOP : 13 * HOP + FRAME].ravel())[0, 1]) < 0.6


def test_silence_is_silent_and_what_is_no_number_passes() -> None:
    vocoder = Vocoder(warp=1.2)
    nothing = np.zeros((2, TAKEN), np.float32)
    assert not vocoder.piece(nothing).any()
    vocoder.piece(np.full((2, TAKEN), np.nan, np.float32))
    assert np.isfinite(vocoder.piece(noise(5)[:, :TAKEN])).all()
    assert np.isfinite(vocoder.piece(noise(5)[:, HOP : HOP + TAKEN])).all()


def test_an_onset_leaves_a_tone_that_it_does_not_drown() -> None:
    at = np.arange(20 * FRAME)
    samples = np.stack((np.sin(0.3 * at), np.sin(0.3 * at))).astype(np.float32)

    def change(onset_level: float) -> float:
        """How much the onset turns the tone."""
        onset = samples[:, :FRAME] * np.float32(onset_level)
        made = []
        for given in (None, onset):
            vocoder = Vocoder()
            for number in range(4):
                vocoder.piece(samples[:, number * 700 : number * 700 + TAKEN])
            made.append(vocoder.piece(samples[:, 2_800 : 2_800 + TAKEN], given))
        return float(np.abs(made[1] - made[0]).max())

    assert change(1.0) < 1e-3
    assert change(10.0) > 0.3
