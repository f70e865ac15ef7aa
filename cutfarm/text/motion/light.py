"""Families that change how bright a drawing is, or make it glow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.moment import Draw, Family, Moment, Params

_BLACK: amounts.Rgb = (0.0, 0.0, 0.0)
_DECAY = 0.3
_FLASHES = 3
_GLOW_EM = (0.06, 0.22)
_THRESHOLD = 0.25

_BRIGHT = """
uniform float4 ink;
uniform float2 pass;
half4 main(half4 c) {
    float peak = max(c.r, max(c.g, c.b)) / max(c.a, 0.004);
    float w = smoothstep(pass.x - 0.25, pass.x + 0.25, peak) * pass.y;
    float3 rgb = ink.w > 0.5 ? ink.rgb * c.a : float3(c.rgb);
    float a = clamp(c.a * w, 0.0, 1.0);
    return half4(half3(clamp(rgb * w, 0.0, a)), half(a));
}
"""


def flash(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Light that flares up `rate` times a second, or `n` times on the way, and dies away; `alpha` blinks.

    The colour is mixed in by exp(−phase / `decay`) · `level`, on the way in or out also by how far that is. Black lets
    what is behind the caption through instead.
    """
    if amounts.at_rest(moment):
        return draw
    phase = _phase(moment, params)
    if params.get("mode") == "alpha":
        return draw if _is_lit(moment, phase) else layers.nothing
    strength = math.exp(-phase / max(amounts.number(params, "decay", _DECAY), 0.01))
    strength *= min(max(amounts.number(params, "level", 1.0), 0.0), 1.0)
    ink, alpha = amounts.colour(params.get("color")), amounts.ridden(moment)[0]
    if moment.kind != "loop":
        strength *= 1.0 - alpha
    return layers.faded(layers.faded(draw, 1.0 - strength) if ink == _BLACK else mixed(draw, ink, strength), alpha)


def _phase(moment: Moment, params: Params) -> float:
    """How much of a flash's turn has gone by, [0, 1)."""
    if amounts.number(params, "rate", 0.0) > 0.0 or moment.kind == "loop":
        turns = amounts.turn(moment, params)
    else:
        n = amounts.whole(params, "n", 1 if "decay" in params else _FLASHES, 60)
        turns = n * (1.0 - moment.p if moment.kind == "out" else moment.p)
    return turns - math.floor(turns + 1e-9)


def _is_lit(moment: Moment, phase: float) -> bool:
    """Blinking: a loop begins lit, the way in unlit; the way out is that backwards."""
    return phase < 0.5 if moment.kind == "loop" else phase >= 0.5


def mixed(draw: Draw, ink: amounts.Rgb, share: float) -> Draw:
    """The drawing with a share of a colour mixed into its own, its alpha as it was."""
    share = min(max(share, 0.0), 1.0)
    if share <= 0.0:
        return draw
    keep, (r, g, b) = 1.0 - share, (channel * share for channel in ink)
    return layers.toned(
        draw, skia.ColorFilters.Matrix([keep, 0, 0, 0, r, 0, keep, 0, 0, g, 0, 0, keep, 0, b, 0, 0, 0, 1, 0])
    )


def fade_color(moment: Moment, params: Params, draw: Draw) -> Draw:
    """By way of a colour: its silhouette fades in, then the drawing comes out of it; in a loop to it and back.

    To black is to nothing: a frame goes dark, letters go.
    """
    if amounts.at_rest(moment):
        return draw
    ink = amounts.colour(params.get("color"), _BLACK)
    if moment.kind == "loop":
        far = amounts.swell(moment, params)
        if ink == _BLACK:
            return layers.faded(draw, 1.0 - far)
        return layers.faded(mixed(draw, ink, far), 1.0 - 0.8 * far)
    shown = amounts.shown(moment, params)
    if ink == _BLACK:
        return layers.faded(draw, shown)
    hold = min(max(amounts.number(params, "hold", 0.0), 0.0), 0.9)
    half = (1.0 - hold) / 2.0
    return layers.faded(mixed(draw, ink, 1.0 - max(shown - half - hold, 0.0) / half), shown / half)


def bloom(moment: Moment, params: Params, draw: Draw) -> Draw:
    """What is brighter than `thr` shines over its surroundings, `amount` strong; shadows and boxes do not."""
    if amounts.at_rest(moment):
        return draw
    alpha, strength = amounts.ridden(moment)
    if moment.kind == "loop":
        strength = 0.2 + 0.8 * amounts.swell(moment, params) if amounts.number(params, "osc", 0.0) else 1.0
    strength *= max(amounts.number(params, "amount", 1.0), 0.0)
    faded = layers.faded(draw, alpha)
    if moment.part != "over" or strength <= 0.01 or alpha <= 0.0:
        return faded
    ink = amounts.colour(params.get("color")) if "color" in params else None
    return glowing(faded, moment.em_px, strength, amounts.number(params, "thr", _THRESHOLD), ink)


def glowing(draw: Draw, em_px: float, strength: float, threshold: float, ink: amounts.Rgb | None) -> Draw:
    """The drawing over two blurs of its bright parts, in their own colour or `ink`, itself a little brighter."""
    near_em, far_em = _GLOW_EM
    near = blurred(_bright_pass(threshold, 0.8 * strength, ink), near_em * em_px)
    far = blurred(_bright_pass(threshold, 0.9 * strength, ink), far_em * em_px)
    lighter = mixed(draw, (1.0, 1.0, 1.0), min(0.12 * strength, 0.5))
    return layers.filtered(lighter, skia.ImageFilters.Merge([far, near, None]), is_linear=False)


def _bright_pass(threshold: float, gain: float, ink: amounts.Rgb | None) -> Any:
    builder = skia.RuntimeColorFilterBuilder(layers.colour_program(_BRIGHT))
    builder.setUniform("ink", [*(ink or (0.0, 0.0, 0.0)), 1.0 if ink else 0.0])
    builder.setUniform("pass", [threshold, gain])
    return skia.ImageFilters.ColorFilter(builder.makeColorFilter(), None)


def blurred(image: Any, sigma_px: float, sigma_y_px: float | None = None) -> Any:
    """A skia.ImageFilter's result blurred by a Gaussian."""
    return skia.ImageFilters.Blur(sigma_px, sigma_px if sigma_y_px is None else sigma_y_px, skia.TileMode.kDecal, image)


FAMILIES: Mapping[str, Family] = {"flash": flash, "fade_color": fade_color, "bloom": bloom}
"""Light by the name of its family."""
