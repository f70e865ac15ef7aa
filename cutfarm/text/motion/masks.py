"""Families that uncover or cover a drawing by a mask that spreads over its box."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.easing import ease
from cutfarm.text.motion.moment import Box, Draw, Family, Moment, Params, Tint

Uniforms = dict[str, Sequence[float]]

#: A program says at which share `d` of the way the mask passes a point; `front` is (edge, softness, 1 where it covers).
FRONT = """
uniform float4 box;
uniform float3 front;
half4 uncovered(float d) {
    half m = half(1.0 - smoothstep(front.x - front.y, front.x + front.y, d));
    return half4(front.z > 0.5 ? 1.0 - m : m);
}
"""
_WIPE = (
    FRONT
    + """
uniform float4 way;
half4 main(float2 xy) {
    float2 c = (xy - box.xy) / box.zw - 0.5;
    float d = dot(c, way.xy) + 0.5;
    float side = dot(c, float2(-way.y, way.x));
    d += way.z * (abs(side) * 0.5 - 0.25) + way.w * sin(12.0 * side);
    return uncovered(d);
}
"""
)
_CLOCK = (
    FRONT
    + """
uniform float4 hand;
half4 main(float2 xy) {
    float2 a = xy - hand.xy;
    return uncovered(fract((atan(a.y, a.x) - hand.z) / 6.28318530718 * hand.w));
}
"""
)
_IRIS = (
    FRONT
    + """
uniform float2 shape;
half4 main(float2 xy) {
    float2 a = abs(xy - box.xy - box.zw * 0.5);
    float2 b = a / box.zw * 2.0;
    float r = shape.x < 0.5 ? length(a) / length(box.zw * 0.5) : shape.x < 1.5 ? max(b.x, b.y) : (b.x + b.y) * 0.5;
    return uncovered(r);
}
"""
)
_LINE = """
uniform float4 box;
uniform float4 way;
uniform float4 ink;
uniform float at;
half4 main(float2 xy) {
    float d = dot((xy - box.xy) / box.zw - 0.5, way.xy) + 0.5 - at;
    float x = d / way.z;
    float core = exp(-4.0 * x * x);
    float halo = 0.45 * exp(-0.5 * abs(x)) * exp(-0.15 * x * x);
    float a = clamp(core + halo, 0.0, 1.0) * ink.w;
    return half4(half3(mix(ink.rgb, float3(1.0), core * 0.6) * a), half(a));
}
"""
_CLOCK_SOFT = 0.006
_LINE_REACH = 5.0


def progress(moment: Moment, params: Params) -> tuple[float, bool]:
    """How far the mask has spread, 0…1, linear where no `ease` is named, and whether it covers what it reaches.

    In a loop it uncovers in the first half of each turn; with `osc` it goes there and back.
    """
    if moment.kind == "loop":
        if amounts.number(params, "osc", 0.0):
            return 1.0 - amounts.swell(moment, params), False
        gone = amounts.turn(moment, params)
        return min(2.0 * (gone - math.floor(gone)), 1.0), False
    return min(max(ease(params.get("ease"), moment.p), 0.0), 1.0), moment.kind == "out"


def front(p: float, soft: float) -> float:
    """Where a mask's edge is: so far before 0 and beyond 1 that its softness leaves nothing over at either end."""
    return p * (1.0 + 2.0 * soft) - soft


def uncovered(
    moment: Moment,
    draw: Draw,
    spread: tuple[float, bool],
    source: str,
    soft: float,
    uniforms: Callable[[Box], Uniforms],
    **children: Any,
) -> Draw:
    """The drawing under a program's mask, which has spread over the unit's box and any ink beyond it."""
    p, covers = spread
    if amounts.at_rest(moment) or p >= 1.0:
        return layers.nothing if covers and p >= 1.0 else draw
    if p <= 0.0:
        return draw if covers else layers.nothing

    def drawn(canvas: Any, tint: Tint) -> None:
        picture = layers.recorded(draw)
        if picture is None:
            return
        box = layers.around(extent(moment), picture.cullRect())
        values: Uniforms = {"front": (front(p, soft), soft, float(covers)), **uniforms(box)}
        layers.masked(canvas, tint, picture, layers.shader(source, values, **children))

    return drawn


def extent(moment: Moment) -> Box:
    """What a mask spreads over: one box for all parts, so that strokes and fills are cut at the same place."""
    return moment.ink or moment.box


def place(box: Box) -> tuple[float, float, float, float]:
    """Left, top, width and height."""
    return box.left, box.top, max(box.width, 1.0), max(box.height, 1.0)


def softness(params: Params, default: float, extent_px: float) -> float:
    """`soft`, at least what smooths the edge over a pixel."""
    return min(max(amounts.number(params, "soft", default), 0.5 / max(extent_px, 1.0)), 1.0)


