"""How far a clip with a speed curve has played: the rule of the format's §4, as tables that are made once."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cutfarm.timeline.model import SpeedPoint

# Between two points the speed is an S of three straight lines with knots so far from the middle, in parts of the span,
# and with so much of the difference of speeds to each side of the mean.
_KNOT_PART = 0.2951
_KNOT_RISE = 0.4


@dataclass(frozen=True, slots=True)
class Pace:
    """The way through the source as a function of the way through the target, both in parts of the whole.

    The speed is continuous and straight between knots, so the way is a parabola there, and its error below 1e-9. Before
    the start and after the end it goes on at the mean speed.
    """

    times: tuple[float, ...]  #: of the knots, 0…1 ascending
    speeds: tuple[float, ...]  #: at the knots, in means of the whole
    ways: tuple[float, ...]  #: played by then, 0…1 ascending

    def way_at(self, time: Fraction | float) -> Fraction | float:
        """Part of the source range that is played at `time`."""
        if not 0 < time < 1:
            return time
        place = float(time)
        knot = min(bisect_right(self.times, place), len(self.times) - 1) - 1
        after = place - self.times[knot]
        return self.ways[knot] + after * (self.speeds[knot] + self._gain(knot) * after / 2.0)

    def time_at(self, way: Fraction | float) -> Fraction | float:
        """When the part `way` of the source range is played: the inverse of `way_at`."""
        if not 0 < way < 1:
            return way
        place = float(way)
        knot = min(bisect_right(self.ways, place), len(self.ways) - 1) - 1
        left, speed = place - self.ways[knot], self.speeds[knot]
        root = math.sqrt(max(speed * speed + 2.0 * self._gain(knot) * left, 0.0))
        return min(self.times[knot] + 2.0 * left / (speed + root), 1.0)

    def _gain(self, knot: int) -> float:
        """Speed gained in the time after `knot`."""
        span = self.times[knot + 1] - self.times[knot]
        return (self.speeds[knot + 1] - self.speeds[knot]) / span if span else 0.0


@lru_cache(maxsize=1024)
def pace_of(points: tuple[SpeedPoint, ...]) -> Pace:
    """The pace of a speed curve: at least two points from 0 to 1, ascending, speeds above 0."""
    spans = [(right.at - left.at) * 2.0 / (left.speed + right.speed) for left, right in pairwise(points)]
    total = sum(spans)
    edges = [0.0, *accumulate(span / total for span in spans[:-1]), 1.0]
    knots = [(0.0, points[0].speed * total)]
    for (start, end), (left, right) in zip(pairwise(edges), pairwise(points), strict=True):
        knots += _inner_knots(start, end, left.speed * total, right.speed * total)
    times, speeds = zip(*knots, strict=True)
    return Pace(times, speeds, tuple(_ways(times, speeds)))


def mean_speed(points: Sequence[SpeedPoint]) -> float:
    """The source's length over the target's that the points ask for."""
    return 1.0 / sum((right.at - left.at) * 2.0 / (left.speed + right.speed) for left, right in pairwise(points))


def _inner_knots(start: float, end: float, before: float, after: float) -> Iterator[tuple[float, float]]:
    middle, mean = (start + end) / 2.0, (before + after) / 2.0
    shift, rise = _KNOT_PART * (end - start), _KNOT_RISE * (after - before)
    yield middle - shift, mean - rise
    yield middle + shift, mean + rise
    yield end, after


def _ways(times: Sequence[float], speeds: Sequence[float]) -> Iterator[float]:
    areas = [
        (right - left) * (before + after) / 2.0
        for (left, right), (before, after) in zip(pairwise(times), pairwise(speeds), strict=True)
    ]
    yield from accumulate(areas[:-1], initial=0.0)
    yield 1.0
