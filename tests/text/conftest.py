"""A catalogue that is the same on every machine, and fonts made of squares, whose every edge is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.timeline.text import TextBlock, TextStyle


@pytest.fixture(scope="session")
def fonts() -> FontLibrary:
    """The installed font packages alone."""
    return FontLibrary(system=False)


MakeFont = Callable[..., Path]


@pytest.fixture
def make_font(tmp_path: Path) -> MakeFont:
    """Write a font of 1000 units an em whose characters are squares 800 wide, standing on the baseline."""
    builder = pytest.importorskip("fontTools.fontBuilder", reason="fontTools makes the test fonts")
    pens = pytest.importorskip("fontTools.pens.ttGlyphPen")

    def make(
        family: str,
        characters: str = "AB ",
        *,
        ascent: int = 800,
        descent: int = 200,
        weight: int = 400,
        advance: int = 1000,
        coloured: bool = False,
        name: str = "",
    ) -> Path:
        square = pens.TTGlyphPen(None)
        for index, corner in enumerate([(100, 0), (100, 800), (900, 800), (900, 0)]):
            square.lineTo(corner) if index else square.moveTo(corner)
        square.closePath()
        outline, blank = square.glyph(), pens.TTGlyphPen(None).glyph()
        order = [".notdef", *(f"u{ord(char):X}" for char in characters), *(["layer"] if coloured else [])]
        font = builder.FontBuilder(1000, isTTF=True)
        font.setupGlyphOrder(order)
        font.setupCharacterMap({ord(char): f"u{ord(char):X}" for char in characters})
        font.setupGlyf({glyph: blank if glyph == "u20" else outline for glyph in order})
        font.setupHorizontalMetrics({glyph: (advance, 0 if glyph == "u20" else 100) for glyph in order})
        font.setupHorizontalHeader(ascent=ascent, descent=-descent)
        font.setupNameTable({"familyName": family, "styleName": "Bold" if weight >= 600 else "Regular"})
        font.setupOS2(sTypoAscender=ascent, sTypoDescender=-descent, usWeightClass=weight)
        font.setupPost()
        if coloured:
            font.setupCOLR({f"u{ord(char):X}": [("layer", 0)] for char in characters if char != " "})
            font.setupCPAL([[(0.0, 0.0, 1.0, 1.0)]])
        path = tmp_path / f"{name or family}.ttf"
        font.save(path)
        return path

    return make


@pytest.fixture
def squares(make_font: MakeFont) -> FontLibrary:
    """Fonts whose letters are squares of 0.8 em, 0.1 em from the left of their 1 em, in a line of 1 em."""
    make_font("Square")
    make_font("Colourful", "AB😀 ", coloured=True)
    return FontLibrary([make_font("Spare", "C").parent], system=False)


def block_of(text: str, *, size: float = 10.0, **fields: object) -> TextBlock:
    """A block in one style; fields of the style and of the block by name."""
    own = {name: fields.pop(name) for name in list(fields) if name in TextStyle.__dataclass_fields__}
    return TextBlock("text-1", text, (TextStyle(0, len(text), size, **own),), **fields)
