"""Pieces of a caption as small pictures: drawn once, laid down anywhere."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np
import skia

from cutfarm.text.ink.painting import Ink
from cutfarm.text.layout.placed import CaptionLayout
from cutfarm.text.motion import layers
from cutfarm.text.motion.moment import Draw, Part, Tint

_EDGE_PX = 1  # room for antialiasing
#: Exact where a sprite lies on whole pixels, smooth where it is moved, smaller or larger.
_SAMPLING = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
_FADES = (0.2, 0.5, 0.8, 0.96)  # opacities that sprites are cut for
_BAND_PX = 128  # rows that are reckoned with in floats at a time

Glyphs = tuple[int, ...] | None  #: numbers in the layout; None is all
Coat = tuple[Part, int | None]
"""A part, and of "under" a layer of it or, with None, all."""


class Sprites:
    """Pictures of parts of a caption at one scale, in pixels around the block's centre, drawn when first used."""

    def __init__(self, layout: CaptionLayout, ink: Ink, factor: float) -> None:
        self._ink = ink
        self._factor = factor  # pixels of a picture per layout pixel
        self._centre = (layout.width_px / 2.0, layout.height_px / 2.0)
        self._drawings: dict[tuple[Coat, Glyphs, bool], Draw | None] = {}

    @property
    def coats(self) -> tuple[Coat, ...]:
        """What is laid down of all units before the next of any, the lowest first."""
        return ("back", None), *(("under", layer) for layer in range(self._ink.layers)), ("over", None)

    def drawing(self, coat: Coat, only: Glyphs, *, is_cut: bool = True) -> Draw | None:
        """Draws a coat of some glyphs where it lies at rest; None where it has no ink.

        What fades is cut out under the coats above it of the same glyphs, so that a fading fill shows what is behind
        the caption and not its own shadow and strokes: all together are their sum at rest, faded. Not so where those
        above move on their own, without `is_cut`.
        """
        key = (coat, only, is_cut)
        if key not in self._drawings:
            bounds = self.bounds(coat, only)
            self._drawings[key] = None if bounds is None else self._sprite(coat, only, bounds, is_cut)
        return self._drawings[key]

    def forget(self) -> None:
        """Let go of all sprites."""
        self._drawings.clear()

    def bounds(self, coat: Coat, only: Glyphs) -> Any | None:
        """The skia.IRect that a sprite takes; None where there is no ink."""
        box = self._ink.bounds(coat[0], only, coat[1])
        if box is None:
            return None
        x, y = self._centre
        left, top = ((edge - middle) * self._factor for edge, middle in ((box.left(), x), (box.top(), y)))
        right, bottom = ((edge - middle) * self._factor for edge, middle in ((box.right(), x), (box.bottom(), y)))
        return skia.IRect.MakeLTRB(
            math.floor(left) - _EDGE_PX,
            math.floor(top) - _EDGE_PX,
            math.ceil(right) + _EDGE_PX,
            math.ceil(bottom) + _EDGE_PX,
        )

    def _sprite(self, coat: Coat, only: Glyphs, bounds: Any, is_cut: bool) -> Draw:
        whole = self._surface(bounds, (coat,), only).makeImageSnapshot()
        left, top = bounds.left(), bounds.top()
        above = self._above(coat) if is_cut else ()
        cut: list[tuple[float, Any]] = []  # the one that was needed last

        def draw(canvas: Any, tint: Tint) -> None:
            image = whole
            if tint.alpha < 1.0 and above:
                alpha = min(_FADES, key=lambda fade: abs(fade - tint.alpha))
                if not cut or cut[0][0] != alpha:
                    cut[:] = [(alpha, self._cut(whole, bounds, above, only, alpha))]
                image = cut[0][1]
            plain = tint.alpha >= 1.0 and tint.colours is None and tint.image is None
            canvas.drawImage(image, left, top, _SAMPLING, None if plain else layers.paint_of(tint))

        return draw

    def _above(self, coat: Coat) -> tuple[Coat, ...]:
        """The coats over one; all of "under" is one here where it is one there."""
        coats = self.coats
        lowest = [place for place, (part, layer) in enumerate(coats) if part == coat[0] and coat[1] in (None, layer)]
        return coats[lowest[-1] + 1 :] if lowest else ()

    def _cut(self, whole: Any, bounds: Any, above: tuple[Coat, ...], only: Glyphs, alpha: float) -> Any:
        """The sprite times (1 − c)/(1 − alpha·c), c what the coats above it cover.

        Those, faded by `alpha` and laid over it, leave (1 − alpha·c) of it: (1 − c) as at rest.
        """
        covering = self._surface(bounds, above, only)
        pixels = whole.toarray(colorType=skia.kRGBA_8888_ColorType, alphaType=skia.kPremul_AlphaType)
        cover = covering.toarray(colorType=skia.kRGBA_8888_ColorType)[..., 3:]
        for top in range(0, bounds.height(), _BAND_PX):
            rows = slice(top, top + _BAND_PX)
            covered = cover[rows].astype(np.float32) / 255.0
            pixels[rows] = np.rint(pixels[rows] * ((1.0 - covered) / (1.0 - alpha * covered)))
        return skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)

    def _surface(self, bounds: Any, coats: tuple[Coat, ...], only: Glyphs) -> Any:
        size = (bounds.width(), bounds.height())
        surface = skia.Surface.MakeRaster(skia.ImageInfo.Make(*size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType))
        for coat in coats:
            self._paint(surface.getCanvas(), bounds, coat, only)
        return surface

    def _paint(self, canvas: Any, bounds: Any, coat: Coat, only: Collection[int] | None) -> None:
        canvas.save()
        canvas.translate(-bounds.left(), -bounds.top())
        canvas.scale(self._factor, self._factor)
        canvas.translate(-self._centre[0], -self._centre[1])
        self._ink.paint(canvas, coat[0], only, coat[1])
        canvas.restore()
