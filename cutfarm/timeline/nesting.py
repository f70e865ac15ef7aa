"""Compound clips as part of a timeline: what lies in them, and at which of their own frames they are seen."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer, LayerStack, only_segments
from cutfarm.timeline.model import (
    ClipSegment,
    Compound,
    ImageBackground,
    MediaSegment,
    PictureSegment,
    Segment,
    TextSegment,
    Timeline,
)
from cutfarm.timeline.report import Report
from cutfarm.timeline.text_files import font_paths, textures
from cutfarm.timeline.time import frame_of, round_half_up, time_of

_FINEST = 10  # frames for one of the output: the slowest speed of the format is a tenth
_MOST_FPS = 10_000  # far from the microseconds in which lengths are given
_HARDLY = Fraction(1, 100)  # a speed so near to a whole part of 1 comes from lengths in whole microseconds
_TIE_US = 2  # times in drafts are rounded to microseconds: nearer to the middle than this counts as the middle


@dataclass(frozen=True, slots=True)
class InnerClock:
    """The frames of a compound clip's own timeline."""

    fps: Fraction
    count: int  #: frames, at least one
    is_reversed: bool  #: a frame is shown from its end to its start

    def frame_at(self, time_us: Fraction) -> int:
        """The frame nearest to a time, the later one at a tie; the first one is held before, the last one after."""
        number = frame_of(time_us + _TIE_US, self.fps) - (1 if self.is_reversed else 0)
        return min(max(number, 0), self.count - 1)


def inner_clock(segment: ClipSegment, inner: Timeline, fps: Fraction) -> InnerClock:
    """The clock of the compound clip `segment`, which shows `inner`, in an output of `fps`.

    It ticks a whole number of times as often as the output: once, or so often that slow motion shows no frame twice.
    """
    slowest = min([segment.rate, *(Fraction(point.speed) for point in segment.speed_points)])
    wanted = math.ceil(1 / slowest - _HARDLY) if slowest > 0 else _FINEST
    finer = max(min(wanted, _FINEST, int(_MOST_FPS / fps)), 1)
    return InnerClock(fps * finer, max(frame_of(inner.duration_us, fps * finer), 1), segment.is_reversed)


def all_segments(timeline: Timeline) -> Iterator[Segment]:
    """All segments; those of a compound clip come directly after it."""
    for track in timeline.tracks:
        for segment in track.segments:
            yield segment
            inner = inner_of(segment)
            if inner is not None:
                yield from all_segments(inner)


def inner_of(segment: Segment) -> Timeline | None:
    """The timeline that a segment shows, if it is a compound clip."""
    if isinstance(segment, ClipSegment) and isinstance(segment.material, Compound):
        return segment.material.timeline
    return None


def with_inner(segment: ClipSegment, inner: Timeline) -> ClipSegment:
    """The compound clip with another timeline."""
    assert isinstance(segment.material, Compound)
    return replace(segment, material=replace(segment.material, timeline=inner))


def shown_paths(timeline: Timeline) -> frozenset[str]:
    """The files, as the draft says them, that any of the segments shows."""
    paths = set()
    for segment in all_segments(timeline):
        if isinstance(segment, PictureSegment):
            paths.add(segment.material.path)
        if isinstance(segment, ClipSegment) and isinstance(segment.background, ImageBackground):
            paths.add(segment.background.path)
        if isinstance(segment, ClipSegment) and segment.mask is not None and segment.mask.text is not None:
            paths.add(segment.mask.text.font_path)
        if isinstance(segment, TextSegment):
            paths.update(font_paths(segment.text), (texture.path for texture in textures(segment.text)))
    return frozenset(paths)


def shown_part(timeline: Timeline, stack: LayerStack, frames: range) -> Timeline:
    """The timeline with nothing but the segments that `frames` of `stack` show, those of compound clips too.

    It gives the same layers for these frames. Neither reports nor what the draft was read from is part of it.
    """
    part = only_segments(timeline, stack.segments(frames))
    tracks = tuple(
        replace(track, segments=tuple(_shown_segment(segment, stack, frames) for segment in track.segments))
        if any(inner_of(segment) for segment in track.segments)
        else track
        for track in part.tracks
    )
    return replace(part, tracks=tracks, report=Report(), origin={})


def heard_part(timeline: Timeline) -> Timeline:
    """The timeline with nothing but the segments that may be heard, those of compound clips too."""
    tracks = tuple(
        replace(
            track,
            segments=tuple(_heard_segment(segment) for segment in track.segments if isinstance(segment, MediaSegment)),
        )
        for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks, report=Report(), origin={})


def _heard_segment(segment: MediaSegment) -> MediaSegment:
    inner = inner_of(segment)
    return segment if inner is None or not isinstance(segment, ClipSegment) else with_inner(segment, heard_part(inner))


def _shown_segment(segment: Segment, stack: LayerStack, frames: range) -> Segment:
    inner = inner_of(segment)
    if inner is None or not isinstance(segment, ClipSegment):
        return segment
    clock = inner_clock(segment, inner, stack.fps)
    first, last = (clock.frame_at(time_us) for time_us in _shown_times(segment, stack, frames))
    part = shown_part(inner, LayerStack(inner, clock.fps), range(first, last + 1))
    # What comes after the last frame is not shown, so that it is no matter whether there is any.
    return with_inner(segment, replace(part, duration_us=round_half_up(time_of(last + 1, clock.fps))))


def _shown_times(segment: ClipSegment, stack: LayerStack, frames: range) -> tuple[Fraction, Fraction]:
    """The first and the last of the segment's own times that `frames` show."""
    edges = sorted({frames.start, frames.stop, *(edge for edge in stack.changes() if edge in frames)})
    runs = [range(*run) for run in pairwise(edges) if segment.id in stack.segments(range(*run))]
    times_us = sorted(_shown_time(segment, stack, frame) for frame in (runs[0].start, runs[-1].stop - 1))
    return times_us[0], times_us[1]


def _shown_time(segment: ClipSegment, stack: LayerStack, frame: int) -> Fraction:
    clips = (clip for layer in stack.at(frame) for clip in _sides(layer) if isinstance(clip, ClipLayer))
    return next(clip.source_us for clip in clips if clip.segment.id == segment.id)


def _sides(layer: Layer) -> tuple[Layer, ...]:
    return (layer.outgoing, layer.incoming) if isinstance(layer, DissolveLayer) else (layer,)
