"""How tests paint captions, whole and in parts, and measure what they see."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.text.caption import CaptionPicture, draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.ink.painting import Ink
from cutfarm.text.layout.block import lay_out
from cutfarm.text.motion.moment import Part
from cutfarm.timeline.text import TextBlock
from tests.text.conftest import block_of

RED, GREEN, BLUE, BLACK = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.0)
EM_100_PX = 100 / 6.21  #: the size of letters of 100 px an em in the fonts of squares, on a canvas 1080 px wide
NO_FILES: Mapping[str, Path] = MappingProxyType({})
Rgba = NDArray[np.uint8]


def drawn(fonts: FontLibrary, block: TextBlock | str, *, scale: float = 1.0, **fields: object) -> CaptionPicture:
    """The picture of a block, or of a text with these fields."""
    files = fields.pop("files", NO_FILES)
    if isinstance(block, str):
        block = block_of(block, **fields)
    return draw_caption(block, canvas_width_px=1080, canvas_height_px=1920, scale=scale, fonts=fonts, files=files)


def square_block(text: str = "A", **fields: object) -> TextBlock:
    """Squares of 80 px, 100 px apart, in a line of 100 px, if no other size is asked for."""
    return block_of(text, **{"size": EM_100_PX, "font_path": "Square.ttf", **fields})


def square(fonts: FontLibrary, text: str = "A", *, scale: float = 1.0, **fields: object) -> CaptionPicture:
    """The picture of `square_block`."""
    files = fields.pop("files", NO_FILES)
    return drawn(fonts, square_block(text, **fields), scale=scale, files=files)


def ink_of(fonts: FontLibrary, block: TextBlock, files: Mapping[str, Path] = NO_FILES) -> Ink:
    """The ink of a block on a canvas 1080 px wide."""
    return Ink(lay_out(block, canvas_width_px=1080, fonts=fonts), block, files)


def painted(
    ink: Ink,
    part: Part,
    only: Collection[int] | None = None,
    *,
    size: tuple[int, int] = (400, 300),
    at: tuple[float, float] = (100.0, 100.0),
    scale: float = 1.0,
) -> Rgba:
    """One part on `size` (width, height) pixels, the layout's origin `at` so many pixels from the corner."""
    rgba = np.zeros((size[1], size[0], 4), np.uint8)
    surface = skia.Surface(rgba, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    canvas = surface.getCanvas()
    canvas.translate(*at)
    canvas.scale(scale, scale)
    ink.paint(canvas, part, only)
    surface.flushAndSubmit()
    return rgba


def edges(rgba: Rgba) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of what is more than half opaque."""
    rows, columns = np.nonzero(rgba[..., 3] > 127)
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def around_centre(picture: CaptionPicture) -> tuple[float, ...]:
    """The same from the block's centre."""
    left, top, right, bottom = edges(picture.rgba)
    x, y = picture.origin
    return left - x, top - y, right - x, bottom - y


def over(lower: Rgba, upper: Rgba) -> NDArray[np.float64]:
    """Premultiplied pixels laid over each other, 0…255."""
    return upper + lower * (1.0 - upper[..., 3:] / 255.0)


def straight(rgba: Rgba) -> NDArray[np.float64]:
    """R, G, B and A, not premultiplied, 0…1."""
    alpha = rgba[..., 3:] / 255.0
    return np.concatenate([rgba[..., :3] / 255.0 / np.maximum(alpha, 1e-9), alpha], axis=-1)
