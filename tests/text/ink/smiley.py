"""A colour font of one face and a texture, both ours and made when they are needed."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image

_LAYERS = {"disc": (1.0, 0.8, 0.1, 1.0), "eyes": (0.25, 0.15, 0.05, 1.0), "mouth": (0.8, 0.2, 0.2, 1.0)}
_DISCS = {"disc": ((500, 380, 420),), "eyes": ((350, 500, 60), (650, 500, 60)), "mouth": ((500, 250, 120),)}


def write_smiley(path: Path) -> Path:
    """Write a font of 1000 units an em whose only character is 😀, in three layers of colour."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    glyphs = {name: TTGlyphPen(None) for name in (".notdef", "face", *_LAYERS)}
    for name, discs in _DISCS.items():
        for x, y, radius in discs:
            _disc(glyphs[name], x, y, radius)
    _disc(glyphs["face"], *_DISCS["disc"][0])
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap({0x1F600: "face"})
    font.setupGlyf({name: pen.glyph() for name, pen in glyphs.items()})
    lefts = {name: font.font["glyf"][name].xMin if name in (*_DISCS, "face") else 0 for name in glyphs}
    font.setupHorizontalMetrics({name: (1000, left) for name, left in lefts.items()})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Smiley", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=800, sTypoDescender=-200)
    font.setupPost()
    font.setupCOLR({"face": [(name, index) for index, name in enumerate(_LAYERS)]})
    font.setupCPAL([list(_LAYERS.values())])
    font.save(path)
    return path


def write_texture(path: Path) -> Path:
    """Write a picture of slanting stripes that grow lighter to the right."""
    rows, columns = np.indices((96, 192))
    stripes = np.sin((rows + columns) / 6.0) * 0.5 + 0.5
    light = columns / 192
    pixels = np.stack([200 + 55 * stripes, 60 + 160 * light, 40 + 150 * stripes * light], axis=-1)
    Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8)).save(path)
    return path


def _disc(pen: object, x: int, y: int, radius: int) -> None:
    """A circle of sixteen arcs."""
    step = math.pi / 8
    reach = radius / math.cos(step / 2)
    points = []
    for index in range(16):
        for turn, length in ((index * step, radius), ((index + 0.5) * step, reach)):
            points.append((round(x + length * math.sin(turn)), round(y + length * math.cos(turn))))
    pen.moveTo(points[0])
    for index in range(0, 32, 2):
        pen.qCurveTo(points[index + 1], points[(index + 2) % 32])
    pen.closePath()
