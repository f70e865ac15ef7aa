from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

import pytest
from bidi import get_display
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.text.unicode.direction import base_level, embedding_levels, visual_order

_RESET_AT_END = ("WS", "LRI", "RLI", "FSI", "PDI")
_MIXED = "abcאבגعربي123٤٥()[]<>.,+-%$ :/!\u0300\u064b\u200e\u200f"


def displayed(text: str) -> str:
    levels = embedding_levels(text)
    for index in reversed(range(len(text))):
        if unicodedata.bidirectional(text[index]) not in _RESET_AT_END:
            break
        levels[index] = base_level(text)
    return "".join(text[index] for index in visual_order(levels))


@given(st.text(_MIXED, max_size=24))
def test_order_is_that_of_the_unicode_algorithm(text):
    assert displayed(text) == get_display(text)


@given(st.text("abאבع13()., \u2066\u2067\u2068\u2069", max_size=20))
def test_isolates_keep_their_own_direction(text):
    assert displayed(text) == get_display(text)


@pytest.mark.parametrize(
    ("logical", "visual"),
    [
        ("Hello world", "Hello world"),
        ("שלום abc 123", "abc 123 םולש"),
        ("abc שלום 12 def", "abc 12 םולש def"),
        ("CapCut (אבג) דה", "CapCut (גבא) הד"),
    ],
)
def test_known_orders(logical, visual):
    assert displayed(logical) == visual


def test_levels_of_plain_text_are_zero():
    assert embedding_levels("abc 春日") == [0] * 6


def test_endless_nesting_ends():
    assert len(embedding_levels("\u2067א" * 2000)) == 4000


def test_visual_order_of_pieces():
    assert visual_order([]) == []
    assert visual_order([0, 1, 2, 1, 0]) == [0, 3, 2, 1, 4]
    assert visual_order([1, 2, 2, 1]) == [3, 1, 2, 0]


def unicode_cases() -> list[tuple[str, list[str], list[int]]]:
    lines = (Path(__file__).parent / "data" / "bidi_levels.txt").read_text("utf-8").splitlines()
    cases = []
    for line in lines:
        if not line.startswith("#") and "0009" not in line:  # layout makes spaces of tabs before
            points, levels, order = line.split(";")
            text = "".join(chr(int(point, 16)) for point in points.split())
            cases.append((text, levels.split(), [int(index) for index in order.split()]))
    return cases


def test_levels_are_those_of_unicodes_own_test():
    cases = unicode_cases()
    wrong = []
    for text, levels, _ in cases:
        end = len(text)
        while end and (levels[end - 1] == "x" or unicodedata.bidirectional(text[end - 1]) in _RESET_AT_END):
            end -= 1
        got = embedding_levels(text)[:end]
        if any(level not in ("x", str(own)) for level, own in zip(levels, got, strict=False)):
            wrong.append((text, levels, got))
    assert len(cases) > 500
    assert wrong == []


def test_order_is_that_of_unicodes_own_test():
    for _, levels, order in unicode_cases():
        kept = [index for index, level in enumerate(levels) if level != "x"]
        assert [kept[place] for place in visual_order([int(levels[index]) for index in kept])] == order


@pytest.mark.parametrize("text", ["(" * 20_000 + "א" + ")" * 20_000, "(א)" * 6_000, "[" * 20_000 + "א" + ")" * 20_000])
def test_brackets_without_end_take_linear_time(text):
    looked_at = 0

    def count(*_: object) -> None:
        nonlocal looked_at
        looked_at += 1

    sys.setprofile(count)
    try:
        levels = embedding_levels(text)
    finally:
        sys.setprofile(None)
    assert len(levels) == len(text)
    assert looked_at < 400 * len(text)
