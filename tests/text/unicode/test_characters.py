from __future__ import annotations

import pytest

from cutfarm.text.unicode.characters import (
    clean,
    clusters,
    has_kana,
    is_east_asian,
    is_ignorable,
    is_wide,
    script_of,
    wants_emoji,
)


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in clusters(text)]


def test_clean_keeps_where_each_character_came_from():
    cleaned = clean("a\x00b\ud800c\ufffe")
    assert cleaned.text == "abc"
    assert cleaned.sources == (0, 2, 4)


@pytest.mark.parametrize("feed", ["\n", "\r", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_every_line_feed_is_one_line_feed(feed):
    assert clean(f"a{feed}b").text == "a\nb"


def test_a_tab_is_a_space():
    assert clean("a\tb").text == "a b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", ["a", "b", "c"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("👍🏽a", ["👍🏽", "a"]),
        ("👨‍👩‍👧x", ["👨‍👩‍👧", "x"]),
        ("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"]),
        ("❤️❤", ["❤️", "❤"]),
        ("1️⃣2", ["1️⃣", "2"]),
        ("a\n\u0301", ["a", "\n", "\u0301"]),
        ("ที่", ["ที่"]),
        ("\u1112\u1161\u11ab", ["\u1112\u1161\u11ab"]),
        ("क\u200dष", ["क\u200d", "ष"]),
    ],
)
def test_clusters(text, expected):
    assert parts(text) == expected


@pytest.mark.parametrize("cluster", ["😀", "❤️", "👍🏽", "🇩🇪", "1️⃣", "⌚", "🀄"])
def test_emoji_by_default_or_by_selector(cluster):
    assert wants_emoji(cluster)


@pytest.mark.parametrize("cluster", ["a", "1", "❤", "☀", "⌚\ufe0e", "春", "★", "㊗"])
def test_text_by_default_or_by_selector(cluster):
    assert not wants_emoji(cluster)


@pytest.mark.parametrize(
    ("char", "script"), [("a", "Latn"), ("ع", "Arab"), ("漢", "Hani"), ("あ", "Hira"), ("1", "Zyyy"), (" ", "Zyyy")]
)
def test_scripts(char, script):
    assert script_of(char) == script


def test_invisible_signs_need_no_glyph():
    assert all(map(is_ignorable, "\u200b\u200d\u2060\ufe0f\ufeff\u202e\u00ad\U000e0067"))
    assert not any(map(is_ignorable, "a \u0600\u06dd春"))


def test_width_and_kana():
    assert all(map(is_wide, "春あ한，😀"))
    assert not any(map(is_wide, "aعก,"))
    assert has_kana("春のひ")
    assert not has_kana("春日")


def test_emoji_make_no_text_east_asian():
    assert is_east_asian("Hi 春")
    assert is_east_asian("ok，")
    assert not is_east_asian("Hi 😀")
