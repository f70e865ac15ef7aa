"""Units of captions in several scripts and directions."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.block import lay_out
from cutfarm.text.layout.units import units_of
from cutfarm.timeline.text import Word
from tests.text.conftest import block_of


@pytest.fixture
def split(fonts):
    """The texts of a caption's units, in order."""

    def split(text, kind, **fields):
        block = block_of(text, **fields)
        units = units_of(lay_out(block, canvas_width_px=1080, fonts=fonts), block, kind)
        ends = [*(unit.start for unit in units[1:]), len(text)]
        return [text[unit.start : end] for unit, end in zip(units, ends, strict=True)]

    return split


def test_clusters_stay_whole(split):
    assert split("a e\u0301o\u0308b", "char") == ["a ", "e\u0301", "o\u0308", "b"]
    assert split("नमस्ते", "char") == ["न", "म", "स्", "ते"]
    assert split("น้ำ", "char") == ["น้ำ"]
    assert split("春天\n来了", "char") == ["春", "天\n", "来", "了"]


def test_a_ligature_is_one_unit(split):
    assert split("office", "char") == ["o", "ffi", "c", "e"]


def test_words_end_where_a_line_might(split):
    assert split("Hello, big  world", "word") == ["Hello, ", "big  ", "world"]
    assert split("一，二 three", "word") == ["一，", "二 ", "three"]
    assert split("one two\nthree", "word") == ["one ", "two\n", "three"]


def test_lines_and_all(split):
    assert split("one two\nthree\n\nfour", "line") == ["one two\n", "three\n\n", "four"]
    assert split("one two\nthree", "all") == ["one two\nthree"]


@pytest.mark.parametrize("kind", ["char", "word", "spoken", "line", "all"])
@pytest.mark.parametrize("text", ["", "\n\n", "\ud800"])
def test_what_draws_nothing_has_no_units(fonts, text, kind):
    block = block_of(text)
    assert units_of(lay_out(block, canvas_width_px=1080, fonts=fonts), block, kind) == ()


def test_a_wrapped_word_has_a_unit_in_each_line(split):
    text = "a" * 60
    parts = split(text, "word", wrap_width=0.3)
    assert len(parts) > 1
    assert "".join(parts) == text
    assert parts == split(text, "line", wrap_width=0.3)


def test_spoken_words_are_those_of_the_clock(split):
    words = (Word(0, 5, 0, 1), Word(6, 8, 1, 2), Word(8, 11, 2, 3))
    assert split("Hello 春天 abc", "spoken", words=words) == ["Hello ", "春天 ", "abc"]


def test_every_glyph_is_in_one_unit(fonts):
    text = "Hello عربي 春天\nनमस्ते שלום a-b"
    block = block_of(text)
    layout = lay_out(block, canvas_width_px=1080, fonts=fonts)
    for kind in ("char", "word", "line", "all"):
        numbers = [number for unit in units_of(layout, block, kind) for number in unit.glyphs]
        assert sorted(numbers) == list(range(len(layout.glyphs())))


def test_joined_letters_move_as_one(fonts):
    """Apart, they would show their joins."""
    block = block_of("مرحبا بالعالم، abc نعم")
    units = units_of(lay_out(block, canvas_width_px=1080, fonts=fonts), block, "char")
    starts = sorted(unit.start for unit in units)
    assert [block.text[start:end] for start, end in pairwise([*starts, None])] == [
        "مرحبا ", "بالعالم", "، ", "a", "b", "c ", "نعم",
    ]  # fmt: skip


def test_units_to_the_left_are_in_reading_order(fonts):
    block = block_of("שלום עולם")
    units = units_of(lay_out(block, canvas_width_px=1080, fonts=fonts), block, "char")
    lefts = [unit.box.left for unit in units]
    assert lefts == sorted(lefts, reverse=True)
    assert {unit.flow for unit in units} == {"rtl"}
    mixed = block_of("abc שלום")
    units = units_of(lay_out(mixed, canvas_width_px=1080, fonts=fonts), mixed, "char")
    assert [unit.flow for unit in units] == ["ltr"] * 3 + ["rtl"] * 4


def test_columns_run_down(fonts):
    block = block_of("春天来了", is_vertical=True)
    units = units_of(lay_out(block, canvas_width_px=1080, fonts=fonts), block, "char")
    tops = [unit.box.top for unit in units]
    assert tops == sorted(tops)
    assert {unit.flow for unit in units} == {"ttb"}


def test_bent_lines_run_as_they_are_read(fonts):
    block = block_of("Curved text", curve_deg=170.0)
    units = units_of(lay_out(block, canvas_width_px=1080, fonts=fonts), block, "char")
    assert {unit.flow for unit in units} == {"ltr"}


def test_boxes_are_advances_by_the_height_of_the_line(make_font):
    path = make_font("Square", "AB ", advance=1000)
    block = block_of("AB A\nB", size=10, font_path="Square.ttf", letter_spacing_em=0.1)
    layout = lay_out(block, canvas_width_px=1080, fonts=FontLibrary([path.parent], system=False))
    chars = units_of(layout, block, "char")
    assert [unit.box.width for unit in chars] == pytest.approx([62.1 * 1.1] * 4)
    assert {round(unit.box.height, 3) for unit in chars} == {62.1}
    assert [unit.em_px for unit in chars] == pytest.approx([62.1] * 4)
    words = units_of(layout, block, "word")
    assert [unit.box.width for unit in words] == pytest.approx([62.1 * 2.2, 62.1 * 1.1, 62.1 * 1.1])
    (whole,) = units_of(layout, block, "all")
    assert (whole.box.width, whole.box.height) == pytest.approx((layout.width_px, layout.height_px))
