"""Loudness and peaks of drafts, from their JSON to a meter that is not ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.acceptance.drafts import Draft
from tests.acceptance.sounds import RATE, SECOND, Doubles, add_sound, mixed, write_wav
from tests.media.r128 import measured

SECONDS = 8


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chords, drums and a pause."""
    return write_wav(tmp_path_factory.mktemp("sound") / "song.wav", chords_and_drums())


def chords_and_drums() -> Doubles:
    rng = np.random.default_rng(11)
    seconds = np.arange(RATE * SECONDS) / RATE
    phases, pitches = np.array([[0.0], [0.7]]), (110.0, 164.8, 277.2, 440.0)
    chord = sum(np.sin(2 * np.pi * pitch * seconds + phases) for pitch in pitches)
    samples = 0.06 * chord * (seconds % 2 < 1.5)
    hit = rng.normal(0, 0.4, (2, 5_000)) * np.exp(-np.arange(5_000) / 700)
    for start in range(0, RATE * SECONDS - 5_000, RATE // 2):
        samples[:, start : start + 5_000] += hit
    return samples


@pytest.mark.parametrize("target_lufs", [-30.0, -23.0, -18.0])
@pytest.mark.parametrize("source_us", [0, 1_234_567])
def test_a_normalised_segment_has_its_loudness(target_lufs: float, source_us: int, song: Path) -> None:
    draft = Draft()
    loudness = draft.add("loudnesses", enable=True, target_loudness=target_lufs, loudness_param=None)
    draft.clip(draft.track("audio"), add_sound(draft, song), 0, 6 * SECOND, source_us=source_us, refs=[loudness])
    samples, report = mixed(draft.raw)
    assert not report
    assert measured(samples, RATE)[0] == pytest.approx(target_lufs, abs=0.2)


@pytest.mark.parametrize("volume", [3.0, 10.0])
@pytest.mark.parametrize("tracks", [1, 4])
def test_a_mix_that_clips_has_no_true_peak_above_minus_one(volume: float, tracks: int, song: Path) -> None:
    draft = Draft()
    for number in range(tracks):
        track, sound = draft.track("audio"), add_sound(draft, song)
        draft.clip(track, sound, 0, 6 * SECOND, source_us=100_000 * number, volume=volume)
    samples, _ = mixed(draft.raw)
    assert measured(samples, RATE)[1] <= -1.0
    assert np.abs(samples).max() > 0.7


def test_a_mix_that_does_not_clip_is_the_file_bit_for_bit(tmp_path: Path) -> None:
    samples = np.random.default_rng(3).uniform(-1, 1, (2, RATE * 2))
    samples[:, 1_000] = 32767 / 32768, -1.0
    draft = Draft()
    sound = add_sound(draft, write_wav(tmp_path / "full.wav", samples))
    draft.clip(draft.track("audio"), sound, 0, 2 * SECOND)
    got, _ = mixed(draft.raw)
    stored = (samples * 32768).round().clip(-32768, 32767) / 32768
    np.testing.assert_array_equal(got, stored.astype(np.float32))


def test_a_sum_that_does_not_clip_is_the_sum(song: Path) -> None:
    draft = Draft()
    for volume in (0.25, 0.5):
        draft.clip(draft.track("audio"), add_sound(draft, song), 0, 6 * SECOND, volume=volume)
    got, _ = mixed(draft.raw)
    stored = ((chords_and_drums() * 32768).round().clip(-32768, 32767) / 32768).astype(np.float32)[:, : 6 * RATE]
    np.testing.assert_array_equal(got, stored * np.float32(0.25) + stored * np.float32(0.5))
