"""The family of lights that move over a drawing, and of fire inside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.chance import chance, spread
from cutfarm.text.motion.light import glowing
from cutfarm.text.motion.masks import Uniforms, place
from cutfarm.text.motion.moment import Box, Draw, Family, Moment, Params, Tint
from cutfarm.text.motion.noise import noise_shader

_SLANT = 0.35
_STRIKES_PER_S = 9.0
_BOLTS = 3
_BOLT_POINTS = 12

_GOLD, _BLUE = (1.0, 0.86, 0.55), (0.62, 0.82, 1.0)
_COLOURS: Mapping[str, amounts.Rgb] = {"leak": _GOLD, "rays": (1.0, 0.93, 0.78), "flare": _GOLD, "spot": _GOLD}

#: `veiled` darkens beside the light, which white letters would not show; `c` is a point in heights of the box from
#: its middle, `clock` (share of the way, turns, chance, heights across).
_HEAD = """
uniform float4 box;
uniform float4 ink;
uniform float4 clock;
uniform shader noise;
half4 light(float l, float3 rgb) {
    float a = clamp(l * ink.w, 0.0, 1.0);
    return half4(half3(clamp(rgb, 0.0, 1.0) * a), half(a));
}
half4 veiled(float l, float dark) {
    float a = clamp(l, 0.0, 1.0);
    return half4(half3(ink.rgb * a * ink.w), half(max(a, dark) * ink.w));
}
float2 centred(float2 xy) { return (xy - box.xy - box.zw * 0.5) / box.w; }
"""
_PROGRAMS: Mapping[str, str] = {
    "sweep": """
half4 main(float2 xy) {
    float2 c = centred(xy);
    float d = c.x + c.y * 0.35 - (clock.x - 0.5) * (clock.w + 2.4);
    float bar = exp(-d * d * 14.0) * 0.95 + exp(-(d + 0.42) * (d + 0.42) * 160.0) * 0.5;
    return veiled(bar, 0.4 * exp(-d * d * 2.2));
}
""",
    "leak": """
half4 main(float2 xy) {
    float2 c = centred(xy);
    float l = 0.0;
    for (int i = 0; i < 3; i++) {
        float k = float(i);
        float sway = 0.45 * sin(k * 2.1 + clock.y * 4.0 + clock.z * 6.0);
        float2 at = float2((clock.x * 1.6 - 0.8 + k * 0.23 - 0.2) * clock.w, sway);
        float2 d = (c - at) / (0.55 + 0.2 * k);
        l += exp(-dot(d, d)) * (0.85 - 0.15 * k);
    }
    return light(l, mix(ink.rgb, float3(1.0, 0.98, 0.92), clamp(l - 0.6, 0.0, 1.0)));
}
""",
    "rays": """
half4 main(float2 xy) {
    float2 c = centred(xy);
    float2 from = c - float2((clock.x - 0.5) * clock.w * 0.8 - 0.3, -1.5);
    float angle = atan(from.x, from.y);
    float r = noise.eval(float2(angle * 150.0 + clock.z * 400.0, clock.y * 22.0)).a;
    float wide = exp(-angle * angle * 2.2);
    return light(smoothstep(0.25, 0.9, r) * wide * 1.25 + 0.25 * wide, ink.rgb);
}
""",
    "flare": """
half4 main(float2 xy) {
    float2 c = centred(xy);
    float2 at = float2((clock.x - 0.5) * clock.w * 1.1, -0.12);
    float2 d = c - at;
    float r = length(d);
    float ring = exp(-pow((length(c + at * 0.5) - 0.35) * 14.0, 2.0)) * 0.35;
    float streak = exp(-d.y * d.y * 260.0) * exp(-abs(d.x) * 1.1) * 0.7;
    return light(exp(-r * r * 7.0) + ring + streak, mix(ink.rgb, float3(1.0), exp(-r * r * 22.0)));
}
""",
    "rainbow": """
half4 main(float2 xy) {
    float2 c = centred(xy);
    float h = (c.x + c.y * 0.5) * 0.45 - clock.y;
    float3 rgb = clamp(abs(fract(float3(h, h + 0.6667, h + 0.3333)) * 6.0 - 3.0) - 1.0, 0.0, 1.0);
    return light(0.9, mix(float3(1.0), rgb, 0.85));
}
""",
    "streaks": """
