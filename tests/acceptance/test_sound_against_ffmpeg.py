"""The mix of a draft against ffmpeg's own of the same files with the same gains."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.acceptance.drafts import Draft
from tests.acceptance.sounds import RATE, SECOND, Doubles, add_sound, decibels, mixed, write_wav

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not on this machine")


@dataclass(frozen=True)
class Part:
    """A file on a track of its own; times lie on the grid of samples, which ffmpeg's filters count by."""

    name: str
    rate_hz: int
    start: int  #: sample of the timeline
    length: int  #: samples
    source: int  #: sample of the file, at the mix's rate
    volume: float
    fade_in: int = 0
    fade_out: int = 0


PARTS = (
    Part("one.wav", 44_100, 0, 3 * RATE, 0, 0.5),
    Part("two.wav", 48_000, RATE // 4, 2 * RATE, RATE, 0.8, RATE // 2, RATE),
    Part("three.flac", 44_100, RATE, 3 * RATE, RATE // 2, 0.3, 0, RATE // 4),
    Part("four.m4a", 44_100, RATE // 2, 3 * RATE, RATE // 5, 1.2, RATE),
    Part("five.mp3", 48_000, 0, 4 * RATE, 0, 0.7),
    Part("six.wav", 22_050, 2 * RATE, 2 * RATE, RATE // 7, 1.0),
)


def tones(rate_hz: int, seed: int) -> Doubles:
    """Six seconds of chords and a hiss, nothing above 9 kHz, where no two resamplers differ."""
    rng = np.random.default_rng(seed)
    seconds = np.arange(6 * rate_hz) / rate_hz
    pitches = rng.uniform(80, min(9_000, rate_hz * 0.4), (2, 9, 1))
    return np.sin(2 * np.pi * pitches * seconds + rng.uniform(0, 6, (2, 9, 1))).sum(1) * 0.02


def ffmpeg(*arguments: str) -> bytes:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def graph() -> str:
    chains = []
    for number, part in enumerate(PARTS):
        end = part.source + part.length
        steps = [
            f"[{number}:a]aformat=sample_fmts=fltp:channel_layouts=stereo",
            f"aresample={RATE}:resampler=soxr:precision=28",
            f"atrim=start_sample={part.source}:end_sample={end}",
            "asetpts=PTS-STARTPTS",
            f"volume={part.volume}:precision=double",
        ]
        if part.fade_in:
            steps.append(f"afade=in:ss=0:ns={part.fade_in}:curve=tri")
        if part.fade_out:
            steps.append(f"afade=out:ss={part.length - part.fade_out}:ns={part.fade_out}:curve=tri")
        steps.append(f"adelay=delays={part.start}S:all=1")
        chains.append(",".join(steps) + f"[s{number}]")
    inputs = "".join(f"[s{number}]" for number in range(len(PARTS)))
    return ";".join(chains) + f";{inputs}amix=inputs={len(PARTS)}:duration=longest:normalize=0[out]"


def test_the_same_samples_within_80_db(tmp_path: Path) -> None:
    draft, inputs = Draft(), []
    for seed, part in enumerate(PARTS):
        path = tmp_path / part.name
        wav = write_wav(tmp_path / f"{path.stem}-made.wav", tones(part.rate_hz, seed), part.rate_hz)
        ffmpeg("-i", str(wav), str(path))
        inputs += ["-i", str(path)]
        us = [round(samples / RATE * SECOND) for samples in (part.start, part.length, part.source)]
        faded = {
            "fade_in_duration": round(part.fade_in / RATE * SECOND),
            "fade_out_duration": round(part.fade_out / RATE * SECOND),
            "fade_type": 0,
        }
        fade = draft.add("audio_fades", type="audio_fade", **faded)
        track, sound = draft.track("audio"), add_sound(draft, path)
        draft.clip(track, sound, us[0], us[1], source_us=us[2], volume=part.volume, refs=[fade])
    got, report = mixed(draft.raw)
    raw = ffmpeg(*inputs, "-filter_complex", graph(), "-map", "[out]", "-ac", "2", "-ar", str(RATE), "-f", "f32le", "-")
    wanted = np.frombuffer(raw, np.float32).reshape(-1, 2).T
    assert not report
    assert np.abs(wanted).max() < 1.0
    count = min(got.shape[1], wanted.shape[1])
    assert count >= 4 * RATE - 2
    error = got[:, :count].astype(np.float64) - wanted[:, :count]
    level = decibels(float(np.sqrt((error**2).mean() / (wanted.astype(np.float64) ** 2).mean())))
    assert level < -80, f"{level:.1f} dB"
