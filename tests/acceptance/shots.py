"""Frames drawn from a draft's JSON, and what can be measured in them: edges and corners to a fraction of a pixel."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, planes_of
from cutfarm.render.frame import Compositor
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.reader import read_timeline
from tests.acceptance.colours import Rgb, codes, rgb_of
from tests.acceptance.oracle import SQUARE, Place, Point
from tests.media.film import number_in
from tests.render.scene import assets, output

Array = NDArray[np.float64]
REACH_PX = 4.0  #: how far from where an edge should be it is looked for

#: Of the four quarters of `mark`, clockwise from the upper left: all brighter than black, no two alike.
QUARTERS: tuple[tuple[int, int, int], ...] = ((200, 80, 60), (60, 190, 90), (230, 220, 120), (70, 90, 220))


@dataclass(frozen=True)
class Shot:
    """A frame's planes as float64 code values."""

    y: Array
    u: Array
    v: Array

    def level(self, x: float, y: float) -> float:
        """Luma at a point of the picture, between its samples on straight lines."""
        row = min(max(y - 0.5, 0.0), self.y.shape[0] - 1.001)
        column = min(max(x - 0.5, 0.0), self.y.shape[1] - 1.001)
        top, left = int(row), int(column)
        down, across = row - top, column - left
        upper = self.y[top, left] * (1 - across) + self.y[top, left + 1] * across
        lower = self.y[top + 1, left] * (1 - across) + self.y[top + 1, left + 1] * across
        return float(upper * (1 - down) + lower * down)

    def codes_at(self, at: Point) -> Rgb:
        """Y, Cb, Cr at a point of an even area."""
        column, row = int(at[0]), int(at[1])
        return self.y[row, column], self.u[row // 2, column // 2], self.v[row // 2, column // 2]

    def rgb_at(self, at: Point) -> Rgb:
        """8-bit RGB at a point of an even area, not clamped."""
        red, green, blue = rgb_of(*self.codes_at(at))
        return 255 * red, 255 * green, 255 * blue

    def shows(self, at: Point, rgb: Sequence[float], *, within: float = 2.0) -> bool:
        """Whether a point of an even area has the 8-bit colour, each code value to `within`."""
        wanted = codes((rgb[0] / 255, rgb[1] / 255, rgb[2] / 255))
        return all(abs(one - other) <= within for one, other in zip(self.codes_at(at), wanted, strict=True))

    def number(self) -> int:
        """The number that a film of `tests.media.film` shows in the whole frame."""
        return number_in(self.y.astype(np.uint8))


def timeline_of(raw: dict[str, Any]) -> Timeline:
    """The draft as it would be read from its file."""
    return read_timeline(json.loads(json.dumps(raw)))


def draw(
    raw: dict[str, Any],
    frames: Iterable[int] = (0,),
    size_px: tuple[int, int] = (320, 180),
    *,
    painter: type[Compositor] = Compositor,
    device: str = "cpu",
) -> list[Shot]:
    """Frames of a draft, asked for in this order."""
    whole = timeline_of(raw)
    with painter(whole, assets(whole), output(*size_px, fps=whole.fps), device=device) as compositor:
        return [shot_of(compositor.frame(number)) for number in frames]


def crossing(shot: Shot, at: Point, outwards: Point, reach_px: float = REACH_PX) -> float:
    """How many pixels further outwards than `at` luma is half way from what it is inside to what it is outside."""
    ways = np.linspace(-reach_px, reach_px, 161)
    levels = [shot.level(at[0] + way * outwards[0], at[1] + way * outwards[1]) for way in ways]
    assert abs(levels[0] - levels[-1]) > 20, f"no edge at {at}: {levels[0]:.0f} inside, {levels[-1]:.0f} outside"
    half = (levels[0] + levels[-1]) / 2
    found = [
        way + (after - way) * (half - one) / (other - one)
        for (way, after), (one, other) in zip(pairwise(ways), pairwise(levels), strict=True)
        if (one - half) * (other - half) <= 0 and one != other
    ]
    return float(min(found, key=abs))


def corners_found(shot: Shot, place: Place, reach_px: float = REACH_PX) -> Array:
    """The corners of what lies at `place`: where lines through the edges found near its sides meet."""
    wanted = np.array([place(u, v) for u, v in SQUARE])
    middle = wanted.mean(axis=0)
    lines = []
    for start, end in zip(wanted, np.roll(wanted, -1, axis=0), strict=True):
        along = (end - start) / np.linalg.norm(end - start)
        outwards = np.array((along[1], -along[0]))
        outwards *= np.sign(outwards @ (start - middle))
        sides = [start + part * (end - start) for part in np.linspace(0.2, 0.8, 13)]
        points = np.array([side + crossing(shot, tuple(side), tuple(outwards), reach_px) * outwards for side in sides])
        lines.append(_line(points))
    return np.array([_meeting(lines[number - 1], lines[number]) for number in range(4)])


def corners_error(shot: Shot, place: Place, reach_px: float = REACH_PX) -> float:
    """Pixels between where the corners are and where they should be, at worst."""
    wanted = np.array([place(u, v) for u, v in SQUARE])
    return float(np.linalg.norm(corners_found(shot, place, reach_px) - wanted, axis=1).max())


def mark(path: Path, size_px: tuple[int, int]) -> Path:
    """A photo of four quarters in `QUARTERS`."""
    width, height = size_px
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[: height // 2, : width // 2], rgb[: height // 2, width // 2 :] = QUARTERS[0], QUARTERS[1]
    rgb[height // 2 :, width // 2 :], rgb[height // 2 :, : width // 2] = QUARTERS[2], QUARTERS[3]
    Image.fromarray(rgb).save(path)
    return path


def shot_of(picture: Picture | Planes) -> Shot:
    """A frame that was drawn elsewhere."""
    planes = planes_of(picture) if isinstance(picture, Picture) else picture
    return Shot(*(plane.cpu().numpy().astype(np.float64) for plane in planes))


def _line(points: Array) -> tuple[Array, Array]:
    """A point and the direction of the line nearest to all points."""
    middle = points.mean(axis=0)
    return middle, np.linalg.svd(points - middle)[2][0]


def _meeting(first: tuple[Array, Array], second: tuple[Array, Array]) -> Array:
    ways = np.linalg.solve(np.column_stack((first[1], -second[1])), second[0] - first[0])
    found: Array = first[0] + ways[0] * first[1]
    return found
