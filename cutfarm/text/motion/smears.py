"""Families that blur a drawing, or draw it several times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.chance import spread
from cutfarm.text.motion.light import blurred
from cutfarm.text.motion.moment import Draw, Family, Moment, Params, Tint
from cutfarm.text.motion.recolor import hue_rotated

_LEAST_SIGMA_PX = 0.15
_SHIFT_LENGTHS = 2.0
_DX, _DECAY, _GHOST_ALPHA = 0.03, 0.75, 0.65
_GHOSTS_BY = 8.0  # copies are gone where they all come to lie on each other
_MOST_COPIES = 12
_JERK_EM, _JERK_DEG = 0.05, 2.0


def blur(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Out of focus by how far it is: standard deviation `amount`, fading in or out; `osc` in a loop swells.

    `dir` smears along `angle`, `amount` to either side; `shift` comes from, or leaves to, that side.
    """
    if amounts.at_rest(moment):
        return draw
    far = amounts.away(moment, params)
    length_px = min(max(amounts.number(params, "amount", 0.05), 0.0), 1.0) * amounts.frame_px(moment)
    smeared = draw
    if length_px * far > _LEAST_SIGMA_PX:
        smeared = layers.filtered(draw, _smear(params, length_px * far))
    if "shift" in params:
        x, y = amounts.direction({"dir": params["shift"]})
        by_px = _SHIFT_LENGTHS * length_px * far * (-1.0 if moment.kind == "in" else 1.0)
        smeared = layers.moved(smeared, x * by_px, y * by_px)
    return smeared if moment.kind == "loop" else layers.faded(smeared, amounts.emerging(far))


def _smear(params: Params, length_px: float) -> Any:
    """A Gaussian of that standard deviation; `dir` one along the line that an even smear so long would match."""
    if params.get("kind") != "dir":
        return blurred(None, length_px)
    angle_deg = amounts.number(params, "angle", 0.0)
    sigma_px = length_px / math.sqrt(3.0)
    if angle_deg % 180.0 == 0.0:
        return blurred(None, sigma_px, 0.0)
    if angle_deg % 180.0 == 90.0:
        return blurred(None, 0.0, sigma_px)
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear)
    there, back = skia.Matrix.RotateDeg(-angle_deg), skia.Matrix.RotateDeg(angle_deg)
    flat = skia.ImageFilters.MatrixTransform(there, sampling, None)
    return skia.ImageFilters.MatrixTransform(back, sampling, blurred(flat, sigma_px, 0.0))


def ghost(moment: Moment, params: Params, draw: Draw) -> Draw:
    """`n` paler copies behind the drawing, each `dx` further to the left, or bigger with `zoom`; in a loop they sway.

    `temporal` copies, what was drawn earlier, are taken to lie where the ones in space do.
    """
    if amounts.at_rest(moment):
        return draw
    far = amounts.away(moment, params)
    sway = math.cos(2.0 * math.pi * amounts.turn(moment, params)) if moment.kind == "loop" else 1.0
    copies = amounts.whole(params, "n", 4, _MOST_COPIES)
    decay = min(max(amounts.number(params, "decay", _DECAY), 0.0), 1.0)
    by_px = -amounts.number(params, "dx", _DX) * amounts.frame_px(moment) * far * sway
    grow = amounts.number(params, "zoom", 0.0) * far
    hue = amounts.number(params, "hue", 0.0)

    def drawn(canvas: Any, tint: Tint) -> None:
        for copy in range(copies, 0, -1):
            pale = layers.toned(draw, hue_rotated(hue * copy / copies)) if hue else draw
            canvas.save()
            canvas.translate(by_px * copy, 0.0)
            _scale_about(canvas, moment.box.center, 1.0 + grow * copy)
            pale(canvas, tint.faded(_GHOST_ALPHA * decay ** (copy - 1) * min(_GHOSTS_BY * far, 1.0)))
            canvas.restore()
        draw(canvas, tint)

    return drawn if moment.kind == "loop" else layers.faded(drawn, amounts.emerging(far))


def mirror(moment: Moment, params: Params, draw: Draw) -> Draw:
    """`n` copies that come together: `tunnel` each further in, `axis` upside down below, the rest round about."""
    if amounts.at_rest(moment):
        return draw
    far = amounts.away(moment, params)
    copies = amounts.whole(params, "n", 4, _MOST_COPIES)
    kind = params.get("kind")
    x, y = moment.box.center

    def drawn(canvas: Any, tint: Tint) -> None:
        for copy in range(copies, 0, -1):
            canvas.save()
            if kind == "tunnel":
                _scale_about(canvas, (x, y), math.exp(-0.35 * far * copy))
            elif kind == "axis":
                canvas.translate(0.0, 2.0 * moment.box.bottom)
                canvas.scale(1.0, -1.0)
            else:
                angle = 2.0 * math.pi * copy / copies + far
                radius_px = 0.45 * moment.em_px * far
                canvas.translate(radius_px * math.cos(angle), radius_px * math.sin(angle))
                canvas.rotate(20.0 * far * math.sin(3.0 * angle), x, y)
            draw(canvas, tint.faded(0.5 * far if kind != "tunnel" else 0.6 * far))
            canvas.restore()
        draw(canvas, tint.faded(1.0 - 0.6 * far))

    return drawn if moment.kind == "loop" else layers.faded(drawn, amounts.emerging(far))


def stutter(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Jerks from pose to pose `fps` times a second, as film does that lost frames."""
    if amounts.at_rest(moment):
        return draw
    fps = min(max(amounts.number(params, "fps", 8.0), 0.0), 60.0)
    pose = amounts.step(moment, fps)
    seed, far = moment.seed + moment.index, amounts.away(moment, params)
    far_px, far_deg = _JERK_EM * moment.em_px * far, _JERK_DEG * far

    def drawn(canvas: Any, tint: Tint) -> None:
        canvas.save()
        canvas.translate(far_px * spread(seed, pose, 61), far_px * spread(seed, pose, 62))
        canvas.rotate(far_deg * spread(seed, pose, 63), *moment.box.center)
        draw(canvas, tint)
        canvas.restore()

    return drawn if moment.kind == "loop" else layers.faded(drawn, amounts.shown(moment, params))


def _scale_about(canvas: Any, center: tuple[float, float], scale: float) -> None:
    x, y = center
    canvas.translate(x * (1.0 - scale), y * (1.0 - scale))
    canvas.scale(scale, scale)


FAMILIES: Mapping[str, Family] = {"blur": blur, "ghost": ghost, "mirror": mirror, "stutter": stutter}
"""Smears by the name of their family."""
