"""Time within drafts and files as a function of the whole timeline's: speeds, speed curves and reversals composed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from cutfarm.timeline.model import MediaSegment
from cutfarm.timeline.pace import Pace, pace_of
from kernels.sound import Doubles

_ROUNDING_US = 4_000  # drafts of tools are off by up to 3 ms


@dataclass(frozen=True, slots=True)
class Straight:
    """An even way from one time to another."""

    offset_us: Fraction  #: where the outer time is 0
    pace: Fraction  #: microseconds to one of the outer time; below 0 backwards, never 0

    def at(self, outer_us: Fraction) -> Fraction:
        """The inner time."""
        return self.offset_us + outer_us * self.pace

    def when(self, inner_us: Fraction) -> Fraction:
        """The outer time: the inverse of `at`."""
        return (inner_us - self.offset_us) / self.pace

    def all_at(self, outer_us: Doubles) -> Doubles:
        """The inner times (n,), microseconds."""
        return float(self.offset_us) + outer_us * float(self.pace)

    def after(self, outer: Straight) -> Straight:
        """Both ways in one, `outer` first."""
        return Straight(self.offset_us + outer.offset_us * self.pace, outer.pace * self.pace)


@dataclass(frozen=True, slots=True)
class Curved:
    """The way through a segment with a speed curve; before its start and after its end it goes on at the mean speed."""

    target_start_us: int
    target_us: int
    source_start_us: int  #: where the outer time is `target_start_us`: its end, if it runs backwards
    source_us: int  #: below 0 backwards
    pace: Pace

    def at(self, outer_us: Fraction) -> Fraction:
        """The inner time."""
        way = self.pace.way_at((outer_us - self.target_start_us) / self.target_us)
        return self.source_start_us + self.source_us * Fraction(way)

    def when(self, inner_us: Fraction) -> Fraction:
        """The outer time: the inverse of `at`."""
        time = self.pace.time_at((inner_us - self.source_start_us) / self.source_us)
        return self.target_start_us + self.target_us * Fraction(time)

    def all_at(self, outer_us: Doubles) -> Doubles:
        """The inner times (n,), microseconds."""
        return self.source_start_us + self.source_us * _ways(
            self.pace, (outer_us - self.target_start_us) / self.target_us
        )


@dataclass(frozen=True, slots=True)
class Clock:
    """A time that the whole timeline's decides; each step leads one draft further in, the last one into a file."""

    steps: tuple[Straight | Curved, ...] = ()  #: outermost first; no two straight ones follow each other

    @property
    def pace(self) -> Fraction | None:
        """Microseconds to one of the whole timeline's, below 0 backwards; None where that varies."""
        match self.steps:
            case ():
                return Fraction(1)
            case (Straight(pace=pace),):
                return pace
            case _:
                return None

    @property
    def is_backwards(self) -> bool:
        """Whether it runs against the timeline's time."""
        return sum((step.pace if isinstance(step, Straight) else step.source_us) < 0 for step in self.steps) % 2 == 1

    def at(self, time_us: Fraction) -> Fraction:
        """Its time at one of the whole timeline, microseconds."""
        for step in self.steps:
            time_us = step.at(time_us)
        return time_us

    def when(self, own_us: Fraction | int) -> Fraction:
        """The whole timeline's time at one of its own."""
        time_us = Fraction(own_us)
        for step in reversed(self.steps):
            time_us = step.when(time_us)
        return time_us

    def all_at(self, times_us: Doubles) -> Doubles:
        """Its times (n,) at those of the whole timeline, microseconds."""
        for step in self.steps:
            times_us = step.all_at(times_us)
        return times_us

    def within(self, segment: MediaSegment) -> Clock:
        """The time of what `segment` shows, which lies on a timeline of this time."""
        step = _step(segment)
        if self.steps and isinstance(last := self.steps[-1], Straight) and isinstance(step, Straight):
            return Clock((*self.steps[:-1], step.after(last)))
        return Clock((*self.steps, step))


def _step(segment: MediaSegment) -> Straight | Curved:
    target, source = segment.target, segment.source
    sign = -1 if segment.is_reversed else 1
    start_us = source.end_us if segment.is_reversed else source.start_us
    if segment.speed_points:
        pace = pace_of(segment.speed_points)
        return Curved(target.start_us, target.duration_us, start_us, sign * source.duration_us, pace)
    speed = sign * speed_of(segment)
    return Straight(start_us - target.start_us * speed, speed)


def speed_of(segment: MediaSegment) -> Fraction:
    """The segment's rate; 1 where the ranges differ by rounding alone, so that nothing is stretched for it."""
    rate = segment.rate
    return Fraction(1) if abs(rate - 1) * segment.target.duration_us <= _ROUNDING_US else rate


def _ways(pace: Pace, times: Doubles) -> Doubles:
    """`Pace.way_at` of (n,) parts of the target, parts of the source."""
    knots, speeds, ways = (np.array(row, np.float64) for row in (pace.times, pace.speeds, pace.ways))
    knot = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
    spans = np.diff(knots)
    gains = np.divide(np.diff(speeds), spans, out=np.zeros_like(spans), where=spans > 0)
    after = times - knots[knot]
    inside = ways[knot] + after * (speeds[knot] + gains[knot] * after / 2.0)
    return np.where((times > 0) & (times < 1), inside, times)