half4 main(float2 xy) {
    float2 c = centred(xy);
    float l = 0.0;
    for (int i = 0; i < 4; i++) {
        float k = float(i);
        float way = fract(clock.y * (1.0 + mod(k, 2.0)) + fract(k * 0.618 + clock.z));
        float d = (mod(k, 2.0) < 0.5 ? c.y : -c.y) + 0.8 - way * 1.6;
        float band = 0.5 + 0.5 * sin((c.x + k * 0.7) * 9.0 + k * 2.4);
        l += exp(-d * d * (d > 0.0 ? 18.0 : 120.0)) * band * 0.8;
    }
    return veiled(l, 0.3);
}
""",
}
_FIRE = """
half4 main(float2 xy) {
    float2 c = centred(xy);
    float up = clamp(0.5 - c.y, 0.0, 1.2);
    float2 at = float2(c.x * 70.0 + clock.z * 500.0, c.y * 45.0 + clock.y * 90.0);
    at.x += 9.0 * (noise.eval(at * 0.3).a - 0.5);
    float n = 0.65 * noise.eval(at).a + 0.35 * noise.eval(at * 2.1 + 77.0).a;
    float t = clamp(1.3 - up * 0.95 + (n - 0.5) * 0.9, 0.28, 1.0);
    float3 rgb = float3(smoothstep(0.0, 0.45, t), smoothstep(0.25, 0.85, t), smoothstep(0.75, 1.05, t));
    return light(1.0, mix(float3(0.9, 0.12, 0.0), rgb, t));
}
"""


def light(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A light of `kind` in `color` on the fills while the drawing fades in or out, `sweep` where it is not known.

    `lightning` strikes beside them too. In a loop it goes by once a turn.
    """
    if amounts.at_rest(moment):
        return draw
    alpha, strength = amounts.ridden(moment)
    if moment.kind == "loop" and amounts.number(params, "osc", 0.0):
        strength = 0.35 + 0.65 * amounts.swell(moment, params)
    faded = layers.faded(draw, alpha)
    if moment.part != "over" or strength <= 0.01 or alpha <= 0.0:
        return faded
    kind = str(params.get("kind"))
    if kind in ("lightning", "laser"):
        return _struck(moment, params, faded, strength)
    name = kind if kind in _PROGRAMS else "sweep"
    ink = amounts.colour(params.get("color"), _COLOURS.get(name, amounts.WHITE))
    lit = layers.lit(faded, _shader(moment, params, _PROGRAMS[name], ink, strength))
    spill = {"leak": 0.5, "flare": 0.5, "rays": 0.35}.get(name, 0.0)
    return glowing(lit, moment.em_px, spill * strength, 0.5, None) if spill else lit


def fluid(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Fire that climbs inside the letters and glows; other kinds leave the drawing faded."""
    if amounts.at_rest(moment):
        return draw
    alpha, strength = amounts.ridden(moment)
    faded = layers.faded(draw, alpha)
    if moment.part != "over" or params.get("kind", "fire") != "fire" or alpha <= 0.0:
        return faded
    burning = layers.lit(faded, _shader(moment, params, _FIRE, amounts.WHITE, strength))
    return glowing(burning, moment.em_px, 0.9 * strength, 0.4, (1.0, 0.42, 0.08))


def _shader(moment: Moment, params: Params, program: str, ink: amounts.Rgb, strength: float) -> Any:
    box = moment.box
    turns = amounts.turn(moment, params)
    way = moment.p if moment.kind != "loop" else turns - math.floor(turns)
    across = max(box.width, 1.0) / max(box.height, 1.0)
    uniforms: Uniforms = {
        "box": place(box),
        "ink": (*ink, strength),
        "clock": (way, amounts.turn(moment, params), chance(moment.seed, moment.index, 41), across),
    }
    return layers.shader(_HEAD + program, uniforms, noise=noise_shader())


def _struck(moment: Moment, params: Params, draw: Draw, strength: float) -> Draw:
    """The drawing with bolts across its box, new ones at each strike."""
    strike = amounts.step(moment, _STRIKES_PER_S)
    ink = amounts.colour(params.get("color"), _BLUE)
    seed = moment.seed + 7919 * moment.index
    lit = [bolt for bolt in range(_BOLTS) if chance(seed, _BOLTS * strike + bolt, 42) < 0.15 + 0.4 * strength]
    paths = [_bolt(moment.box, seed, _BOLTS * strike + bolt) for bolt in lit]
    glow = glowing(draw, moment.em_px, 0.5 * strength, 0.3, ink) if lit else draw

    def drawn(canvas: Any, tint: Tint) -> None:
        glow(canvas, tint)
        for path in paths:
            for width_em, alpha, core in ((0.16, 0.16, ink), (0.07, 0.4, ink), (0.025, 1.0, amounts.WHITE)):
                paint = layers.paint_of(tint.faded(alpha * strength))
                colour = skia.Color4f(*core, paint.getAlphaf())
                paint.setColor4f(colour)
                paint.setAntiAlias(True)
                paint.setStyle(skia.Paint.kStroke_Style)
                paint.setStrokeJoin(skia.Paint.kRound_Join)
                paint.setStrokeCap(skia.Paint.kRound_Cap)
                paint.setStrokeWidth(width_em * moment.em_px)
                canvas.drawPath(path, paint)

    return drawn


def _bolt(box: Box, seed: int, strike: int) -> Any:
    """A crooked line from side to side of a box, a little beyond it."""
    height = box.height
    low, high = spread(seed, strike, 43) * 0.35, spread(seed, strike, 44) * 0.35
    path = skia.Path()
    for i in range(_BOLT_POINTS + 1):
        share = i / _BOLT_POINTS
        x = box.left - 0.2 * height + share * (box.width + 0.4 * height)
        crook = 0.22 * spread(seed, strike * 64 + i, 45)
        y = box.center[1] + height * (low + (high - low) * share + crook)
        if i:
            path.lineTo(x + 0.1 * height * spread(seed, strike * 64 + i, 46), y)
        else:
            path.moveTo(x, y)
    return path


FAMILIES: Mapping[str, Family] = {"light": light, "fluid": fluid}
"""Moving lights by the name of their family."""
