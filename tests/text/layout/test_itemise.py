from __future__ import annotations

from pathlib import Path

import pytest

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.itemise import Item, StyleFont, itemise
from cutfarm.text.layout.shaping import shape
from cutfarm.text.unicode.characters import is_ignorable
from tests.text.layout.hb_shape import write_pictures


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


EMOJI = (
    "👨\u200d👩\u200d👧",
    "👍🏽",
    "🇩🇪",
    "1\ufe0f\u20e3",
    "❤\ufe0f\u200d🔥",
    "🏴\U000e0067\U000e0062\U000e007f",
)


@pytest.fixture
def pictures(tmp_path: Path) -> FontLibrary:
    """The bundled fonts and a colour font that joins `EMOJI`."""
    write_pictures(tmp_path)
    return FontLibrary([tmp_path], system=False)


@pytest.mark.parametrize("emoji", EMOJI)
@pytest.mark.parametrize("around", ["a {} b", "{}{}", "春{}影", "\u05d0{}\u05d1", "1{}1"])
def test_emoji_sequences_are_one_picture(pictures, emoji, around):
    text = around.replace("{}", emoji)
    drawn = [item for item in cut(text, pictures) if item.font.face.is_colour]
    assert "".join(text[item.start : item.end] for item in drawn) == emoji * around.count("{}")
    assert sum(len(shape(text, item)) for item in drawn) == around.count("{}")


@pytest.mark.parametrize("emoji", EMOJI)
def test_without_a_colour_font_emoji_are_their_parts_and_none_is_a_box(fonts, emoji):
    main = StyleFont(fonts.main, 400, False)
    result = itemise(emoji, [0] * len(emoji), {0: main}, fonts)
    drawn = {char for item in result.items for char in emoji[item.start : item.end] if not is_ignorable(char)}
    assert drawn.isdisjoint(result.missing)
    assert drawn | set(result.missing) == {char for char in emoji if not is_ignorable(char)}
    assert all(glyph.glyph_id for item in result.items for glyph in shape(emoji, item))


@pytest.mark.parametrize(
    ("text", "is_picture"), [("❤", False), ("❤\ufe0e", False), ("❤\ufe0f", True), ("👍\ufe0e", False)]
)
def test_variation_selectors_choose_between_picture_and_text(pictures, text, is_picture):
    assert [item.font.face.is_colour for item in cut(text, pictures)] == [is_picture]


def test_digits_are_pictures_in_keycaps_alone(pictures):
    text = "1 1\ufe0f\u20e3 11"
    drawn = [text[item.start : item.end] for item in cut(text, pictures) if item.font.face.is_colour]
    assert drawn == ["1\ufe0f\u20e3"]


def test_in_vertical_writing_what_stands_is_apart_from_what_lies(fonts):
    text = "春日ab（1）。😀"
    main = StyleFont(fonts.main, 400, False)
    items = itemise(text, [0] * len(text), {0: main}, fonts, vertical=True).items
    assert [(text[item.start : item.end], item.upright) for item in items] == [
        ("春日", True),
        ("ab", False),
        ("（", True),
        ("1", False),
        ("）。", True),
    ]


def test_han_takes_the_forms_of_the_text_around_its_paragraph(fonts):
    font = StyleFont(next(face for face in fonts.faces if face.family == "Inter"), 400, False)
    for context, family in (("漢字", "Noto Sans TC"), ("かな", "Noto Sans JP"), ("한글", "Noto Sans KR")):
        (item,) = itemise("直", [0], {0: font}, fonts, context=context + "直").items
        assert item.font.face.family == family
