from __future__ import annotations

import itertools
import re
import time
from pathlib import Path

import pytest

from cutfarm.text.unicode.breaks import line_starts, wrap


def pieces(text: str) -> list[str]:
    """The text cut wherever a line may end."""
    cuts = [0, *(index for index, starts in enumerate(line_starts(text)) if starts), len(text)]
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
        ("😀👍🏽😀", ["😀", "👍🏽", "😀"]),
        ("شكرا لكم", ["شكرا ", "لكم"]),
        ("他说“你好”吧", ["他", "说", "“你", "好”", "吧"]),
        ("say “yes” now", ["say ", "“yes” ", "now"]),
        ("《书》，（注）。", ["《书》，", "（注）。"]),
        ("等……了——吧", ["等……", "了", "——", "吧"]),
        ("好～吧、嗯", ["好～", "吧、", "嗯"]),
        ("サーバー・ゲーム", ["サー", "バー・", "ゲー", "ム"]),
        ("한국어 자막", ["한", "국", "어 ", "자", "막"]),
        ("100% 3.5kg $5.00 1,000元", ["100% ", "3.5kg ", "$5.00 ", "1,000", "元"]),
        ("温度25℃，涨5％", ["温", "度", "25℃，", "涨", "5％"]),
        ("https://a.example/b/c?d=1", ["https://", "a.example/", "b/", "c?", "d=1"]),
        ("soft\u00adhyphen e‑mail", ["soft\u00ad", "hyphen ", "e‑mail"]),
        ("👨‍👩‍👧🇩🇪🇫🇷1️⃣✌🏽❤️a", ["👨‍👩‍👧", "🇩🇪", "🇫🇷", "1️⃣", "✌🏽", "❤️", "a"]),
        ("ภาษาไทย ดี", ["ภาษาไทย ", "ดี"]),
        ("e\u0301a ב\u05b7ית", ["e\u0301a ", "ב\u05b7ית"]),
        ("a\u3000b", ["a\u3000", "b"]),
        ("\u200d\u0301\ufe0f", ["\u200d\u0301\ufe0f"]),
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


def test_a_gap_after_the_last_cluster_needs_no_room():
    assert len(wrap("ab", [2.0, 2.0], 3.0)) == 2
    assert len(wrap("ab", [2.0, 2.0], 3.0, last_gaps_px=[1.0, 1.0])) == 1
    assert len(wrap("ab", [2.0, 2.0], 2.9, last_gaps_px=[1.0, 1.0])) == 2


def test_a_line_that_is_just_as_long_as_its_limit_fits():
    assert len(wrap("x" * 10, [0.1] * 10, 1.0 - 1e-12)) == 1


def test_no_break_spaces_do_not_hang():
    assert wrapped("a\u00a0", None) == ["a\u00a0"]


def test_thai_vowels_stay_with_their_consonants():
    assert wrapped("เเกาะไทย", 3) == ["เเกาะ", "ไทย"]


def test_joined_emoji_are_not_cut_even_where_their_parts_are_drawn():
    family = "👨\u200d👩\u200d👧"
    assert wrapped(family * 2, 1) == [family, family]


def unicode_cases() -> list[tuple[str, list[bool]]]:
    cases = []
    for line in (Path(__file__).parent / "data" / "line_breaks.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            text = "".join(chr(int(point, 16)) for point in re.split("[÷×]", line))
            cases.append((text, [False, *(sign == "÷" for sign in re.findall("[÷×]", line))]))
    return cases


def is_ours(text: str) -> bool:
    """Whether the case is about a hyphen before a word, or a space inside of a quote or before a quoted bracket."""
    return re.match("-\u0308?\\w", text) is not None or re.search('["«»]\u0308? ', text) is not None


def test_breaks_are_those_of_unicodes_own_test():
    cases = [(text, starts) for text, starts in unicode_cases() if not is_ours(text)]
    assert len(cases) > 1250
    assert [text for text, starts in cases if line_starts(text) != starts] == []


@pytest.mark.parametrize(
    "text", ["a " * 50_000, "（" * 100_000, "“ " * 50_000, "1," * 50_000, "🇩" * 100_000, "\u0301" * 100_000]
)
def test_a_hundred_thousand_characters_take_a_moment(text):
    started_s = time.process_time()
    lines = wrap(text, [1.0] * len(text), 80.0)
    assert lines[-1].end == len(text)
    assert time.process_time() - started_s < 10
