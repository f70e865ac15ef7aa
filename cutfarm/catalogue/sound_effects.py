"""Which sound effect is which: voices and sound scenes as chains of operations, and what their sliders change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from cutfarm.catalogue import tables

SoundKind = Literal["scene", "tone", "song"]
SoundFidelity = Literal["exact", "close", "evocative", "unsupported"]

Params = Mapping[str, Any]
Op = tuple[str, Params]
"""An operation on sound and its parameters."""

_TABLE = "sound_effects.tsv"
_KINDS: tuple[SoundKind, ...] = ("scene", "tone", "song")
_FIDELITIES: dict[str, SoundFidelity] = {"exact": "exact", "close": "close", "evocative": "evocative"}

#: What a slider does, by its plain names in both languages.
_ROLES = {
    "强弱": "strength",
    "强度": "strength",
    "strength": "strength",
    "intensity": "strength",
    "changevoiceparamstrength": "strength",
    "音调": "pitch",
    "pitch": "pitch",
    "changevoiceparampitch": "pitch",
    "changevoiceparampitchshift": "pitch",
    "音色": "timbre",
    "changevoiceparamtimbre": "timbre",
    "噪点": "noise",
    "背景音": "noise",
    "noise": "noise",
    "changevoiceparamnoise": "noise",
    "频率": "rate",
    "changevoiceparamfrequency": "rate",
    "changevoiceparamsurroundingfrequency": "rate",
    "幅度": "depth",
    "changevoiceparamwidth": "depth",
    "深度": "immersion",
    "空间大小": "room",
    "changevoiceparamroom": "room",
    "changevoiceparamquantity": "feedback",
    "changevoiceparamcenterposition": "center",
}
_MIXED = {"reverb": "wet", "delay": "mix", "pingpong": "mix"}  #: how much of an operation is heard beside the sound
_MOST_SEMITONES = 24.0
_MOST_FEEDBACK = 0.9
_LEAST_RATE_HZ = 0.05
_SEMITONES, _FORMANT_SEMITONES = 24.0, 12.0  #: from a slider's one end to the other
_OCTAVES_DEEPER = 2.0  #: that a lowpass falls by, from the surface to the ground


@dataclass(frozen=True, slots=True)
class Slider:
    """A number that the application lets its user set."""

    name: str  #: as drafts write it
    default: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SoundEffectRow:
    """A sound effect of the catalogue."""

    kind: SoundKind  #: the table that it stands in
    name: str  #: in English where it has such a name, else in Chinese
    fidelity: SoundFidelity
    resource_id: str
    sliders: tuple[Slider, ...]
    ops: tuple[Op, ...]  #: left to right, as they are at the sliders' defaults; none where it is unsupported
    fallback: tuple[Op, ...] = ()  #: what stands in for an unsupported one


def sound_effect(resource_id: str, name: str, kind: str) -> SoundEffectRow | None:
    """The effect that these mean to a segment, or None.

    The number decides, a resource id before an effect id, then the name in Chinese or English. Each is looked for in
    the table of `kind` first, then in the others: one application's scene is another's voice.
    """
    kinds = sorted(_KINDS, key=lambda table: table != kind)
    return tables.first_of([_table(table) for table in kinds], resource_id, name)


def sound_effects(kind: SoundKind) -> tuple[SoundEffectRow, ...]:
    """All effects of a table, in its order; some stand in two tables, or under two numbers."""
    return tuple(row for _, row in _rows(kind))


def ops_of(row: SoundEffectRow, sliders: Iterable[tuple[str, float]]) -> tuple[tuple[Op, ...], float]:
    """The operations of `row`, or what stands in for them, with sliders set, and how much of the whole is heard, 0…1.

    `sliders` are (name, value); those of other names are passed over, values held to the slider's range. The row is
    how it sounds at its defaults, so that a default changes nothing. What each slider does is a guess, and stands in
    `docs/drafts-and-fidelity.md`.
    """
    ops, strength = row.ops or row.fallback, 1.0
    for role, slider, value in _set(row, sliders):
        if value == slider.default:
            continue
        if role == "strength":
            strength *= min(_share(slider, value), 1.0)
        if role in _CHANGES:
            ops = _CHANGES[role](ops, slider, value)
    return ops, strength


def _set(row: SoundEffectRow, sliders: Iterable[tuple[str, float]]) -> Iterator[tuple[str, Slider, float]]:
    """The row's sliders with what they do and where they stand; of two strengths the second is that of the noise."""
    given: dict[str, list[float]] = {}
    for name, value in sliders:
        given.setdefault(_role(name), []).append(value)
    has_strength = False
    for slider in row.sliders:
        role = _role(slider.name)
        values = given.get(role)
        value = values.pop(0) if values else slider.default
        yield "noise" if role == "strength" and has_strength else role, slider, min(max(value, slider.low), slider.high)
        has_strength = has_strength or role == "strength"


