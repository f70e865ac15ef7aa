"""Pieces of a caption as small pictures: drawn once, laid down anywhere."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import skia

from cutfarm.text.ink import Ink
from cutfarm.text.motion import layers
from cutfarm.text.motion.moment import Draw, Part, Tint
from cutfarm.text.placed import CaptionLayout

_EDGE_PX = 1  # room for antialiasing
#: Exact where a sprite lies on whole pixels, smooth where it is moved, smaller or larger.
_SAMPLING = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
_ABOVE: dict[Part, tuple[Part, ...]] = {"back": ("under", "over"), "under": ("over",), "over": ()}

Glyphs = tuple[int, ...] | None  #: numbers in the layout; None is all


class Sprites:
    """Pictures of parts of a caption at one scale, in pixels around the block's centre, drawn when first used."""

    def __init__(self, layout: CaptionLayout, ink: Ink, factor: float) -> None:
        self._ink = ink
        self._factor = factor  # pixels of a picture per layout pixel
        self._centre = (layout.width_px / 2.0, layout.height_px / 2.0)
        self._drawings: dict[tuple[Part, Glyphs], Draw | None] = {}

    def drawing(self, part: Part, only: Glyphs) -> Draw | None:
        """Draws a part of some glyphs where it lies at rest; None where it has no ink.

        What fades is cut out under the parts above it of the same glyphs, so that a fading fill shows what is behind
        the caption and not its own shadow and strokes.
        """
        key = (part, only)
        if key not in self._drawings:
            bounds = self.bounds(part, only)
            self._drawings[key] = None if bounds is None else self._sprite(part, only, bounds)
        return self._drawings[key]

    def bounds(self, part: Part, only: Glyphs) -> Any | None:
        """The skia.IRect that a sprite takes; None where there is no ink."""
        box = self._ink.bounds(part, only)
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

    def _sprite(self, part: Part, only: Glyphs, bounds: Any) -> Draw:
        whole = self._image(bounds, part, only)
        left, top = bounds.left(), bounds.top()
        cut: list[Any] = []  # drawn when it first fades

        def draw(canvas: Any, tint: Tint) -> None:
            image = whole
            if tint.alpha < 1.0 and _ABOVE[part]:
                if not cut:
                    cut.append(self._cut(whole, bounds, part, only))
                image = cut[0]
            plain = tint.alpha >= 1.0 and tint.colours is None and tint.image is None
            canvas.drawImage(image, left, top, _SAMPLING, None if plain else layers.paint_of(tint))

        return draw

    def _image(self, bounds: Any, part: Part, only: Glyphs) -> Any:
        surface = _surface(bounds)
        self._paint(surface.getCanvas(), bounds, part, only)
        return surface.makeImageSnapshot()

    def _cut(self, whole: Any, bounds: Any, part: Part, only: Glyphs) -> Any:
        """The sprite without what the parts above it cover."""
        surface = _surface(bounds)
        canvas = surface.getCanvas()
        canvas.drawImage(whole, 0, 0)
        canvas.saveLayer(None, skia.Paint(BlendMode=skia.BlendMode.kDstOut))
        for above in _ABOVE[part]:
            self._paint(canvas, bounds, above, only)
        canvas.restore()
        return surface.makeImageSnapshot()

    def _paint(self, canvas: Any, bounds: Any, part: Part, only: Collection[int] | None) -> None:
        canvas.save()
        canvas.translate(-bounds.left(), -bounds.top())
        canvas.scale(self._factor, self._factor)
        canvas.translate(-self._centre[0], -self._centre[1])
        self._ink.paint(canvas, part, only)
        canvas.restore()


def _surface(bounds: Any) -> Any:
    info = skia.ImageInfo.Make(bounds.width(), bounds.height(), skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    return skia.Surface.MakeRaster(info)
