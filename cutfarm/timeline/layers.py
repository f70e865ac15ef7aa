"""What is on the canvas at a frame, bottom to top: a pure function of (timeline, frame number)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain, pairwise

from cutfarm.timeline.curves import chroma_key_at, mask_at, text_at, transform_at
from cutfarm.timeline.model import (
    ChromaKey,
    ClipSegment,
    Compound,
    Mask,
    Segment,
    TextSegment,
    Timeline,
    Track,
    Transform,
)
from cutfarm.timeline.text import TextBlock
from cutfarm.timeline.time import US_PER_SECOND, frame_of, time_of


@dataclass(frozen=True, slots=True)
class ClipLayer:
    """One clip at one instant."""

    segment: ClipSegment
    source_us: Fraction  #: media time shown; before the first or after the last frame that frame is held
    transform: Transform
    mask: Mask | None = None  #: at this instant, without curves
    chroma_key: ChromaKey | None = None  #: at this instant

    @property
    def is_plain(self) -> bool:
        """Whether its picture is laid over what is below as it is, but for its opacity."""
        return self.mask is None and self.chroma_key is None and self.segment.blend is None


@dataclass(frozen=True, slots=True)
class TextLayer:
    """One caption at one instant."""

    segment: TextSegment
    transform: Transform
    text: TextBlock  #: at this instant
    at_us: Fraction = Fraction(0)  #: since the segment's start, which its animations play by


@dataclass(frozen=True, slots=True)
class DissolveLayer:
    """Two clips of a track in the middle of their transition."""

    outgoing: ClipLayer
    incoming: ClipLayer
    progress: float  #: 0 the outgoing clip alone … 1 the incoming clip alone


Layer = ClipLayer | TextLayer | DissolveLayer


@dataclass(frozen=True, slots=True)
class _Window:
    """Frames in which a segment, or a transition into `incoming`, is on the canvas."""

    frames: range
    order: tuple[int, int]
    segment: ClipSegment | TextSegment
    incoming: ClipSegment | None = None
    start_us: Fraction = Fraction(0)  #: of the transition
    duration_us: Fraction = Fraction(1)

    @property
    def segment_ids(self) -> frozenset[str]:
        """Whom it shows."""
        return frozenset(segment.id for segment in (self.segment, self.incoming) if segment is not None)


class LayerStack:
    """The layers of a timeline at an output frame rate, ready to be asked frame by frame.

    What it costs to ask does not grow with the timeline: runs of frames with the same layers are worked out once.
    """

    def __init__(self, timeline: Timeline, fps: Fraction) -> None:
        self._fps = fps
        by_track = timeline.layers_by_track and any(track.layer_index for track in timeline.tracks)
        windows = [
            window
            for track in timeline.tracks
            if track.kind in {"video", "text", "sticker"} and not track.is_hidden
            for window in _track_windows(track, fps, by_track)
        ]
        self._edges, self._shown = _runs(sorted(windows, key=lambda window: window.order))

    @property
    def fps(self) -> Fraction:
        """The output frame rate."""
        return self._fps

    def at(self, frame: int) -> tuple[Layer, ...]:
        """All layers of `frame`, bottom first; none where the canvas is empty."""
        return tuple(self._layer(window, frame) for window in self._windows(frame))

    def segments(self, frames: range) -> frozenset[str]:
        """Ids of the segments that any of `frames` shows."""
        if not frames:
            return frozenset()
        runs = self._shown[bisect_right(self._edges, frames.start) : bisect_left(self._edges, frames.stop) + 1]
        return frozenset(id_ for window in chain.from_iterable(runs) for id_ in window.segment_ids)

    def depth(self, frame: int) -> int:
        """How many pictures `frame` is made of; a compound clip counts for as many as it shows at its fullest."""
        return self._depths[bisect_right(self._edges, frame)]

    @property
    def is_layered(self) -> bool:
        """Whether some frame is made of more than one picture."""
        return max(self._depths) > 1

    @property
    def is_stacked(self) -> bool:
        """Whether some frame is made of more than one picture, captions left out."""
        counts = self._counts
        clips = ([w for w in windows if not isinstance(w.segment, TextSegment)] for windows in self._shown)
        return any(sum(counts[id(window)] for window in windows) > 1 for windows in clips)

    def changes(self) -> tuple[int, ...]:
        """Frames at which a layer comes or goes, ascending."""
        return tuple(self._edges)

    def cuts(self) -> tuple[int, ...]:
        """Frames at which the lowest picture gives way to another one, or to none, without a transition; ascending."""
        lowest = pairwise([_lowest(windows) for windows in self._shown])
        return tuple(
            edge for edge, (old, new) in zip(self._edges, lowest, strict=True) if old != new and old.isdisjoint(new)
        )

    @cached_property
    def _depths(self) -> list[int]:
        """How many pictures each run of frames is made of."""
        counts = self._counts
        return [sum(counts[id(window)] for window in windows) for windows in self._shown]

    @cached_property
    def _counts(self) -> dict[int, int]:
        """How many pictures each window shows, by its identity: what a compound clip holds is looked at once."""
        windows_once = {id(window): window for window in chain.from_iterable(self._shown)}
        return {key: self._pictures(window) for key, window in windows_once.items()}

    def _pictures(self, window: _Window) -> int:
        return sum(_fullest(side, self._fps) for side in (window.segment, window.incoming) if side is not None)

    def _windows(self, frame: int) -> Sequence[_Window]:
        return self._shown[bisect_right(self._edges, frame)]

    def _layer(self, window: _Window, frame: int) -> Layer:
        if isinstance(window.segment, TextSegment):
            return self._caption(window.segment, self._local_us(window.segment, frame))
        clip = self._clip(window.segment, frame)
        if window.incoming is None:
            return clip
        progress = (time_of(frame, self._fps) - window.start_us) / window.duration_us
        return DissolveLayer(clip, self._clip(window.incoming, frame), min(max(float(progress), 0.0), 1.0))

    def _caption(self, segment: TextSegment, at_us: Fraction) -> TextLayer:
        moved_us = at_us if segment.animations else Fraction(0)
        return TextLayer(segment, transform_at(segment, at_us), text_at(segment, at_us), moved_us)

    def _clip(self, segment: ClipSegment, frame: int) -> ClipLayer:
        at_us = self._local_us(segment, frame)
        source_us, transform = segment.source_time_us(at_us), transform_at(segment, at_us)
        return ClipLayer(segment, source_us, transform, mask_at(segment, at_us), chroma_key_at(segment, at_us))

    def _local_us(self, segment: Segment, frame: int) -> Fraction:
        """Time since the segment's first frame: drafts round starts to microseconds, counting frames undoes that."""
        return time_of(frame - frame_of(segment.target.start_us, self._fps), self._fps)


