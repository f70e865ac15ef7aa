from __future__ import annotations

import pytest

from cutfarm.errors import DraftError
from cutfarm.timeline.reader import read_timeline

MIX = {"id": "x", "name": "Mix", "resource_id": "6724845717472416269", "duration": 500_000, "is_overlap": True}
FLASH = {"id": "x", "name": "White Flash", "resource_id": "6724845376098013708", "duration": 500_000}


def read(make, transition, second_start, **second):
    draft = make.one_clip(make.clip(0, 2, id="a", extra_material_refs=["x"]), transitions=[transition])
    if second_start is not None:
        draft["tracks"][0]["segments"].append(make.clip(second_start, 2, id="b", **second))
    timeline = read_timeline(draft)
    return timeline.tracks[0].segments[0].transition, timeline.report


@pytest.mark.parametrize("second_start", [2, 2.016, 1.5])
def test_a_dissolve_between_clips_that_touch_or_overlap(make, second_start):
    transition, report = read(make, MIX, second_start)
    assert (transition.name, transition.duration_us, transition.is_overlap) == ("Mix", 500_000, True)
    assert not report


def test_another_one_is_shown_as_a_dissolve_and_said(make):
    transition, [entry] = read(make, FLASH, 2)
    assert transition.name == "White Flash"
    assert (entry.what, entry.fidelity.word, entry.segment_id) == ("transition", "evocative", "a")


@pytest.mark.parametrize("second", [None, 2.1, 50])
def test_it_leads_nowhere_without_a_next_clip(make, second):
    assert read(make, FLASH, second) == (None, read(make, MIX, 2)[1])


@pytest.mark.parametrize("duration", [0, -5, None, "long"])
def test_it_takes_time(make, duration):
    assert read(make, FLASH | {"duration": duration}, 2)[0] is None


def test_a_duration_that_cannot_be(make):
    with pytest.raises(DraftError, match="Segment a "):
        read(make, MIX | {"duration": float("nan")}, 2)
