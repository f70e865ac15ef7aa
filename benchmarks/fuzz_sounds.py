"""Mix parts of mutated drafts by the thousand: `python -m benchmarks.fuzz_sounds [--count 2000] [--seed 0]`.

Starts from the draft that holds an element of every kind that is heard, and from single tracks of it; its media are
written once. A quarter of the drafts are mutated, in a quarter numbers that can be are exchanged for extremes, in a
quarter the times of segments, and in a quarter effects, volumes, keys and speeds are changed by what their fields mean.
Of each a range of about a second is mixed: all samples must be numbers within full scale, as many as asked for, or the
mix must end in an error of one line that is the user's to mend, within 5 s of CPU time and 400 MB more than the process
held before. Every third one is mixed again from a little earlier to a little later, and must have the same samples in
the part that both have, bit for bit.

What is treated, or stretched, is read from its segment's start on, and what has a loudness of its own as a whole, so
that the time for a part grows with what lies before it: a part that needs more than half a minute of that, or ten
minutes of files at high speeds, is not asked for. It is counted as `too far`, and another part of the draft is mixed.
Prints what came of them and the slowest; exits with 1 where one broke the rule, and with --failures DIR writes up to
twenty of them there.
"""

from __future__ import annotations

import random
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.every_sound import every_sound, write_folder
from benchmarks.fuzz_reader import Draft, Tally, check_error, mutated
from benchmarks.fuzzing import Rule, extreme, files_of, judged, read, run, some_tracks
from cutfarm.catalogue.sound_effects import sound_effects
from cutfarm.errors import CutfarmError
from cutfarm.render.sound.mix import Mix
from cutfarm.render.sound.sums import BLOCK
from cutfarm.render.sound.treatment import is_stateless
from cutfarm.render.sound.voices import Voice, voices
from cutfarm.render.spec import Asset, Assets
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.time import US_PER_SECOND
from kernels.sound_limiter import CONTEXT_BLOCKS

LONGEST_S = 5.0  #: for one part
RULE = Rule(longest_s=3 * LONGEST_S, most_bytes=400_000_000)
LONGEST_MESSAGE = 2_000
MOST_BEFORE_S = 30.0  #: of sound that is made only because it lies before the part that is mixed
_FILE_S = 20.0  # of a file cost about as much to read as a second to stretch
_REACH = (CONTEXT_BLOCKS + 1) * BLOCK  # samples around a part that are mixed for the limiter
_TRIES = 12

_TIMES_US = (0, 1, 2, 22, 23, 100, 1_000, 33_333, 999_999, 1_000_000, 3_000_001, 60_000_000, 3_600_000_000, 10**11)
_VALUES = (0.0, 0.01, 0.5, 1.0, 1.0001, 1.5, 3.0, 10.0, 100.0, 1e9, -1.0, 1e-9, float("nan"), float("inf"), None)
_SPEEDS = (0.01, 0.1, 0.3, 0.5, 0.9999, 1.0001, 1.1, 2.0, 5.0, 30.0, 100.0, 1000.0, 0.0, -2.0, float("nan"))
_NUMBERS = {"volume", "speed", "semitones", "cents", "panning_value", "target_loudness", "value", "y"}
_SWITCHES = {"reverse", "is_tone_modify", "enable", "has_audio", "is_denoise", "intensifies_audio"}


def mixed(draft: Draft, folder: Path, chance: random.Random) -> str:
    """What comes of a draft: `sound`, or the name of a CutfarmError; raises what must not be raised."""
    try:
        timeline = read(draft)
        files = files_of(timeline, folder)
        timeline = only_found(timeline, files)
        assets = {path: Asset(str(file), file.name) for path, file in files.items()}
        return _mix(timeline, assets, chance)
    except CutfarmError as error:
        check_error(error, LONGEST_MESSAGE)
        return error.kind


def _mix(timeline: Timeline, assets: Assets, chance: random.Random) -> str:
    rate_hz = chance.choice((44_100, 48_000))
    heard = voices(timeline, rate_hz)
    count = chance.choice((1, 100, 7_000, rate_hz, rate_hz, rate_hz + 1))
    places = [_some_place(timeline, heard, rate_hz, chance) for _ in range(_TRIES)]
    near = [place for place in places if _before_s(heard, rate_hz, place, place + count) <= MOST_BEFORE_S]
    if not near:
        return "too far everywhere"
    first = near[0]
    samples = _samples(timeline, assets, rate_hz, first, count)
    if chance.random() < 1 / 3:
        earlier, later = chance.randrange(rate_hz), chance.randrange(rate_hz)
        earlier = min(earlier, first)
        again = _samples(timeline, assets, rate_hz, first - earlier, earlier + count + later)
        assert np.array_equal(again[:, earlier : earlier + count], samples), "a part is not that part of the whole"
    what = "sound" if samples.any() else "silence"
    return what if first == places[0] else f"{what}, elsewhere too far"


