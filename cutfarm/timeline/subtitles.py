"""The captions of a timeline as subtitles: from when to when each is seen, and where."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from cutfarm.timeline.curves import transform_at
from cutfarm.timeline.model import Canvas, ClipSegment, TextSegment, Timeline, Track, Transform
from cutfarm.timeline.nesting import inner_of
from cutfarm.timeline.pace import pace_of
from cutfarm.timeline.time import round_half_up


@dataclass(frozen=True, slots=True)
class Place:
    """How a caption lies on the outermost canvas."""

    x_px: float  #: of its block's middle, from the left
    y_px: float  #: from the top
    scale_x: float  #: pixels of the outermost canvas to one of the canvas that it is laid out on
    scale_y: float
    rotation_deg: float  #: clockwise
    alpha: float  #: 0…1, without that of the text itself


@dataclass(frozen=True, slots=True)
class ShownCaption:
    """A caption and when it is seen."""

    segment: TextSegment
    start_us: Fraction
    end_us: Fraction  #: after the start
    order: tuple[tuple[int, int], ...]  #: what is lower comes first
    canvas: Canvas  #: that it is laid out on: of a compound clip its own
    place: Place  #: in the middle of its time
    is_whole: bool = True  #: seen from its segment's start to its end, at its own speed

    @property
    def start_ms(self) -> int:
        """The start in whole milliseconds; halves go up."""
        return round_half_up(self.start_us / 1000)

    @property
    def end_ms(self) -> int:
        """The end in whole milliseconds; halves go up, so that captions that touch still touch."""
        return round_half_up(self.end_us / 1000)


def shown_captions(timeline: Timeline, tracks: Collection[int] | None = None) -> tuple[ShownCaption, ...]:
    """All captions of text tracks that have words to be read, by start, end and layer.

    Those of compound clips are among them, at the times at which the clip shows them, cut to what it shows. Hidden
    tracks and invisible segments are left out. `tracks` are the numbers of the only tracks that are looked at, hidden
    or not; None looks at all that are not hidden.
    """
    chosen = [track for track in timeline.tracks if (not track.is_hidden if tracks is None else track.index in tracks)]
    found = [caption for track in chosen for caption in _of_track(track, timeline)]
    return tuple(sorted(found, key=lambda caption: (caption.start_us, caption.end_us, caption.order)))


def _of_track(track: Track, timeline: Timeline) -> Iterator[ShownCaption]:
    for segment in track.segments:
        if not segment.is_visible:
            continue
        order = (track.layer_index if timeline.layers_by_track else segment.render_index, track.index)
        if isinstance(segment, TextSegment):
            if track.kind == "text" and segment.text.text.strip():
                yield _own(segment, timeline.canvas, order)
        elif isinstance(segment, ClipSegment) and (inner := inner_of(segment)) is not None:
            within = (caption for other in inner.tracks if not other.is_hidden for caption in _of_track(other, inner))
            lifted = (_lifted(caption, segment, inner, timeline.canvas, order) for caption in within)
            yield from (caption for caption in lifted if caption is not None)


def _own(segment: TextSegment, canvas: Canvas, order: tuple[int, int]) -> ShownCaption:
    target = segment.target
    transform = transform_at(segment, Fraction(target.duration_us, 2))
    x_px, y_px = _middle_px(transform, canvas)
    place = Place(x_px, y_px, transform.scale_x, transform.scale_y, transform.rotation_deg, transform.alpha)
    return ShownCaption(segment, Fraction(target.start_us), Fraction(target.end_us), (order,), canvas, place)


def _lifted(
    caption: ShownCaption, clip: ClipSegment, inner: Timeline, canvas: Canvas, order: tuple[int, int]
) -> ShownCaption | None:
    """A caption of a compound clip as the timeline around it shows it; None where it does not."""
    last_us = caption.end_us
    if last_us >= inner.duration_us:  # the last picture is held
        last_us = max(last_us, Fraction(clip.source.end_us))
    asked = sorted(_offset_us(clip, time_us) for time_us in (caption.start_us, last_us))
    start_us, end_us = (min(max(offset_us, Fraction(0)), Fraction(clip.target.duration_us)) for offset_us in asked)
    if start_us >= end_us:
        return None
    transform = transform_at(clip, (start_us + end_us) / 2)
    is_own_time = clip.rate == 1 and not clip.speed_points and not clip.is_reversed
    return replace(
        caption,
        start_us=clip.target.start_us + start_us,
        end_us=clip.target.start_us + end_us,
        order=(order, *caption.order),
        place=_placed(caption.place, transform, inner.canvas, canvas),
        is_whole=caption.is_whole and is_own_time and [start_us, end_us] == asked,
    )


def _offset_us(clip: ClipSegment, time_us: Fraction) -> Fraction:
    """When `clip` shows a time of its own, after its start on the timeline; not held to its length."""
    played_us = clip.source.end_us - time_us if clip.is_reversed else time_us - clip.source.start_us
    if clip.speed_points and clip.source.duration_us:
        when = pace_of(clip.speed_points).time_at(played_us / clip.source.duration_us)
        return clip.target.duration_us * Fraction(when)
    return played_us / clip.rate


def _placed(place: Place, transform: Transform, inner: Canvas, canvas: Canvas) -> Place:
    """A place on the canvas of a compound clip as one on the canvas around it."""
    fit = min(canvas.width_px / inner.width_px, canvas.height_px / inner.height_px)
    scale_x, scale_y = fit * transform.scale_x, fit * transform.scale_y
    right_px = (place.x_px - inner.width_px / 2) * scale_x * (-1 if transform.flip_x else 1)
    down_px = (place.y_px - inner.height_px / 2) * scale_y * (-1 if transform.flip_y else 1)
    turn = math.radians(transform.rotation_deg)
    x_px, y_px = _middle_px(transform, canvas)
    return Place(
        x_px + right_px * math.cos(turn) - down_px * math.sin(turn),
        y_px + right_px * math.sin(turn) + down_px * math.cos(turn),
        place.scale_x * scale_x,
        place.scale_y * scale_y,
        place.rotation_deg + transform.rotation_deg,
        place.alpha * transform.alpha,
    )


def _middle_px(transform: Transform, canvas: Canvas) -> tuple[float, float]:
    return canvas.width_px / 2 * (1 + transform.shift_x), canvas.height_px / 2 * (1 - transform.shift_y)
