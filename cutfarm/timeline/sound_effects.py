"""The sound effects of a segment: what the draft says of them, and how near they come."""

from __future__ import annotations

from collections.abc import Iterator

from cutfarm.catalogue.sound_effects import Slider, SoundEffectRow, ops_of, sound_effect
from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.model import UnknownMaterial
from cutfarm.timeline.notes import SegmentNotes
from cutfarm.timeline.produced_sounds import worked_from_us
from cutfarm.timeline.stage import SegmentSource
from cutfarm.timeline.treatment import ProducedSound, SoundEffect, SoundEffectKind

MAX_EFFECTS = 8  #: of one segment; the application's have one or two

_KINDS: dict[str, SoundEffectKind] = {"sound_effect": "scene", "tone": "tone", "speech_to_song": "song"}
_UNSUPPORTED = {
    "scene": "cannot be made here",
    "song": "is a song made by a server",
    "tone": "is a voice made by a server",
}


def read_effects(source: SegmentSource) -> tuple[tuple[SoundEffect, ...], list[ProducedSound]]:
    """The effects in order, and the files that the application made with them, the last one's first."""
    effects: list[SoundEffect] = []
    produced: list[ProducedSound] = []
    materials = source.all_of("audio_effects")
    for material in materials[:MAX_EFFECTS]:
        effect, row = _effect(material.raw)
        if path := fields.text(material.raw, "production_path"):
            produced.insert(0, ProducedSound("sound effect", path, worked_from_us(material.raw), len(effects)))
        else:
            note_effect(effect, source.notes)
        if row is None:
            source.lost.setdefault(material.id, UnknownMaterial(material.bucket, material.id, material.raw))
        effects.append(effect)
    for material in materials[MAX_EFFECTS:]:
        source.lose(material, "sound effect", f"Of several sound effects {MAX_EFFECTS} are played.")
    return tuple(effects), produced


def _effect(raw: Node) -> tuple[SoundEffect, SoundEffectRow | None]:
    name = fields.text(raw, "name").strip()
    resource_id = fields.text(raw, "resource_id") or fields.text(raw, "effect_id")
    kind = _KINDS.get(fields.text(raw, "category_id"))
    row = sound_effect(resource_id, name, kind or "")
    sliders = tuple(_sliders(raw, row.sliders if row else ()))
    return SoundEffect(kind or (row.kind if row else "scene"), name, resource_id, sliders), row


def _sliders(raw: Node, known: tuple[Slider, ...]) -> Iterator[tuple[str, float]]:
    """The draft's sliders in the catalogue's ranges; those without a name have that of their number."""
    for param in fields.nodes(raw, "audio_adjust_params"):
        number = fields.integer(param, "parameterIndex", -1)
        name = fields.text(param, "name") or (known[number].name if 0 <= number < len(known) else "")
        value = fields.finite(param.get("value"))
        if not name or value is None:
            continue
        slider = next((slider for slider in known if slider.name == name), None)
        yield name, value if slider is None else _in_range(value, param, slider)


def _in_range(value: float, param: Node, slider: Slider) -> float:
    """The value in the slider's range, which a writer may have counted otherwise, such as up to 100."""
    low = fields.number(param, "min_value", slider.low)
    high = fields.number(param, "max_value", slider.high)
    if (low, high) == (slider.low, slider.high) or high <= low:
        return value
    share = (min(max(value, low), high) - low) / (high - low)
    return slider.low + share * (slider.high - slider.low)


def note_effect(effect: SoundEffect, notes: SegmentNotes) -> None:
    """Say how near the operations that stand for an effect come to it; one of no strength asks for nothing."""
    row = sound_effect(effect.resource_id, effect.name, effect.kind)
    what, id_ = "sound effect", effect.resource_id
    name = effect.name or (row.name if row else "")
    words = f"The sound effect{f' “{name}”' if name else ''}"
    if row is None:
        notes.unsupported(what, f"{words} is not known; the sound plays as it is.", id_)
        return
    if ops_of(row, effect.sliders)[1] == 0:
        return
    match row.fidelity:
        case "unsupported":
            notes.unsupported(what, f"{words} {_UNSUPPORTED[row.kind]}; a pitch shift stands in for it.", id_)
        case "evocative":
            notes.evocative(what, f"{words} is played as our own idea of it.", id_)
        case "close":
            notes.close(what, f"{words} is played with guessed amounts.", id_)
