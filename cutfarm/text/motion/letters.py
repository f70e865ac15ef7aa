"""Families that only letters have: typed, in waves, sung along, along a path."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers, light, placing
from cutfarm.text.motion.amounts import number
from cutfarm.text.motion.chance import chance, mixed, spread
from cutfarm.text.motion.moment import Draw, Family, Moment, Params, Tint
from cutfarm.text.motion.placing import about
from cutfarm.text.motion.stagger import STILL

_ACCENT = (1.0, 210 / 255, 58 / 255)
_FAR_PX = 1e5
_SCRAMBLED, _SCRAMBLES_HZ = 0.3, 12.0  # share of the time that a letter is another one
_ALIKE, _ATTEMPTS = 0.4, 8
_CURSOR_EM = 0.07
_UNITS_A_WAVE = 8
_JITTER, _JITTER_DEG = 0.06, 4.0
_STYLES_HZ = 4.0
_BOXES = ((0.96, 0.35, 0.36), (0.98, 0.79, 0.29), (0.36, 0.73, 0.55), (0.33, 0.6, 0.94), (0.72, 0.5, 0.9))


def typewriter(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Letter by letter: there when p ≥ rank/count; out again the same way.

    `fade` each, `scramble` other letters of the caption before the right one, `jitter`, `recenter` what is there,
    `ghost_alpha` for what is not, `color_shift` from another colour, `cursor` after the last one.
    """
    done = min(moment.progress / (1.0 - STILL), 1.0) if moment.kind == "loop" else moment.progress
    if (moment.kind == "in" and done >= 1.0) or (moment.kind == "out" and done <= 0.0):
        return draw
    there, is_last = _typed(moment, params, done)
    away = moment.p if moment.kind == "out" else 1.0 - moment.p
    if params.get("scramble"):
        draw = _scrambled(moment, draw, done)
    if params.get("color_shift") and moment.part == "over":
        draw = light.mixed(draw, amounts.colour(params.get("color"), _ACCENT), away)
    if params.get("jitter"):
        draw = _jittered(moment, draw, away)
    if params.get("fade"):
        there, draw = True, layers.faded(draw, 1.0 - away)
    if not there:
        draw = layers.faded(draw, number(params, "ghost_alpha", 0.0))
    if params.get("cursor") and is_last and moment.part == "over":
        draw = placing.together([draw, _cursor(moment)])
    return _recentred(moment, draw, done) if params.get("recenter") else draw


def _typed(moment: Moment, params: Params, done: float) -> tuple[bool, bool]:
    """Whether the unit is there, and whether it is the one that was typed, or will be deleted, last of all."""
    slot = math.floor(done * moment.count + 1e-9)
    if params.get("scramble"):
        begin = (1.0 - _SCRAMBLED) * moment.rank / moment.count
        there = done < begin + _SCRAMBLED if moment.kind == "out" else done >= begin
    else:
        there = moment.rank >= slot if moment.kind == "out" else moment.rank <= slot
    return there, moment.rank == min(slot, moment.count - 1)


def _scrambled(moment: Moment, draw: Draw, done: float) -> Draw:
    begin = (1.0 - _SCRAMBLED) * moment.rank / max(moment.count, 1)
    is_right = done < begin if moment.kind == "out" else done >= begin + _SCRAMBLED
    if is_right or moment.piece is None or not moment.boxes:
        return draw
    other = _another(moment, math.floor(moment.time_s * _SCRAMBLES_HZ))
    (x, y), (other_x, other_y) = moment.box.center, moment.boxes[other].center
    return placing.placed(moment.piece(other), skia.Matrix.Translate(x - other_x, y - other_y))


def _another(moment: Moment, step: int) -> int:
    """Another unit by chance that is about as wide; the unit itself where none of a few is."""
    others = len(moment.boxes) - 1
    for attempt in range(_ATTEMPTS if others else 0):
        other = (moment.index + 1 + mixed(moment.seed, moment.index, step, attempt) % others) % (others + 1)
        if abs(moment.boxes[other].width - moment.box.width) < _ALIKE * moment.box.width:
            return other
    return moment.index


