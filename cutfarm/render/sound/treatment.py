"""What is done to the sound of a segment between its file and its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

import numpy as np

from cutfarm.render.sound.levels import KeyedValue, Level, Levelled
from cutfarm.render.sound.stream import Stream
from cutfarm.timeline.curves import PANNING_CURVE, curve_of
from cutfarm.timeline.model import MediaSegment
from cutfarm.timeline.treatment import ChannelMapping, SoundEffect
from kernels import sound as kernel
from kernels.sound import Samples

_Ops = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a voice plays: its first sample on the timeline, how many there are, and how its file is."""

    first: int
    length: int
    rate_hz: int
    is_mono: bool


def is_stateless(segment: MediaSegment) -> bool:
    """Whether the segment's sound at an instant depends on that instant of its source alone."""
    return segment.treatment.pitch_semitones == 0 and not segment.treatment.effects


def treated(source: Stream, level: Level, place: Place, normalising_gain: float) -> Stream:
    """The sound of one level: channels, pitch, effects, loudness, volume and fades, then its place left or right."""
    treatment = level.segment.treatment
    source = mapped(source, treatment.channels)
    if treatment.pitch_semitones != 0:
        from cutfarm.render.sound.timing import PitchShifted

        source = PitchShifted(source, treatment.pitch_semitones, None)
    for effect in treatment.effects:
        source = _with_effect(source, effect, level.segment, place)
    source = Levelled(source, level, place.first, place.rate_hz, normalising_gain)
    if treatment.pan != 0 or curve_of(level.segment, PANNING_CURVE) is not None:
        source = _Panned(source, level, place)
    return source


def mapped(source: Stream, channels: ChannelMapping) -> Stream:
    """The stream with its channels taken as said."""
    return source if channels == "as_is" else _Mapped(source, channels)


def tail_s(segments: Sequence[MediaSegment]) -> float:
    """How long what these segments do to a sound rings on after it, seconds."""
    effects = [effect for segment in segments for effect in segment.treatment.effects]
    if not effects:
        return 0.0
    from cutfarm.render.sound.effects import chain

    return sum(chain.tail_s(_ops(effect)[0]) for effect in effects)


def _with_effect(source: Stream, effect: SoundEffect, segment: MediaSegment, place: Place) -> Stream:
    ops, strength = _ops(effect)
    if not ops or strength == 0:
        return source
    from cutfarm.render.sound.effects import chain
    from cutfarm.render.sound.effects.op import Setting

    # Ids are made up anew each time a tool writes the same draft; places are not.
    name = f"{effect.resource_id} {effect.name} {segment.target.start_us}"
    seed = int.from_bytes(sha1(name.encode(), usedforsecurity=False).digest()[:4])
    return chain.played(source, ops, strength, Setting(place.rate_hz, seed, place.length))


def _ops(effect: SoundEffect) -> tuple[_Ops, float]:
    from cutfarm.catalogue.sound_effects import ops_of, sound_effect

    row = sound_effect(effect.resource_id, effect.name, effect.kind)
    return ((), 0.0) if row is None else ops_of(row, effect.sliders)


class _Mapped:
    """A stream with its channels taken otherwise."""

    def __init__(self, source: Stream, channels: ChannelMapping) -> None:
        self._source, self._channels = source, channels

    def read(self, count: int) -> Samples:
        left, right = samples = self._source.read(count)
        match self._channels:
            case "left":
                return np.stack((left, left))
            case "right":
                return np.stack((right, right))
            case "swapped":
                return np.stack((right, left))
            case "mono":
                middle = (left + right) * np.float32(0.5)
                return np.stack((middle, middle))
            case _:
                return samples


class _Panned:
    """A stream moved to the left or the right."""

    def __init__(self, source: Stream, level: Level, place: Place) -> None:
        treatment = level.segment.treatment
        self._source, self._level, self._rate_hz, self._is_mono = source, level, place.rate_hz, place.is_mono
        self._pan = KeyedValue(level.segment, PANNING_CURVE, treatment.pan, -1.0, 1.0)
        self._at = place.first

    def read(self, count: int) -> Samples:
        samples = self._source.read(count)
        since_us = self._level.since_start_us(self._at, self._at + count, self._rate_hz)
        self._at += count
        pan = self._pan.at(since_us)
        return kernel.panned(samples, pan, is_mono=self._is_mono) if pan.any() else samples
