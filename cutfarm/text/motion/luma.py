"""The family whose mask follows a map of heights: noise, ink, dots; and that which blows away as dust."""

from __future__ import annotations

import math
from collections.abc import Mapping

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.chance import chance
from cutfarm.text.motion.masks import Uniforms, front, place, progress, softness, uncovered
from cutfarm.text.motion.moment import Box, Draw, Family, Moment, Params
from cutfarm.text.motion.noise import CELL_PX, TILE_PX, noise_shader

_SCALE = 20.0
_SOFT = 0.06
_BLOWN_BY = 8.0  # near rest nothing is blown about
_RAMP_SHARE = 0.7
_INK_RADIAL_SHARE = 0.4
_INK_SCALE = 5.0

#: A map's heights are even: as much of the box lies below a tenth as between two and three tenths.
#: `even` says which share of the sums a·U + (1 − a)·V of two even numbers lies below z.
_MAP = """
uniform float4 box;
uniform float3 front;
uniform shader noise;
uniform float4 cells;
uniform float4 ramp;
uniform float2 kind;
float even(float z, float a) {
    float hi = max(a, 1.0 - a);
    float lo = 1.0 - hi;
    if (lo < 0.001) { return z; }
    if (z < lo) { return z * z / (2.0 * lo * hi); }
    if (z < hi) { return (z - lo * 0.5) / hi; }
    float rest = 1.0 - z;
    return 1.0 - rest * rest / (2.0 * lo * hi);
}
float disc(float r) {
    if (r <= 1.0) { return 0.78539816 * r * r; }
    return min(sqrt(r * r - 1.0) + r * r * (0.78539816 - acos(1.0 / r)), 1.0);
}
float height(float2 xy) {
    float2 at = xy * cells.x + cells.yz;
    if (cells.w > 0.0) {
        float2 low = at * 0.37;
        at += cells.w * (float2(noise.eval(low).a, noise.eval(low + float2(91.0, 37.0)).a) - 0.5);
    }
    float n = noise.eval(at).a;
    float2 c = (xy - box.xy) / box.zw - 0.5;
    float along = ramp.w > 0.5 ? disc(length(c) * 2.0) : dot(c, ramp.xy) + 0.5;
    float m = even(clamp(mix(n, clamp(along, 0.0, 1.0), ramp.z), 0.0, 1.0), ramp.z);
    return kind.x > 0.5 ? 1.0 - m : m;
}
float kept(float m) {
    float seen = 1.0 - smoothstep(front.x - front.y, front.x + front.y, m);
    return front.z > 0.5 ? 1.0 - seen : seen;
}
"""
_LUMA = _MAP + "half4 main(float2 xy) { return half4(half(kept(height(xy)))); }"
_DUST = (
    _MAP
    + """
uniform shader src;
uniform float4 drift;
half4 main(float2 xy) {
    float m = height(xy);
    float lift = front.z > 0.5 ? front.x + 0.25 - m : m + 0.25 - front.x;
    lift = drift.w * smoothstep(0.0, 0.7, lift);
    float2 at = xy * cells.x * 0.9 + cells.zy;
    float2 blown = float2(noise.eval(at).a, noise.eval(at + float2(173.0, 59.0)).a) - 0.5;
    float2 by = lift * drift.x * (blown * 1.4 + drift.yz);
    return src.eval(xy - by) * half(kept(m) * (1.0 - 0.5 * lift));
}
"""
)


def luma_wipe(moment: Moment, params: Params, draw: Draw) -> Draw:
    """What lies low in the map comes, or goes, first; the area grows evenly with the time.

    `map` noise (also where it is not known) of `scale` cells to a frame's height, or ink, which runs out from the
    middle; `dir` or `radial` make seven tenths of it a ramp; `scatter` blows what leaves about.
    """
    spread = progress(moment, params)
    scatter = amounts.number(params, "scatter", 0.0)
    soft = softness(params, _SOFT, math.inf)
    if scatter <= 0.0 or amounts.at_rest(moment) or not 0.0 < spread[0] < 1.0:
        return uncovered(
            moment, draw, spread, _LUMA, soft, lambda box: _uniforms(moment, params, box), noise=noise_shader()
        )
    return _dust(moment, params, draw, spread, soft)


def _dust(moment: Moment, params: Params, draw: Draw, spread: tuple[float, bool], soft: float) -> Draw:
    p, covers = spread
    dist_px = min(max(amounts.number(params, "scatter", 0.0), 0.0), 1.0) * amounts.frame_px(moment)
    uniforms: Uniforms = {
        **_uniforms(moment, params, moment.box),
        "front": (front(p, soft), soft, float(covers)),
        "drift": (dist_px, 0.35, -0.2, min(_BLOWN_BY * (p if covers else 1.0 - p), 1.0)),
    }
    return layers.sampled(draw, _DUST, (dist_px, dist_px), uniforms, noise=noise_shader())


def _uniforms(moment: Moment, params: Params, box: Box) -> Uniforms:
    is_ink = params.get("map") == "ink"
    scale = max(amounts.number(params, "scale", _INK_SCALE if is_ink else _SCALE), 0.1)
    texels = CELL_PX * scale / amounts.frame_px(moment)
    x, y = amounts.direction(params, "d")
    norm = 1.0 / (abs(x) + abs(y))
    is_radial = is_ink or bool(amounts.number(params, "radial", 0.0))
    is_directed = "dir" in params or "angle" in params
    share = _INK_RADIAL_SHARE if is_ink else _RAMP_SHARE if is_radial or is_directed else 0.0
    return {
        "box": place(box),
        "cells": (texels, *_offset(moment), 1.2 * CELL_PX if is_ink else 0.0),
        "ramp": (x * norm, y * norm, share, float(is_radial and not is_directed)),
        "kind": (amounts.number(params, "invert", 0.0), 0.0),
    }


def _offset(moment: Moment) -> tuple[float, float]:
    """Which part of the noise this unit shows."""
    return TILE_PX * chance(moment.seed, moment.index, 11), TILE_PX * chance(moment.seed, moment.index, 12)


FAMILIES: Mapping[str, Family] = {"luma_wipe": luma_wipe}
"""Masks by maps, by the name of their family."""
