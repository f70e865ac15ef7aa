"""The family that breaks a drawing into shards."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import skia

from cutfarm.text.motion import amounts, layers
from cutfarm.text.motion.chance import chance, spread
from cutfarm.text.motion.moment import Draw, Family, Moment, Params, Tint

_MOST_CELLS = 120
_JITTER = 0.35
_TURN = 2.5

Point = tuple[float, float]


def shatter(moment: Moment, params: Params, draw: Draw) -> Draw:
    """`cells` shards that `fly` apart from the middle, or `fall`, turning and fading; `crack` fades alone."""
    if amounts.at_rest(moment):
        return draw
    far = amounts.away(moment, params)
    alpha = 1.0 - far**4
    if params.get("mode") == "crack" or alpha <= 0.0:
        return layers.faded(draw, alpha)
    cells = amounts.whole(params, "cells", 40, _MOST_CELLS)
    falls = params.get("mode", "fly") == "fall"

    def drawn(canvas: Any, tint: Tint) -> None:
        picture = layers.recorded(draw)
        if picture is None:
            return
        ink = _shared_ink(moment, picture.cullRect())
        paint = layers.paint_of(tint.faded(alpha), Shader=layers.tile(picture, ink))
        canvas.drawVertices(_shards(moment, ink, cells, far, falls), paint, skia.BlendMode.kDst)

    return drawn


def _shared_ink(moment: Moment, ink: Any) -> Any:
    """Where the shards lie: the same for all parts of a unit, unless one's ink goes far beyond its advances."""
    room_px = 0.3 * moment.em_px
    box = layers.around(moment.box, ink.makeInset(room_px, room_px))
    rect = skia.Rect.MakeLTRB(box.left, box.top, box.right, box.bottom).makeOutset(room_px, room_px)
    return skia.Rect.Make(rect.roundOut())


def _shards(moment: Moment, ink: Any, cells: int, far: float, falls: bool) -> Any:
    """The shards where they are, each made of two triangles that show their part of the drawing."""
    columns = min(max(round(math.sqrt(cells * ink.width() / ink.height())), 1), cells)
    rows = max(round(cells / columns), 1)
    places: list[Any] = []
    shown: list[Any] = []
    for row in range(rows):
        for column in range(columns):
            corners = [
                _corner(moment, ink, column + i, row + j, columns, rows) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))
            ]
            thrown = _thrown(moment, ink, corners, row * columns + column, far, falls)
            for triangle in ((0, 1, 2), (0, 2, 3)):
                shown += [skia.Point(*corners[k]) for k in triangle]
                places += [skia.Point(*thrown[k]) for k in triangle]
    return skia.Vertices(skia.Vertices.kTriangles_VertexMode, places, shown)


def _corner(moment: Moment, ink: Any, column: int, row: int, columns: int, rows: int) -> Point:
    """A corner of the grid of shards, jittered unless it lies on the rim."""
    x, y = float(column), float(row)
    cell = row * (columns + 1) + column
    if 0 < column < columns:
        x += _JITTER * spread(moment.seed + moment.index, cell, 21)
    if 0 < row < rows:
        y += _JITTER * spread(moment.seed + moment.index, cell, 22)
    return ink.left() + ink.width() * x / columns, ink.top() + ink.height() * y / rows


def _thrown(moment: Moment, ink: Any, corners: list[Point], shard: int, far: float, falls: bool) -> list[Point]:
    """The corners of a shard on its way: `far` 1 is where it is lost from sight."""
    seed = moment.seed + moment.index
    x, y = sum(x for x, _ in corners) / 4.0, sum(y for _, y in corners) / 4.0
    pace = amounts.FRAME_EM * moment.em_px * (0.4 + 0.6 * chance(seed, shard, 23))
    if falls:
        dx, dy = 0.12 * pace * far * spread(seed, shard, 24), 0.6 * pace * far * far
    else:
        away_x, away_y = x - ink.centerX(), y - ink.centerY()
        length = max(math.hypot(away_x, away_y), 1.0)
        dx, dy = 0.5 * pace * far * away_x / length, 0.5 * pace * far * away_y / length
        dy += 0.1 * pace * far * spread(seed, shard, 25)
    angle = _TURN * far * spread(seed, shard, 26)
    cos, sin = math.cos(angle), math.sin(angle)
    return [(x + dx + cos * (px - x) - sin * (py - y), y + dy + sin * (px - x) + cos * (py - y)) for px, py in corners]


FAMILIES: Mapping[str, Family] = {"shatter": shatter}
"""Shards by the name of their family."""
