"""Blurred silhouettes of glyphs: shadows and glows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import skia
from PIL import Image, ImageFilter

from cutfarm.text.ink.paints import Substance, colour4f

MAX_MASK_PX = 8_000_000  #: of a silhouette; a larger one is drawn coarser
_FINEST_BLUR_PX = 16.0  # standard deviation from which half the mask's size is enough
_REACH_SIGMAS, _EDGE_PX = 3.0, 2.0


@dataclass(frozen=True, slots=True)
class Blur:
    """How far a silhouette is moved and how much it is blurred, in layout pixels."""

    right_px: float
    down_px: float
    sigma_px: float  #: standard deviation of the Gaussian

    def reach(self, box: Any) -> Any:
        """The skia.Rect that the silhouette of what lies in `box` can touch."""
        reach_px = _REACH_SIGMAS * self.sigma_px
        return box.makeOutset(reach_px, reach_px).makeOffset(self.right_px, self.down_px)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where a mask's pixels lie in the layout, so that they are the canvas's own or whole groups of them."""

    left: int  #: of the mask, in its pixels from the grid's origin
    top: int
    width: int
    height: int
    scale: float  #: pixels of the mask per layout pixel
    origin_px: tuple[float, float]  #: the layout's origin from the grid's, in pixels of the mask

    @property
    def to_mask(self) -> Any:
        """The skia.Matrix from layout pixels to the mask's."""
        matrix = skia.Matrix.Translate(self.origin_px[0] - self.left, self.origin_px[1] - self.top)
        return matrix.preScale(self.scale, self.scale)


def paint_blurred(
    canvas: Any, blur: Blur, box: Any, draw: Callable[[Any], None], substance: Substance, alpha: float
) -> None:
    """Paint the silhouette of what `draw` paints on a canvas of layout pixels within `box`, moved and blurred.

    The mask covers what the canvas's clip shows and what blurs into it, and lies on the canvas's own pixels: any part
    is drawn as it is in the whole. Three box filters make the Gaussian, whose profile they keep within 0.02 where it
    is wider than a pixel. Where the blur is wide the mask is coarser.
    """
    grid = _grid(canvas, blur, box)
    if grid is None:
        return
    mask = np.zeros((grid.height, grid.width), np.uint8)
    surface = skia.Surface(mask, skia.kAlpha_8_ColorType, skia.kPremul_AlphaType)
    brush = surface.getCanvas()
    brush.concat(grid.to_mask)
    brush.translate(blur.right_px, blur.down_px)
    draw(brush)
    surface.flushAndSubmit()
    sigma_px = blur.sigma_px * grid.scale
    if sigma_px > 0.0:
        mask = np.array(Image.fromarray(mask).filter(ImageFilter.GaussianBlur(sigma_px)))
    picture = skia.Image.fromarray(mask, skia.kAlpha_8_ColorType, skia.kPremul_AlphaType)
    to_layout = skia.Matrix()
    grid.to_mask.invert(to_layout)
    # A shader is in layout pixels, the mask is not.
    shader = substance.shader and substance.shader.makeWithLocalMatrix(grid.to_mask)
    canvas.save()
    canvas.concat(to_layout)
    paint = skia.Paint(Color4f=colour4f(substance.colour, alpha), Shader=shader)
    canvas.drawImage(picture, 0, 0, skia.SamplingOptions(skia.FilterMode.kLinear), paint)
    canvas.restore()


def _grid(canvas: Any, blur: Blur, box: Any) -> _Grid | None:
    """The pixels of the mask; None where the canvas shows nothing of the silhouette."""
    clip = canvas.getLocalClipBounds()
    seen = blur.reach(box)
    if not seen.intersect(clip.makeOutset(_REACH_SIGMAS * blur.sigma_px, _REACH_SIGMAS * blur.sigma_px)):
        return None
    matrix = canvas.getTotalMatrix()
    per_px = math.sqrt(abs(matrix.getScaleX() * matrix.getScaleY() - matrix.getSkewX() * matrix.getSkewY()))
    if not per_px > 0.0 or not seen.isFinite():
        return None
    coarseness = 1
    while blur.sigma_px * per_px > _FINEST_BLUR_PX * coarseness:
        coarseness *= 2
    while seen.width() * seen.height() * (per_px / coarseness) ** 2 > MAX_MASK_PX:
        coarseness *= 2
    scale = per_px / coarseness
    x = (matrix.getTranslateX() % 1.0) / coarseness if matrix.isScaleTranslate() else 0.0
    y = (matrix.getTranslateY() % 1.0) / coarseness if matrix.isScaleTranslate() else 0.0
    left, top = math.floor(seen.left() * scale + x - _EDGE_PX), math.floor(seen.top() * scale + y - _EDGE_PX)
    right, bottom = math.ceil(seen.right() * scale + x + _EDGE_PX), math.ceil(seen.bottom() * scale + y + _EDGE_PX)
    return _Grid(left, top, right - left, bottom - top, scale, (x, y))
