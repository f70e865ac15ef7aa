"""What the families of motion are put together from: ways to wrap a drawing, and to read parameters."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import skia

from cutfarm.text.motion import layers
from cutfarm.text.motion.amounts import number
from cutfarm.text.motion.easing import ease, restful
from cutfarm.text.motion.moment import Draw, Moment, Params, Tint

_SUDDEN = 0.2  # share of its time in which a unit shows up that is not said to fade
_STEP = 0.01  # of a unit's time, over which its speed is taken
_SHARP_PX = 0.1  # a blur that nobody sees


def placed(draw: Draw, matrix: Any, alpha: float = 1.0) -> Draw:
    """Drawn through a skia.Matrix, at an opacity."""
    if alpha <= 0.0 or not matrix.isFinite():
        return layers.nothing

    def drawn(canvas: Any, tint: Tint) -> None:
        canvas.save()
        canvas.concat(matrix)
        draw(canvas, tint if alpha >= 1.0 else tint.faded(alpha))
        canvas.restore()

    return drawn


def clipped(draw: Draw, left: float, top: float, right: float, bottom: float) -> Draw:
    """Only what of it lies in an upright box."""
    if right <= left or bottom <= top:
        return layers.nothing
    box = skia.Rect.MakeLTRB(left, top, right, bottom)

    def drawn(canvas: Any, tint: Tint) -> None:
        canvas.save()
        canvas.clipRect(box, True)
        draw(canvas, tint)
        canvas.restore()

    return drawn


def blurred(draw: Draw, across_px: float, down_px: float) -> Draw:
    """Drawn through a Gaussian of these standard deviations."""
    if max(across_px, down_px) < _SHARP_PX:
        return draw
    return layers.filtered(draw, skia.ImageFilters.Blur(across_px, down_px, skia.TileMode.kDecal, None))


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


def far(moment: Moment, params: Params) -> float:
    """How far a unit is from its rest: 1 where it comes from or goes to; curves that overshoot leave 0…1.

    Of a loop: to and fro in a turn where it says `osc`, else an entrance that is repeated.
    """
    if moment.kind == "loop" and params.get("osc"):
        return to_and_fro(moment)
    if moment.kind == "out":
        return pace(moment, params)
    return 1.0 - pace(moment, params)


def pace(moment: Moment, params: Params) -> float:
    """How far on its way a unit is, by the row's curve; what springs or bounces does so near its rest."""
    default = "in_cubic" if moment.kind == "out" else "out_cubic"
    return ease(restful(moment.kind, params.get("ease")), moment.p, default)


def to_and_fro(moment: Moment) -> float:
    """0 at the ends of a turn, 1 in its middle."""
    return (1.0 - math.cos(2.0 * math.pi * moment.p)) / 2.0


def smear_px(moment: Moment, params: Params, share: float) -> float:
    """How softly something that moves is drawn, by the row's `blur`: `share` of a box height at a whole way a unit."""
    blur = number(params, "blur", 0.0)
    return 0.0 if blur <= 0.0 else blur * share * moment.box.height * speed(moment, params)


def speed(moment: Moment, params: Params) -> float:
    """How fast `far` changes, parts of the whole way in the unit's time; 0 for what stands, 3 at most."""
    low, high = max(moment.p - _STEP, 0.0), min(moment.p + _STEP, 1.0)
    change = far(replace(moment, p=high), params) - far(replace(moment, p=low), params)
    return min(abs(change) / (high - low), 3.0)


def showing(moment: Moment, params: Params) -> float:
    """A unit's opacity: evenly over its time where the row says `alpha`, else at its far end alone."""
    if moment.kind == "loop" and params.get("osc"):
        return 1.0
    there = 1.0 - moment.p if moment.kind == "out" else moment.p
    return there if params.get("alpha") else min(there / _SUDDEN, 1.0)
