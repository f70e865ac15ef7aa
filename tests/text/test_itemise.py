from __future__ import annotations

import pytest

from cutfarm.text.fonts import FontLibrary
from cutfarm.text.itemise import Item, StyleFont, itemise


def cut(text: str, fonts: FontLibrary, styles: list[int] | None = None) -> tuple[Item, ...]:
    main = StyleFont(fonts.main, 400, False)
    return itemise(text, styles or [0] * len(text), {0: main, 1: main}, fonts).items


def families(text: str, fonts: FontLibrary) -> list[tuple[str, str]]:
    return [(text[item.start : item.end], item.font.face.family) for item in cut(text, fonts)]


def test_each_script_gets_a_font_that_has_it(fonts):
    assert families("Hi 春 ไทย", fonts) == [
        ("Hi ", "Noto Sans SC"),
        ("春 ", "Noto Sans SC"),
        ("ไทย", "Noto Sans Thai"),
    ]


def test_words_of_one_fallback_share_their_spaces(fonts):
    assert families("مرحبا بالعالم", fonts) == [("مرحبا بالعالم", "Noto Sans Arabic")]


def test_a_space_after_an_emoji_is_not_the_emoji_fonts(make_font):
    path = make_font("Colourful", "😀 ", coloured=True)
    fonts = FontLibrary([path.parent], system=False)
    assert families("a😀 😀 b", fonts) == [
        ("a", "Noto Sans SC"),
        ("😀", "Colourful"),
        (" ", "Noto Sans SC"),
        ("😀", "Colourful"),
        (" b", "Noto Sans SC"),
    ]


def test_items_end_where_the_style_does(fonts):
    assert [(item.start, item.style) for item in cut("abcd", fonts, [0, 0, 1, 1])] == [(0, 0), (2, 1)]


def test_a_mark_keeps_the_style_of_its_base(fonts):
    assert [(item.start, item.end) for item in cut("xe\u0301", fonts, [0, 0, 1])] == [(0, 3)]


def test_levels_divide(fonts):
    text = "abc שלום 12"
    assert [(text[item.start : item.end], item.level) for item in cut(text, fonts)] == [
        ("abc ", 0),
        ("שלום", 1),
        (" ", 1),
        ("12", 2),
    ]


def test_digits_take_the_script_before_them(fonts):
    assert [item.script for item in cut("1. Вася 2", fonts)] == ["Cyrl"]


def test_what_no_font_has_is_named_and_left_out(fonts):
    main = StyleFont(fonts.main, 400, False)
    result = itemise("a\U0010fffdb\U0010fffd", [0] * 4, {0: main}, fonts)
    assert result.missing == ("\U0010fffd",)
    assert [(item.start, item.end) for item in result.items] == [(0, 1), (2, 3)]


def test_a_mark_that_no_font_has_costs_no_letter(fonts):
    main = StyleFont(fonts.main, 400, False)
    unknown = "\U0001e2ec"
    if fonts.fallback(unknown, emoji=False) is not None:
        pytest.skip("a font has this rare mark")
    result = itemise("a" + unknown, [0, 0], {0: main}, fonts)
    assert [(item.start, item.end) for item in result.items] == [(0, 2)]
    assert result.missing == (unknown,)


def test_a_joined_emoji_without_a_font_falls_apart(make_font):
    path = make_font("Parts", "👨👧 ", coloured=True)
    fonts = FontLibrary([path.parent], system=False)
    main = StyleFont(fonts.main, 400, False)
    text = "👨\u200d👩\u200d👧"
    result = itemise(text, [0] * 5, {0: main}, fonts)
    assert [text[item.start : item.end].rstrip("\u200d") for item in result.items] == ["👨", "👧"]
    assert result.missing == ("👩",)


def test_a_colour_font_is_preferred_only_for_emoji(make_font):
    path = make_font("Colourful", "❤1 ", coloured=True)
    fonts = FontLibrary([path.parent], system=False)
    assert families("❤\ufe0f", fonts) == [("❤\ufe0f", "Colourful")]
    assert families("❤\ufe0e", fonts)[0][1] != "Colourful"
    assert families("1", fonts) == [("1", "Noto Sans SC")]
