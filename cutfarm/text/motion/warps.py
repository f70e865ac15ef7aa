"""The family that bends a drawing."""

from __future__ import annotations

import math
from collections.abc import Mapping

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.chance import chance
from cutfarm.text.motion.masks import Uniforms, place
from cutfarm.text.motion.moment import Draw, Family, Moment, Params
from cutfarm.text.motion.noise import TILE_PX, noise_shader

_RIPPLES_HZ = 1.0

#: `bend` is (length in pixels or amount, seconds, chance, letters' height).
_BEND = """
uniform shader src;
uniform shader noise;
uniform float4 box;
uniform float4 bend;
float2 middle() { return box.xy + box.zw * 0.5; }
"""
_WARPS: Mapping[str, str] = {
    "wave": """
half4 main(float2 xy) {
    float2 at = xy / bend.w;
    return src.eval(xy + bend.x * float2(0.35 * sin(at.y * 5.0 + bend.y * 6.2832), sin(at.x * 3.6 - bend.y * 6.2832)));
}
""",
    "ripple": """
half4 main(float2 xy) {
    float2 a = xy - middle();
    float r = length(a);
    return src.eval(xy + a / max(r, 1.0) * 0.8 * bend.x * sin(r / bend.w * 4.5 - bend.y * 6.2832));
}
""",
    "ring": """
half4 main(float2 xy) {
    float2 a = xy - middle();
    float r = length(a);
    float d = (r - fract(bend.y) * length(box.zw) * 0.6) / (0.5 * bend.w);
    return src.eval(xy - a / max(r, 1.0) * bend.x * 2.0 * exp(-d * d));
}
""",
    "noise": """
half4 main(float2 xy) {
    float2 at = xy / bend.w * 20.0 + bend.z + float2(0.0, bend.y * 14.0);
    float2 n = float2(noise.eval(at).a, noise.eval(at + float2(211.0, 97.0)).a) - 0.5;
    return src.eval(xy + 2.0 * bend.x * n);
}
""",
    "swirl": """
half4 main(float2 xy) {
    float2 a = xy - middle();
    float k = 1.0 - min(length(a) / (0.65 * length(box.zw)), 1.0);
    float t = bend.x * k * k;
    return src.eval(middle() + float2(cos(t) * a.x - sin(t) * a.y, sin(t) * a.x + cos(t) * a.y));
}
""",
    "fisheye": """
half4 main(float2 xy) {
    float2 a = xy - middle();
    float2 n = a / (0.5 * length(box.zw));
    return src.eval(middle() + a * (1.0 + bend.x * dot(n, n)) / (1.0 + bend.x * 0.5));
}
""",
    "pinch": """
half4 main(float2 xy) {
    float2 a = xy - middle();
    float r = clamp(length(a) / (0.6 * length(box.zw)), 0.02, 1.0);
    return src.eval(middle() + a * pow(r, -bend.x));
}
""",
}
#: Kinds whose amount is a number, not a length; how far beyond the ink each shows it, in letters.
_NUMBERS: Mapping[str, float] = {"swirl": 0.25, "fisheye": 0.3, "pinch": 0.5}
_ALIASES = {"bulge": "fisheye", "sphere": "fisheye", "crumple": "noise"}


def warp(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Bent by how far it is: `wave`, `ripple`, `ring`, `noise`, `swirl`, `fisheye`, `pinch`; in a loop on and on."""
    if amounts.at_rest(moment):
        return draw
    far = amounts.away(moment, params)
    kind = str(params.get("kind"))
    kind = _ALIASES.get(kind, kind)
    if kind not in _WARPS:
        return draw if moment.kind == "loop" else layers.faded(draw, 1.0 - far)
    amount = amounts.number(params, "amount", 0.5 if kind in _NUMBERS else 0.03) * far
    if moment.kind == "loop" and kind == "swirl" and amounts.number(params, "osc", 0.0):
        amount = amounts.number(params, "amount", 0.5) * math.sin(2.0 * math.pi * amounts.turn(moment, params))
    amount = min(max(amount, -20.0), 20.0)
    reach_px = _NUMBERS.get(kind, 0.0) * moment.em_px
    if kind == "swirl":
        reach_px = max(reach_px, (math.hypot(moment.box.width, moment.box.height) - moment.box.height) / 2.0)
    if kind not in _NUMBERS:
        amount = min(amount, 0.5) * amounts.frame_px(moment)
        reach_px = abs(amount) * (2.0 if kind == "ring" else 1.0)
    clock = moment.p if kind == "ring" else amounts.turn(moment, params) * _RIPPLES_HZ
    offset = TILE_PX * chance(moment.seed, moment.index, 71)
    uniforms: Uniforms = {"box": place(moment.box), "bend": (amount, clock, offset, moment.em_px)}
    bent = layers.sampled(draw, _BEND + _WARPS[kind], (reach_px, reach_px), uniforms, noise=noise_shader())
    return bent if moment.kind == "loop" else layers.faded(bent, amounts.emerging(far))


def roughened(moment: Moment, draw: Draw, length_px: float, step: int) -> Draw:
    """The drawing bent by noise that is another at each step."""
    offset = TILE_PX * chance(moment.seed + moment.index, step, 72)
    uniforms: Uniforms = {"box": place(moment.box), "bend": (length_px, 0.0, offset, moment.em_px)}
    return layers.sampled(draw, _BEND + _WARPS["noise"], (length_px, length_px), uniforms, noise=noise_shader())


FAMILIES: Mapping[str, Family] = {"warp": warp}
"""Bends by the name of their family."""
