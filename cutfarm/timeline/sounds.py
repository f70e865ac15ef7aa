"""What a segment's sound is, and what is done to it before it is mixed.

The names of the fields of pitch shifts, panning, loudness and noise reduction are those of the application's own
classes; what the numbers of channels, the ends of panning and a loudness of 0 mean are guesses.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import Any

from cutfarm.timeline import fields
from cutfarm.timeline.audible import has_sound, is_turned_up
from cutfarm.timeline.curves import MAX_GAIN, PANNING_CURVE
from cutfarm.timeline.elements import is_neutral
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import Content, Curve, Fade, SoundMaterial
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.produced_sounds import read_produced, without
from cutfarm.timeline.sound_effects import note_effect, read_effects
from cutfarm.timeline.stage import SegmentSource
from cutfarm.timeline.treatment import ChannelMapping, SoundTreatment

MAX_SEMITONES = 24.0
MIN_LUFS, MAX_LUFS = -70.0, -5.0  #: the application goes up to 0, which no sound reaches undistorted
USUAL_LUFS = -23.0  #: where a draft names no loudness: EBU R128's own

_CHANNELS: dict[int, tuple[ChannelMapping, str]] = {
    1: ("left", "The left channel plays on both sides"),
    2: ("right", "The right channel plays on both sides"),
    3: ("swapped", "The two channels are swapped"),
    4: ("mono", "Both channels are mixed into one"),
}


def read_sound(source: SegmentSource, content: Content | SoundMaterial, curves: tuple[Curve, ...]) -> dict[str, Any]:
    """The fields of a `MediaSegment` that are heard; what is not exact is noted if anybody can hear it."""
    volume = fields.number(source.raw, "volume", 1.0, low=0, high=MAX_GAIN)
    is_heard = has_sound(content) and is_turned_up(volume, curves) and not source.is_muted
    if not is_heard:
        source = replace(source, notes=replace(source.notes, is_silenced=True))
    return {
        "volume": volume,
        "fade": _fade(source),
        "keep_pitch": not fields.flag(source.raw, "is_tone_modify"),
        "treatment": _treatment(source, curves) if has_sound(content) else SoundTreatment(),
    }


def with_found(treatment: SoundTreatment, files: Container[str], notes: SegmentNotes) -> SoundTreatment:
    """The treatment with the first of its produced files that is among `files` heard; the others are noted.

    That file stands for the effect that it was made with; other effects are played on top of it.
    """
    heard = next((produced for produced in treatment.produced if produced.path in files), None)
    for produced in treatment.produced:
        if produced is heard:
            continue
        if produced.replaces is not None:
            note_effect(treatment.effects[produced.replaces], notes)
        elif heard is None:
            message = f"No file that its {produced.what} made can be played; {without(produced.what)}."
            notes.unsupported(produced.what, message)
        elif produced.path in files:
            message = f"The file that its {heard.what} made is heard; its {produced.what} is taken to be in it."
            notes.close(produced.what, message)
        else:
            message = f"No file that its {produced.what} made can be played, but one of its {heard.what}."
            notes.unsupported(produced.what, message)
    effects = tuple(
        effect for number, effect in enumerate(treatment.effects) if heard is None or number != heard.replaces
    )
    return replace(treatment, effects=effects, produced=(), heard=heard)


def _treatment(source: SegmentSource, curves: tuple[Curve, ...]) -> SoundTreatment:
    effects, produced = read_effects(source)
    return SoundTreatment(
        channels=_channels(source),
        pitch_semitones=_pitch_semitones(source),
        effects=effects,
        target_lufs=_target_lufs(source),
        pan=_pan(source, curves),
        produced=(*produced, *read_produced(source)),
    )


def _fade(source: SegmentSource) -> Fade:
    """Ramps at the edges, each at most as long as the segment; where both meet their gains multiply."""
    embedded = fields.node(source.primary.raw, "audio_fade") if source.primary else {}
    raw = source.of("audio_fades") or embedded
    lengths_us = [max(fields.integer(raw, f"fade_{end}_duration"), 0) for end in ("in", "out")]
    longest_us = source.target.duration_us
    if fields.integer(raw, "fade_type") != 0 and any(lengths_us):
        source.notes.close("fade", "The fade of an unknown kind is a straight one.")
    if max(lengths_us) > longest_us:
        source.notes.close("fade", "A fade that is longer than the segment takes the whole of it.")
    return Fade(*(min(length_us, longest_us) for length_us in lengths_us))


def _channels(source: SegmentSource) -> ChannelMapping:
    for material in source.all_of("sound_channel_mappings"):
        number = fields.integer(material.raw, "audio_channel_mapping")
        if number == 0 or not fields.flag(material.raw, "is_config_open", default=True):
            continue
        if number in _CHANNELS:
            channels, words = _CHANNELS[number]
            source.notes.close("channel mapping", f"{words}; what the number {number} means is a guess.")
            return channels
        source.lose(material, "channel mapping", "Both sound channels play as they are in the file.")
    return "as_is"


def _pitch_semitones(source: SegmentSource) -> float:
    for material in source.all_of("audio_pitch_shifts"):
        raw = material.raw
        if not fields.flag(raw, "enable_pitch_shift", default=True):
            continue
        asked = fields.number(raw, "semitones") + fields.number(raw, "cents") / 100.0
        if asked:
            semitones = min(max(asked, -MAX_SEMITONES), MAX_SEMITONES)
            message = f"The pitch is shifted by {semitones:+g} semitones, and the colour of the sound with it, a guess."
            source.notes.close("pitch shift", message)
            return semitones
        _lose_unread(source, material, "pitch shift", {"enable_pitch_shift", "semitones", "cents"})
    return 0.0


def _pan(source: SegmentSource, curves: tuple[Curve, ...]) -> float:
    pan = 0.0
    for material in source.all_of("audio_pannings"):
        if fields.flag(material.raw, "enable_panning", default=True):
            pan = pan or fields.number(material.raw, "panning_value", low=-1.0, high=1.0)
            _lose_unread(source, material, "pan", {"enable_panning", "panning_value"})
    if pan or any(curve.property == PANNING_CURVE for curve in curves):
        source.notes.close("pan", "How the sound is moved to the left or the right is a guess.")
    return pan


def _target_lufs(source: SegmentSource) -> float | None:
    """The loudness that the newer list asks for, or the older one, which has nothing to do with left and right."""
    switches = {"loudnesses": "enable", "audio_balances": "enable_balance"}
    for material in sorted(source.all_of(*switches), key=lambda material: [*switches].index(material.bucket)):
        asked = fields.finite(material.raw.get("target_loudness"))
        if not fields.flag(material.raw, switches[material.bucket], default=bool(asked)):
            continue
        if asked is None or asked >= 0:
            message = f"The draft names no loudness to bring the sound to; {USUAL_LUFS:g} LUFS are taken."
            source.notes.close("loudness", message)
            return USUAL_LUFS
        held = min(max(asked, MIN_LUFS), MAX_LUFS)
        if held != asked:
            message = f"The sound is brought to {held:g} LUFS, the nearest to {asked:g} LUFS that can be."
            source.notes.close("loudness", message)
        return held
    return None


def _lose_unread(source: SegmentSource, material: Material, what: str, read: set[str]) -> None:
    """Note a material that holds something else than what is read of it."""
    if not is_neutral({key: value for key, value in material.raw.items() if key not in read}):
        source.lose(material, what, f"The {what} is of an unknown kind and not applied.")
