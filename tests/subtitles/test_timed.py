"""Cues between lines of times."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.subtitles.plain import clock
from cutfarm.subtitles.timed import TimedText, read_srt, read_vtt
from tests.subtitles.builders import facts, losses

S = 1_000_000


def test_cues_of_subrip():
    text = "1\n00:00:01,000 --> 00:00:02,500\nHello\nworld\n\n2\n01:02:03,004 --> 01:02:04,005\nagain\n"
    hour = (3600 + 2 * 60 + 3) * S
    assert read_srt(text, losses()) == [
        TimedText(S, 2_500_000, "Hello\nworld"),
        TimedText(hour + 4_000, hour + S + 5_000, "again"),
    ]


def test_numbers_that_are_words_stay():
    text = "1\n0:0:1,0 --> 0:0:2,0\nthree\n2\n\n2\n0:0:2,0 --> 0:0:3,0\n\n3\n0:0:3,0 --> 0:0:4,0\n42\n"
    assert [cue.text for cue in read_srt(text, losses())] == ["three\n2", "", "42"]


def test_empty_lines_within_a_cue_stay():
    assert [cue.text for cue in read_srt("00:01.0 --> 00:02.0\na\n\nb\n\n7\n00:03.0 --> 00:04.0\nc", losses())] == [
        "a\n\nb",
        "c",
    ]


def test_an_arrow_may_be_a_word():
    assert [cue.text for cue in read_srt("1\n00:00:01,0 --> 00:00:02,0\na --> b", losses())] == ["a --> b"]


@pytest.mark.parametrize(
    ("times", "start_us", "end_us"),
    [
        ("00:00:01,5 --> 00:00:02", 1_500_000, 2_000_000),
        ("-00:00:01,000 --> 00:00:02,000", -1_000_000, 2_000_000),
        ("123:00:00,000 --> 123:00:01,000", 123 * 3600 * S, (123 * 3600 + 1) * S),
        ("00:00:01.000-->00:00:02.000 X1:40 X2:600", 1_000_000, 2_000_000),
    ],
)
def test_odd_times(times, start_us, end_us):
    [cue] = read_srt(f"1\n{times}\nwords\n", losses())
    assert (cue.start_us, cue.end_us, cue.text) == (start_us, end_us, "words")


@pytest.mark.parametrize("times", ["00:00:0a,000 --> 00:00:02,000", "00:00:01,000 --> later", "1:2:3:4:5 --> 0:0:1"])
def test_times_that_cannot_be_read_are_reported_with_their_line(times):
    found = losses()
    text = f"1\n{times}\nlost\n\n2\n00:00:03,000 --> 00:00:04,000\nkept\n\n3\n{times}\nlost\n"
    assert [cue.text for cue in read_srt(text, found)] == ["kept"]
    assert facts(found) == ["a.srt: cues whose times cannot be read are left out (× 2), the first in line 2."]


def test_a_cue_that_ends_before_it_begins_is_reported():
    found = losses()
    assert read_srt("1\n00:00:02,000 --> 00:00:01,000\na\n", found) == []
    assert facts(found) == ["a.srt: cues that end before they begin are left out, in line 2."]


def test_cues_of_webvtt():
    text = (
        "WEBVTT - a title\nKind: captions\n\nNOTE\n00:01 is no time --> here\n\nSTYLE\n::cue { color: red }\n\n"
        "an id\n00:01.000 --> 00:02.000 line:10% align:start\n<b>one</b>\n- two\n\n01:00:00.000 --> 01:00:01.000\nlast"
    )
    found = losses()
    assert read_vtt(text, found) == [
        TimedText(S, 2 * S, "<b>one</b>\n- two", "line:10% align:start"),
        TimedText(3600 * S, 3601 * S, "last"),
    ]
    assert facts(found) == ["a.srt: its style sheet is not followed."]


@given(st.integers(0, 10**12))
def test_clocks_are_read_as_they_are_written(time_ms):
    for point in ",.":
        times = f"{clock(time_ms, point)} --> {clock(time_ms + 1, point)}"
        [cue] = read_srt(f"1\n{times}\na\n", losses())
        assert (cue.start_us, cue.end_us) == (time_ms * 1000, time_ms * 1000 + 1000)


@given(st.text(alphabet="0123456789:,.->\n ab<>{}\\", max_size=120))
def test_no_text_is_too_odd(text):
    for read in (read_srt, read_vtt):
        assert all(cue.start_us < cue.end_us for cue in read(text, losses()))


@pytest.mark.parametrize(
    "line", [" " * 500_000 + "1:", "1:" + " " * 500_000 + "-->", "1:0" * 200_000, "- " * 300_000 + "-->"]
)
def test_no_line_takes_long(line):
    for read in (read_srt, read_vtt):
        started = time.process_time()
        assert read(f"1\n{line}\nwords\n", losses()) == []
        assert time.process_time() - started < 5
