"""Entries that say from when to when: chunks say their own parts, and the sum says them once."""

from __future__ import annotations

import json
from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline.report import Entry, Fidelity, Report

HELD = "film.mp4 in segment s1: a frame is held"


def entry(*spans_us: tuple[int, int], fact: str = HELD, segment_id: str = "s1") -> Entry:
    return Entry(Fidelity.CLOSE, "video", fact, segment_id, spans_us=spans_us)


class TestSums:
    def test_touching_times_of_one_fact_become_one(self) -> None:
        parts = [
            Report((entry((1_000_000, 1_200_000)),)),
            Report((entry((1_200_000, 1_500_000), (2_000_000, 3_000_000)),)),
        ]
        assert reduce(add, parts).entries == (entry((1_000_000, 1_500_000), (2_000_000, 3_000_000)),)

    def test_the_order_of_the_parts_does_not_matter(self) -> None:
        early, late = Report((entry((0, 10)),)), Report((entry((10, 20)),))
        assert early + late == late + early == Report((entry((0, 20)),))

    def test_other_segments_and_other_facts_stay_apart(self) -> None:
        several = (entry((0, 10)), entry((0, 10), segment_id="s2"), entry((0, 10), fact="another"))
        assert (Report(several[:2]) + Report(several[2:])).entries == several

    def test_what_always_holds_is_said_once(self) -> None:
        always = entry()
        assert (Report((always,)) + Report((always, always))).entries == (always,)

    @given(frames=st.lists(st.integers(0, 60), unique=True, min_size=1))
    def test_single_frames_add_up_in_any_order(self, frames: list[int]) -> None:
        whole = sum((Report((entry((frame, frame + 1)),)) for frame in frames), Report())
        (one,) = whole.entries
        assert [frame for start, end in one.spans_us for frame in range(start, end)] == sorted(frames)
        assert all(before[1] < after[0] for before, after in zip(one.spans_us, one.spans_us[1:], strict=False))


class TestWords:
    def test_the_message_says_when(self) -> None:
        assert entry((1_333_333, 1_600_000)).message == f"{HELD}, from 1.333 s to 1.600 s"
        assert entry().message == HELD

    def test_many_times_are_counted(self) -> None:
        many = entry(*((n * 1_000_000, n * 1_000_000 + 500_000) for n in range(6)))
        assert many.message.endswith("from 2.000 s to 2.500 s, 3 times more until 5.500 s")

    @given(spans=st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**7)), max_size=6))
    def test_plain_data_and_back(self, spans: list[tuple[int, int]]) -> None:
        report = Report() + Report((entry(*((start, start + length) for start, length in spans)),))
        again = Report.from_dicts(json.loads(json.dumps(report.as_dicts())))
        assert again == report
        assert [one["message"] for one in report.as_dicts()] == [one.message for one in report]

    def test_entries_without_times_have_none_in_plain_data(self) -> None:
        assert entry().as_dict() == {
            "fidelity": "close",
            "what": "video",
            "message": HELD,
            "segment_id": "s1",
            "resource_id": "",
        }
