"""The family of small things that fly about a text, and those that add nothing but a fade."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.chance import chance
from cutfarm.text.motion.moment import Draw, Family, Moment, Params, Tint

_MOST = 300
_SIZE_EM = 0.11
_SIZES: Mapping[str, float] = {"dot": 0.35, "snow": 0.6, "spark": 0.45, "confetti": 0.75, "sparkle": 1.5, "heart": 1.2}
_COLOURS: Mapping[str, str] = {
    "heart": "#ff4d6d",
    "star": "#ffd84a",
    "sparkle": "#fff3c4",
    "spark": "#ffb347",
    "note": "#8fd3ff",
}


@dataclass(frozen=True, slots=True)
class Particle:
    """One of them at an instant, in letters' heights from the middle of the box."""

    x_em: float
    y_em: float
    size_em: float
    turn: float  #: radians
    alpha: float


def particles(moment: Moment, params: Params, draw: Draw) -> Draw:
    """`n` in all of `sprite` in `color`, in a `motion`: fall, rise, drift, burst or twinkle, while the drawing fades.

    Their places are formulas of the time: units share them out.
    """
    if amounts.at_rest(moment):
        return draw
    alpha, strength = amounts.ridden(moment)
    faded = layers.faded(draw, alpha)
    if moment.part != "over" or strength <= 0.01:
        return faded
    count = math.ceil(amounts.whole(params, "n", 30, _MOST) / max(moment.count, 1))
    sprite = str(params.get("sprite"))

    def drawn(canvas: Any, tint: Tint) -> None:
        faded(canvas, tint)
        canvas.save()
        canvas.translate(*moment.box.center)
        for i in range(count):
            place = _particle(moment, params, i)
            if place.alpha > 0.0:
                _dab(canvas, tint.faded(strength * place.alpha), place, sprite, _ink(moment, params, sprite, i), moment)
        canvas.restore()

    return drawn


def _particle(moment: Moment, params: Params, i: int) -> Particle:
    def hashed(channel: int) -> float:
        return chance(moment.seed + 131 * moment.index, i, channel)

    em_px = amounts.frame_px(moment) / amounts.FRAME_EM
    half_x, half_y = moment.box.width / em_px / 2.0, moment.box.height / em_px / 2.0
    phase = amounts.turn(moment, params) * (0.35 + 0.4 * hashed(91)) + hashed(92)
    way = phase - math.floor(phase)
    x, y = (2.0 * hashed(93) - 1.0) * (half_x + 0.3), (2.0 * hashed(94) - 1.0) * (half_y + 0.2)
    alpha = math.sin(math.pi * way)
    match params.get("motion"):
        case "fall":
            x, y = x + 0.15 * math.sin(6.0 * phase + i), (2.6 * way - 1.3) * (half_y + 0.3)
        case "rise":
            x, y = x + 0.15 * math.sin(5.0 * phase + i), (1.3 - 2.6 * way) * (half_y + 0.3)
        case "burst":
            way = moment.p if moment.kind != "loop" else _fraction(amounts.turn(moment, params))
            angle, reach = 2.0 * math.pi * hashed(95), (0.3 + 0.7 * hashed(96)) * (1.0 - (1.0 - way) ** 3)
            x = (half_x + 0.9) * reach * math.cos(angle)
            y = (half_y + 0.9) * reach * math.sin(angle) + 0.7 * way * way
            alpha = 1.0 - way**3
        case "twinkle":
            alpha = max(math.sin(2.0 * math.pi * phase), 0.0) ** 2
        case _:
            x, y = x + 0.5 * (way - 0.5), y - 0.4 * (way - 0.5)
    size_em = _SIZE_EM * (0.5 + hashed(97)) * amounts.number(params, "size", 1.0)
    return Particle(x, y, size_em, 2.0 * math.pi * hashed(98) + phase * 3.0 * (hashed(99) - 0.5), alpha)


def _fraction(x: float) -> float:
    return x - math.floor(x)


def _ink(moment: Moment, params: Params, sprite: str, i: int) -> amounts.Rgb:
    if sprite == "confetti" and "color" not in params:
        return colorsys.hsv_to_rgb(chance(moment.seed + 131 * moment.index, i, 90), 0.75, 1.0)
    return amounts.colour(params.get("color", _COLOURS.get(sprite)))


def _dab(canvas: Any, tint: Tint, place: Particle, sprite: str, ink: amounts.Rgb, moment: Moment) -> None:
    paint = layers.paint_of(tint)
    paint.setColor4f(skia.Color4f(*ink, paint.getAlphaf()))
    paint.setAntiAlias(True)
    size_px = max(place.size_em * _SIZES.get(sprite, 1.0) * moment.em_px, 0.5)
    canvas.save()
    canvas.translate(place.x_em * moment.em_px, place.y_em * moment.em_px)
    if sprite in ("star", "confetti"):
        canvas.rotate(math.degrees(place.turn))
    canvas.scale(size_px, size_px)
    canvas.drawPath(_sprite(sprite), paint)
    canvas.restore()


@cache
def _sprite(name: str) -> Any:
    """A shape about (0, 0) that is two units wide; a disc where the name is not known."""
    path = skia.Path()
    match name:
        case "star":
            return _starred(path, 5, 0.42)
        case "sparkle":
            return _starred(path, 4, 0.16)
        case "heart":
            path.moveTo(0.0, 0.9)
            path.cubicTo(-1.6, -0.2, -0.8, -1.3, 0.0, -0.45)
            path.cubicTo(0.8, -1.3, 1.6, -0.2, 0.0, 0.9)
        case "note":
            path.addOval(skia.Rect.MakeLTRB(-0.8, 0.4, 0.2, 1.1))
            path.addRect(skia.Rect.MakeLTRB(0.03, -1.2, 0.2, 0.75))
            path.addRect(skia.Rect.MakeLTRB(0.03, -1.2, 0.8, -0.85))
        case "confetti":
            path.addRect(skia.Rect.MakeLTRB(-0.9, -0.5, 0.9, 0.5))
        case _:
            path.addCircle(0.0, 0.0, 1.0)
    return path


def _starred(path: Any, points: int, inner: float) -> Any:
    for i in range(2 * points):
        radius, angle = (1.0, inner)[i % 2], math.pi * (i / points - 0.5)
        place = radius * math.cos(angle), radius * math.sin(angle)
        path.lineTo(*place) if i else path.moveTo(*place)
    path.close()
    return path


def fade(moment: Moment, params: Params, draw: Draw) -> Draw:
    """What has no picture of ours: the drawing fades in or out, in a loop it stays as it is."""
    if amounts.at_rest(moment) or moment.kind == "loop":
        return draw
    return layers.faded(draw, amounts.shown(moment, params))


FAMILIES: Mapping[str, Family] = {"particles": particles, "caption": fade, "frame": fade}
"""What lies about a text, by the name of its family."""
