"""A part of a draft's sound is the same part of the whole, whatever is done to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutfarm.media.codecs import sound_format
from cutfarm.render.job import plan_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.soundtrack import write_sound
from tests.acceptance.drafts import Draft, Raw, keys
from tests.acceptance.sounds import RATE, SECOND, Samples, add_sound, files, mixed, read, write_wav

SECONDS = 6
ECHO, CHURCH, CHIPMUNK, RADIO = (
    "7018011608408396325",
    "7350215092975178252",
    "7021052602761413126",
    "7024390914537689614",
)


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Chords under noise, loud enough for two of them to clip."""
    seconds = np.arange(RATE * 10) / RATE
    rng = np.random.default_rng(5)
    chord = sum(np.sin(2 * np.pi * pitch * seconds + np.array([[0.0], [1.0]])) for pitch in (220.0, 277.2, 329.6))
    return write_wav(
        tmp_path_factory.mktemp("sound") / "music.wav", 0.2 * chord + rng.normal(0, 0.08, (2, seconds.size))
    )


def effect(draft: Draft, resource_id: str, name: str) -> str:
    return draft.add(
        "audio_effects",
        type="audio_effect",
        name=name,
        resource_id=resource_id,
        category_id="sound_effect",
        audio_adjust_params=[],
        production_path="",
    )


def everything(music: Path) -> Raw:
    """Every way to read, treat and level a sound, each on its own track, in the middle of a clipping whole."""
    draft = Draft()
    fade = draft.add("audio_fades", type="audio_fade", fade_in_duration=700_000, fade_out_duration=900_000, fade_type=0)
    shift = draft.add("audio_pitch_shifts", enable_pitch_shift=True, semitones=3.0, cents=0.0)
    loud = draft.add("loudnesses", enable=True, target_loudness=-18.0)
    ways = [
        {"volume": 1.5, "refs": [fade]},
        {"speed": 1.25},
        {"speed": 0.8, "is_tone_modify": True, "reverse": True},
        {"reverse": True, "refs": [fade]},
        {"refs": [effect(draft, ECHO, "回音")]},
        {"refs": [effect(draft, CHURCH, "空灵感"), loud]},
        {"refs": [effect(draft, RADIO, "低保真")]},
        {"refs": [shift]},
    ]
    for number, way in enumerate(ways):
        start_us, length_us = 150_001 * number, 2_500_000 + 123_457 * number
        segment = draft.clip(
            draft.track("audio"), add_sound(draft, music), start_us, length_us, source_us=377_777, **way
        )
        if number % 2:
            segment["common_keyframes"] = [keys("KFTypeVolume", (400_000, 0.1), (1_700_000, 1.2))]
    curve = draft.clip(draft.track("audio"), add_sound(draft, music), 1_000_000, 3_000_000, speed=1.0)
    points = [{"x": 0.0, "y": 0.5}, {"x": 0.5, "y": 3.0}, {"x": 1.0, "y": 0.7}]
    draft.raw["materials"]["speeds"][-1] |= {"mode": 1, "curve_speed": {"speed_points": points}}
    assert curve["speed"] == 1.0
    draft.clip(draft.track("audio"), add_sound(draft, music), 0, SECONDS * SECOND, volume=0.3)
    return draft.raw


@pytest.fixture(scope="module")
def draft(music: Path) -> Raw:
    return everything(music)


@pytest.fixture(scope="module")
def whole(draft: Raw) -> Samples:
    samples, report = mixed(draft)
    assert not [entry for entry in report if entry.fidelity == 0], "something of the draft is not heard"
    assert samples.shape[1] == SECONDS * RATE
    return samples


def test_the_whole_is_limited(whole: Samples) -> None:
    assert 0.8 < np.abs(whole).max() < 10 ** (-1 / 20)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.integers(0, SECONDS * RATE - 1), count=st.integers(1, 2 * RATE))
def test_any_range_is_the_same_part_of_the_whole(first: int, count: int, draft: Raw, whole: Samples) -> None:
    count = min(count, whole.shape[1] - first)
    part, _ = mixed(draft, first, count)
    np.testing.assert_array_equal(part, whole[:, first : first + count])


@pytest.mark.parametrize("range_s", [(0.5, 1.7), (3.033, 6.0)])
def test_the_file_of_a_range_is_that_part_of_the_files_whole(
    range_s: tuple[float, float], draft: Raw, tmp_path: Path
) -> None:
    timeline, contents = read(draft), []
    for asked in (range_s, None):
        job = plan_job(timeline, files(draft), RenderOptions(range_s=asked))
        path = tmp_path / f"{asked}.wav"
        spec = replace(job.sound, format=sound_format(".wav"))
        written = write_sound(spec, path)
        contents.append(path.read_bytes()[-written.samples * 6 :])
    first = round(round(range_s[0] * 30) / 30 * RATE) * 6
    assert contents[1][first : first + len(contents[0])] == contents[0]
