"""From a laid out caption to pixels: the whole of it, at rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.text.ink.brushwork import union
from cutfarm.text.ink.painting import Ink
from cutfarm.text.layout.block import bounded
from cutfarm.text.layout.placed import CaptionLayout
from cutfarm.text.motion.moment import Part
from cutfarm.timeline.text import TextBlock

MAX_SIDE_PX = 8192
MAX_PICTURE_PX = 12_000_000  #: with all that is needed to draw it, under 200 MB
_BAND_PX = 1 << 20
_EDGE_PX = 1  #: room for antialiasing
_PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Pixels of a caption."""

    rgba: NDArray[np.uint8]  #: (height, width, 4), R G B A, premultiplied
    centre_px: tuple[float, float]  #: the block's centre in the picture, x and y
    sampling: float  #: pixels of the picture per pixel asked for; below 1 where the limits made it smaller
    problems: tuple[str, ...]  #: what could not be drawn as asked: one sentence each


def draw(layout: CaptionLayout, block: TextBlock, files: Mapping[str, Path], *, scale: float) -> Raster:
    """Draw a layout enlarged by `scale`: each part of all glyphs under the next part of any, the whole at its alpha.

    The block's centre falls on a whole pixel. A picture beyond `MAX_SIDE_PX` or `MAX_PICTURE_PX` is drawn smaller,
    and `sampling` says by how much. Without any ink the picture is one transparent pixel.
    """
    ink = Ink(layout, block, files)
    bounds = union(box for part in _PARTS if (box := ink.bounds(part)) is not None)
    if bounds is None:
        return Raster(np.zeros((1, 1, 4), np.uint8), (0.0, 0.0), 1.0, ink.problems)
    centre_x, centre_y = layout.width_px / 2, layout.height_px / 2
    bounds.offset(-centre_x, -centre_y)
    bounds.join(skia.Rect.MakeXYWH(-0.5, -0.5, 1, 1))
    sampling = _sampling(bounds, scale)
    factor = scale * sampling
    left, top = (math.ceil(-edge * factor) + _EDGE_PX for edge in (bounds.left(), bounds.top()))
    right, bottom = (math.ceil(edge * factor) + _EDGE_PX for edge in (bounds.right(), bounds.bottom()))
    rgba = np.zeros((top + bottom, left + right, 4), np.uint8)
    place = skia.Matrix.Translate(left, top).preScale(factor, factor).preTranslate(-centre_x, -centre_y)
    _paint(rgba, place, ink, bounded(block.alpha, 0.0, 1.0))
    return Raster(rgba, (float(left), float(top)), sampling, ink.problems)


def _paint(rgba: NDArray[np.uint8], place: Any, ink: Ink, alpha: float) -> None:
    """Band by band, so that the layers that looks need stay small."""
    rows = max(1, _BAND_PX // rgba.shape[1])
    for top in range(0, rgba.shape[0], rows):
        surface = skia.Surface(rgba[top : top + rows], skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        canvas = surface.getCanvas()
        canvas.translate(0, -top)
        canvas.concat(place)
        for part in _PARTS:
            ink.paint(canvas, part)
        if alpha < 1.0:
            canvas.drawColor(skia.Color4f(0, 0, 0, alpha), skia.BlendMode.kDstIn)
        surface.flushAndSubmit()


def _sampling(bounds: Any, scale: float) -> float:
    width_px, height_px = float(bounds.width() * scale), float(bounds.height() * scale)
    room = MAX_SIDE_PX - 2 * _EDGE_PX - 2
    return min(1.0, room / width_px, room / height_px, math.sqrt(MAX_PICTURE_PX * 0.99 / (width_px * height_px)))