def _share(slider: Slider, value: float) -> float:
    """How far a slider is pushed: 0 at its lower end, 1 at its default."""
    way = slider.default - slider.low
    return (value - slider.low) / way if way > 0 else 1.0


def _bent(param: float, slider: Slider, value: float, top: float) -> float:
    """From 0 at the slider's lower end over `param` at its default to `top` at its upper end."""
    if value <= slider.default:
        return param * _share(slider, value)
    return param + (max(top, param) - param) * (value - slider.default) / (slider.high - slider.default)


def _louder(ops: tuple[Op, ...], slider: Slider, value: float) -> tuple[Op, ...]:
    """Strengths above the default, which is the chain in full, mix more of echoes and rooms."""
    share = max(_share(slider, value), 1.0)
    for family, param in _MIXED.items():
        ops = _changed(ops, param, lambda mix: min(mix * share, 1.0), family)
    return ops


def _pitched(ops: tuple[Op, ...], slider: Slider, value: float) -> tuple[Op, ...]:
    if not any(family == "pitch" for family, _ in ops):
        ops = (*ops, ("pitch", {"semis": 0.0}))
    return _changed(ops, "semis", lambda semis: _semitones(semis + _SEMITONES * (value - slider.default)), "pitch")


def _voiced(ops: tuple[Op, ...], slider: Slider, value: float) -> tuple[Op, ...]:
    ops = tuple(
        (family, {"formant": params.get("semis", 0.0), **params} if family == "pitch" else params)
        for family, params in ops
    )
    shift = _FORMANT_SEMITONES * (value - slider.default)
    return _changed(ops, "formant", lambda formant: _semitones(formant + shift), "pitch")


def _semitones(value: float) -> float:
    return min(max(value, -_MOST_SEMITONES), _MOST_SEMITONES)


def _centred(ops: tuple[Op, ...], slider: Slider, value: float) -> tuple[Op, ...]:
    center = 2.0 * (value - slider.default) / (slider.high - slider.low)
    return tuple((family, {**params, "center": center} if family == "autopan" else params) for family, params in ops)


#: What each slider makes of the operations where it is off its default.
_CHANGES: dict[str, Callable[[tuple[Op, ...], Slider, float], tuple[Op, ...]]] = {
    "strength": _louder,
    "pitch": _pitched,
    "timbre": _voiced,
    "center": _centred,
    "noise": lambda ops, slider, value: _changed(ops, "level", lambda level: level * _share(slider, value), "noise"),
    "rate": lambda ops, slider, value: _changed(
        ops, "rate", lambda rate: max(rate * _share(slider, value), _LEAST_RATE_HZ)
    ),
    "depth": lambda ops, slider, value: _changed(ops, "depth", lambda depth: _bent(depth, slider, value, 1.0)),
    "room": lambda ops, slider, value: _changed(ops, "room", lambda room: _bent(room, slider, value, 1.0), "reverb"),
    "feedback": lambda ops, slider, value: _changed(
        ops, "feedback", lambda feedback: _bent(feedback, slider, value, _MOST_FEEDBACK)
    ),
    "immersion": lambda ops, slider, value: _changed(
        ops, "hz", lambda hz: hz * 2.0 ** (_OCTAVES_DEEPER * (slider.default - value)), "lowpass"
    ),
}


def _changed(
    ops: tuple[Op, ...], param: str, change: Callable[[float], float], family: str | None = None
) -> tuple[Op, ...]:
    """The operations with `change` made to `param`, where they have it: of all, or of those of one family."""
    return tuple(
        (name, {**params, param: change(params[param])} if param in params and family in (None, name) else params)
        for name, params in ops
    )


def _role(name: str) -> str:
    plain = tables.plain(name)
    return _ROLES.get(plain, plain)


@cache
def _table(kind: SoundKind) -> dict[tables.Key, SoundEffectRow]:
    return tables.by_key(_rows(kind))


def _rows(kind: SoundKind) -> Iterator[tuple[tables.Cells, SoundEffectRow]]:
    return ((cells, _row(kind, cells)) for cells in tables.rows(_TABLE, kind))


def _row(kind: SoundKind, cells: tables.Cells) -> SoundEffectRow:
    return SoundEffectRow(
        kind=kind,
        name=cells["name_en"] or cells["name_zh"],
        fidelity=_FIDELITIES.get(cells["fidelity"], "unsupported"),
        resource_id=cells["resource_id"],
        sliders=tuple(Slider(*slider) for slider in json.loads(cells["sliders"])),
        ops=_ops(cells["ops"]),
        fallback=_ops(cells["fallback"]),
    )


def _ops(cell: str) -> tuple[Op, ...]:
    return tuple((family, params) for family, params in json.loads(cell))
