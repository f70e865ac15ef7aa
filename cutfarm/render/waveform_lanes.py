"""Where the tracks and segments that have sound lie in a picture of it: geometry and words, nothing is drawn here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from cutfarm.render.sound.clock import speed_of
from cutfarm.render.sound.voices import voices
from cutfarm.timeline.audible import has_sound
from cutfarm.timeline.curves import MAX_GAIN, PANNING_CURVE, VOLUME_CURVE, curve_of, volume_at
from cutfarm.timeline.model import (
    ClipSegment,
    Compound,
    MediaSegment,
    Segment,
    SoundSegment,
    Timeline,
    Track,
)
from cutfarm.timeline.time import US_PER_SECOND
from kernels import sound as kernel
from kernels.sound import Doubles

WIDTH_PX = 1920
LEFT_PX, RIGHT_PX = 152, 1896  #: of the plot, whose columns are pixels
COLUMNS = RIGHT_PX - LEFT_PX
UNITY = 0.75  #: height of gain 1 in a segment's box
_ANY_RATE_HZ = 44_100
_LEAST_BOX_PX = 1.0
_KEY_REACH_US = 1e-3

#: Between ticks of the time axis.
_STEPS_S = (
    *(0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5),
    *(1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0),
)

Kind = Literal["audio", "video", "compound"]


@dataclass(frozen=True, slots=True)
class Scale:
    """The span of the timeline that fills the plot's width."""

    start_us: float
    length_us: float  #: above 0

    def x_px(self, time_us: float) -> float:
        """Where an instant lies; beyond the plot outside the span."""
        return LEFT_PX + (time_us - self.start_us) / self.length_us * COLUMNS

    @property
    def us_per_px(self) -> float:
        """Microseconds to a column."""
        return self.length_us / COLUMNS


@dataclass(frozen=True, slots=True)
class GainLine:
    """A segment's gain over time: points of its line, and its keys."""

    x_px: Doubles
    height: Doubles  #: 0…1 of the box, by `height_of_gain`
    keys: tuple[tuple[float, float], ...]  #: (x_px, height) of the volume keyframes


@dataclass(frozen=True, slots=True)
class Box:
    """A segment in its lane."""

    segment_id: str
    kind: Kind
    name: str
    left_px: float
    right_px: float
    badges: tuple[str, ...]
    is_heard: bool  #: by the draft: its file may be silent all the same
    gain: GainLine | None  #: None where nothing is heard


@dataclass(frozen=True, slots=True)
class Lane:
    """A track that has sound."""

    place: int  #: of the track in the timeline
    name: str
    why_not: str  #: why nothing of it is heard, in a word; empty where it is
    boxes: tuple[Box, ...]


def lanes_of(timeline: Timeline, scale: Scale) -> list[Lane]:
    """A lane for each track with a segment that has sound, in the draft's order."""
    return [
        _lane(timeline, place, scale)
        for place, track in enumerate(timeline.tracks)
        if any(_has_sound(segment) for segment in track.segments)
    ]


def height_of_gain(gain: Doubles) -> Doubles:
    """Height in a box, 0…1, of linear gains 0…10: even up to 1 at three quarters, then +20 dB, even in dB, at the top.

    So a fade is the straight ramp that it is, and a boost has room.
    """
    boost = np.log10(np.clip(gain, 1.0, MAX_GAIN))
    return UNITY * np.clip(gain, 0.0, 1.0) + (1.0 - UNITY) * boost


def decibels(gain: float) -> str:
    """A gain or a level in words."""
    return f"{20 * math.log10(gain):+.1f} dB".replace("-", "−") if gain > 0 else "−∞ dB"


def _lane(timeline: Timeline, place: int, scale: Scale) -> Lane:
    track = timeline.tracks[place]
    why_not = "hidden" if track.is_hidden else "muted" if track.is_muted else ""
    boxes = tuple(_boxes(timeline, track, scale, is_heard=not why_not))
    return Lane(place, f"{track.index} {track.kind}", why_not, boxes)


def _boxes(timeline: Timeline, track: Track, scale: Scale, *, is_heard: bool) -> Iterator[Box]:
    for segment in track.segments:
        left_px, right_px = scale.x_px(segment.target.start_us), scale.x_px(segment.target.end_us)
        if not isinstance(segment, MediaSegment) or right_px <= LEFT_PX or left_px >= RIGHT_PX:
            continue
        why_not = _why_not_heard(timeline, track, segment)
        yield Box(
            segment.id,
            _kind(segment),
            _name(segment),
            left_px,
            max(right_px, left_px + _LEAST_BOX_PX),
            (why_not,) if why_not else tuple(_badges(segment)),
            is_heard and not why_not,
            gain_line(segment, scale) if is_heard and not why_not else None,
        )


def _has_sound(segment: Segment) -> bool:
    """Whether what it shows has sound by the draft, at whatever volume."""
    if not isinstance(segment, SoundSegment | ClipSegment) or not has_sound(segment.material):
        return False
    if isinstance(segment.material, Compound):
        return any(_has_sound(inner) for track in segment.material.timeline.tracks for inner in track.segments)
    return True


