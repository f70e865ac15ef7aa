"""Catalogued motions of a segment, and the parts of it that they play in."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import get_args

from cutfarm.catalogue.text_motions import TextMotion, text_motion
from cutfarm.timeline import fields
from cutfarm.timeline.fields import Node
from cutfarm.timeline.materials import Material
from cutfarm.timeline.model import Animation, AnimationKind
from cutfarm.timeline.stage import SegmentSource
from cutfarm.timeline.time import round_half_up

LOOP_US = 1_000_000  #: one turn of a loop of which neither draft nor catalogue says more than that it plays to the end
_KINDS: dict[str, AnimationKind] = {kind: kind for kind in get_args(AnimationKind)}


def read_animations(source: SegmentSource) -> tuple[Animation, ...]:
    """The animations of a segment, in the order of their kinds; of several of a kind the first counts.

    By the format's §9: one into the segment begins with it, one out of it ends with it, whatever its `start` says;
    both are shortened alike where they take longer than the segment. A group takes the place of both. Loops play
    between them, captions through the whole segment. Animations in, out and in group without a length are none.
    """
    found: dict[AnimationKind, Animation] = {}
    for material in source.all_of("material_animations"):
        for raw in fields.nodes(material.raw, "animations"):
            kind = _KINDS.get(fields.text(raw, "type"))
            if kind is not None and kind not in found:
                start_us, duration_us = (fields.integer(raw, key) for key in ("start", "duration"))
                found[kind] = Animation(kind, fields.text(raw, "name"), _number_of(raw), start_us, max(duration_us, 0))
    return _placed(found, source.target.duration_us)


def note_text_motions(source: SegmentSource, placed: Collection[Animation]) -> None:
    """Say how faithfully the animations of a caption are played; those that nobody here plays are lost.

    Of several of a kind only the first is played, and none without a length.
    """
    played = {animation.kind for animation in placed}
    told: set[str] = set()
    for material in source.all_of("material_animations"):
        for raw in fields.nodes(material.raw, "animations"):
            kind = fields.text(raw, "type")
            is_first = kind not in told
            told.add(kind)
            if is_first and kind in _KINDS and kind not in played:
                continue
            _note_text_motion(source, material, raw, is_played=is_first and kind in played)


def _note_text_motion(source: SegmentSource, material: Material, raw: Node, *, is_played: bool) -> None:
    kind, name = fields.text(raw, "type"), fields.text(raw, "name").strip()
    number = _number_of(raw)
    motion = text_motion(number, name, kind) if is_played else None
    what = f"{kind} animation" if kind else "animation"
    subject = f"The {what}{f' “{name}”' if name else ''}"
    match motion.fidelity if motion is not None else "unsupported":
        case "exact":
            return
        case "close":
            source.notes.close(what, f"{subject} is played with guessed amounts.", number)
        case "evocative":
            lack = ", without its artwork" if _wants_artwork(motion) else ""
            source.notes.evocative(what, f"{subject} is played as our own picture of its idea{lack}.", number)
        case _:
            source.lose(material, what, f"{subject} is not played.", number)


def _wants_artwork(motion: TextMotion | None) -> bool:
    return motion is not None and any(family == "art" for family, _ in motion.ops)


def _number_of(raw: Node) -> str:
    return fields.text(raw, "resource_id") or fields.text(raw, "id")


def _placed(found: dict[AnimationKind, Animation], length_us: int) -> tuple[Animation, ...]:
    placed: list[Animation] = []
    in_us, out_us = (_length_us(found, kind) for kind in ("in", "out"))
    if "group" in found:
        in_us = out_us = 0
        group_us = min(_length_us(found, "group"), length_us)
        placed += _at(found, "group", 0, group_us)
    if in_us + out_us > length_us:
        in_us = round_half_up(Fraction(in_us * length_us, in_us + out_us))
        out_us = length_us - in_us if out_us else 0
    placed += _at(found, "in", 0, in_us)
    placed += _at(found, "out", length_us - out_us, out_us)
    rest_us = length_us - in_us - out_us
    placed += _at(found, "loop", in_us, _turn_us(found, rest_us))
    placed += _at(found, "caption", 0, length_us)
    return tuple(placed)


def _length_us(found: dict[AnimationKind, Animation], kind: AnimationKind) -> int:
    return found[kind].duration_us if kind in found else 0


def _turn_us(found: dict[AnimationKind, Animation], rest_us: int) -> int:
    """One turn of the loop: as the draft says, or where it plays to the end as the application proposes."""
    if "loop" not in found or rest_us <= 0:
        return 0
    loop = found["loop"]
    motion = text_motion(loop.resource_id, loop.name, "loop")
    turns_us = (loop.duration_us, 0 if motion is None else motion.duration_us)
    return next((turn_us for turn_us in turns_us if 0 < turn_us < rest_us), LOOP_US)


def _at(found: dict[AnimationKind, Animation], kind: AnimationKind, start_us: int, duration_us: int) -> list[Animation]:
    if kind not in found or duration_us <= 0:
        return []
    animation = found[kind]
    return [Animation(kind, animation.name, animation.resource_id, start_us, duration_us)]
