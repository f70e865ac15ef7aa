"""Frames of a few of the drafts that `benchmarks.fuzz_frames` draws by the thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.every_element import write_folder
from benchmarks.fuzz_frames import Tally, run_one


@pytest.mark.slow
def test_mutated_and_extreme_drafts_end_in_pictures_or_in_a_sentence(tmp_path: Path) -> None:
    folder, tally = write_folder(tmp_path / "draft"), Tally()
    for seed in range(150):
        run_one(seed, folder, tally)
    assert [said for said, _ in tally.failures] == []
    assert tally.outcomes["pictures"] > 70
    assert sum(tally.outcomes.values()) == 150
