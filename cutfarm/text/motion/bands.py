"""Families that cut a drawing into bands or rings, each with a way of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.masks import FRONT, place, progress, softness, uncovered
from cutfarm.text.motion.moment import Draw, Family, Moment, Params, Tint

_BANDS = (
    FRONT
    + """
uniform float4 bands;
half4 main(float2 xy) {
    float x = dot((xy - box.xy) / box.zw - 0.5, bands.xy) + 0.5;
    float f = fract(x * bands.z);
    return uncovered(bands.w > 0.5 ? abs(f - 0.5) * 2.0 : f);
}
"""
)
_RING_STAGGER = 0.4


def blinds(moment: Moment, params: Params, draw: Draw) -> Draw:
    """`n` slats across `angle`, uncovered side by side."""
    return _banded(moment, params, draw, progress(moment, params), amounts.whole(params, "n", 8, 40), False)


def _banded(moment: Moment, params: Params, draw: Draw, spread: tuple[float, bool], n: float, both: bool) -> Draw:
    x, y = amounts.direction(params)
    if both:
        x, y = -y, x
    scale = 1.0 / (abs(x) + abs(y))
    soft = softness(params, 0.0, (abs(x) * moment.box.width + abs(y) * moment.box.height) / n)
    bands = (x * scale, y * scale, n, float(both))
    return uncovered(moment, draw, spread, _BANDS, soft, lambda box: {"box": place(box), "bands": bands})


def split(moment: Moment, params: Params, draw: Draw) -> Draw:
    """`n` bands along `angle`: `open` uncovers from the cuts outwards and closes on the way out; the rest shift."""
    if amounts.at_rest(moment):
        return draw
    n = amounts.whole(params, "n", 2, 14)
    if params.get("mode", "open") == "open":
        p, covers = progress(moment, params)
        return _banded(moment, params, draw, (1.0 - p if covers else p, False), max(n / 2.0, 1.0), True)
    return _shifted(moment, params, draw, n)


def _shifted(moment: Moment, params: Params, draw: Draw, n: int) -> Draw:
    """Bands that leave along themselves, by turns to either side (`slide_in`: all to one, one after the other)."""
    x, y = amounts.direction(params)
    is_loop, box = moment.kind == "loop", moment.box
    far = amounts.away(moment, params)
    if is_loop:
        far = math.sin(2.0 * math.pi * amounts.turn(moment, params))
    dist_px = 0.12 * moment.em_px if is_loop else abs(x) * box.width + abs(y) * box.height
    in_turn = params.get("mode") == "slide_in"
    angle_deg = math.degrees(math.atan2(y, x))
    reach_px = box.width + box.height + amounts.frame_px(moment)
    height_px = abs(y) * box.width + abs(x) * box.height
    edges = [-reach_px, *(height_px * (i / n - 0.5) for i in range(1, n)), reach_px]

    def drawn(canvas: Any, tint: Tint) -> None:
        for i, (low, high) in enumerate(pairwise(edges)):
            sign = 1.0 if in_turn or i % 2 == 0 else -1.0
            canvas.save()
            path = skia.Path().addRect(skia.Rect.MakeLTRB(-2.0 * reach_px, low, 2.0 * reach_px, high))
            path.transform(skia.Matrix.Translate(*box.center).preRotate(angle_deg))
            canvas.translate(sign * far * dist_px * x, sign * far * dist_px * y)
            canvas.clipPath(path, skia.ClipOp.kIntersect, False)
            draw(canvas, tint)
            canvas.restore()

    return drawn if is_loop else layers.faded(drawn, amounts.emerging(far))


def grid(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Rings that spin into their place one after the other and fade in; other kinds fade."""
    if amounts.at_rest(moment):
        return draw
    far = amounts.away(moment, params)
    if params.get("kind") != "rings" or params.get("per") != "spin":
        return layers.faded(draw, 1.0 - far)
    n, deg = amounts.whole(params, "n", 4, 12), amounts.number(params, "deg", 180.0)
    x, y = moment.box.center
    width_px = math.hypot(moment.box.width, moment.box.height) / 2.0 / n

    def drawn(canvas: Any, tint: Tint) -> None:
        for ring in range(n):
            lag = _RING_STAGGER * ring / max(n - 1, 1)
            share = min(max((far - (_RING_STAGGER - lag)) / (1.0 - _RING_STAGGER), 0.0), 1.0)
            path = skia.Path().addCircle(x, y, (ring + 1) * width_px if ring < n - 1 else 1e4)
            if ring:
                path.addCircle(x, y, ring * width_px)
                path.setFillType(skia.PathFillType.kEvenOdd)
            canvas.save()
            canvas.clipPath(path, skia.ClipOp.kIntersect, True)
            canvas.rotate(deg * share * (1.0 if ring % 2 else -1.0), x, y)
            draw(canvas, tint)
            canvas.restore()

    return layers.faded(drawn, amounts.emerging(far))


FAMILIES: Mapping[str, Family] = {"split": split, "blinds": blinds, "grid": grid}
"""Bands and rings by the name of their family."""
