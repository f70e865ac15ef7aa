"""Drafts with sound of which one clip is changed for the worse, and what is heard of it and beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cutfarm.render.sound.mix import Mix
from cutfarm.render.spec import Asset
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.report import Report
from tests.acceptance.drafts import Draft, Raw, keys
from tests.acceptance.sounds import RATE, SECOND, Samples, add_sound, files, read

HALF_US = SECOND // 2
ECHO, HALL = "回音", "空灵感"

Change = Callable[[Draft, Raw], None]  #: what makes the middle segment of a draft a bad one
Words = list[tuple[str, str]]  #: fidelity and element of each entry


def draft_of(voice: Path, change: Change | None) -> tuple[Draft, str]:
    """A second track under three clips of half a second that touch, the middle one changed, or left out; its id."""
    draft = Draft()
    draft.clip(draft.track("audio"), add_sound(draft, voice), 0, 3 * HALF_US, volume=0.4)
    track, id_ = draft.track("audio"), ""
    for place in range(3):
        if place != 1 or change is not None:
            segment = draft.clip(track, add_sound(draft, voice), place * HALF_US, HALF_US, source_us=300_000)
            if place == 1 and change is not None:
                id_ = segment["id"]
                change(draft, segment)
    draft.raw["duration"] = 3 * HALF_US
    return draft, id_


class Heard:
    """What is heard of a bad segment, and what is said about it; all beside it is as without it."""

    def __init__(self, voice: Path, change: Change) -> None:
        draft, id_ = draft_of(voice, change)
        samples, report = mix_of(draft.raw)
        without, nothing = mix_of(draft_of(voice, None)[0].raw)
        assert not nothing
        assert np.isfinite(samples).all()
        assert np.abs(samples).max() <= 1
        part = slice(HALF_US * RATE // SECOND, 2 * HALF_US * RATE // SECOND)
        np.testing.assert_array_equal(samples[:, : part.start], without[:, : part.start])
        np.testing.assert_array_equal(samples[:, part.stop :], without[:, part.stop :])
        assert {entry.segment_id for entry in report} <= {id_}
        self.id = id_
        self.words = [(entry.fidelity.word, entry.what) for entry in report]
        self.messages = [entry.message for entry in report]
        self.samples = samples[:, part]
        self.others = without[:, part]

    @property
    def is_silent(self) -> bool:
        return bool(np.array_equal(self.samples, self.others))


def mix_of(raw: Raw) -> tuple[Samples, Report]:
    """The samples of a second and a half, and all reports, of what of its files is there."""
    produced = [item["production_path"] for item in raw["materials"].get("vocal_separations", ())]
    found = {**files(raw), **{path: Asset(path, path) for path in produced if Path(path).is_file()}}
    timeline = only_found(read(raw), found)
    mix = Mix(timeline, found, RATE, 0, 3 * HALF_US * RATE // SECOND)
    return np.concatenate(list(mix), 1), timeline.report + mix.report


def refer(draft: Draft, segment: Raw, bucket: str, **material: Any) -> None:
    segment["extra_material_refs"].append(draft.add(bucket, **material))


def setting(**fields: Any) -> Change:
    return lambda _, segment: segment.update(fields)


def with_material(bucket: str, **material: Any) -> Change:
    return lambda draft, segment: refer(draft, segment, bucket, **material)


def with_keys(*points: tuple[Any, Any], name: str = "KFTypeVolume") -> Change:
    return lambda _, segment: segment["common_keyframes"].append(keys(name, *points))


def with_speed(**material: Any) -> Change:
    """The material that a clip has by the draft's own writer, changed."""

    def change(draft: Draft, segment: Raw) -> None:
        [speed] = [item for item in draft.raw["materials"]["speeds"] if item["id"] in segment["extra_material_refs"]]
        speed.update(material)
        segment["speed"] = speed["speed"]

    return change


def at_speed(speed: float, start_us: int = 300_000, *, is_reversed: bool = False) -> Change:
    """Half a second at a speed, of the file from `start_us` on."""

    def change(draft: Draft, segment: Raw) -> None:
        with_speed(speed=speed)(draft, segment)
        segment["source_timerange"] = {"start": start_us, "duration": round(HALF_US * speed)}
        segment["reverse"] = is_reversed

    return change


def playing(path: Path) -> Change:
    return lambda draft, segment: segment.update(material_id=add_sound(draft, path))


def together(*changes: Change) -> Change:
    def change(draft: Draft, segment: Raw) -> None:
        for one in changes:
            one(draft, segment)

    return change


def with_effect(name: str = ECHO, *values: tuple[str, Any]) -> Change:
    params = [{"name": slider, "value": value} for slider, value in values]
    return with_material("audio_effects", name=name, category_id="sound_effect", audio_adjust_params=params)


def same(voice: Path, bad: Change, good: Change, entries: Words) -> None:
    """Both sound alike, and of the bad one that is said."""
    heard = Heard(voice, bad)
    np.testing.assert_array_equal(heard.samples, Heard(voice, good).samples)
    assert heard.words == entries