def _jittered(moment: Moment, draw: Draw, away: float) -> Draw:
    across, down, turn = (spread(moment.seed, moment.index, channel) * away for channel in range(3))
    matrix = about(*moment.box.center, skia.Matrix.RotateDeg(turn * _JITTER_DEG))
    matrix.postTranslate(across * _JITTER * moment.box.height, down * _JITTER * moment.box.height)
    return placing.placed(draw, matrix)


def _cursor(moment: Moment) -> Draw:
    """A bar after the unit, in its colour."""
    box, width_px = moment.box, max(_CURSOR_EM * moment.em_px, 1.0)
    match moment.flow:
        case "ttb":
            bar = skia.Rect.MakeLTRB(box.left, box.bottom, box.right, box.bottom + width_px)
        case "rtl":
            bar = skia.Rect.MakeLTRB(box.left - width_px, box.top, box.left, box.bottom)
        case _:
            bar = skia.Rect.MakeLTRB(box.right, box.top, box.right + width_px, box.bottom)
    red, green, blue = moment.colour

    def drawn(canvas: Any, tint: Tint) -> None:
        paint = layers.paint_of(tint)
        paint.setColor4f(skia.Color4f(red, green, blue, tint.alpha))
        canvas.drawRect(bar, paint)

    return drawn


def _recentred(moment: Moment, draw: Draw, done: float) -> Draw:
    """Moved so that the middle of what is there of its line is the middle of the line."""
    slot = math.floor(done * moment.count + 1e-9)
    last = len(moment.boxes) - 1 - slot if moment.kind == "out" else slot
    near = far = moment.index
    while near > 0 and _is_beside(moment, near - 1):
        near -= 1
    while far < len(moment.boxes) - 1 and _is_beside(moment, far + 1):
        far += 1
    there = moment.boxes[near : min(far, max(last, near)) + 1]
    if not there:
        return draw
    line_x, line_y = moment.line.center
    if moment.flow == "ttb":
        middle = (min(box.top for box in there) + max(box.bottom for box in there)) / 2.0
        return placing.placed(draw, skia.Matrix.Translate(0.0, line_y - middle))
    middle = (min(box.left for box in there) + max(box.right for box in there)) / 2.0
    return placing.placed(draw, skia.Matrix.Translate(line_x - middle, 0.0))


def _is_beside(moment: Moment, index: int) -> bool:
    """Whether a unit stands in the same line."""
    (x, y), line = moment.boxes[index].center, moment.line
    return line.left <= x <= line.right if moment.flow == "ttb" else line.top <= y <= line.bottom


def wave(moment: Moment, params: Params, draw: Draw) -> Draw:
    """amp·sin(2π(t·rate − i/8)) of the unit's `prop`: `y`, `hop`, `scale`, `scale_y`, `rot` or `skew`.

    `amp` is in box heights, parts of a scale or degrees; with `width` a single hill passes once a turn instead.
    """
    if amounts.at_rest(moment):
        return draw
    place = moment.rank if "order" in params else moment.index
    if "width" in params:
        width = max(number(params, "width", 0.2), 0.01)
        at = -2.0 * width + moment.p * (1.0 + 4.0 * width)
        swell = math.exp(-(((moment.index / max(moment.count - 1, 1)) - at) ** 2) / (width * width))
    else:
        swell = math.sin(2.0 * math.pi * (moment.time_s * number(params, "rate", 1.0) - place / _UNITS_A_WAVE))
    strength = {"in": 1.0 - moment.p, "out": moment.p}.get(moment.kind, 1.0)
    swell *= strength
    alpha = 1.0 if moment.kind == "loop" else placing.showing(moment, params)
    return placing.placed(draw, _swollen(moment, params, swell), alpha)


