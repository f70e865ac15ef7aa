"""Shaping held to HarfBuzz's own tool, glyph for glyph, and to Skia's own paragraphs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skia
import uharfbuzz as hb

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.block import lay_out
from cutfarm.text.layout.itemise import StyleFont, itemise
from cutfarm.text.layout.shaping import shape
from cutfarm.text.unicode.direction import visual_order
from tests.text.conftest import block_of
from tests.text.layout import hb_shape

Pieces = list[list[Any]]  #: font, characters and glyphs of each

EXPECTED = json.loads(hb_shape.EXPECTED.read_text("utf-8"))
STRINGS = [string["pieces"] for string in EXPECTED["strings"]]
NAMES = [f"{string['script']}-{index}" for index, string in enumerate(EXPECTED["strings"])]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> FontLibrary:
    """The bundled fonts, and one of pictures that joins emoji."""
    path = hb_shape.write_pictures(tmp_path_factory.mktemp("pictures"))
    return FontLibrary([path.parent], system=False)


def path_of(font: str, library: FontLibrary) -> Path:
    paths = {face.path.stem: face.path for face in library.faces}
    return hb_shape.font_paths().get(font) or paths[font]


def by_us(pieces: Pieces, library: FontLibrary) -> list[tuple[set[str], hb_shape.Shaped]]:
    """The pieces set in one paragraph, each in a style of its own: its fonts, and its glyphs from left to right."""
    text = "".join(piece for _, piece, _ in pieces)
    styles = [index for index, (_, piece, _) in enumerate(pieces) for _ in piece]
    faces = {face.path: face for face in library.faces}
    fonts = {index: StyleFont(faces[path_of(font, library)], 400, False) for index, (font, _, _) in enumerate(pieces)}
    result = itemise(text, styles, fonts, library)
    assert result.missing == ()
    found = []
    for index in range(len(pieces)):
        items = [item for item in result.items if item.style == index]
        glyphs = []
        for place in visual_order([item.level for item in items]):
            item, upem = items[place], items[place].font.face.upem
            glyphs += [
                [glyph.glyph_id, glyph.cluster - items[0].start]
                + [round(length * upem) for length in (glyph.advance_em, glyph.x_em, glyph.y_em)]
                for glyph in shape(text, item)
            ]
        found.append(({item.font.face.path.name for item in items}, glyphs))
    return found


def test_there_are_sixty_strings_in_twelve_scripts():
    assert len(STRINGS) >= 60
    assert len({string["script"] for string in EXPECTED["strings"]} - {"Emoji"}) >= 12


@pytest.mark.parametrize("font", EXPECTED["fonts"])
def test_the_fonts_are_those_that_were_shaped_with(font):
    assert hb_shape.digest(hb_shape.font_paths()[font]) == EXPECTED["fonts"][font]


@pytest.mark.parametrize("pieces", STRINGS, ids=NAMES)
def test_glyphs_are_those_of_harfbuzzs_own_tool(pieces, fonts, pictures):
    joins = any(font == "Pictures" for font, _, _ in pieces)
    for (used, glyphs), (font, _, wanted) in zip(by_us(pieces, pictures if joins else fonts), pieces, strict=True):
        assert used == {path_of(font, pictures).name}
        assert [glyph[:3] for glyph in glyphs] == [glyph[:3] for glyph in wanted]
        # Versions of HarfBuzz round what lies between two weights to either side.
        assert np.abs(np.array(glyphs) - np.array(wanted)).max() <= 1


@pytest.mark.skipif(not hb_shape.is_there(), reason="hb-shape (Debian: libharfbuzz-bin) is not on this machine")
@pytest.mark.parametrize("string", EXPECTED["strings"], ids=NAMES)
def test_what_is_committed_is_what_the_tool_says_here(string, pictures):
    for font, text, glyphs in string["pieces"]:
        here = hb_shape.shaped_by_tool(path_of(font, pictures), text, string["script"])
        assert [glyph[:3] for glyph in here] == [glyph[:3] for glyph in glyphs]
        assert np.abs(np.array(here) - np.array(glyphs)).max() <= 1


def paragraph(font: str, text: str, fonts: FontLibrary) -> Any:
    """Skia's own paragraph at 100 px an em, laid out without a limit."""
    own = skia.textlayout
    face = next(face for face in fonts.faces if face.path == hb_shape.font_paths()[font])
    provider = own.TypefaceFontProvider()
    provider.registerTypeface(fonts.weighted(face, 400, bold=False).typeface, font)
    collection = own.FontCollection()
    collection.setDefaultFontManager(provider)
    style, whole = own.TextStyle(), own.ParagraphStyle()
    style.setFontFamilies([font])
    style.setFontSize(100)
    whole.setTextStyle(style)
    builder = own.ParagraphBuilder.make(whole, collection, skia.Unicodes.ICU.Make())
    builder.pushStyle(style)
    builder.addText(text)
    made = builder.Build()
    made.layout(1e6)
    return made


def kerning_em(font: str, text: str, fonts: FontLibrary) -> float:
    """What Skia's paragraphs, which cannot do without kerning, are narrower by."""
    face = next(face for face in fonts.faces if face.path == hb_shape.font_paths()[font])
    widths = []
    for kern in (True, False):
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(fonts.weighted(face, 400, bold=False).hb_font, buffer, {"kern": kern})
        widths.append(sum(at.x_advance for at in buffer.glyph_positions))
    return (widths[1] - widths[0]) / face.upem


ONE_FONT = [
    (name, *pieces[0][:2])
    for name, pieces in zip(NAMES, STRINGS, strict=True)
    if len(pieces) == 1 and "Pictures" not in pieces[0] and "Hangul" not in name  # Skia takes no Korean spaces
]


@pytest.mark.parametrize(("font", "text"), [case[1:] for case in ONE_FONT], ids=[case[0] for case in ONE_FONT])
def test_lines_are_as_wide_and_high_as_skias_own_paragraphs(font, text, fonts):
    layout = lay_out(
        block_of(text, font_path=hb_shape.font_paths()[font].name, size=10), canvas_width_px=1080, fonts=fonts
    )
    em_px = layout.lines[0].runs[0].em_px
    theirs = paragraph(font, text, fonts)
    width_em = layout.width_px / em_px - kerning_em(font, text, fonts)
    assert width_em == pytest.approx(theirs.MaxIntrinsicWidth / 100, abs=0.002)
    if not font.endswith(("SC", "TC", "JP")):  # whose hhea table, which Skia reads, says 1.45 em
        assert layout.height_px / em_px == pytest.approx(theirs.Height / 100, abs=0.01)
