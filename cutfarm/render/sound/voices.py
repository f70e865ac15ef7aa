"""Which segments of a timeline are heard, when and by which clock; those of compound clips too."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from cutfarm.render.sound.clock import Clock, speed_of
from cutfarm.render.sound.levels import Heard, Level
from cutfarm.render.sound.treatment import tail_s
from cutfarm.timeline.audible import is_audible
from cutfarm.timeline.model import ClipSegment, Compound, PictureSegment, Segment, SoundSegment, Timeline
from cutfarm.timeline.report import Entry, Fidelity
from cutfarm.timeline.time import US_PER_SECOND, round_half_up

_LONGEST_NAME = 200  # characters of what a draft calls a thing, in messages about it


@dataclass(frozen=True, slots=True)
class Voice:
    """A file that is heard, and the samples of the timeline that it fills."""

    segment: Heard  #: a compound clip only where a file was made of its sound
    levels: tuple[Level, ...]  #: the segment's own, then those of the compound clips that hold it, innermost first
    first: int
    end: int
    rings_until: int  #: its end, or later where an effect rings on until the next clip begins

    @property
    def path(self) -> str:
        """The file, as the draft says it."""
        return path_of(self.segment)

    @property
    def clock(self) -> Clock:
        """The time of the segment's own file."""
        return self.levels[0].clock.within(self.segment)

    @property
    def keep_pitch(self) -> bool:
        """Whether no speed on the way changes the pitch."""
        return all(level.segment.keep_pitch for level in self.levels if _is_paced(level.segment))

    @property
    def is_evenly_read(self) -> bool:
        """Whether its file is read at one speed that its pitch follows, or at its own."""
        pace = self.clock.pace
        return pace is not None and (abs(pace) == 1 or not self.keep_pitch)

    def file_us(self, sample: int, rate_hz: int) -> Fraction:
        """Time in the file of a sample of the timeline: exact, though the segment may start between two samples."""
        heard = self.segment.treatment.heard
        return self.clock.at(Fraction(sample * US_PER_SECOND, rate_hz)) - (heard.start_us if heard else 0)

    def notes(self) -> Iterator[Entry]:
        """What is not heard as the draft means it, and is not the matter of one segment alone."""
        if len({level.segment.keep_pitch for level in self.levels if _is_paced(level.segment)}) > 1:
            words = "its pitch follows the speeds of all compound clips around it, though some should keep it"
            message = f"{name_of(self.segment)}: {words}"
            yield Entry(Fidelity.UNSUPPORTED, "speed", message, self.segment.id)


def voices(timeline: Timeline, rate_hz: int) -> list[Voice]:
    """Every file that is heard, by first sample. Touching segments touch in samples."""
    found = []
    for levels, edges_us in _heard(timeline, (), Clock(), _ALWAYS_US):
        first, end, free_until = (sample_of(edge_us, rate_hz) for edge_us in edges_us)
        ringing = round(tail_s([level.segment for level in levels]) * rate_hz)
        found.append(Voice(levels[0].segment, levels, first, end, min(end + ringing, free_until)))
    return sorted((voice for voice in found if voice.first < voice.end), key=lambda voice: voice.first)


def sample_of(time_us: Fraction | int, rate_hz: int) -> int:
    """The sample nearest to a time; halves go up."""
    return round_half_up(Fraction(time_us) * rate_hz / US_PER_SECOND)


def path_of(segment: Heard) -> str:
    """The file that is heard, as the draft says it: the segment's own, or one that was made of its sound."""
    if segment.treatment.heard is not None:
        return segment.treatment.heard.path
    assert isinstance(segment, SoundSegment | PictureSegment), "what shows no file is not audible"
    return segment.material.path


def name_of(segment: Heard) -> str:
    """What reports call it."""
    name = segment.name if isinstance(segment, ClipSegment) else segment.material.name or segment.material.id
    return f"{_short(name)} in segment {_short(segment.id)}"


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST_NAME else f"{words[:_LONGEST_NAME]}…"


_Levels = tuple[Level, ...]  # innermost first
_Edges = tuple[Fraction, Fraction, Fraction]  # start, end, and until when it may ring on; of the whole timeline
_ALWAYS_US: _Edges = (Fraction(-(10**15)), Fraction(10**15), Fraction(10**15))


def _heard(timeline: Timeline, above: _Levels, clock: Clock, within_us: _Edges) -> Iterator[tuple[_Levels, _Edges]]:
    """The levels of each segment that is heard and shows a file, and from when to when it is.

    `clock` is the timeline's own time, `above` are the compound clips that hold it, and `within_us` is their part.
    """
    for track in timeline.tracks:
        if track.is_muted or track.is_hidden:
            continue
        starts_us = [segment.target.start_us for segment in track.segments if segment.is_visible]
        starts_us.append(timeline.duration_us)
        for segment in track.segments:
            if not is_audible(segment):
                continue
            levels = (Level(segment, clock), *above)
            next_us = starts_us[min(bisect_left(starts_us, segment.target.end_us), len(starts_us) - 1)]
            edges_us = _edges(segment, max(next_us, segment.target.end_us), clock, within_us)
            if edges_us[0] >= edges_us[1]:
                continue
            if isinstance(segment.material, Compound) and segment.treatment.heard is None:
                yield from _heard(segment.material.timeline, levels, clock.within(segment), edges_us)
            else:
                yield levels, edges_us


def _edges(segment: Segment, next_us: int, clock: Clock, within_us: _Edges) -> _Edges:
    """When the segment is heard, and until when it may ring on; backwards its end comes first, and nothing rings on."""
    times_us = [clock.when(place_us) for place_us in (segment.target.start_us, segment.target.end_us, next_us)]
    if clock.is_backwards:
        times_us = [times_us[1], times_us[0], times_us[0]]
    start_us, end_us, free_us = times_us
    end_us = min(end_us, within_us[1])
    return max(start_us, within_us[0]), end_us, max(min(free_us, within_us[1]), end_us)


def _is_paced(segment: Heard) -> bool:
    """Whether the segment's speed could change a pitch."""
    return bool(segment.speed_points) or speed_of(segment) != 1
