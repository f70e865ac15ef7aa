"""Catalogued motions of a segment, and the parts of it that they play in."""

from __future__ import annotations

from fractions import Fraction
from typing import get_args

from cutfarm.timeline import fields
from cutfarm.timeline.model import Animation, AnimationKind
from cutfarm.timeline.stage import SegmentSource
from cutfarm.timeline.time import round_half_up

LOOP_US = 1_000_000  #: one turn of a loop whose draft says no more than that it plays to the end
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
                resource_id = fields.text(raw, "resource_id") or fields.text(raw, "id")
                start_us, duration_us = (fields.integer(raw, key) for key in ("start", "duration"))
                found[kind] = Animation(kind, fields.text(raw, "name"), resource_id, start_us, max(duration_us, 0))
    return _placed(found, source.target.duration_us)


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
    turn_us = _length_us(found, "loop")
    placed += _at(found, "loop", in_us, (turn_us if 0 < turn_us < rest_us else LOOP_US) if rest_us > 0 else 0)
    placed += _at(found, "caption", 0, length_us)
    return tuple(placed)


def _length_us(found: dict[AnimationKind, Animation], kind: AnimationKind) -> int:
    return found[kind].duration_us if kind in found else 0


def _at(found: dict[AnimationKind, Animation], kind: AnimationKind, start_us: int, duration_us: int) -> list[Animation]:
    if kind not in found or duration_us <= 0:
        return []
    animation = found[kind]
    return [Animation(kind, animation.name, animation.resource_id, start_us, duration_us)]
