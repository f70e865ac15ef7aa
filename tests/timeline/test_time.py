"""Times and rates."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cutfarm.timeline.time import TimeRange, frame_of, parse_frame_rate, time_of


@pytest.mark.parametrize(
    ("text", "rate"),
    [("30", 30), ("29.97", Fraction(30000, 1001)), ("30000/1001", Fraction(30000, 1001)), ("12.5", Fraction(25, 2))],
)
def test_a_rate_reads_as_it_is_meant(text: str, rate: Fraction) -> None:
    assert parse_frame_rate(text) == rate


@pytest.mark.parametrize("text", ["", "x", "1/0", "1/", "nan", "inf"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_frame_rate(text)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(30), Fraction(30000, 1001), Fraction(60)])
def test_a_frame_s_rounded_start_is_that_frame(fps: Fraction) -> None:
    assert all(frame_of(round(time_of(frame, fps)), fps) == frame for frame in range(5000))


def test_ranges_that_touch_in_time_touch_in_frames() -> None:
    fps = Fraction(30)
    assert TimeRange(0, 3_333_333).frames(fps).stop == TimeRange(3_333_333, 1_000_000).frames(fps).start == 100
