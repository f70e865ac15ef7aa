"""How loud a segment is over time: its volume or volume curve, times its fades."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cutfarm.render.sound.clock import Clock
from cutfarm.render.sound.stream import Stream
from cutfarm.timeline.curves import MAX_GAIN, VOLUME_CURVE, curve_of
from cutfarm.timeline.model import ClipSegment, Keyframe, SoundSegment
from cutfarm.timeline.time import US_PER_SECOND
from kernels import sound as kernel
from kernels.sound import Doubles, Samples
from kernels.sound_curves import Ease, eased

Heard = SoundSegment | ClipSegment
Line = tuple[float, float]  #: the values at both ends of a stretch


@dataclass(frozen=True, slots=True)
class Level:
    """A segment on the way from a file to the mix, and the time of the timeline that it lies on."""

    segment: Heard
    clock: Clock

    def since_start_us(self, first: int, end: int, rate_hz: int) -> Doubles:
        """Microseconds since the segment's start, on its timeline, of the samples [first, end)."""
        times_us = np.arange(first, end, dtype=np.float64) * (US_PER_SECOND / rate_hz)
        return self.clock.all_at(times_us) - self.segment.target.start_us


class KeyedValue:
    """A property over time: a number, or a curve held at both ends, and held to what may be."""

    def __init__(self, segment: Heard, name: str, still: float, low: float, high: float) -> None:
        curve = curve_of(segment, name)
        self._low, self._high = low, high
        self._still = min(max(still, low), high)
        self._keys = curve.keys if curve else ()
        self._places = np.array([key.at_us for key in self._keys], np.float64)

    def line_between(self, first_us: float, last_us: float) -> Line | None:
        """The values at two instants since the segment's start, if it goes straight from one to the other."""
        if not self._keys:
            return self._still, self._still
        edges = sorted((first_us, last_us))
        before, after = np.searchsorted(self._places, edges, side="right").tolist()
        near = self._keys[max(before - 1, 0) : after + 1]
        is_straight = all(key.before is None and key.after is None for key in near)
        is_level = all(key.value == near[0].value for key in near)
        if not is_straight or not (is_level or before == after):
            return None
        values = self.at(np.array(edges))
        is_held = not is_level and any(value in (self._low, self._high) for value in values)
        low, high = values.tolist()
        return None if is_held else (low, high) if first_us <= last_us else (high, low)

    def at(self, since_us: Doubles) -> Doubles:
        """The values (n,) at instants that rise, or fall, throughout."""
        if not self._keys:
            return np.full(since_us.shape, self._still)
        if since_us[0] > since_us[-1]:
            return self.at(since_us[::-1])[::-1]
        values = np.empty_like(since_us)
        edges = np.searchsorted(since_us, self._places, side="left").tolist()
        values[: edges[0]] = self._keys[0].value
        for (left, right), (start, end) in zip(pairwise(self._keys), pairwise(edges), strict=True):
            if start < end:
                values[start:end] = _between(left, right, since_us[start:end])
        values[edges[-1] :] = self._keys[-1].value
        return np.clip(values, self._low, self._high, out=values)


def _between(left: Keyframe, right: Keyframe, at_us: Doubles) -> Doubles:
    span_us, rise = right.at_us - left.at_us, right.value - left.value
    shares = (at_us - left.at_us) / span_us
    if left.after is None and right.before is None:
        return left.value + rise * shares
    after, before = left.after, right.before
    ease = Ease(
        x1=after.dx_us / span_us if after else 0.0,
        y1=after.dy if after else 0.0,
        x2=1.0 + before.dx_us / span_us if before else 1.0,
        y2=rise + before.dy if before else rise,
        end=rise,
    )
    return left.value + eased(shares, ease)


class Loudness:
    """The gain of one level over time."""

    def __init__(self, level: Level, rate_hz: int) -> None:
        segment = level.segment
        self._level, self._rate_hz = level, rate_hz
        self._duration_us, self._fade = segment.target.duration_us, segment.fade
        self._volume = KeyedValue(segment, VOLUME_CURVE, segment.volume, 0.0, MAX_GAIN)

    def between(self, first: int, end: int) -> Doubles | float:
        """Gain of the samples [first, end): one number where neither fade nor curve moves it."""
        level, rate_hz, fade = self._level, self._rate_hz, self._fade
        if level.clock.pace is not None:
            first_us, last_us = (level.since_start_us(place, place + 1, rate_hz)[0] for place in (first, end - 1))
            volume = self._volume.line_between(first_us, last_us)
            faded = kernel.fade_line(first_us, last_us, self._duration_us, fade.in_us, fade.out_us)
            if volume is not None and faded is not None:
                return kernel.product_of_lines(volume, faded, end - first)
        since_us = level.since_start_us(first, end, rate_hz)
        return self._volume.at(since_us) * kernel.fade_gain(since_us, self._duration_us, fade.in_us, fade.out_us)


class Levelled:
    """A stream with the gain of a level, times `more`; its first sample is sample `first` of the timeline."""

    def __init__(self, source: Stream, level: Level, first: int, rate_hz: int, more: float = 1.0) -> None:
        self._source, self._more = source, more
        self._loudness = Loudness(level, rate_hz)
        self._place = first

    def read(self, count: int) -> Samples:
        """The next `count` samples."""
        samples = self._source.read(count)
        gain = self._loudness.between(self._place, self._place + count)
        self._place += count
        return kernel.scaled(samples, gain * self._more)