def dissolve(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Opacity alone; `linear_burn` in a loop darkens and lightens again."""
    if amounts.at_rest(moment):
        return draw
    if moment.kind != "loop":
        return layers.faded(draw, amounts.shown(moment, params))
    if params.get("mode") != "linear_burn":
        return layers.faded(draw, 1.0 - amounts.swell(moment, params))
    lack = -0.7 * amounts.swell(moment, params)
    burn = [1, 0, 0, 0, lack, 0, 1, 0, 0, lack, 0, 0, 1, 0, lack, 0, 0, 0, 1, 0]
    return layers.toned(draw, skia.ColorFilters.Matrix(burn))


def wipe(moment: Moment, params: Params, draw: Draw) -> Draw:
    """An edge that moves along `dir` or `angle`; `line` draws it; with `box` what lies behind the text comes first."""
    x, y = amounts.direction(params)
    scale = 1.0 / (abs(x) + abs(y))
    shape = params.get("shape")
    way = (
        x * scale,
        y * scale,
        1.0 if shape == "chevron" else 0.0,
        amounts.number(params, "amp", 0.05) if shape == "wave" else 0.0,
    )
    soft = softness(params, 0.02, abs(x) * moment.box.width + abs(y) * moment.box.height)
    p, covers = progress(moment, params)
    if amounts.number(params, "box", 0.0):
        lead = p / 0.7 if (moment.part == "back") != covers else (p - 0.3) / 0.7
        p = min(max(lead, 0.0), 1.0)
    wiped = uncovered(moment, draw, (p, covers), _WIPE, soft, lambda box: {"box": place(box), "way": way})
    width = amounts.number(params, "line", 0.0)
    if width <= 0.0 or moment.part != "over" or amounts.at_rest(moment) or not 0.0 < p < 1.0:
        return wiped
    return _lined(moment, wiped, way, width, front(p, soft), amounts.colour(params.get("line_color")))


def _lined(moment: Moment, draw: Draw, way: Sequence[float], width: float, at: float, ink: amounts.Rgb) -> Draw:
    """The drawing with a glowing stripe at the edge, as long as the box is."""
    strength = min(1.0, 8.0 * max(min(at, 1.0 - at), 0.0))
    box = extent(moment)
    reach_px = _LINE_REACH * width * (abs(way[0]) * box.width + abs(way[1]) * box.height)
    uniforms: Uniforms = {
        "box": place(box),
        "way": (way[0], way[1], width, 0.0),
        "ink": (*ink, strength),
        "at": (at,),
    }

    def drawn(canvas: Any, tint: Tint) -> None:
        draw(canvas, tint)
        paint = layers.paint_of(tint, Shader=layers.shader(_LINE, uniforms))
        rect = skia.Rect.MakeLTRB(box.left, box.top, box.right, box.bottom)
        canvas.drawRect(rect.makeOutset(reach_px * abs(way[0]), reach_px * abs(way[1])), paint)

    return drawn


def clock(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A hand that turns clockwise from `start` (degrees, −90 at twelve) about `pivot`, or `blades` of them."""
    blades = amounts.whole(params, "blades", 1, 8)
    start = math.radians(amounts.number(params, "start", -90.0))

    def uniforms(box: Box) -> Uniforms:
        x, y = box.center
        match params.get("pivot"):
            case "bottom":
                y = box.bottom
            case "corner":
                x, y = box.left, box.top
        return {"box": place(box), "hand": (x, y, start, blades)}

    soft = softness(params, _CLOCK_SOFT, math.inf)
    return uncovered(moment, draw, progress(moment, params), _CLOCK, soft, uniforms)


def swept(moment: Moment, draw: Draw, share: float) -> Draw:
    """A share of the drawing, 0…1, by a hand that turns from twelve o'clock about the middle of the unit's box."""
    hand = (*moment.box.center, -math.pi / 2.0, 1.0)
    return uncovered(moment, draw, (share, False), _CLOCK, _CLOCK_SOFT, lambda box: {"box": place(box), "hand": hand})


def iris(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A circle (also where the shape is not known), `rect` or `diamond` that grows from the middle."""
    shape = {"rect": 1.0, "rrect": 1.0, "diamond": 2.0}.get(str(params.get("shape")), 0.0)
    soft = softness(params, 0.01, max(moment.box.width, moment.box.height) / 2.0)
    return uncovered(
        moment, draw, progress(moment, params), _IRIS, soft, lambda box: {"box": place(box), "shape": (shape, 0.0)}
    )


FAMILIES: Mapping[str, Family] = {"dissolve": dissolve, "wipe": wipe, "clock": clock, "iris": iris}
"""Masks by the name of their family."""