def only_segments(timeline: Timeline, ids: frozenset[str]) -> Timeline:
    """The timeline with nothing but the segments `ids`; every other fact stays."""
    tracks = tuple(
        replace(track, segments=tuple(segment for segment in track.segments if segment.id in ids))
        for track in timeline.tracks
    )
    return replace(timeline, tracks=tracks)


def _fullest(segment: ClipSegment | TextSegment, fps: Fraction) -> int:
    """How many pictures a segment is made of where these are most."""
    if isinstance(segment, ClipSegment) and isinstance(segment.material, Compound):
        inner = LayerStack(segment.material.timeline, fps)
        return max(1, *inner._depths)
    return 1


def _runs(windows: Sequence[_Window]) -> tuple[list[int], list[tuple[_Window, ...]]]:
    """The frames at which `windows` open or close, ascending, and those open before, between and after them."""
    opening: dict[int, list[int]] = {}
    closing: dict[int, list[int]] = {}
    for place, window in enumerate(windows):
        opening.setdefault(window.frames.start, []).append(place)
        closing.setdefault(window.frames.stop, []).append(place)
    edges = sorted({*opening, *closing})
    open_now: set[int] = set()
    shown: list[tuple[_Window, ...]] = [()]
    for edge in edges:
        open_now.difference_update(closing.get(edge, ()))
        open_now.update(opening.get(edge, ()))
        shown.append(tuple(windows[place] for place in sorted(open_now)))
    return edges, shown


def _lowest(windows: Iterable[_Window]) -> frozenset[str]:
    """Ids of the picture segments of the lowest window that has any."""
    return next((window.segment_ids for window in windows if isinstance(window.segment, ClipSegment)), frozenset())


def _track_windows(track: Track, fps: Fraction, by_track: bool) -> list[_Window]:
    drawn = (ClipSegment, TextSegment)
    visible = [segment for segment in track.segments if segment.is_visible and isinstance(segment, drawn)]
    frames = {segment.id: segment.target.frames(fps) for segment in visible}
    # What is shorter than a frame stands between no two clips: a chunk's part of the timeline does not hold it.
    shown = [segment for segment in visible if frames[segment.id]]
    windows = []
    for left, right in pairwise(shown):
        if isinstance(left, ClipSegment) and isinstance(right, ClipSegment):
            window = _transition(left, right, fps, _order(left, track, by_track))
            if window is not None:
                frames[left.id] = range(frames[left.id].start, window.frames.start)
                frames[right.id] = range(window.frames.stop, frames[right.id].stop)
                windows.append(window)
    windows += [_Window(frames[segment.id], _order(segment, track, by_track), segment) for segment in shown]
    return [window for window in windows if window.frames]


def _order(segment: Segment, track: Track, by_track: bool) -> tuple[int, int]:
    return (track.layer_index if by_track else segment.render_index, track.index)


def _transition(left: ClipSegment, right: ClipSegment, fps: Fraction, order: tuple[int, int]) -> _Window | None:
    """The window of the transition between neighbours, by the generic rule of the format's §8.

    Clips that overlap in time mix over the overlap; clips that touch mix over a window centred on the cut, no longer
    than half of either clip to each side.
    """
    if left.transition is None or left.transition.duration_us <= 0:
        return None
    overlap_us = left.target.end_us - right.target.start_us
    half_frame_us = Fraction(US_PER_SECOND) / fps / 2
    if overlap_us > half_frame_us:
        start_us, end_us = Fraction(right.target.start_us), Fraction(left.target.end_us)
    elif overlap_us >= -half_frame_us:
        half_us = min(
            Fraction(left.transition.duration_us, 2),
            Fraction(left.target.duration_us, 2),
            Fraction(right.target.duration_us, 2),
        )
        cut_us = Fraction(right.target.start_us)
        start_us, end_us = cut_us - half_us, cut_us + half_us
    else:
        return None
    frames = range(frame_of(start_us, fps), frame_of(end_us, fps))
    return _Window(frames, order, left, right, start_us, end_us - start_us) if frames else None
