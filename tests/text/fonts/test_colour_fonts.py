"""Fonts whose glyphs bring their own colours, in each form that can be drawn."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.library import FontLibrary
from tests.text.conftest import block_of

SMILE = "😀"


def png(colour):
    buffer = io.BytesIO()
    Image.new("RGBA", (64, 64), colour).save(buffer, "PNG")
    return buffer.getvalue()


def with_sbix(font):
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables.sbixGlyph import Glyph
    from fontTools.ttLib.tables.sbixStrike import Strike

    table = newTable("sbix")
    table.version, table.flags, table.numStrikes = 1, 1, 1
    strike = Strike(ppem=64, resolution=72)
    for name in font.getGlyphOrder():
        is_smile = name == f"u{ord(SMILE):X}"
        strike.glyphs[name] = Glyph(
            glyphName=name,
            graphicType="png " if is_smile else None,
            imageData=png((0, 0, 255, 255)) if is_smile else None,
        )
    table.strikes = {64: strike}
    font["sbix"] = table


def with_bitmaps(font):
    """CBLC and CBDT: one strike with one picture of 64 × 64 px."""
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables.BitmapGlyphMetrics import SmallGlyphMetrics
    from fontTools.ttLib.tables.C_B_D_T_ import cbdt_bitmap_format_17
    from fontTools.ttLib.tables.E_B_L_C_ import BitmapSizeTable, SbitLineMetrics, Strike, eblc_index_sub_table_1

    name = f"u{ord(SMILE):X}"
    metrics = SmallGlyphMetrics()
    metrics.height, metrics.width, metrics.BearingX, metrics.BearingY, metrics.Advance = 64, 64, 0, 52, 64
    bitmap = cbdt_bitmap_format_17(b"", font)
    bitmap.metrics, bitmap.imageData = metrics, png((0, 0, 255, 255))
    data, places = newTable("CBDT"), newTable("CBLC")
    data.version = places.version = 3.0
    data.strikeData = [{name: bitmap}]
    strike, index = Strike(), eblc_index_sub_table_1(b"", font)
    index.names, index.indexFormat, index.imageFormat = [name], 1, 17
    size = strike.bitmapSizeTable = BitmapSizeTable()
    line = {"ascender": 52, "descender": -12, "widthMax": 64, "caretSlopeNumerator": 0, "caretSlopeDenominator": 0}
    line |= {
        "caretOffset": 0,
        "minOriginSB": 0,
        "minAdvanceSB": 0,
        "maxBeforeBL": 0,
        "minAfterBL": 0,
        "pad1": 0,
        "pad2": 0,
    }
    size.hori, size.vert = SbitLineMetrics(), SbitLineMetrics()
    for metric in (size.hori, size.vert):
        for key, value in line.items():
            setattr(metric, key, value)
    size.ppemX = size.ppemY = 64
    size.bitDepth, size.flags, size.colorRef = 32, 1, 0
    strike.indexSubTables = [index]
    places.strikes = [strike]
    font["CBDT"], font["CBLC"] = data, places


def with_layers(font):
    from fontTools.colorLib.builder import buildCOLR, buildCPAL

    font["CPAL"] = buildCPAL([[(0.0, 0.0, 1.0, 1.0)]])
    font["COLR"] = buildCOLR({f"u{ord(SMILE):X}": [("u41", 0)]})


def with_paints(font):
    from fontTools.colorLib.builder import buildCOLR, buildCPAL
    from fontTools.ttLib.tables.otTables import PaintFormat

    font["CPAL"] = buildCPAL([[(0.0, 0.0, 1.0, 1.0)]])
    fill = {"Format": PaintFormat.PaintSolid, "PaletteIndex": 0, "Alpha": 1.0}
    paint = {"Format": PaintFormat.PaintGlyph, "Glyph": "u41", "Paint": fill}
    font["COLR"] = buildCOLR({f"u{ord(SMILE):X}": paint}, version=1)


@pytest.mark.parametrize("colour", [with_layers, with_paints, with_sbix, with_bitmaps])
def test_an_emoji_is_drawn_in_its_own_colours(make_font, colour):
    lib = pytest.importorskip("fontTools.ttLib", reason="fontTools makes the test fonts")
    path = make_font("Pictures", f"A{SMILE} ")
    font = lib.TTFont(path)
    colour(font)
    font.save(path)
    library = FontLibrary([path.parent], system=False)
    assert library.fallback(SMILE, emoji=True).is_colour
    picture = draw_caption(
        block_of(f"春{SMILE}", colour=(1.0, 0.0, 0.0)), canvas_width_px=1080, canvas_height_px=1920, fonts=library
    )
    red, green, blue, alpha = (picture.rgba[..., channel].astype(int) for channel in range(4))
    is_blue = (blue > 200) & (red < 50) & (green < 50) & (alpha > 200)
    assert np.count_nonzero(is_blue) > 0.3 * 62 * 62
    assert np.count_nonzero((red > 200) & (blue < 50)) > 100
    columns = np.flatnonzero(is_blue.any(axis=0))
    assert columns.max() - columns.min() + 1 == pytest.approx(0.8 * 62, rel=0.3)
