"""Which segments of a timeline are heard, when, how fast and how loud; those of compound clips too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard

import numpy as np

from cutfarm.timeline.curves import MAX_GAIN, as_lines, curve_of
from cutfarm.timeline.model import ClipSegment, Compound, PictureSegment, Segment, SoundSegment, Timeline
from cutfarm.timeline.report import Entry, Fidelity
from cutfarm.timeline.time import US_PER_SECOND, round_half_up
from kernels import sound as kernel
from kernels.sound import Doubles

_ROUNDING_US = 4_000  # drafts of tools are off by up to 3 ms

Heard = SoundSegment | ClipSegment


@dataclass(frozen=True, slots=True)
class Level:
    """A segment on the way from a file to the mix, and how its own time runs in that of the whole timeline."""

    segment: Heard
    start_us: Fraction  #: where its own time is 0: where it begins, or would if what holds it did not begin later
    pace: Fraction  #: microseconds of the timeline that it lies on, to one of the whole timeline

    @property
    def end_us(self) -> Fraction:
        """Where it ends, or would if what holds it did not end earlier."""
        return self.start_us + self.segment.target.duration_us / self.pace

    @property
    def speed(self) -> Fraction:
        """The segment's rate; 1 where the ranges differ by rounding alone, so that nothing is stretched for it."""
        rate = self.segment.rate
        return Fraction(1) if abs(rate - 1) * self.segment.target.duration_us <= _ROUNDING_US else rate

    def own_us(self, time_us: Fraction) -> Fraction:
        """Time since the segment's start, on the timeline that it lies on, at a time of the whole timeline."""
        return (time_us - self.start_us) * self.pace

    def source_us(self, time_us: Fraction) -> Fraction:
        """The segment's media time at a time of the whole timeline: forwards and evenly, whatever the picture does."""
        return self.segment.source.start_us + self.own_us(time_us) * self.segment.rate

    def within(self, segment: Heard) -> Level:
        """The level of a segment that lies on the timeline which this one, a compound clip, shows."""
        pace = self.pace * self.segment.rate
        late_us = Fraction(segment.target.start_us - self.segment.source.start_us)
        return Level(segment, self.start_us + late_us / pace, pace)


@dataclass(frozen=True, slots=True)
class Voice:
    """A file that is heard, and the samples of the timeline that it fills."""

    segment: SoundSegment | PictureSegment
    levels: tuple[Level, ...]  #: the segment's own, then those of the compound clips that hold it, innermost first
    first: int
    end: int

    @property
    def speed(self) -> Fraction:
        """Media time to one of the timeline."""
        speed = Fraction(1)
        for level in self.levels:
            speed *= level.speed
        return speed

    @property
    def keep_pitch(self) -> bool:
        """Whether no speed on the way changes the pitch."""
        return all(level.segment.keep_pitch for level in self.levels if level.speed != 1)

    def media_us(self, sample: int, rate_hz: int) -> Fraction:
        """Media time of a sample of the timeline: exact, though the segment may start between two samples."""
        return self.levels[0].source_us(Fraction(sample * US_PER_SECOND, rate_hz))

    def notes(self) -> Iterator[Entry]:
        """What is not heard as the draft means it, and is not the matter of one segment alone."""
        if len({level.segment.keep_pitch for level in self.levels if level.speed != 1}) > 1:
            words = "its pitch follows the speeds of all compound clips around it, though some should keep it"
            message = f"{name_of(self.segment)}: {words}"
            yield Entry(Fidelity.UNSUPPORTED, "speed", message, self.segment.id)


class Loudness:
    """The gain of one level over time: its volume or volume curve, times its fade."""

    def __init__(self, level: Level) -> None:
        segment = level.segment
        self._duration_us, self._fade = segment.target.duration_us, segment.fade
        self._start_us, self._pace = float(level.start_us), float(level.pace)
        curve = curve_of(segment, "KFTypeVolume")
        points = [(0.0, segment.volume)] if curve is None else as_lines(curve)
        self._points = np.array([at for at, _ in points], np.float64)
        self._gains = np.array([gain for _, gain in points], np.float64).clip(0.0, MAX_GAIN)

    def between(self, first: int, end: int, us_per_sample: float) -> Doubles | float:
        """Gain of the samples [first, end): one number where neither fade nor curve moves it."""
        first_us = (first * us_per_sample - self._start_us) * self._pace
        end_us = (end * us_per_sample - self._start_us) * self._pace
        fade = self._fade
        is_fading = first_us < fade.in_us or (fade.out_us > 0 and end_us > self._duration_us - fade.out_us)
        if len(self._points) == 1 and not is_fading:
            return float(self._gains[0])
        at_us = (np.arange(first, end, dtype=np.float64) * us_per_sample - self._start_us) * self._pace
        gain = kernel.fade_gain(at_us, self._duration_us, fade.in_us, fade.out_us)
        return gain * kernel.piecewise_linear(at_us, self._points, self._gains)


def voices(timeline: Timeline, rate_hz: int) -> list[Voice]:
    """Every file that is heard, by first sample. Touching segments touch in samples."""
    found = [
        Voice(levels[0].segment, levels, sample_of(start_us, rate_hz), sample_of(end_us, rate_hz))
        for levels, start_us, end_us in _heard(timeline, ())
        if isinstance(levels[0].segment, SoundSegment | PictureSegment)
    ]
    return sorted((voice for voice in found if voice.first < voice.end), key=lambda voice: voice.first)


def sample_of(time_us: Fraction | int, rate_hz: int) -> int:
    """The sample nearest to a time; halves go up."""
    return round_half_up(Fraction(time_us) * rate_hz / US_PER_SECOND)


def name_of(segment: Heard) -> str:
    """What reports call it."""
    name = segment.name if isinstance(segment, ClipSegment) else segment.material.name or segment.material.id
    return f"{name} in segment {segment.id}"


_Chain = tuple[Level, ...]  # innermost first


def _heard(timeline: Timeline, above: _Chain) -> Iterator[tuple[_Chain, Fraction, Fraction]]:
    """The chain of each segment that is heard and shows a file, and from when to when it is."""
    for track in timeline.tracks:
        if track.is_muted or track.is_hidden:
            continue
        for segment in track.segments:
            if not _is_heard(segment):
                continue
            start_us = Fraction(segment.target.start_us)
            levels = (above[0].within(segment) if above else Level(segment, start_us, Fraction(1)), *above)
            first_us, end_us = max(one.start_us for one in levels), min(one.end_us for one in levels)
            if first_us >= end_us:
                continue
            if isinstance(segment, ClipSegment) and isinstance(segment.material, Compound):
                yield from _heard(segment.material.timeline, levels)
            else:
                yield levels, first_us, end_us


def _is_heard(segment: Segment) -> TypeGuard[Heard]:
    if not segment.is_visible:
        return False
    match segment:
        case SoundSegment():
            pass
        case ClipSegment(material=Compound(has_audio=True)):
            pass
        case PictureSegment(material=material) if material.kind == "video" and material.has_audio:
            pass
        case _:
            return False
    curve = curve_of(segment, "KFTypeVolume")
    return any(key.value > 0 for key in curve.keys) if curve else segment.volume > 0
