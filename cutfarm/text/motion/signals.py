"""Families of pictures whose signal is poor: channels apart, torn, in blocks, on a tube, on film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.chance import chance, mixed
from cutfarm.text.motion.masks import Uniforms, place
from cutfarm.text.motion.moment import Draw, Family, Moment, Params

_GLITCH_RATE = 12.0
_TV_RATE = 24.0
_LINE_SHIFT = 0.1
_TV_LINES_PER_EM = 16.0

_SPLIT = """
uniform shader src;
uniform float4 box;
uniform float4 apart;
half4 main(float2 xy) {
    float2 by = apart.xy;
    if (apart.z > 0.5) { by = (xy - box.xy - box.zw * 0.5) / max(length(box.zw) * 0.5, 1.0) * apart.w; }
    half4 r = src.eval(xy - by);
    half4 g = src.eval(xy);
    half4 b = src.eval(xy + by);
    return half4(r.r, g.g, b.b, max(r.a, max(g.a, b.a)));
}
"""
_HASH = """
float hash(float2 cell) {
    float2 p = fract(cell * float2(0.3183099, 0.3678794) + seed.xy);
    p += dot(p, p.yx + 19.19);
    return fract((p.x + p.y) * p.x * 43.758);
}
"""
_GLITCH = (
    """
uniform shader src;
uniform float4 tear;
uniform float4 cell;
uniform float2 seed;
"""
    + _HASH
    + """
half4 main(float2 xy) {
    float row = floor(xy.y / cell.x);
    float dx = hash(float2(row, 3.0)) > 1.0 - tear.y ? (hash(float2(row, 7.0)) - 0.5) * 2.0 * cell.w : 0.0;
    float2 block = floor(xy / cell.yz);
    if (hash(block) > 1.0 - tear.z) {
        dx += (hash(block + float2(17.0, 5.0)) - 0.5) * 2.0 * cell.w;
    }
    float2 at = xy - float2(dx, 0.0);
    float2 by = float2(tear.x, 0.0);
    half4 r = src.eval(at - by);
    half4 g = src.eval(at);
    half4 b = src.eval(at + by);
    return half4(r.r, g.g, b.b, max(r.a, max(g.a, b.a)));
}
"""
)
_BLOCKS = """
uniform shader src;
uniform float4 blocks;
half4 main(float2 xy) {
    float2 corner = floor((xy - blocks.yz) / blocks.x) * blocks.x + blocks.yz;
    half4 sum = half4(0.0);
    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            sum += src.eval(corner + (float2(float(i), float(j)) + 0.5) * 0.5 * blocks.x);
        }
    }
    return sum * 0.25;
}
"""
_TV = (
    """
uniform shader src;
uniform float4 tube;
uniform float4 size;
uniform float2 seed;
"""
    + _HASH
    + """
half4 main(float2 xy) {
    float row = floor(xy.y / size.x);
    float dx = (hash(float2(row, 2.0)) - 0.5) * tube.z * size.y;
    float2 at = xy - float2(dx, 0.0);
    half4 l = src.eval(at - float2(tube.y, 0.0));
    half4 c = src.eval(at);
    half4 r = src.eval(at + float2(tube.y, 0.0));
    half4 o = half4(l.r, c.g, r.b, max(c.a, max(l.a, r.a)));
    float dark = 1.0 - tube.x * (0.5 + 0.5 * sin(xy.y * 6.2832 / (2.0 * size.x)));
    float n = (hash(floor(xy / size.z)) - 0.5) * tube.w;
    return half4(clamp(o.rgb * half(dark) + half(n) * o.a, half3(0.0), half3(o.a)), o.a);
}
"""
)


def rgb_split(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Red and blue `amount` to either side of green along `angle`, or outwards (`radial`), by how far it is."""
    if amounts.at_rest(moment):
        return draw
    length_px = amounts.number(params, "amount", 0.012) * amounts.frame_px(moment) * amounts.away(moment, params)
    x, y = amounts.direction({"angle": amounts.number(params, "angle", 0.0)})
    is_radial = params.get("kind") == "radial"
    uniforms: Uniforms = {
        "box": place(moment.box),
        "apart": (x * length_px, y * length_px, float(is_radial), length_px),
    }
    if abs(length_px) < 0.1:
        return draw
    reach_px = (2.0 * abs(length_px),) * 2 if is_radial else (abs(x * length_px), abs(y * length_px))
    return layers.sampled(draw, _SPLIT, reach_px, uniforms)


