from __future__ import annotations

import itertools

import pytest

from cutfarm.text.breaks import may_break_before, wrap


def pieces(text: str) -> list[str]:
    """The text cut wherever a line may end."""
    cuts = [0, *(index for index in range(1, len(text)) if may_break_before(text, index)), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(cuts)]


def wrapped(text: str, limit: float | None) -> list[str]:
    """Lines of a text whose every character is one wide."""
    return [text[line.start : line.ink_end] for line in wrap(text, [1.0] * len(text), limit)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two  three", ["one ", "two  ", "three"]),
        ("don't (stop) now!", ["don't ", "(stop) ", "now!"]),
        ("well-known -5 x-1", ["well-", "known ", "-5 ", "x-1"]),
        ("春日影", ["春", "日", "影"]),
        ("你好，世界！", ["你", "好，", "世", "界！"]),
        ("「春」日", ["「春」", "日"]),
        ("用CapCut剪辑", ["用", "CapCut", "剪", "辑"]),
        ("ちょっと", ["ちょっ", "と"]),
        ("no\u00a0break here", ["no\u00a0break ", "here"]),
        ("zero\u200bwidth", ["zero\u200b", "width"]),
        ("😀👍🏽😀", ["😀", "👍", "🏽", "😀"]),
        ("شكرا لكم", ["شكرا ", "لكم"]),
    ],
)
def test_where_a_line_may_end(text, expected):
    assert pieces(text) == expected


def test_lines_fill_up_to_the_limit():
    assert wrapped("aa bb cc dd", 5) == ["aa bb", "cc dd"]
    assert wrapped("aa bb cc dd", 4.9) == ["aa", "bb", "cc", "dd"]
    assert wrapped("aa bb cc dd", None) == ["aa bb cc dd"]


def test_spaces_hang_beyond_the_line():
    assert wrapped("aa    bb", 2) == ["aa", "bb"]


def test_a_word_longer_than_the_line_is_cut():
    assert wrapped("a bcdefgh i", 3) == ["a", "bcd", "efg", "h i"]


def test_a_line_takes_at_least_one_cluster():
    assert wrapped("春日", 0.5) == ["春", "日"]


def test_a_cluster_is_never_cut():
    lines = wrap("abcd", [1.0, 0.0, 1.0, 0.0], 1.0)
    assert [(line.start, line.end) for line in lines] == [(0, 2), (2, 4)]


def test_no_text_is_one_empty_line():
    assert wrapped("", 5) == [""]
