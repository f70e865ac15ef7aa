"""Families that move, scale and turn a unit in the plane of the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping

import skia

from cutfarm.text.motion import amounts, layers, placing
from cutfarm.text.motion.amounts import number
from cutfarm.text.motion.chance import chance, smooth, spread
from cutfarm.text.motion.easing import smoothstep
from cutfarm.text.motion.moment import Draw, Family, Moment, Params
from cutfarm.text.motion.placing import about

_SMALLEST = 0.02  # a scale that nothing is seen at
_GROWN = 2.0  # what grows out of sight
_HOP = 0.5  # box heights that a unit jumps
_PULSE_RISE, _PULSE_FALL = 0.12, 6.0  # share of a beat, and how fast the rest of it falls
_ZOOM_SMEAR = 0.1
_JELLY = 0.3
_SHAKES_HZ = 10.0
_HOLLOW_EM = 0.04


def zoom(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A scale about the unit's middle, `from` … `to`, geometric between them and straight where easing overshoots."""
    if amounts.at_rest(moment):
        return draw
    if params.get("mode") == "pulse":
        return _pulse(moment, params, draw)
    low, high = _ends(moment, params)
    if moment.kind == "loop":
        scale, alpha = low + (high - low) * placing.to_and_fro(moment), 1.0
    else:
        scale = _two_stages(low, high, params, placing.pace(moment, params))
        alpha = placing.showing(moment, {**params, "alpha": 1} if high == _GROWN else params)
    across = scale * scale if params.get("warp") == "pinch" and scale < 1.0 else scale
    lift_px = number(params, "hop", 0.0) * _HOP * moment.box.height * math.sin(math.pi * moment.p)
    if params.get("hollow"):
        draw = _hollow(moment, draw)
    softness_px = placing.smear_px(moment, params, _ZOOM_SMEAR)
    draw = placing.blurred(draw, softness_px, softness_px)
    if min(abs(across), abs(scale)) < 1e-3:
        return layers.nothing
    x, y = moment.box.center
    matrix = skia.Matrix.Translate(0.0, -lift_px).preConcat(about(x, y, skia.Matrix.Scale(across, scale)))
    return placing.placed(draw, matrix, alpha)


def _ends(moment: Moment, params: Params) -> tuple[float, float]:
    """`from` and `to`, of which the one at rest is 1: in proportion to it; what would vanish there goes the other way.

    Out of rest what grows from nothing grows on from there, and what goes through `mid` does so backwards.
    """
    low = number(params, "from", 0.0 if moment.kind == "in" else 1.0)
    high = number(params, "to", 0.0 if moment.kind == "out" else 1.0)
    match moment.kind:
        case "in":
            return (low / high, 1.0) if high > _SMALLEST else (0.0, 1.0)
        case "out":
            if low != 1.0 and "mid" in params:
                low, high = high, low
            return (1.0, high / low) if low > _SMALLEST else (1.0, _GROWN)
    return low, high


def _two_stages(low: float, high: float, params: Params, share: float) -> float:
    """With `mid` through it halfway."""
    if "mid" not in params:
        return between(low, high, share)
    middle = number(params, "mid", 1.0)
    return between(low, middle, 2.0 * share) if share < 0.5 else between(middle, high, 2.0 * share - 1.0)


def between(low: float, high: float, share: float) -> float:
    """The scale `share` of the way from one to the other: geometric, beyond its ends straight; never below 0."""
    if share <= 0.0 or share >= 1.0:
        end, rest = (low, share) if share <= 0.0 else (high, share - 1.0)
        return max(end + rest * (high - low), 0.0)
    return math.exp(math.log(max(low, _SMALLEST)) * (1.0 - share) + math.log(max(high, _SMALLEST)) * share)


def _pulse(moment: Moment, params: Params, draw: Draw) -> Draw:
    """1 + (to − 1)·exp(−6·phase): a beat, once a turn or `n` times where it says no rate; it swells, not leaps."""
    if moment.kind == "loop":
        rate = number(params, "rate", 0.0)
        beats = moment.time_s * rate if rate > 0.0 else moment.p * number(params, "n", 1.0)
        strength, alpha = 1.0, 1.0
    else:
        beats, alpha = moment.p, placing.showing(moment, params)
        strength = 1.0 - moment.p if moment.kind == "in" else moment.p
    peak = max(number(params, "to", 1.2), number(params, "from", 1.0))
    phase = beats % 1.0
    beat = smoothstep(0.0, _PULSE_RISE, phase) * math.exp(-_PULSE_FALL * max(phase - _PULSE_RISE, 0.0))
    scale = 1.0 + (peak - 1.0) * strength * beat
    return placing.placed(draw, about(*moment.box.center, skia.Matrix.Scale(scale, scale)), alpha)


def _hollow(moment: Moment, draw: Draw) -> Draw:
    """Letters as outlines, which fill in the last third of the way to rest."""
    there = 1.0 - moment.p if moment.kind == "out" else moment.p
    filled = min(max(3.0 * there - 2.0, 0.0), 1.0)
    if moment.part != "over":
        return layers.faded(draw, 0.999)  # what lies under a fading letter is cut out where the letter is
    width_px = max(_HOLLOW_EM * moment.em_px, 1.0)
    inside = skia.ImageFilters.Erode(width_px, width_px, None)
    rim = skia.ImageFilters.Xfermode(skia.BlendMode.kDstOut, None, inside)
    return placing.together([layers.filtered(draw, rim, is_linear=False), layers.faded(draw, filled)])


