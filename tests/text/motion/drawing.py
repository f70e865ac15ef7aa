"""A card in the place of a letter, moments of it, and its pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.text.motion.families import FAMILIES
from cutfarm.text.motion.layers import paint_of
from cutfarm.text.motion.moment import Box, Draw, Moment, Tint

WIDTH, HEIGHT = 240, 160
BOX = Box(40.0, 40.0, 200.0, 120.0)
EM_PX = 60.0


def moment(kind: str, p: float, **fields: object) -> Moment:
    """A moment of a single unit that is `BOX`, in an animation of a second."""
    canvas = Box(0.0, 0.0, WIDTH, HEIGHT)
    plain = Moment(kind, p, p, 1.0, 0, 1, 0, BOX, BOX, BOX, canvas, EM_PX, 77, "over")  # type: ignore[arg-type]
    return replace(plain, **fields)  # type: ignore[arg-type]


def card(rgb: tuple[float, float, float] = (1.0, 1.0, 1.0), box: Box = BOX) -> Draw:
    """Draws a box in one colour."""

    def draw(canvas: Any, tint: Tint) -> None:
        paint = paint_of(tint)
        paint.setColor4f(skia.Color4f(*rgb, paint.getAlphaf()))
        canvas.drawRect(skia.Rect.MakeLTRB(box.left, box.top, box.right, box.bottom), paint)

    return draw


def pixels(draw: Draw, tint: Tint | None = None) -> NDArray[np.float64]:
    """(`HEIGHT`, `WIDTH`, 4), R G B A, premultiplied, 0…1."""
    rgba = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    surface = skia.Surface(rgba, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    draw(surface.getCanvas(), tint or Tint())
    surface.flushAndSubmit()
    return rgba.astype(np.float64) / 255.0


def shown(family: str, at: Moment, params: Mapping[str, Any], draw: Draw | None = None) -> NDArray[np.float64]:
    """The pixels of a family's drawing of a white card, or of another drawing."""
    return pixels(FAMILIES[family](at, params, draw or card()))


def smoothstep(low: float, high: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The cubic of the formulas, for arrays."""
    t = np.clip((x - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