def _samples(timeline: Timeline, assets: Assets, rate_hz: int, first: int, count: int) -> NDArray[np.float32]:
    began = time.process_time()
    mix = Mix(timeline, assets, rate_hz, first, count)
    samples = np.concatenate(list(mix), 1)
    took_s = time.process_time() - began
    assert took_s < LONGEST_S, f"{took_s:.1f} s for {count} samples"
    assert samples.dtype == np.float32
    assert samples.shape == (2, count), f"{samples.shape} samples for {count}"
    assert np.isfinite(samples).all(), "samples that are no numbers"
    assert np.abs(samples).max() <= 1, "samples beyond full scale"
    mix.report.as_dicts()
    return samples


def _some_place(timeline: Timeline, heard: list[Voice], rate_hz: int, chance: random.Random) -> int:
    """A sample near an edge of what is heard, or anywhere."""
    if heard and chance.random() < 0.7:
        voice = chance.choice(heard)
        edge = chance.choice((voice.first, voice.end, voice.rings_until, (voice.first + voice.end) // 2))
        return max(edge - chance.randrange(rate_hz), 0)
    return chance.randrange(max(timeline.duration_us * rate_hz // US_PER_SECOND, 1))


def _before_s(heard: list[Voice], rate_hz: int, first: int, end: int) -> float:
    """Seconds that are mixed for nothing but what comes after them, and of sounds whose loudness is looked for."""
    total = 0.0
    for voice in heard:
        if voice.rings_until <= first - _REACH or voice.first >= end + _REACH:
            continue
        if not voice.is_evenly_read or not all(is_stateless(level.segment) for level in voice.levels):
            skipped_s = max(first - voice.first, 0) / rate_hz
            file_s = abs(voice.file_us(first, rate_hz) - voice.file_us(voice.first, rate_hz)) / US_PER_SECOND
            total += max(skipped_s, float(file_s) / _FILE_S)
        normalised = [level.segment for level in voice.levels if level.segment.treatment.target_lufs is not None]
        total += sum(segment.target.duration_us * float(segment.rate) for segment in normalised) / US_PER_SECOND
    return total


def run_one(seed: int, folder: Path, tally: Tally) -> None:
    """Mix a part of the draft that `seed` decides, and count what came of it."""
    chance = random.Random(seed)
    draft = _changed(some_tracks(_seed(), chance), chance)
    judged(seed, draft, RULE, lambda: mixed(draft, folder, chance), tally)


@cache
def _seed() -> Draft:
    return every_sound()


def _changed(draft: Draft, chance: random.Random) -> Draft:
    match chance.random():
        case low if low < 0.25:
            return mutated(draft, chance)
        case low if low < 0.5:
            return extreme(draft, chance, chance.choice((0.02, 0.1, 0.3)))
        case low if low < 0.75:
            return _moved(draft, chance, chance.choice((0.02, 0.1)))
    return _treated(draft, chance, chance.choice((0.1, 0.3, 0.6)))


def _moved(value: Draft, chance: random.Random, share: float, key: str = "") -> Draft:
    """A copy in which a `share` of the times are others."""
    if isinstance(value, dict):
        return {name: _moved(item, chance, share, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, chance, share, key) for item in value]
    is_time = key in {"start", "duration", "time_offset", "fade_in_duration", "fade_out_duration", "x"}
    return chance.choice(_TIMES_US) if is_time and chance.random() < share else value


def _treated(value: Draft, chance: random.Random, share: float, key: str = "") -> Draft:
    """A copy in which a `share` of the effects, levels, speeds and switches are others."""
    if isinstance(value, dict):
        copy = {name: _treated(item, chance, share, name) for name, item in value.items()}
        is_effect = value.get("category_id") == "sound_effect"
        return copy | _some_effect(chance) if is_effect and chance.random() < 2 * share else copy
    if isinstance(value, list):
        return [_treated(item, chance, share, key) for item in value]
    if chance.random() >= share:
        return value
    if key in _SWITCHES:
        return not value
    if key in _NUMBERS:
        return chance.choice(_SPEEDS if key in {"speed", "y"} else (*_VALUES, -40.0, -14.0, 24.0))
    return value


def _some_effect(chance: random.Random) -> dict[str, Any]:
    row = chance.choice(sound_effects(chance.choice(("scene", "tone", "song"))))
    sliders = [{"name": slider.name, "value": chance.choice((*_VALUES, 0.2, 0.8))} for slider in row.sliders]
    return {"name": row.name, "resource_id": row.resource_id, "audio_adjust_params": sliders}


if __name__ == "__main__":
    sys.exit(run(__doc__, run_one, write_folder))
