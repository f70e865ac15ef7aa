"""The family of outlines: drawn along the glyphs, of neon, scribbled, of chalk."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers, masks
from cutfarm.text.motion.chance import chance, spread
from cutfarm.text.motion.light import blurred
from cutfarm.text.motion.moment import Draw, Family, Moment, Params, Tint
from cutfarm.text.motion.noise import TILE_PX, noise_shader
from cutfarm.text.motion.warps import roughened

_LINE_EM, _ROUGH_EM = 0.025, 0.045
_DRAWN_BY, _FILLED_FROM = 0.65, 0.5
_DOODLE_FPS, _CHALK_FPS = 8.0, 6.0
_NEON, _COLOURED = (0.3, 0.95, 1.0), 0.25
_ELLIPSE_POINTS = 40

_CHALK = """
uniform shader src;
uniform shader noise;
uniform float4 chalk;
half4 main(float2 xy) {
    float2 at = xy / chalk.x * 320.0 + chalk.yz;
    float n = noise.eval(at * float2(0.55, 1.0)).a;
    float2 by = (float2(noise.eval(at * 0.6).a, noise.eval(at * 0.6 + 61.0).a) - 0.5) * chalk.x * 0.04;
    return src.eval(xy + by) * half(0.4 + 0.6 * smoothstep(0.1, 0.45, n));
}
"""


def edge(moment: Moment, params: Params, draw: Draw) -> Draw:
    """An outline of `kind`: `stroke_draw` runs around the glyphs before they fill; the others lie on a fade.

    `neon`, `glow` shine in `color`; `outline` lies a little outside; `doodle` and `sketch` scribble that outline
    anew `fps` times a second, or with `shape` `ellipse` rings around the text; `chalk` wears the fill off.
    """
    if amounts.at_rest(moment):
        return draw
    kind = params.get("kind", "neon")
    if kind == "stroke_draw" and moment.kind != "loop":
        return _stroked(moment, params, draw)
    alpha, strength = amounts.ridden(moment)
    faded = layers.faded(draw, alpha)
    if moment.part != "over" or alpha <= 0.0:
        return faded
    match kind:
        case "neon" | "glow":
            level = min(max(amounts.number(params, "amount", 1.0), 0.0), 1.0)
            return _neon(moment, faded, level * strength, amounts.colour(params.get("color"), _own(moment)))
        case "chalk":
            return _chalk(moment, faded)
        case "doodle" | "sketch" if params.get("shape") == "ellipse":
            return _ringed(moment, params, faded, strength)
        case "doodle" | "sketch":
            step = amounts.step(moment, amounts.number(params, "fps", _DOODLE_FPS))
            rough = roughened(moment, draw, _ROUGH_EM * moment.em_px, step)
            return _both(layers.faded(_outlined(moment, rough), strength), faded)
        case "outline" | "stroke_draw":
            return _both(layers.faded(_outlined(moment, draw), strength), faded)
    return faded


def _stroked(moment: Moment, params: Params, draw: Draw) -> Draw:
    """The rim of the fill by a hand that goes around the middle, then the fill; the rest comes with the fill."""
    shown = amounts.shown(moment, params)
    filled = layers.faded(draw, (shown - _FILLED_FROM) / (1.0 - _FILLED_FROM))
    if moment.part != "over":
        return filled
    rim = layers.filtered(draw, _rim(moment.em_px), is_linear=False)
    return _both(masks.swept(moment, rim, min(shown / _DRAWN_BY, 1.0)), filled)


def _both(below: Draw, above: Draw) -> Draw:
    def drawn(canvas: Any, tint: Tint) -> None:
        below(canvas, tint)
        above(canvas, tint)

    return drawn


def _rim(em_px: float) -> Any:
    """What a line inside the ink's edge covers."""
    width_px = max(_LINE_EM * em_px, 1.0)
    return skia.ImageFilters.Xfermode(skia.BlendMode.kDstOut, None, skia.ImageFilters.Erode(width_px, width_px, None))


