"""Families that carry a unit from elsewhere to its place, or past it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import skia

from cutfarm.text.motion import amounts, layers, placing
from cutfarm.text.motion.amounts import number
from cutfarm.text.motion.chance import chance
from cutfarm.text.motion.geometry import either
from cutfarm.text.motion.moment import Box, Draw, Family, Moment, Params
from cutfarm.text.motion.placing import about

_DIAGONAL = math.sqrt(0.5)
_DIRECTIONS = {
    "l": (-1.0, 0.0),
    "r": (1.0, 0.0),
    "u": (0.0, -1.0),
    "d": (0.0, 1.0),
    "ul": (-_DIAGONAL, -_DIAGONAL),
    "ur": (_DIAGONAL, -_DIAGONAL),
    "dl": (-_DIAGONAL, _DIAGONAL),
    "dr": (_DIAGONAL, _DIAGONAL),
}
_OVERHANG_EM = 0.3  # what strokes and tails of letters reach beyond their box
_FAR_PX = 1e5
_TRAIL, _TRAIL_ALPHA = 0.08, 0.5
_TRAIL_BY = 16.0  # a trail is gone where it comes to lie on what it trails
_SQUASH = 0.3


def slide(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A way of `dist` box heights that ends, or begins, at the unit's place; `dir` says where it heads for.

    `clip` lets it come out of an edge of its box, `hop` jumps on the way, `squash` and `rot` deform it there, `blur`
    smears it by its speed, `ghost` n trails n copies; `mode` `marquee` runs through the canvas, turn after turn.
    """
    if amounts.at_rest(moment):
        return draw
    if params.get("mode") == "marquee" and moment.kind == "loop":
        return _marquee(moment, params, draw)
    copies = int(min(max(number(params, "ghost", 0.0), 0.0), 8.0))
    if not copies:
        return _slid(moment, params, draw)
    back = _TRAIL if moment.kind == "out" else -_TRAIL
    share = min(_TRAIL_BY * abs(placing.far(moment, params)), 1.0)
    behind = [
        layers.faded(
            _slid(replace(moment, p=min(max(moment.p + back * copy, 0.0), 1.0)), params, draw),
            share * _TRAIL_ALPHA**copy,
        )
        for copy in range(copies, 0, -1)
    ]
    return placing.together([*behind, _slid(moment, params, draw)])


def _slid(moment: Moment, params: Params, draw: Draw) -> Draw:
    q = placing.far(moment, params)
    way_x, way_y = direction(moment, params.get("dir"))
    dist_px = number(params, "dist", 1.0) * moment.box.height
    clips = bool(params.get("clip"))
    ink = moment.ink or _overhung(moment.box, _OVERHANG_EM * moment.em_px)
    if clips:
        dist_px = number(params, "dist", 1.0) * (abs(way_x) * ink.width + abs(way_y) * ink.height)
    away = dist_px * q * (1.0 if moment.kind == "out" or params.get("dir") == "radial" else -1.0)
    hop_px = number(params, "hop", 0.0) * 0.5 * moment.box.height * math.sin(math.pi * moment.p)
    matrix = about(*moment.box.center, _deformation(moment, params, q, (way_x, way_y)))
    matrix.postTranslate(way_x * away, way_y * away - hop_px)
    smear_px = placing.smear_px(moment, params, 0.25)
    drawn = placing.blurred(draw, abs(way_x) * smear_px, abs(way_y) * smear_px)
    if not clips:
        return placing.placed(drawn, matrix, placing.showing(moment, params))
    sign = 1.0 if moment.kind == "out" else -1.0
    edge = _behind_edge(ink, way_x * sign, way_y * sign)
    return placing.clipped(placing.placed(drawn, matrix), *edge)


def _deformation(moment: Moment, params: Params, q: float, way: tuple[float, float]) -> skia.Matrix:
    turn = number(params, "rot", 0.0) * q * either(moment.seed, moment.index)
    matrix = skia.Matrix.RotateDeg(turn)
    if params.get("squash"):
        along = 1.0 + _SQUASH * min(max(q, -1.0), 1.0)
        matrix.preConcat(
            skia.Matrix.Scale(along, 1.0 / along)
            if abs(way[0]) >= abs(way[1])
            else skia.Matrix.Scale(1.0 / along, along)
        )
    return matrix


def direction(moment: Moment, name: object) -> tuple[float, float]:
    """The unit vector that a `dir` means to a unit: to the right and down."""
    match name:
        case "random":
            angle = 2.0 * math.pi * chance(moment.seed, moment.index, 1)
            return math.cos(angle), math.sin(angle)
        case "radial":
            (x, y), (middle_x, middle_y) = moment.box.center, moment.block.center
            length = math.hypot(x - middle_x, y - middle_y)
            return ((x - middle_x) / length, (y - middle_y) / length) if length > 1e-6 else (0.0, -1.0)
        case "alternate_h":
            return (1.0 if moment.index % 2 else -1.0), 0.0
    return _DIRECTIONS.get(name, (0.0, -1.0)) if isinstance(name, str) else (0.0, -1.0)


def _overhung(box: Box, by_px: float) -> Box:
    return Box(box.left - by_px, box.top - by_px, box.right + by_px, box.bottom + by_px)


def _behind_edge(box: Box, way_x: float, way_y: float) -> tuple[float, float, float, float]:
    """All that lies before the edge of a box that `way` leads out of: left, top, right, bottom."""
    return (
        box.left if way_x < -0.5 else -_FAR_PX,
        box.top if way_y < -0.5 else -_FAR_PX,
        box.right if way_x > 0.5 else _FAR_PX,
        box.bottom if way_y > 0.5 else _FAR_PX,
    )


def _marquee(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Out of the canvas on one side and in again on the other, once a turn, from its place and back to it."""
    way_x, way_y = direction(moment, params.get("dir"))
    box = moment.box if params.get("order") == "random" else moment.block
    canvas = moment.canvas
    phase = moment.p
    if params.get("order") == "random":
        phase = (moment.p + 0.3 * chance(moment.seed, moment.index, 2) * math.sin(math.pi * moment.p)) % 1.0
    across = _round_trip(phase * way_x, box.left, box.right, canvas.left, canvas.right)
    down = _round_trip(phase * way_y, box.top, box.bottom, canvas.top, canvas.bottom)
    return placing.placed(draw, skia.Matrix.Translate(across, down))


def _round_trip(turns: float, near: float, far: float, low: float, high: float) -> float:
    """How far something between `near` and `far` has gone that enters at one end of low…high when it left the other."""
    if turns == 0.0:
        return 0.0
    trip = max(high, far) - min(low, near) + far - near
    shift = turns * trip
    if shift < 0.0 and far + shift < min(low, near):
        return shift + trip
    if shift > 0.0 and near + shift > max(high, far):
        return shift - trip
    return shift


FAMILIES: Mapping[str, Family] = {"slide": slide}
"""The family of this module."""
