"""Glyphs that name glyphs that name glyphs: what is endless is not drawn, and takes no time."""

from __future__ import annotations

import time

import pytest

from cutfarm.text.fonts.composites import MOST_COMPONENTS, Composites
from cutfarm.text.fonts.face import FontFace, WeightedFont
from cutfarm.text.fonts.library import FontLibrary

pytest.importorskip("fontTools.fontBuilder", reason="fontTools makes the test fonts")
WIDTH = 8  #: components of each glyph


@pytest.fixture
def nested(tmp_path):
    """A font whose glyph number n + 1 is made of eight times the one before, the first one a triangle."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen
    from fontTools.ttLib import newTable

    def nested(depth):
        names = [".notdef", *(f"g{level}" for level in range(depth + 1))]
        glyphs = {name: TTGlyphPen(None).glyph() for name in names[:1]}
        for level, name in enumerate(names[1:]):
            pen = TTGlyphPen(glyphs)
            if level == 0:
                pen.moveTo((0, 0))
                pen.lineTo((500, 0))
                pen.lineTo((500, 700))
                pen.closePath()
            for _ in range(WIDTH if level else 0):
                pen.addComponent(names[level], (1, 0, 0, 1, 0, 0))
            glyphs[name] = pen.glyph()
        for glyph in glyphs.values():
            glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax = 0, 0, 500, 700
        made = FontBuilder(1000, isTTF=True)
        made.setupGlyphOrder(names)
        made.setupCharacterMap({ord("A") + level: f"g{level}" for level in range(depth + 1)})
        made.font["glyf"], made.font["loca"] = newTable("glyf"), newTable("loca")
        made.font["glyf"].glyphs, made.font["glyf"].glyphOrder = glyphs, names
        made.setupHorizontalMetrics(dict.fromkeys(names, (600, 0)))
        made.setupHorizontalHeader(ascent=800, descent=-200)
        made.setupNameTable({"familyName": "Nested", "styleName": "Regular"})
        made.setupOS2()
        made.setupPost()
        limits = made.font["maxp"]
        for name in ("Points", "Contours", "CompositePoints", "CompositeContours"):
            setattr(limits, f"max{name}", 5000)
        limits.maxComponentElements, limits.maxComponentDepth, limits.maxZones = WIDTH, 16, 1
        for name in ("TwilightPoints", "Storage", "FunctionDefs", "InstructionDefs", "StackElements"):
            setattr(limits, f"max{name}", 0)
        limits.maxSizeOfInstructions, limits.tableVersion, limits.recalc = 0, 0x00010000, lambda _: None
        made.font.recalcBBoxes = False
        made.font.save(tmp_path / "nested.ttf")
        return FontFace(tmp_path / "nested.ttf")

    return nested


def test_glyphs_of_glyphs_are_drawn_until_they_are_endless(nested):
    face = nested(12)
    assert face.usable
    font = WeightedFont(face, 400, embolden=False)
    began = time.process_time()
    points = [font.outline(glyph).countPoints() for glyph in range(1, 14)]
    assert time.process_time() - began < 1.0
    drawn = [number for number, count in enumerate(points) if count]
    assert drawn == [0, 1, 2, 3]
    assert points[3] == 8**3 * points[0]


def test_a_glyph_that_names_itself_is_endless(nested, tmp_path):
    face = nested(1)
    data = bytearray(face.path.read_bytes())
    component = data.index(b"\xff\xff\x00\x00\x00\x00\x01\xf4\x02\xbc") + 10 + 2
    data[component : component + 2] = (2).to_bytes(2, "big")
    (tmp_path / "itself.ttf").write_bytes(data)
    assert Composites(tmp_path / "itself.ttf", 0).is_endless(2)


@pytest.mark.parametrize("glyph", [0, 5, 70_000, 2**31])
def test_glyphs_of_real_fonts_are_not(glyph):
    assert MOST_COMPONENTS > 20
    for face in FontLibrary(system=False).faces[:12]:
        assert not face.composites.is_endless(glyph)