def _swollen(moment: Moment, params: Params, swell: float) -> skia.Matrix:
    value = number(params, "amp", 0.2) * swell
    (x, y), height_px = moment.box.center, moment.box.height
    matrix = about(x, y, skia.Matrix.RotateDeg(number(params, "rot", 0.0) * swell))
    match params.get("prop"):
        case "scale":
            matrix.preConcat(about(x, y, skia.Matrix.Scale(max(1.0 + value, 0.05), max(1.0 + value, 0.05))))
        case "scale_y":
            matrix.preConcat(about(x, y, skia.Matrix.Scale(1.0, max(1.0 + value, 0.05))))
        case "rot":
            matrix.preConcat(about(x, y, skia.Matrix.RotateDeg(value)))
        case "skew":
            lean = skia.Matrix()
            lean.setSkew(-math.tan(math.radians(min(max(value, -60.0), 60.0))), 0.0)
            matrix.preConcat(about(x, moment.box.bottom, lean))
        case "hop":
            matrix.postTranslate(0.0, -max(value, 0.0) * height_px)
        case _:
            matrix.postTranslate(0.0, value * height_px)
    return matrix


def karaoke(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A second colour that ends, or in a loop begins, where p of the way along the unit is reached.

    Into rest the unit has it before it is sung, as at rest it has its own; out of rest and in loops once it is sung.
    """
    if amounts.at_rest(moment) or moment.part != "over":
        return draw
    box = moment.box
    second = light.mixed(draw, amounts.colour(params.get("color"), _ACCENT), 1.0)
    before, after = (draw, second) if moment.kind == "in" else (second, draw)
    if moment.p <= 0.0 or moment.p >= 1.0:
        return after if moment.p <= 0.0 else before
    match moment.flow:
        case "ttb":
            at = box.top + moment.p * box.height
            sung, unsung = (-_FAR_PX, -_FAR_PX, _FAR_PX, at), (-_FAR_PX, at, _FAR_PX, _FAR_PX)
        case "rtl":
            at = box.right - moment.p * box.width
            sung, unsung = (at, -_FAR_PX, _FAR_PX, _FAR_PX), (-_FAR_PX, -_FAR_PX, at, _FAR_PX)
        case _:
            at = box.left + moment.p * box.width
            sung, unsung = (-_FAR_PX, -_FAR_PX, at, _FAR_PX), (at, -_FAR_PX, _FAR_PX, _FAR_PX)
    return placing.together([placing.clipped(before, *sung), placing.clipped(after, *unsung)])


def text_style(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Another look every moment: a coloured box behind each letter, or letters that lean, grow and shrink."""
    if amounts.at_rest(moment):
        return draw
    step = math.floor(moment.time_s * number(params, "rate", _STYLES_HZ))
    seed = mixed(moment.seed, moment.index, step)
    x, y = moment.box.center
    turn = _JITTER_DEG * spread(seed, 0) if params.get("jitter") else 0.0
    if params.get("prop") == "box":
        boxed = _boxed(moment, draw, _BOXES[seed % len(_BOXES)]) if moment.part == "over" else draw
        return placing.placed(boxed, about(x, y, skia.Matrix.RotateDeg(2.0 * turn)))
    lean = skia.Matrix()
    lean.setSkew(-0.25 * (seed >> 3 & 1), 0.0)
    lean.preScale(0.85 + 0.3 * chance(seed, 1), 0.85 + 0.3 * chance(seed, 2))
    return placing.placed(draw, about(x, y, lean))


def _boxed(moment: Moment, draw: Draw, colour: tuple[float, float, float]) -> Draw:
    box = moment.box

    def behind(canvas: Any, tint: Tint) -> None:
        paint = layers.paint_of(tint)
        paint.setColor4f(skia.Color4f(*colour, tint.alpha))
        canvas.drawRect(skia.Rect.MakeLTRB(box.left, box.top, box.right, box.bottom), paint)

    return placing.together([behind, draw])


FAMILIES: Mapping[str, Family] = {
    "karaoke": karaoke,
    "text_style": text_style,
    "typewriter": typewriter,
    "wave": wave,
}
"""The families of this module."""
