from __future__ import annotations

import pytest

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.block import MAX_CHARACTERS, CaptionLayout, lay_out
from cutfarm.timeline.text import TextBlock, TextStyle
from tests.text.conftest import block_of

INTER = "Inter-Regular.ttf"


def laid(fonts: FontLibrary, text: str, *, canvas_width_px: int = 1080, **fields: object) -> CaptionLayout:
    return lay_out(block_of(text, **fields), canvas_width_px=canvas_width_px, fonts=fonts)


def texts(layout: CaptionLayout, text: str) -> list[str]:
    """Each line's characters in reading order, without what hangs."""
    lines = []
    for line in layout.lines:
        sources = [glyph.source for run in line.runs for glyph in run.glyphs]
        lines.append(text[min(sources) : max(sources) + 1] if sources else "")
    return lines


@pytest.mark.parametrize("face", [INTER, "NotoSansSC.ttf", "NotoSerif.ttf", ""])
@pytest.mark.parametrize("canvas_width_px", [1080, 1920])
def test_a_line_is_as_high_as_measured(fonts, face, canvas_width_px):
    layout = laid(fonts, "H", size=12, font_path=face, canvas_width_px=canvas_width_px)
    assert layout.height_px == pytest.approx(6.21 * 12 * canvas_width_px / 1080)


def test_letters_are_as_large_as_the_line_box_of_the_font_says(fonts):
    (line,) = laid(fonts, "H", size=10, font_path=INTER).lines
    em_px = 62.1 / ((1984 + 494) / 2048)
    assert line.runs[0].em_px == pytest.approx(em_px)
    assert line.baseline_px == pytest.approx(em_px * 1984 / 2048)


def test_a_lines_width_is_the_sum_of_its_advances(make_font):
    path = make_font("Square", ascent=800, descent=200, advance=900)
    library = FontLibrary([path.parent], system=False)
    layout = laid(library, "ABABABABABABABABABAB", size=8, font_path="Square.ttf")
    assert layout.width_px == pytest.approx(20 * 0.9 * 6.21 * 8, rel=1e-6)


def test_width_agrees_with_harfbuzz_within_a_hundredth(fonts):
    text = "this is the second x"
    layout = laid(fonts, text, size=10, font_path=INTER)
    hb_font = fonts.weighted(fonts.find("", INTER).face, 400, bold=False).hb_font
    units = sum(hb_font.get_glyph_h_advance(hb_font.get_nominal_glyph(ord(char))) for char in text)
    assert layout.width_px == pytest.approx(units / 2048 * 62.1 / ((1984 + 494) / 2048), rel=0.01)


def test_a_missing_font_without_han_has_the_usual_line_box(fonts):
    (latin,) = laid(fonts, "H", size=10, font_path="Unheard-Regular.ttf").lines
    (han,) = laid(fonts, "H春", size=10, font_path="Unheard-Regular.ttf").lines
    assert latin.runs[0].em_px == pytest.approx(62.1 / 1.2)
    assert han.runs[0].em_px == pytest.approx(62.1)
    assert latin.height_px == pytest.approx(han.height_px)


def test_lines_end_at_line_feeds_only_without_a_wrap_width(fonts):
    text = "one two three\n\nfour"
    layout = laid(fonts, text, size=50)
    assert texts(layout, text) == ["one two three", "", "four"]
    assert [line.height_px for line in layout.lines] == pytest.approx([310.5] * 3)


def test_lines_wrap_at_parts_of_the_canvas(fonts):
    text = "one two three four five six seven"
    layout = laid(fonts, text, size=10, wrap_width=0.4)
    assert len(layout.lines) > 1
    assert " ".join(texts(layout, text)) == text
    assert all(line.width_px <= 0.4 * 1080 for line in layout.lines)


def test_an_over_long_word_is_cut(fonts):
    text = "x" * 60
    layout = laid(fonts, text, size=10, wrap_width=0.3)
    assert "".join(texts(layout, text)) == text
    assert all(line.width_px <= 0.3 * 1080 for line in layout.lines)


