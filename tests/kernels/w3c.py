"""W3C's Compositing and Blending Level 1, §5 and §9, in float64, one channel at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def multiply(b: float, s: float) -> float:
    return b * s


def screen(b: float, s: float) -> float:
    return 1 - (1 - b) * (1 - s)


def hard_light(b: float, s: float) -> float:
    return multiply(b, 2 * s) if s <= 0.5 else screen(b, 2 * s - 1)


def color_dodge(b: float, s: float) -> float:
    if b == 0:
        return 0
    return 1 if s == 1 else min(1, b / (1 - s))


def color_burn(b: float, s: float) -> float:
    if b == 1:
        return 1
    return 0 if s == 0 else 1 - min(1, (1 - b) / s)


def soft_light(b: float, s: float) -> float:
    if s <= 0.5:
        return b - (1 - 2 * s) * b * (1 - b)
    lit = ((16 * b - 12) * b + 4) * b if b <= 0.25 else math.sqrt(b)
    return b + (2 * s - 1) * (lit - b)


FORMULAS: dict[str, Callable[[float, float], float]] = {
    "multiply": multiply,
    "color_dodge": color_dodge,
    "color_burn": color_burn,
    "linear_burn": lambda b, s: max(0, b + s - 1),
    "soft_light": soft_light,
    "hard_light": hard_light,
    "screen": screen,
    "overlay": lambda b, s: hard_light(s, b),
    "lighten": max,
    "darken": min,
    "normal": lambda _, s: s,
}


def blend(mode: str, below: Array, above: Array) -> Array:
    """B for arrays of any one shape."""
    return np.asarray(np.vectorize(FORMULAS[mode], otypes=[float])(below, above))


def composite(mode: str, below: Array, below_alpha: Array, above: Array, above_alpha: Array) -> tuple[Array, Array]:
    """Premultiplied colour and opacity of two straight colours (…, 3) with opacities (…)."""
    ab, as_ = np.asarray(below_alpha)[..., None], np.asarray(above_alpha)[..., None]
    mixed = blend(mode, *np.broadcast_arrays(below, above))
    colour = as_ * (1 - ab) * above + ab * (1 - as_) * below + as_ * ab * mixed
    return colour, (as_ + ab - as_ * ab)[..., 0]


def rgb(y: Array, u: Array, v: Array) -> Array:
    """RGB (…, 3) of BT.709 limited-range codes, as ITU-R BT.709-6 has it, cut to [0, 1]."""
    luma, cb, cr = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    red, blue = luma + 1.5748 * cr, luma + 1.8556 * cb
    green = (luma - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.clip(np.stack((red, green, blue), -1), 0, 1)


def yuv(colour: Array) -> tuple[Array, Array, Array]:
    """Codes of RGB (…, 3), not rounded."""
    luma = colour @ np.array((0.2126, 0.7152, 0.0722))
    return 16 + 219 * luma, 128 + 224 * (colour[..., 2] - luma) / 1.8556, 128 + 224 * (colour[..., 0] - luma) / 1.5748


def at_luma(chroma: Array) -> Array:
    """Chroma at the luma sites, linear between its own: one sample at a time."""
    height, width = chroma.shape
    sites = np.zeros((2 * height, 2 * width))
    for y in range(2 * height):
        for x in range(2 * width):
            row, column = (y - 0.5) / 2, x / 2
            for near_row in (math.floor(row), math.floor(row) + 1):
                for near_column in (math.floor(column), math.floor(column) + 1):
                    weight = (1 - abs(row - near_row)) * (1 - abs(column - near_column))
                    held = chroma[min(max(near_row, 0), height - 1), min(max(near_column, 0), width - 1)]
                    sites[y, x] += weight * held
    return sites
