"""Families that give a drawing other colours."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Mapping, Sequence
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.amounts import Rgb
from cutfarm.text.motion.light import mixed
from cutfarm.text.motion.moment import Draw, Family, Moment, Params, Tint

_LUMA = (0.2126, 0.7152, 0.0722)
_UNITS_PER_RAINBOW = 8.0
_PALETTE: tuple[Rgb, ...] = tuple(
    amounts.colour(code) for code in ("#ff3b5c", "#ffb321", "#fff04d", "#35d46b", "#2fb8ff", "#a25bff")
)
_LO, _HI = (0.18, 0.42, 1.0), (1.0, 0.3, 0.55)
_APPEARS_BY = 0.25
#: Saturation, gain and shift of R, G, B of the grades that captions ask for.
_GRADES: Mapping[str, tuple[float, Rgb, Rgb]] = {
    "retro": (0.85, (0.96, 0.88, 0.76), (0.06, 0.05, 0.03)),
    "horror": (0.55, (0.8, 0.98, 0.84), (-0.06, -0.04, -0.06)),
}


def recolor(moment: Moment, params: Params, draw: Draw) -> Draw:
    """The kinds `rainbow_text`, `palette_cycle` and `gradient_text` paint the fills anew, the rest turn their colours.

    On the way in or out the new colours fade by how far that is. Outlines and shadows keep theirs where fills are
    painted anew.
    """
    if amounts.at_rest(moment):
        return draw
    share = amounts.away(moment, {}) if moment.kind != "loop" else 1.0
    coloured = _coloured(moment, params, draw, share)
    if moment.kind == "loop":
        return coloured
    return layers.faded(coloured, amounts.shown(moment, {}) / _APPEARS_BY)


def _coloured(moment: Moment, params: Params, draw: Draw, share: float) -> Draw:
    match params.get("kind"):
        case "gray":
            return layers.toned(draw, _saturated(1.0 - share))
        case "invert":
            keep = 1.0 - 2.0 * share
            return layers.toned(draw, _matrix([[keep, 0, 0, share], [0, keep, 0, share], [0, 0, keep, share]]))
        case "duotone" | "thermal":
            return layers.toned(draw, _duotone(_end(params, "lo", _LO), _end(params, "hi", _HI), share))
        case "hue_rotate":
            turns = amounts.turn(moment, params) + amounts.number(params, "deg", 0.0) / 360.0
            return layers.toned(draw, hue_rotated(turns * share))
    if moment.part != "over":
        return draw
    return _painted(moment, params, draw, share)


def _painted(moment: Moment, params: Params, draw: Draw, share: float) -> Draw:
    palette = _palette(params)
    turns = amounts.turn(moment, params)
    match params.get("kind"):
        case "rainbow_text":
            at = moment.index / _UNITS_PER_RAINBOW - turns
            return mixed(draw, _hue(at) if palette is None else _between(palette, at), share)
        case "palette_cycle":
            colours = palette or _PALETTE
            cycle = math.floor(amounts.turn(moment, params) + 1e-6)
            return mixed(draw, colours[(cycle + moment.index) % len(colours)], share)
        case "gradient_text" | "gradient_overlay":
            return _gradient(moment, params, draw, turns, share)
        case "spectrum":
            return mixed(draw, _hue(moment.index / max(moment.count, 1) + turns), share)
    return draw


def _gradient(moment: Moment, params: Params, draw: Draw, turns: float, share: float) -> Draw:
    """Two colours to and fro across the whole text, moved along once a turn with `scroll`."""
    x, y = amounts.direction(params)
    block = moment.block
    length = abs(x) * block.width + abs(y) * block.height
    if length <= 0.0:
        return draw
    shift = length * (turns - math.floor(turns)) if amounts.number(params, "scroll", 0.0) else 0.0
    start_x, start_y = block.center[0] + (shift - length / 2.0) * x, block.center[1] + (shift - length / 2.0) * y
    lo, hi = (_packed(_end(params, name, ink), share) for name, ink in (("lo", _LO), ("hi", _HI)))
    shader = skia.GradientShader.MakeLinear(
        [skia.Point(start_x, start_y), skia.Point(start_x + length * x, start_y + length * y)],
        [lo, hi, lo],
        [0.0, 0.5, 1.0],
        skia.TileMode.kRepeat,
    )

    def drawn(canvas: Any, tint: Tint) -> None:
        picture = layers.recorded(draw)
        if picture is not None:
            layers.layered(picture, [(shader, skia.BlendMode.kSrcATop)], canvas, tint)

    return drawn


def grade(moment: Moment, params: Params, draw: Draw) -> Draw:
    """The presets `retro` and `horror`; others leave the colours as they are."""
    look = _GRADES.get(str(params.get("preset")))
    if look is None or amounts.at_rest(moment):
        return draw
    saturation, gain, shift = look
    share = amounts.away(moment, {})
    rows = [
        [(1.0 - share) * (row == col) + share * gain[row] * _toward_grey(saturation, row, col) for col in range(3)]
        + [share * shift[row]]
        for row in range(3)
    ]
    return layers.toned(draw, _matrix(rows))


def hue_rotated(turns: float) -> Any:
    """A skia.ColorFilter that turns colours about the greys: a third of a turn makes red green."""
    cos, sin = math.cos(2.0 * math.pi * turns), math.sin(2.0 * math.pi * turns)
    third, root = (1.0 - cos) / 3.0, sin / math.sqrt(3.0)
    rows = [[cos + third, third - root, third + root], [third + root, cos + third, third - root]]
    rows.append([third - root, third + root, cos + third])
    return _matrix([[*row, 0.0] for row in rows])


def _saturated(saturation: float) -> Any:
    return _matrix([[*(_toward_grey(saturation, row, col) for col in range(3)), 0.0] for row in range(3)])


def _toward_grey(saturation: float, row: int, col: int) -> float:
    return saturation * (row == col) + (1.0 - saturation) * _LUMA[col]


def _duotone(lo: Rgb, hi: Rgb, share: float) -> Any:
    rows = []
    for row in range(3):
        span = hi[row] - lo[row]
        rows.append([(1.0 - share) * (row == col) + share * span * _LUMA[col] for col in range(3)] + [share * lo[row]])
    return _matrix(rows)


def _matrix(rows: Sequence[Sequence[float]]) -> Any:
    """A skia.ColorFilter of three rows: what R, G, B add, and a constant; alpha stays."""
    numbers: list[float] = []
    for r, g, b, constant in rows:
        numbers += [r, g, b, 0.0, constant]
    return skia.ColorFilters.Matrix([*numbers, 0.0, 0.0, 0.0, 1.0, 0.0])


def _end(params: Params, name: str, default: Rgb) -> Rgb:
    return amounts.colour(params.get(name), default)


def _palette(params: Params) -> tuple[Rgb, ...] | None:
    codes = params.get("palette")
    return tuple(amounts.colour(code) for code in codes) if isinstance(codes, list | tuple) and codes else None


def _between(palette: Sequence[Rgb], at: float) -> Rgb:
    """The colour at a share of a palette's round."""
    place = (at - math.floor(at)) * len(palette)
    low, share = palette[int(place) % len(palette)], place - int(place)
    high = palette[(int(place) + 1) % len(palette)]
    r, g, b = (a + (c - a) * share for a, c in zip(low, high, strict=True))
    return r, g, b


def _hue(at: float) -> Rgb:
    return colorsys.hsv_to_rgb(at - math.floor(at), 0.85, 1.0)


def _packed(ink: Rgb, alpha: float) -> int:
    return int(skia.Color4f(*ink, alpha).toColor())


FAMILIES: Mapping[str, Family] = {"recolor": recolor, "grade": grade}
"""Colours by the name of their family."""