def _why_not_heard(timeline: Timeline, track: Track, segment: MediaSegment) -> str:
    if not _has_sound(segment):
        return "no sound"
    if not segment.is_visible:
        return "hidden"
    alone = replace(track, is_muted=False, is_hidden=False, segments=(segment,))
    if voices(replace(timeline, tracks=(alone,)), _ANY_RATE_HZ):
        return ""
    return "nothing heard in it" if isinstance(segment, ClipSegment) and segment.volume > 0 else "volume 0"


def _kind(segment: MediaSegment) -> Kind:
    if isinstance(segment, SoundSegment):
        return "audio"
    return "compound" if isinstance(segment, ClipSegment) and isinstance(segment.material, Compound) else "video"


def _name(segment: MediaSegment) -> str:
    match segment:
        case SoundSegment(material=material):
            return material.name or material.path or material.id
        case ClipSegment():
            return segment.name
        case _:
            return segment.id


def _badges(segment: MediaSegment) -> Iterator[str]:
    """What is done to the sound beside its gain line, in a word each, in the order in which it is done."""
    speed = speed_of(segment)
    if segment.speed_points:
        yield "speed curve"
    elif speed != 1:
        yield f"×{float(speed):.4g}"
    if (segment.speed_points or speed != 1) and not segment.keep_pitch:
        yield "pitch follows"
    if segment.is_reversed:
        yield "reversed"
    yield from _treatment(segment)
    if curve_of(segment, PANNING_CURVE) is not None:
        yield "pan keyed"
    elif pan := segment.treatment.pan:
        yield f"pan {'L' if pan < 0 else 'R'}{abs(pan) * 100:.0f}"
    if curve_of(segment, VOLUME_CURVE) is None and segment.volume != 1.0:
        yield decibels(segment.volume)


def _treatment(segment: MediaSegment) -> Iterator[str]:
    treatment = segment.treatment
    if treatment.heard is not None:
        yield treatment.heard.what
    if treatment.channels != "as_is":
        yield f"channels: {treatment.channels}"
    if treatment.pitch_semitones:
        yield f"pitch {treatment.pitch_semitones:+g}".replace("-", "−")
    for effect in treatment.effects:
        yield effect.name or "effect"
    if treatment.target_lufs is not None:
        yield f"{treatment.target_lufs:g} LUFS".replace("-", "−")


def gain_line(segment: MediaSegment, scale: Scale) -> GainLine:
    """The product of volume and fades over the visible part of a segment, to the column, with all its corners."""
    duration_us, fade = segment.target.duration_us, segment.fade
    curve = curve_of(segment, VOLUME_CURVE)
    keys_us = [float(key.at_us) for key in curve.keys if 0 <= key.at_us <= duration_us] if curve else []
    visible_us = (
        max(scale.start_us - segment.target.start_us, 0.0),
        min(scale.start_us + scale.length_us - segment.target.start_us, float(duration_us)),
    )
    corners = [*visible_us, fade.in_us, duration_us - fade.out_us, *keys_us]
    corners += [at - _KEY_REACH_US for at in keys_us]  # two keys at one instant are a step
    if curve or fade.in_us or fade.out_us:
        corners += np.arange(*visible_us, scale.us_per_px).tolist()
    at_us = np.unique(np.clip(np.array(corners, np.float64), *visible_us))
    volumes = np.array([volume_at(segment, at) for at in at_us.tolist()], np.float64)
    gains = volumes * kernel.fade_gain(at_us, duration_us, fade.in_us, fade.out_us)
    keys = np.array(keys_us, np.float64)
    key_gains = np.interp(keys, at_us, gains)
    start_us = segment.target.start_us
    dots = [
        (scale.x_px(start_us + at), height)
        for at, height in zip(keys_us, height_of_gain(key_gains).tolist(), strict=True)
        if visible_us[0] <= at <= visible_us[1]
    ]
    x_px = LEFT_PX + (at_us + (start_us - scale.start_us)) / scale.us_per_px
    return GainLine(x_px, height_of_gain(gains), tuple(dots))


def ticks(scale: Scale, least_px: float) -> list[tuple[float, str]]:
    """(x_px, words) of the ticks of the time axis, none nearer to the next than `least_px`."""
    step_s = next((step for step in _STEPS_S if step * US_PER_SECOND / scale.us_per_px >= least_px), _STEPS_S[-1])
    start_s, end_s = scale.start_us / US_PER_SECOND, (scale.start_us + scale.length_us) / US_PER_SECOND
    numbers = range(math.ceil(start_s / step_s - 1e-9), math.floor(end_s / step_s + 1e-9) + 1)
    return [(scale.x_px(number * step_s * US_PER_SECOND), clock(number * step_s, step_s)) for number in numbers]


def clock(time_s: float, finest_s: float = 1.0) -> str:
    """Minutes and seconds, hours before them where there are any, with the decimals that steps of `finest_s` need."""
    decimals = max(0, math.ceil(-math.log10(finest_s) - 1e-9)) if finest_s < 1 else 0
    units = 10**decimals
    whole, part = divmod(round(time_s * units), units)
    minutes, seconds = divmod(whole, 60)
    words = f"{minutes}:{seconds:02}" if minutes < 60 else f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return f"{words}.{part:0{decimals}}" if decimals else words
