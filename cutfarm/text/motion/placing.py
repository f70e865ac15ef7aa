"""What the families of motion are put together from: ways to wrap a drawing, and to read parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import skia

from cutfarm.text.motion.easing import ease
from cutfarm.text.motion.moment import Draw, Moment, Params, Tint

_SUDDEN = 0.2  # share of its time in which a unit shows up that is not said to fade
_WHITE, _BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)


def nothing(canvas: Any, tint: Tint) -> None:
    """The drawing of what is not there."""


def placed(draw: Draw, matrix: Any, alpha: float = 1.0) -> Draw:
    """Drawn through a skia.Matrix, at an opacity."""
    if alpha <= 0.0 or not matrix.isFinite():
        return nothing

    def drawn(canvas: Any, tint: Tint) -> None:
        canvas.save()
        canvas.concat(matrix)
        draw(canvas, tint if alpha >= 1.0 else tint.faded(alpha))
        canvas.restore()

    return drawn


def faded(draw: Draw, alpha: float) -> Draw:
    """Drawn at an opacity."""
    if alpha >= 1.0:
        return draw
    return nothing if alpha <= 0.0 else lambda canvas, tint: draw(canvas, tint.faded(alpha))


def clipped(draw: Draw, left: float, top: float, right: float, bottom: float) -> Draw:
    """Only what of it lies in an upright box."""
    if right <= left or bottom <= top:
        return nothing
    box = skia.Rect.MakeLTRB(left, top, right, bottom)

    def drawn(canvas: Any, tint: Tint) -> None:
        canvas.save()
        canvas.clipRect(box, True)
        draw(canvas, tint)
        canvas.restore()

    return drawn


def blurred(draw: Draw, across_px: float, down_px: float) -> Draw:
    """Drawn through a Gaussian of these standard deviations."""
    if max(across_px, down_px) < 0.1:
        return draw

    def drawn(canvas: Any, tint: Tint) -> None:
        blur = skia.ImageFilters.Blur(across_px, down_px, skia.TileMode.kDecal, tint.image)
        draw(canvas, replace(tint, image=blur))

    return drawn


def coloured(draw: Draw, colours: Any) -> Draw:
    """Drawn through a skia.ColorFilter, which comes after those that the drawing is asked for with."""
    return lambda canvas, tint: draw(
        canvas, replace(tint, colours=colours if tint.colours is None else colours.makeComposed(tint.colours))
    )


def painted(draw: Draw, colour: tuple[float, float, float], share: float = 1.0) -> Draw:
    """Drawn with `share` of one colour in place of its own; its shape stays."""
    if share <= 0.0:
        return draw
    mix = skia.Color4f(*colour, min(share, 1.0))
    return coloured(draw, skia.ColorFilters.Blend(mix.toColor(), skia.BlendMode.kSrcATop))


def together(draws: Iterable[Draw]) -> Draw:
    """One after the other."""
    every = tuple(draws)
    if len(every) == 1:
        return every[0]

    def drawn(canvas: Any, tint: Tint) -> None:
        for draw in every:
            draw(canvas, tint)

    return drawn


def about(x: float, y: float, matrix: Any) -> Any:
    """A skia.Matrix whose middle is at a point instead of at the origin."""
    return skia.Matrix.Translate(x, y).preConcat(matrix).preTranslate(-x, -y)


def number(params: Params, key: str, default: float) -> float:
    """A finite number of the parameters."""
    value = params.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return default
    return float(value)


def colour_of(params: Params, key: str, default: tuple[float, float, float]) -> tuple[float, float, float]:
    """A colour `#rrggbb` of the parameters: R, G, B, 0…1."""
    value = params.get(key)
    try:
        digits = int(value.removeprefix("#"), 16) if isinstance(value, str) and len(value) == 7 else -1
    except ValueError:
        digits = -1
    return default if digits < 0 else ((digits >> 16) / 255, (digits >> 8 & 255) / 255, (digits & 255) / 255)


def is_at_rest(moment: Moment) -> bool:
    """Whether a unit has come, or has not begun to go."""
    return (moment.kind == "in" and moment.p >= 1.0) or (moment.kind == "out" and moment.p <= 0.0)


def far(moment: Moment, params: Params) -> float:
    """How far a unit is from its rest: 1 where it comes from or goes to; curves that overshoot leave 0…1.

    Of a loop: to and fro in a turn where it says `osc`, else an entrance that is repeated.
    """
    if moment.kind == "loop" and params.get("osc"):
        return to_and_fro(moment)
    if moment.kind == "out":
        return ease(params.get("ease"), moment.p, "in_cubic")
    return 1.0 - ease(params.get("ease"), moment.p, "out_cubic")


def to_and_fro(moment: Moment) -> float:
    """0 at the ends of a turn, 1 in its middle."""
    return (1.0 - math.cos(2.0 * math.pi * moment.p)) / 2.0


def speed(moment: Moment, params: Params) -> float:
    """How fast `far` changes, parts of the whole way in the unit's time; 0 for what stands, 3 at most."""
    step = 0.01
    later = replace(moment, p=min(moment.p + step, 1.0))
    sooner = replace(moment, p=max(moment.p - step, 0.0))
    return min(abs(far(later, params) - far(sooner, params)) / (later.p - sooner.p), 3.0)


def showing(moment: Moment, params: Params) -> float:
    """A unit's opacity: evenly over its time where the row says `alpha`, else at its far end alone."""
    if moment.kind == "loop" and params.get("osc"):
        return 1.0
    there = 1.0 - moment.p if moment.kind == "out" else moment.p
    return there if params.get("alpha") else min(there / _SUDDEN, 1.0)
