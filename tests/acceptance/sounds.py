"""Sound of drafts that are written as JSON: files made by formula, and the samples that a timeline mixes."""

from __future__ import annotations

import json
import wave
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutfarm.render.sound.mix import Mix
from cutfarm.render.sound.written import samples_of_frames
from cutfarm.render.spec import Asset
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Report
from cutfarm.timeline.time import frame_of
from tests.acceptance.drafts import Draft, Raw

RATE = 44_100
SECOND = 1_000_000

Samples = NDArray[np.float32]
Doubles = NDArray[np.float64]


def write_wav(path: Path, samples: Doubles, rate_hz: int = RATE) -> Path:
    """16-bit WAV of (C, n), full scale ±1."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes((samples.T * 32768).round().clip(-32768, 32767).astype("<i2").tobytes())
    return path


def write_clicks(path: Path, every_us: int, seconds: int, level: float, rate_hz: int = RATE) -> Path:
    """Single samples of `level` on both sides at the multiples of `every_us`."""
    samples = np.zeros((2, rate_hz * seconds))
    samples[:, :: every_us * rate_hz // SECOND] = level
    return write_wav(path, samples, rate_hz)


def read(raw: Raw) -> Timeline:
    """The timeline of a draft's JSON."""
    return read_timeline(json.loads(json.dumps(raw)))


def add_sound(draft: Draft, path: Path, **more: Any) -> str:
    """A material of an audio track; its id."""
    return draft.add("audios", **{"type": "music", "path": str(path), "name": path.name, "duration": 0, **more})


def mixed(raw: Raw, first: int = 0, count: int | None = None, rate_hz: int = RATE) -> tuple[Samples, Report]:
    """Samples (2, n) of the draft as long as its frames, or a part of them; with the report of draft and mix."""
    timeline = read(raw)
    whole = samples_of_frames(max(frame_of(timeline.duration_us, timeline.fps), 1), timeline.fps, rate_hz)
    mix = Mix(timeline, files(raw), rate_hz, first, whole - first if count is None else count)
    blocks = list(mix)
    return np.concatenate(blocks, 1), timeline.report + mix.report


def files(raw: Raw) -> Mapping[str, Asset]:
    """Every material of the draft that names a file, as it stands there."""
    found: dict[str, Asset] = {}
    for bucket in ("audios", "videos"):
        for item in raw["materials"].get(bucket, ()):
            if item["path"]:
                found[item["path"]] = Asset(item["path"], item["path"])
    for inner in raw["materials"].get("drafts", ()):
        found |= files(inner["draft"])
    return found


def decibels(ratio: Doubles | float) -> Doubles:
    """20 log10 of the magnitude."""
    return 20 * np.log10(np.abs(ratio))


def nearest_peak(samples: Samples, place: float, within: int) -> int:
    """Index of the loudest sample of (n,) within `within` samples of `place`."""
    middle = round(place)
    low = max(middle - within, 0)
    return low + int(np.abs(samples[low : middle + within + 1]).argmax())


def far_from_all(place: float, others: Sequence[float], distance: float) -> bool:
    """Whether no other one of ascending `others` lies within `distance`; `place` itself is one of them."""
    return sum(abs(place - other) < distance for other in others) == 1
