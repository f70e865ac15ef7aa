"""Families that lay a line of letters along something else than a line."""

from __future__ import annotations

import math
from collections.abc import Mapping

import skia

from cutfarm.text.motion import amounts, placing
from cutfarm.text.motion.amounts import number
from cutfarm.text.motion.moment import Draw, Family, Moment, Params
from cutfarm.text.motion.turning import on_cylinder

_HALF_ROUND_DEG = 180.0
_GAP = 1.05  # the round is this much longer than the line, so that its ends keep apart
_ROW_HEIGHT = 1.2
_MOST_COPIES = 15  # to each side


def text_path(moment: Moment, params: Params, draw: Draw) -> Draw:
    """Letters along an `arc` with its middle up, of `bend` half rounds; around a `circle`; around a ring in space,
    `circle3d`; `tile_rows` fills the canvas with rows of the text. `spin` degrees a turn go round.
    """
    if amounts.at_rest(moment):
        return draw
    match params.get("shape"):
        case "arc":
            return _on_arc(moment, params, draw)
        case "circle":
            return _on_circle(moment, params, draw)
        case "circle3d":
            return _on_ring(moment, params, draw)
        case "tile_rows":
            return _in_rows(moment, draw)
    return draw


def _on_arc(moment: Moment, params: Params, draw: Draw) -> Draw:
    round_rad = math.radians(_HALF_ROUND_DEG) * min(max(number(params, "bend", 0.3), 0.01), 2.0)
    x, (middle_x, middle_y) = moment.box.center[0], moment.block.center
    radius_px = max(moment.block.width, 1.0) / round_rad
    angle = (x - middle_x) / radius_px
    rise_px = radius_px * (1.0 - math.cos(round_rad / 2.0)) / 2.0
    matrix = skia.Matrix.Translate(
        middle_x + radius_px * math.sin(angle), middle_y + radius_px * (1.0 - math.cos(angle)) - rise_px
    )
    matrix.preRotate(math.degrees(angle)).preTranslate(-x, -middle_y)
    return placing.placed(draw, matrix)


def _round_px(moment: Moment) -> float:
    """The radius of a round that holds the text once."""
    return max(moment.block.width * _GAP / (2.0 * math.pi), moment.em_px)


def _on_circle(moment: Moment, params: Params, draw: Draw) -> Draw:
    x, (middle_x, middle_y), line_y = moment.box.center[0], moment.block.center, moment.line.center[1]
    # The innermost line fits its own round; the others lie around it.
    radius_px = _round_px(moment) + (moment.block.height - moment.line.height) / 2.0 + middle_y - line_y
    angle_deg = math.degrees((x - middle_x) / radius_px) + number(params, "spin", 0.0) * moment.p
    matrix = skia.Matrix.Translate(middle_x, middle_y)
    matrix.preRotate(angle_deg).preTranslate(-x, -line_y - radius_px)
    return placing.placed(draw, matrix)


def _on_ring(moment: Moment, params: Params, draw: Draw) -> Draw:
    radius_px = _round_px(moment)
    x, middle_x = moment.box.center[0], moment.block.center[0]
    angle_deg = math.degrees((x - middle_x) / radius_px) + number(params, "spin", 0.0) * moment.p
    ahead = placing.placed(draw, skia.Matrix.Translate(middle_x - x, 0.0))
    return on_cylinder(moment.block, ahead, "y", angle_deg, radius_px, {"persp": 0.3})


def _in_rows(moment: Moment, draw: Draw) -> Draw:
    box, canvas = moment.box, moment.canvas
    step_x, step_y = box.width + moment.em_px, box.height * _ROW_HEIGHT
    if min(step_x, step_y) < 1.0:
        return draw
    across = _copies(box.left, box.right, canvas.left, canvas.right, step_x)
    down = _copies(box.top, box.bottom, canvas.top, canvas.bottom, step_y)
    rows = [
        placing.placed(
            draw, skia.Matrix.Translate((column + (moment.p if row % 2 else -moment.p)) * step_x, row * step_y)
        )
        for row in down
        for column in across
    ]
    return placing.together(rows)


def _copies(near: float, far: float, low: float, high: float, step: float) -> range:
    """Whole steps at which a copy of near…far, moved by less than one step more, may show in low…high."""
    first, last = math.floor((low - far) / step), math.ceil((high - near) / step)
    return range(max(first, -_MOST_COPIES), min(last, _MOST_COPIES) + 1)


FAMILIES: Mapping[str, Family] = {"text_path": text_path}
"""The families of this module."""