def glitch(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Torn anew `rate` times a second: `lines` and `blocks` are shares that jump aside, `rgb` sets channels apart.

    Between two steps nothing changes; in a loop some steps are calm. Far away there is nothing.
    """
    if amounts.at_rest(moment):
        return draw
    if (moment.kind == "in" and moment.p <= 0.0) or (moment.kind == "out" and moment.p >= 1.0):
        return layers.nothing
    rate = min(max(amounts.number(params, "rate", _GLITCH_RATE), 0.1), 60.0)
    step = amounts.step(moment, rate)
    far = amounts.away(_at_step(moment, step / rate), params)
    frame_px, em_px = amounts.frame_px(moment), moment.em_px
    seed = mixed(moment.seed, moment.index, step)
    swing = 0.4 + 0.6 * chance(seed, 1)
    if moment.kind == "loop":
        far *= min(max(2.0 * chance(seed, 6) - 0.5, 0.1), 1.0)
    shift_px = _LINE_SHIFT * frame_px * far
    rgb_px = min(max(amounts.number(params, "rgb", 0.0), 0.0), 0.5) * frame_px * far * swing
    uniforms: Uniforms = {
        "tear": (rgb_px, amounts.number(params, "lines", 0.0), amounts.number(params, "blocks", 0.0), 0.0),
        "cell": (0.13 * em_px, 0.45 * em_px, 0.2 * em_px, shift_px),
        "seed": (chance(seed, 2), chance(seed, 3)),
    }
    return layers.sampled(draw, _GLITCH, (rgb_px + 2.0 * shift_px, 0.0), uniforms)


def _at_step(moment: Moment, time_s: float) -> Moment:
    """The moment as it was when its step began."""
    if moment.kind == "loop" or moment.duration_s <= 0.0:
        return moment
    lag = max(moment.time_s - time_s, 0.0) / moment.duration_s
    return replace(moment, p=max(moment.p - lag, 0.0))


def mosaic(moment: Moment, params: Params, draw: Draw) -> Draw:
    """In squares of twice `px` parts of a frame's height, smaller as it comes to rest, fading in or out."""
    if amounts.at_rest(moment):
        return draw
    far = amounts.away(moment, params)
    faded = draw if moment.kind == "loop" else layers.faded(draw, amounts.emerging(far))
    side_px = 2.0 * min(max(amounts.number(params, "px", 0.02), 0.0), 0.5) * amounts.frame_px(moment) * far
    if side_px < 1.0:
        return faded
    uniforms: Uniforms = {"blocks": (side_px, *moment.box.center, 0.0)}
    return layers.sampled(faded, _BLOCKS, (side_px, side_px), uniforms)


def tv(moment: Moment, params: Params, draw: Draw) -> Draw:
    """A tube's lines (`scan`), colours apart (`chroma`) and snow (`noise`); on the way in or out while it fades."""
    if amounts.at_rest(moment):
        return draw
    alpha, strength = amounts.ridden(moment)
    names = ("scan", "chroma", "noise")
    return _tube(moment, layers.faded(draw, alpha), [amounts.number(params, name, 0.0) * strength for name in names])


def grain(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Film grain, `amount` strong, new each 1/24 s; on the way in or out while it fades."""
    if amounts.at_rest(moment):
        return draw
    alpha, strength = amounts.ridden(moment)
    return _tube(moment, layers.faded(draw, alpha), [0.0, 0.0, amounts.number(params, "amount", 0.3) * strength])


def film(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Old film: its light flickers by `flicker`, its grain is coarse."""
    if amounts.at_rest(moment):
        return draw
    alpha, strength = amounts.ridden(moment)
    dim = min(max(amounts.number(params, "flicker", 0.2), 0.0), 1.0) * strength
    light = 1.0 - dim * chance(moment.seed, amounts.step(moment, _TV_RATE / 2.0), 73)
    return _tube(moment, layers.faded(draw, alpha * light), [0.0, 0.0, 0.35 * strength])


def _tube(moment: Moment, draw: Draw, parts: list[float]) -> Draw:
    scan, chroma, noise = (min(max(part, 0.0), 1.0) for part in parts)
    if max(scan, chroma, noise) <= 0.0:
        return draw
    seed = mixed(moment.seed, amounts.step(moment, _TV_RATE))
    chroma_px = chroma * amounts.frame_px(moment)
    line_px = max(moment.em_px / _TV_LINES_PER_EM, 1.0)
    uniforms: Uniforms = {
        "tube": (scan, chroma_px, noise if scan or chroma else 0.0, 1.4 * noise),
        "size": (line_px, 0.15 * moment.em_px, max(moment.em_px / 48.0, 1.0), 0.0),
        "seed": (chance(seed, 4), chance(seed, 5)),
    }
    return layers.sampled(draw, _TV, (chroma_px + 0.1 * moment.em_px, 0.0), uniforms)


FAMILIES: Mapping[str, Family] = {
    "rgb_split": rgb_split,
    "glitch": glitch,
    "mosaic": mosaic,
    "tv": tv,
    "grain": grain,
    "film": film,
}
"""Poor signals by the name of their family."""
