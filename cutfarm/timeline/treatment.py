"""What is done to a sound between its file and the mix: the nouns of it, immutable and typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SoundEffectKind = Literal["scene", "tone", "song"]
ChannelMapping = Literal["as_is", "left", "right", "swapped", "mono"]


@dataclass(frozen=True, slots=True)
class SoundEffect:
    """A voice changer or a sound scene of the catalogue."""

    kind: SoundEffectKind
    name: str
    resource_id: str
    sliders: tuple[tuple[str, float], ...] = ()  #: (name, value) as the draft has them


@dataclass(frozen=True, slots=True)
class ProducedSound:
    """A file that the application made of a segment's sound; it is heard in place of it where it is there."""

    what: str  #: the element that it was made for, in a report's words, such as `vocal separation`
    path: str  #: as the draft says it
    start_us: int = 0  #: media time of the segment's own file at which it begins
    replaces: int | None = None  #: place among the treatment's effects of the one that it was made for


@dataclass(frozen=True, slots=True)
class SoundTreatment:
    """What is done to a segment's sound before its gain, in this order: channels, pitch, effects, loudness, place."""

    channels: ChannelMapping = "as_is"
    pitch_semitones: float = 0.0  #: -24…24, on top of what its speed does
    effects: tuple[SoundEffect, ...] = ()
    target_lufs: float | None = None  #: loudness of the source range by EBU R128; None leaves it as it is
    pan: float = 0.0  #: -1 left … 1 right: moves the sound, so that nothing of it is lost
    produced: tuple[ProducedSound, ...] = ()  #: files that may stand for its sound; the first that is there counts
    heard: ProducedSound | None = None  #: the one of them that is heard, once it is known which are there


UNTREATED = SoundTreatment()  #: as the file has it