def spin(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A turn about the unit's middle, in the plane; a loop turns on and on."""
    if amounts.at_rest(moment):
        return draw
    deg, x, y = number(params, "deg", 360.0), *moment.box.center
    if moment.kind == "loop":
        return placing.placed(draw, skia.Matrix.RotateDeg(deg * moment.p, skia.Point(x, y)))
    q = placing.far(moment, params)
    scale = max(1.0 + (number(params, "scale", 1.0) - 1.0) * q, 0.0)
    lift_px = number(params, "hop", 0.0) * 2.0 * _HOP * moment.box.height * math.sin(math.pi * moment.p)
    softness_px = placing.smear_px(moment, params, 0.1)
    turn = skia.Matrix.RotateDeg(deg * q).preScale(scale, scale)
    matrix = skia.Matrix.Translate(0.0, -lift_px).preConcat(about(x, y, turn))
    if scale < 1e-3:
        return layers.nothing
    return placing.placed(placing.blurred(draw, softness_px, softness_px), matrix, placing.showing(moment, params))


def swing(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A pendulum: deg·sin(2π·cycles·p), of modes `loop` and `damped`; `arc` comes round from `deg` to upright.

    The pivot is a side of the unit's box, its middle, or a point `below`; a letter's arc about the `center` goes round
    the middle of the whole text.
    """
    if amounts.at_rest(moment):
        return draw
    deg = number(params, "deg", 15.0)
    alpha = 1.0
    if params.get("mode") == "arc" and moment.kind != "loop":
        angle, alpha = deg * placing.far(moment, params), placing.showing(moment, params)
    else:
        angle = deg * math.sin(2.0 * math.pi * number(params, "cycles", 1.0) * moment.p)
        if moment.kind != "loop":
            angle *= (1.0 - moment.p if moment.kind == "in" else moment.p) * math.exp(-3.0 * moment.p)
            alpha = placing.showing(moment, params)
    return placing.placed(draw, skia.Matrix.RotateDeg(angle, skia.Point(*_pivot(moment, params))), alpha)


def _pivot(moment: Moment, params: Params) -> tuple[float, float]:
    box = moment.box
    x, y = box.center
    match params.get("pivot"):
        case "bottom":
            return x, box.bottom
        case "top":
            return x, box.top
        case "below":
            return x, box.bottom + max(box.height, box.width / 2.0)
        case "center" if params.get("mode") == "arc":
            return moment.block.center
    return x, y


def stretch(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A scale along one axis: from nothing to 1, from `factor` to 1, or in a loop to and fro as of jelly."""
    if amounts.at_rest(moment):
        return draw
    alpha = 1.0
    factor = number(params, "factor", 0.0)
    if moment.kind == "loop":
        swell = (min(factor, 4.0) - 1.0) / 4.0 if factor > 1.0 else _JELLY
        along = 1.0 + swell * math.sin(2.0 * math.pi * moment.p)
        aside = 1.0 / along
    else:
        along, aside = max(1.0 + (factor - 1.0) * placing.far(moment, params), 0.0), 1.0
        alpha = placing.showing(moment, params)
    if along < 1e-3:
        return layers.nothing
    scales = (aside, along) if params.get("axis") == "y" else (along, aside)
    return placing.placed(draw, about(*_pivot(moment, params), skia.Matrix.Scale(*scales)), alpha)


def shake(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Jumps by chance, `freq` times a second: ±`amp` frame heights and ±`rot`°; `smooth` glides, `decay` calms down.

    On its way in or out the unit is there but for its far end.
    """
    if amounts.at_rest(moment):
        return draw
    strength = {"in": 1.0 - moment.p, "out": moment.p}.get(moment.kind, 1.0)
    if moment.kind == "loop" and params.get("decay"):
        strength = 1.0 - moment.p
    beat = moment.time_s * number(params, "freq", _SHAKES_HZ)
    seed = moment.seed ^ (moment.index * 0x9E3779B9 & 0xFFFFFFFF)
    across, down, turn = (
        smooth(seed, beat, channel) if params.get("smooth") else spread(seed, math.floor(beat), channel)
        for channel in range(3)
    )
    amp = number(params, "amp", 0.02)
    reach_px = amounts.frame_px(moment) * strength
    x, y = moment.box.center
    matrix = about(x, y, skia.Matrix.RotateDeg(turn * number(params, "rot", 0.0) * strength))
    matrix.postTranslate(
        across * number(params, "amp_x", amp) * reach_px, down * number(params, "amp_y", amp) * reach_px
    )
    return placing.placed(draw, matrix, 1.0 if moment.kind == "loop" else placing.showing(moment, params))


def spacing(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Letters further from, or closer to, the middle of their line: `from` … `to` times as far."""
    if amounts.at_rest(moment):
        return draw
    low, high = number(params, "from", 1.0), number(params, "to", 1.0)
    q = placing.far(moment, params)
    factor = high + (low - high) * q
    if moment.kind != "in":
        factor = low + (high - low) * q
    (x, y), (middle_x, middle_y) = moment.box.center, moment.line.center
    columns = moment.flow == "ttb"
    across = 0.0 if columns else (factor - 1.0) * (x - middle_x)
    down = (factor - 1.0) * (y - middle_y) if columns else 0.0
    softness_px = placing.smear_px(moment, params, 0.25)
    drawn = placing.blurred(draw, softness_px, softness_px)
    alpha = 1.0 if moment.kind == "loop" else placing.showing(moment, params)
    return placing.placed(drawn, skia.Matrix.Translate(across, down), alpha)


def either(seed: int, index: int) -> float:
    """−1 or 1 by chance."""
    return 1.0 if chance(seed, index, 5) < 0.5 else -1.0


FAMILIES: Mapping[str, Family] = {
    "shake": shake,
    "spin": spin,
    "spread": spacing,
    "stretch": stretch,
    "swing": swing,
    "zoom": zoom,
}
"""The families of this module."""