def _outlined(moment: Moment, draw: Draw) -> Draw:
    """A line outside the ink, a gap away."""
    gap_px, width_px = max(2.0 * _LINE_EM * moment.em_px, 1.0), max(_LINE_EM * moment.em_px, 1.0)
    outer = skia.ImageFilters.Dilate(gap_px + width_px, gap_px + width_px, None)
    line = skia.ImageFilters.Xfermode(skia.BlendMode.kDstOut, outer, skia.ImageFilters.Dilate(gap_px, gap_px, None))
    return layers.filtered(draw, line, is_linear=False)


def _neon(moment: Moment, draw: Draw, strength: float, ink: amounts.Rgb) -> Draw:
    """A shining rim over a fill that dims as it shines."""
    near, far = (blurred(_filled(ink, gain), sigma_em * moment.em_px) for gain, sigma_em in ((0.8, 0.05), (1.4, 0.2)))
    tube = skia.ImageFilters.Compose(_filled(ink, 1.0), _rim(1.6 * moment.em_px))
    shine = layers.filtered(draw, skia.ImageFilters.Merge([far, near, tube]), is_linear=False)
    return _both(layers.faded(draw, 1.0 - 0.75 * strength), layers.faded(shine, strength))


def _filled(ink: amounts.Rgb, gain: float) -> Any:
    """A skia.ImageFilter: the ink in one colour, `gain` times as opaque."""
    r, g, b = ink
    fill = [0, 0, 0, 0, r, 0, 0, 0, 0, g, 0, 0, 0, 0, b, 0, 0, 0, gain, 0]
    return skia.ImageFilters.ColorFilter(skia.ColorFilters.Matrix(fill), None)


def _own(moment: Moment) -> amounts.Rgb:
    """What the letters' neon shines in: their own colour, where that is one."""
    return moment.colour if max(moment.colour) - min(moment.colour) > _COLOURED else _NEON


def _chalk(moment: Moment, draw: Draw) -> Draw:
    step = amounts.step(moment, _CHALK_FPS)
    x, y = (TILE_PX * chance(moment.seed + moment.index, step, channel) for channel in (81, 82))
    reach_px = (0.04 * moment.em_px, 0.04 * moment.em_px)
    return layers.sampled(draw, _CHALK, reach_px, {"chalk": (moment.em_px, x, y, 0.0)}, noise=noise_shader())


def _ringed(moment: Moment, params: Params, draw: Draw, strength: float) -> Draw:
    """Two crooked rings around the whole text, drawn with the first unit, closing in the first half of a turn."""
    if moment.index != 0:
        return draw
    step = amounts.step(moment, amounts.number(params, "fps", _DOODLE_FPS))
    closed = min(max(2.0 * moment.p, 0.1), 1.0) if moment.kind == "loop" else 1.0
    paths = [_ellipse(moment, step, ring, closed) for ring in range(2)]
    ink = amounts.colour(params.get("color"))

    def drawn(canvas: Any, tint: Tint) -> None:
        draw(canvas, tint)
        paint = layers.paint_of(tint.faded(strength))
        paint.setColor4f(skia.Color4f(*ink, paint.getAlphaf()))
        paint.setAntiAlias(True)
        paint.setStyle(skia.Paint.kStroke_Style)
        paint.setStrokeCap(skia.Paint.kRound_Cap)
        paint.setStrokeWidth(max(0.05 * moment.em_px, 1.0))
        for path in paths:
            canvas.drawPath(path, paint)

    return drawn


def _ellipse(moment: Moment, step: int, ring: int, closed: float) -> Any:
    (x, y), em_px = moment.block.center, moment.em_px
    half_width, half_height = moment.block.width / 2.0 + 0.45 * em_px, moment.block.height / 2.0 + 0.25 * em_px
    path = skia.Path()
    points = max(round(_ELLIPSE_POINTS * closed), 2)
    for i in range(points + 1):
        angle = 2.0 * math.pi * i / _ELLIPSE_POINTS - 2.2 + 0.5 * ring
        grow = 1.0 + 0.035 * spread(moment.seed + 97 * ring, 64 * step + i // 3, 83) + 0.02 * ring
        place = x + half_width * grow * math.cos(angle), y + half_height * grow * math.sin(angle)
        path.lineTo(*place) if i else path.moveTo(*place)
    return path


FAMILIES: Mapping[str, Family] = {"edge": edge}
"""Outlines by the name of their family."""
