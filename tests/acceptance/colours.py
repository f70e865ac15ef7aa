"""Colours by the standards' formulas in plain double precision: BT.709 code values and the W3C's blend modes.

Linear burn, which the W3C does not have, is the sum less one. RGB is gamma-encoded, 0…1, unless it is said to be 8-bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Rgb = tuple[float, float, float]


def codes(rgb: Rgb) -> Rgb:
    """Limited-range Y, Cb, Cr, not rounded."""
    red, green, blue = rgb
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748


def rgb_of(y: float, u: float, v: float) -> Rgb:
    """The inverse of `codes`, not clamped."""
    luma, cb, cr = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    red, blue = luma + 1.5748 * cr, luma + 1.8556 * cb
    return red, (luma - 0.2126 * red - 0.0722 * blue) / 0.7152, blue


def in_eight_bits(rgb: Rgb) -> Rgb:
    """The colour that an 8-bit 4:2:0 picture holds in place of `rgb`."""
    y, u, v = (float(round(code)) for code in codes(rgb))
    red, green, blue = (min(max(part, 0.0), 1.0) for part in rgb_of(y, u, v))
    return red, green, blue


def over(top: Rgb, below: Rgb, alpha: float) -> Rgb:
    """`top` laid over `below`."""
    red, green, blue = (alpha * one + (1 - alpha) * other for one, other in zip(top, below, strict=True))
    return red, green, blue


def blended(mode: str, top: Rgb, below: Rgb, alpha: float = 1.0) -> Rgb:
    """A layer of opacity `alpha` blended with an opaque backdrop."""
    red, green, blue = (MODES[mode](one, other) for one, other in zip(top, below, strict=True))
    return over((red, green, blue), below, alpha)


def _screen(s: float, b: float) -> float:
    return b + s - b * s


def _hard_light(s: float, b: float) -> float:
    return 2 * s * b if s <= 0.5 else _screen(2 * s - 1, b)


def _soft_light(s: float, b: float) -> float:
    if s <= 0.5:
        return b - (1 - 2 * s) * b * (1 - b)
    dark = ((16 * b - 12) * b + 4) * b if b <= 0.25 else math.sqrt(b)
    return b + (2 * s - 1) * (dark - b)


def _dodge(s: float, b: float) -> float:
    return 0.0 if b == 0 else 1.0 if s >= 1 else min(1.0, b / (1 - s))


def _burn(s: float, b: float) -> float:
    return 1.0 if b >= 1 else 0.0 if s <= 0 else 1 - min(1.0, (1 - b) / s)


#: Of (source, backdrop), by Compositing and Blending Level 1, §10.1.
MODES: dict[str, Callable[[float, float], float]] = {
    "multiply": lambda s, b: s * b,
    "color_dodge": _dodge,
    "color_burn": _burn,
    "linear_burn": lambda s, b: max(s + b - 1, 0.0),
    "soft_light": _soft_light,
    "hard_light": _hard_light,
    "screen": _screen,
    "overlay": lambda s, b: _hard_light(b, s),
    "lighten": max,
    "darken": min,
}
