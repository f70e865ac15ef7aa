"""Sound of a few of the drafts that `benchmarks.fuzz_sounds` mixes by the thousand, and of the one they come of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.every_sound import write_folder
from benchmarks.fuzz_reader import Tally
from benchmarks.fuzz_sounds import run_one
from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.render.sound.mix import Mix
from cutfarm.timeline.report import Fidelity

RATE = 44_100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("sounds") / "draft")


def test_every_kind_of_sound_is_heard_and_what_is_not_is_said(folder: Path) -> None:
    with loaded(str(folder), LoadOptions(sandbox=True)) as (timeline, assets):
        mix = Mix(timeline, assets, RATE, 0, 12 * RATE)
        samples = np.concatenate(list(mix), 1)
        lost = [entry.what for entry in timeline.report + mix.report if entry.fidelity is Fidelity.UNSUPPORTED]
    assert np.isfinite(samples).all()
    assert 0.5 < np.abs(samples).max() < 1
    assert np.abs(samples.reshape(2, 120, -1)).max((0, 2)).min() > 0.01, "a tenth of a second is silent"
    assert sorted(lost) == ["noise reduction", "sound effect", "vocal separation"]


@pytest.mark.slow
def test_mutated_and_extreme_drafts_end_in_sound_or_in_a_sentence(folder: Path) -> None:
    tally = Tally()
    for seed in range(80):
        run_one(seed, folder, tally)
    assert [said for said, _ in tally.failures] == []
    assert tally.outcomes["sound"] > 40
    assert sum(tally.outcomes.values()) == 80
