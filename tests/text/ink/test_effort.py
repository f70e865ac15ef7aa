"""What a caption may be: the work is bounded, and what anybody would write is drawn whole."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.face import MOST_OUTLINES, WeightedFont
from cutfarm.text.fonts.library import MOST_WEIGHTED
from cutfarm.text.ink import effort
from cutfarm.text.ink.effort import affordable
from cutfarm.text.ink.outlines import pieces_of
from cutfarm.text.layout.block import lay_out
from cutfarm.timeline.text import Glow, Shadow, Stroke
from tests.text.conftest import block_of

BLACK, RED = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)
STROKES = tuple(Stroke(BLACK, 1.0, 0.02 * number) for number in range(1, 9))
SHADOWS = tuple(Shadow(BLACK, 0.5, -45.0, 0.1 * number, 0.05) for number in range(1, 9))
RICH = {"strokes": STROKES, "shadows": SHADOWS, "glow": Glow(None, 1.0, 0.2)}


def han(count):
    """So many different characters."""
    return "".join(chr(0x4E00 + number) for number in range(count))


def pieces_in(fonts, block):
    return pieces_of(lay_out(block, canvas_width_px=1080, fonts=fonts), block.styles)


def test_two_thousand_characters_have_all_that_a_draft_can_ask_for(fonts):
    block = block_of(han(2000), bold=True, wrap_width=0.8, **RICH)
    drawn = affordable(block, pieces_in(fonts, block))
    assert (drawn.block, drawn.glyphs, drawn.problems) == (block, 2000, ())


def test_of_too_much_the_first_strokes_stay_and_shadows_go(fonts):
    block = block_of(han(20_000), wrap_width=0.8, **RICH)
    drawn = affordable(block, pieces_in(fonts, block))
    [style] = drawn.block.styles
    assert (style.strokes, style.shadows, style.glow) == (STROKES[:1], (), None)
    assert drawn.glyphs == 20_000
    [said] = drawn.problems
    assert "1 of each letter" in said


def test_short_styles_of_a_long_text_keep_their_looks(fonts, monkeypatch):
    block = block_of("ab" + han(1000), wrap_width=0.8, **RICH)
    plain = replace(block.styles[0], start=0, end=2, strokes=STROKES[:2], shadows=(), glow=None)
    block = replace(block, styles=(plain, replace(block.styles[0], start=2)))
    monkeypatch.setattr(effort, "MOST_POINTS", 1_000_000)
    first, rest = affordable(block, pieces_in(fonts, block)).block.styles
    assert first == plain
    assert 0 < len(rest.strokes) < 8
    assert rest.shadows == ()


def test_letters_on_each_other_are_drawn_until_it_is_too_much(fonts):
    block = block_of(han(500), size=100, letter_spacing_em=-1.0)
    drawn = affordable(block, pieces_in(fonts, block))
    assert 50 < drawn.glyphs < 500
    assert f"first {drawn.glyphs}" in drawn.problems[0]


def test_what_is_left_out_is_said_and_the_rest_is_drawn(fonts, monkeypatch):
    monkeypatch.setattr(effort, "MOST_POINTS", 150_000)  # half as much again as one coat of a whole picture
    words = "春日影" * 10
    picture, plain = (
        draw_caption(block_of(words, **looks), canvas_width_px=1080, canvas_height_px=1920, fonts=fonts)
        for looks in (RICH, {})
    )
    assert (picture.rgba == plain.rgba).all()
    assert picture.problems
    assert plain.problems == ()


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u200b"])
def test_nothing_is_no_work(fonts, text):
    block = block_of(text, **RICH)
    assert affordable(block, pieces_in(fonts, block)).problems == ()


def test_a_font_keeps_its_latest_outlines(fonts):
    font = WeightedFont(fonts.main, 400, embolden=False)
    points = font.outline(100).countPoints()
    for glyph in range(MOST_OUTLINES + 50):
        font.outline(glyph)
    assert len(font._outlines) == MOST_OUTLINES
    assert points == font.outline(100).countPoints() > 0


def test_so_many_fonts_at_a_weight_are_kept(fonts):
    for weight in range(300, 300 + 2 * MOST_WEIGHTED):
        kept = fonts.weighted(fonts.main, weight, bold=False)
    assert len(fonts._weighted) == MOST_WEIGHTED
    assert fonts.weighted(fonts.main, 299 + 2 * MOST_WEIGHTED, bold=False) is kept