def test_lines_are_apart_by_the_spacing(fonts):
    layout = laid(fonts, "a\nb\nc", size=10, line_spacing=0.5)
    assert [line.top_px for line in layout.lines] == pytest.approx([0, 1.5 * 62.1, 3 * 62.1])
    assert layout.height_px == pytest.approx(4 * 62.1)


@pytest.mark.parametrize(("alignment", "share"), [(0, 0.0), (1, 0.5), (2, 1.0)])
def test_alignment_moves_lines_inside_the_block(fonts, alignment, share):
    layout = laid(fonts, "a much longer line\nshort", alignment=alignment)
    longer, short = layout.lines
    assert longer.x_px == 0
    assert layout.width_px == longer.width_px
    assert short.x_px == pytest.approx(share * (longer.width_px - short.width_px))
    assert short.runs[0].x_px == short.x_px


def test_trailing_spaces_and_the_last_gap_do_not_push_a_line_aside(fonts):
    assert laid(fonts, "abc   ").width_px == laid(fonts, "abc").width_px
    spaced = laid(fonts, "abc", letter_spacing_em=0.5, font_path=INTER)
    em_px = spaced.lines[0].runs[0].em_px
    assert spaced.width_px - laid(fonts, "abc", font_path=INTER).width_px == pytest.approx(2 * 0.5 * em_px)


def test_a_line_is_as_high_as_its_largest_style(fonts):
    block = TextBlock("t", "ab\nc", (TextStyle(0, 1, 5), TextStyle(1, 2, 20), TextStyle(2, 4, 5)))
    first, second = lay_out(block, canvas_width_px=1080, fonts=fonts).lines
    assert first.height_px == pytest.approx(6.21 * 20)
    assert second.height_px == pytest.approx(6.21 * 5)
    assert {glyph.y_px for run in first.runs for glyph in run.glyphs} == {first.baseline_px}


def test_right_to_left_words_stand_in_visual_order(fonts):
    text = "שלום abc"
    (line,) = laid(fonts, text).lines
    sources = [glyph.source for run in line.runs for glyph in run.glyphs]
    assert sources == [5, 6, 7, 4, 3, 2, 1, 0]
    positions = [glyph.x_px for run in line.runs for glyph in run.glyphs]
    assert positions == sorted(positions)


def test_sources_count_in_the_blocks_own_text(fonts):
    (line, last) = laid(fonts, "\x07a\r\nb").lines
    assert line.runs[0].glyphs[0].source == 1
    assert last.runs[0].glyphs[0].source == 4


@pytest.mark.parametrize("size", [0, -3, 10_000, float("nan"), float("inf")])
def test_absurd_sizes_are_bounded(fonts, size):
    assert 0.5 < laid(fonts, "H", size=size).height_px <= 6210.1


def test_absurd_spacings_are_bounded(fonts):
    layout = laid(fonts, "ab\ncd", letter_spacing_em=1e30, line_spacing=-1e30, wrap_width=-5.0)
    assert 0 < layout.height_px < 1e4
    assert 0 < layout.width_px < 1e5


@pytest.mark.parametrize("text", ["", "\x00\ud800", "\n"])
def test_nothing_to_draw_is_no_glyph(fonts, text):
    assert [run for line in laid(fonts, text).lines for run in line.runs] == []


def test_of_too_long_a_text_the_first_characters_are_laid_out(fonts):
    layout = laid(fonts, "x" * 100_000)
    assert len(layout.glyphs()) == MAX_CHARACTERS
    assert layout.problems == ("Of the caption's 100000 characters the first 20000 are drawn.",)
    assert laid(fonts, "x").problems == ()


def test_what_stood_in_is_named_once(fonts):
    block = TextBlock("t", "abc", tuple(TextStyle(at, at + 1, 10, font_path="/x/impact.ttf") for at in range(3)))
    assert lay_out(block, canvas_width_px=1080, fonts=fonts).font_substitutions == (("impact", "Noto Sans SC"),)
