"""Texts that nobody writes: the work grows with their length, and nothing else does."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout import typesetter
from cutfarm.text.layout.block import MAX_CHARACTERS, CaptionLayout, lay_out
from cutfarm.timeline.text import TextBlock, TextStyle
from tests.text.conftest import block_of

WAYS = (
    {},
    {"wrap_width": 0.3},
    {"is_vertical": True, "wrap_width": 0.3},
    {"curve_deg": 200.0},
    {"letter_spacing_em": -1.0, "wrap_width": 0.3},
    {"letter_spacing_em": 10.0, "wrap_width": 0.3},
)
UNITS = {
    "words": "word ",
    "one word": "x",
    "Han": "春日影，",
    "Arabic": "مرحبا بالعالم ",
    "both ways": "אa1 ",
    "all scripts": "a春م한Жहไ",
    "line feeds": "\n",
    "letters on lines": "a\n",
    "surrogates": "a\ud83d",
    "controls": "\x01\x7f",
    "zero-width": "\u200b\u200d\u2060",
    "marks": "\u0301",
    "families": "👨\u200d👩\u200d👧",
    "isolates": "\u2067a\u2066ש",
    "embeddings": "\u202bא\u202ab",
    "brackets": "(א[",
    "private": "\ue000\uf8ff",
    "tags": "\U000e0041",
}

FONTS = FontLibrary(system=False)


def laid(fonts: FontLibrary, block: TextBlock) -> CaptionLayout:
    return lay_out(block, canvas_width_px=1080, canvas_height_px=1920, fonts=fonts)


@pytest.fixture
def shaped(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The characters that each shaping took."""
    lengths: list[int] = []
    real = typesetter.shape

    def counted(paragraph, item, **fields):
        lengths.append(item.end - item.start)
        return real(paragraph, item, **fields)

    monkeypatch.setattr(typesetter, "shape", counted)
    return lengths


@pytest.mark.parametrize("way", WAYS, ids=str)
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_every_character_is_shaped_twice_at_most(fonts, shaped, unit, way):
    text = (unit * 1000)[:1000]
    layout = laid(fonts, block_of(text, **way))
    assert sum(shaped) <= 2 * len(text)
    assert len(shaped) <= len(text) + 2 * len(layout.lines)
    places = [value for glyph in layout.glyphs() for value in (glyph.x_px, glyph.y_px, *glyph.box_px)]
    assert np.isfinite([layout.width_px, layout.height_px, *places]).all()


def test_a_long_text_takes_little_memory(fonts):
    text = "春日 word " * (MAX_CHARACTERS // 32)
    laid(fonts, block_of(text[:1000]))
    tracemalloc.start()
    try:
        laid(fonts, block_of(text, wrap_width=0.3))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 4_000_000  # of four times as long a text 64 MB at most


def test_a_thousand_styles_look_for_their_font_once(fonts, monkeypatch):
    asked = []
    real = fonts.find
    monkeypatch.setattr(fonts, "find", lambda *names: asked.append(names) or real(*names))
    styles = tuple(TextStyle(3 * index, 3 * index + 3, 5 + index % 9) for index in range(1000))
    layout = laid(fonts, TextBlock("t", "ab " * 1000, styles, wrap_width=0.5))
    assert len(asked) == 1
    assert {run.style for line in layout.lines for run in line.runs} == set(range(1000))


def test_twenty_thousand_line_feeds_are_so_many_lines(fonts):
    layout = laid(fonts, block_of("\n" * MAX_CHARACTERS, size=10, line_spacing=0.0))
    assert len(layout.lines) == MAX_CHARACTERS + 1
    assert layout.height_px == pytest.approx(62.1 * (MAX_CHARACTERS + 1))


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.one_of(st.characters(), st.sampled_from("\n\t 春م\u200d\ufe0f👍🏽🇩\u202b\u2067\ud800")), max_size=60),
    st.fixed_dictionaries(
        {
            "alignment": st.integers(-3, 6),
            "letter_spacing_em": st.floats(-1, 10),
            "line_spacing": st.floats(),
            "wrap_width": st.one_of(st.none(), st.floats()),
            "is_vertical": st.booleans(),
            "curve_deg": st.floats(),
            "size": st.floats(),
        }
    ),
)
def test_any_text_and_any_numbers_give_places(text, fields):
    layout = laid(FONTS, block_of(text, **fields))
    places = [value for glyph in layout.glyphs() for value in (glyph.x_px, glyph.y_px, *glyph.pen_px, *glyph.box_px)]
    assert np.isfinite([layout.width_px, layout.height_px, *places]).all()
    assert all(0 <= glyph.source < len(text) for glyph in layout.glyphs())
    assert layout.width_px >= 0
    assert layout.height_px >= 0
