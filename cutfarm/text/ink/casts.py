"""What a caption throws behind itself: which styles, how far, how soft and in what colour."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cutfarm.text.ink.brushwork import paint_silhouette, silhouette_bounds, union
from cutfarm.text.ink.outlines import StyleInk
from cutfarm.text.ink.paints import Substance, Substances
from cutfarm.text.ink.shadows import Blur, paint_blurred
from cutfarm.text.layout.block import bounded
from cutfarm.timeline.text import TextStyle

_GLOW_LEVEL = 1 << 16
_DISTANCES_EM = (-10.0, 10.0)
_BLURS_EM = (0.0, 1.0)  #: what is softer is a haze that takes all of the picture's room


@dataclass(frozen=True, slots=True)
class Look:
    """A shadow or a glow; styles that have the very same one throw it together."""

    level: int  #: the lowest lies lowest; glows lie over all shadows
    blur: Blur
    substance: Substance
    alpha: float


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """One shadow or glow, and the styles whose glyphs throw it."""

    look: Look
    inks: tuple[StyleInk, ...]

    @property
    def bounds(self) -> Any | None:
        """The skia.Rect around all that it leaves, in layout pixels; None where that is nothing."""
        box = self._silhouette
        return None if box is None else self.look.blur.reach(box)

    def paint(self, canvas: Any) -> None:
        """Draw it on a canvas of layout pixels."""
        box = self._silhouette
        if box is not None:
            paint_blurred(canvas, self.look.blur, box, self._draw, self.look.substance, self.look.alpha)

    @property
    def _silhouette(self) -> Any | None:
        return union(box for ink in self.inks if (box := silhouette_bounds(ink)) is not None)

    def _draw(self, canvas: Any) -> None:
        for ink in self.inks:
            paint_silhouette(canvas, ink)


def casts_of(inks: Sequence[StyleInk], substances: Substances) -> tuple[Cast, ...]:
    """The shadows and glows of these styles, the lowest first."""
    thrown: dict[Look, list[StyleInk]] = {}
    for ink in inks:
        for look in _looks(ink.style, ink.em_px, substances):
            thrown.setdefault(look, []).append(ink)
    return tuple(Cast(look, tuple(thrown[look])) for look in sorted(thrown, key=lambda look: look.level))


def _looks(style: TextStyle, em_px: float, substances: Substances) -> Iterator[Look]:
    for level, shadow in enumerate(style.shadows):
        way = math.radians(shadow.angle_deg if math.isfinite(shadow.angle_deg) else 0.0)
        distance_px = bounded(shadow.distance_em, *_DISTANCES_EM) * em_px
        sigma_px = bounded(shadow.blur_em, *_BLURS_EM) * em_px
        blur = Blur(distance_px * math.cos(way), -distance_px * math.sin(way), sigma_px)
        if shadow.alpha > 0:
            yield Look(level, blur, Substance(shadow.colour), bounded(shadow.alpha, 0.0, 1.0))
    glow = style.glow
    if glow is not None and glow.alpha > 0:
        own = substances.of(style.colour, style.fill)
        substance = own if glow.colour is None else Substance(glow.colour)
        blur = Blur(0.0, 0.0, bounded(glow.radius_em, *_BLURS_EM) * em_px)
        yield Look(_GLOW_LEVEL, blur, substance, bounded(glow.alpha, 0.0, 1.0))
