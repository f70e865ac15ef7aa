"""The drawn picture's ink against the measured rule: 6.21 px a unit at 1080 canvas width, for five fonts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.text.caption import draw_caption
from tests.text.conftest import block_of
from tests.text.layout import hb_shape

ttlib = pytest.importorskip("fontTools.ttLib", reason="fontTools reads the fonts for the formula")
pens = pytest.importorskip("fontTools.pens.boundsPen")

FONTS = ("Inter", "NotoSans", "NotoSerif", "JetBrainsMono", "NotoSansSC")
CANVASES = ((1080, 1920), (1920, 1080), (720, 1280))
SCALES = (0.5, 1.0, 2.3)
SIZE = 15.0
LINE = "Height of 20 letterH"


@dataclass(frozen=True)
class Outlines:
    """What fontTools reads of a font at weight 400, in parts of an em."""

    line: float  #: sTypoAscender − sTypoDescender
    height: float  #: of H
    left: float  #: left side bearing of H
    right: float  #: its right one
    advances: float  #: of `LINE`, without kerning


@cache
def outlines(path: Path) -> Outlines:
    with ttlib.TTFont(path, lazy=True) as font:
        upem, table, names = font["head"].unitsPerEm, font["OS/2"], font.getBestCmap()
        glyphs = font.getGlyphSet(location={"wght": 400})
        pen = pens.BoundsPen(glyphs)
        letter = glyphs[names[ord("H")]]
        letter.draw(pen)
        left, bottom, right, top = pen.bounds
        advances = sum(glyphs[names[ord(char)]].width for char in LINE)
    return Outlines(
        (table.sTypoAscender - table.sTypoDescender) / upem,
        (top - bottom) / upem,
        left / upem,
        (letter.width - right) / upem,
        advances / upem,
    )


def extent_px(shown: NDArray[np.float64]) -> float:
    """From the first to the last that shows; one at the edge counts as much as it is covered."""
    places = np.flatnonzero(shown > 0.01)
    return float(places[-1] - places[0] - 1 + shown[places[0]] + shown[places[-1]])


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("canvas", CANVASES)
@pytest.mark.parametrize("font", FONTS)
def test_letters_and_lines_are_as_large_as_measured(fonts, font, canvas, scale):
    path = hb_shape.font_paths()[font]
    shape = outlines(path)
    em_px = 6.21 * SIZE * canvas[0] / 1080 * scale / shape.line

    def drawn(text: str) -> NDArray[np.float64]:
        block = block_of(text, size=SIZE, font_path=path.name)
        picture = draw_caption(block, canvas_width_px=canvas[0], canvas_height_px=canvas[1], scale=scale, fonts=fonts)
        assert picture.sampling == 1.0
        assert picture.block_height_px == pytest.approx(6.21 * SIZE * canvas[0] / 1080 * scale)
        return picture.rgba[..., 3] / 255.0

    assert extent_px(drawn("H").max(axis=1)) == pytest.approx(shape.height * em_px, rel=0.01)
    width_px = (shape.advances - shape.left - shape.right) * em_px
    assert extent_px(drawn(LINE).max(axis=0)) == pytest.approx(width_px, rel=0.01)


def test_the_line_has_twenty_characters_between_straight_edges():
    assert (len(LINE), LINE[0], LINE[-1]) == (20, "H", "H")
