"""Which animations of a caption play at an instant, and how far each of its units is."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from cutfarm.catalogue.text_motions import TextMotion, text_motion
from cutfarm.text.layout.units import UnitKind
from cutfarm.text.motion.chance import mixed
from cutfarm.text.motion.families import FAMILIES
from cutfarm.text.motion.moment import Family, Params
from cutfarm.text.motion.stagger import order_of, ranks, turn_progress, unit_of, unit_progress
from cutfarm.timeline.model import Animation
from cutfarm.timeline.text import TextBlock, Word
from cutfarm.timeline.time import US_PER_SECOND

_UNTOLD_US = 1_000_000  # a turn, or an entrance, of which neither draft nor catalogue says how long it takes
_INNERMOST_FIRST = {"loop": 0, "caption": 0, "group": 0, "in": 1, "out": 2}
_UNITS: dict[str, UnitKind] = {"char": "char", "word": "word", "line": "line"}
SUNG = "karaoke"  #: what is sung keeps its colour until the caption ends


@dataclass(frozen=True, slots=True)
class Clock:
    """Where a unit is in its animation."""

    p: float  #: 0…1, before easing
    time_s: float  #: since it began
    duration_s: float  #: of a loop one turn


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Where an animation is at an instant."""

    share: float  #: of its time, 0…1 while it plays; of a loop its turn
    time_s: float  #: since it began
    at_us: Fraction  #: since the segment's start


@dataclass(frozen=True, slots=True)
class Playing:
    """An animation that is drawn, and when; all times are after the segment's start."""

    kind: Literal["in", "out", "loop"]
    family: str  #: the main one
    ops: tuple[tuple[Family, Params], ...]
    unit: UnitKind
    start_us: int
    end_us: int
    turn_us: int  #: how long it takes; of a loop one turn
    seed: int
    words: tuple[Word, ...] = ()  #: where each word has its own clock

    def is_on(self, at_us: Fraction) -> bool:
        """Whether the caption may look otherwise than without it."""
        if self.words:
            return any(self._word_moves(at_us, word) for word in self.words)
        if self.kind == "out":
            return at_us > self.start_us
        return self.start_us <= at_us < self.end_us

    def order(self, count: int) -> tuple[int, ...]:
        """The rank of each unit, of units in reading order."""
        if self.words:
            return (0,) * count
        return ranks(order_of(self.kind, self.family, self.ops[0][1]), count, self.seed)

    def elapsed(self, at_us: Fraction) -> Elapsed:
        """Where the animation is at an instant after the segment's start."""
        gone_us = at_us - self.start_us
        turns = gone_us / self.turn_us
        return Elapsed(float(turns % 1 if self.kind == "loop" else turns), float(gone_us / US_PER_SECOND), at_us)

    def clock(self, now: Elapsed, rank: int, count: int, word: int) -> Clock | None:
        """How far a unit is; None where it is at rest."""
        if self.words:
            return self._word_clock(now.at_us, self.words[word])
        staggered = turn_progress if self.kind == "loop" else unit_progress
        p = staggered(self.family, self.ops[0][1], now.share, rank, count)
        return Clock(p, now.time_s, self.turn_us / US_PER_SECOND)

    def _word_moves(self, at_us: Fraction, word: Word) -> bool:
        clock = self._word_clock(at_us, word)
        return clock is not None and (self.kind == "loop" or clock.p < 1.0)

    def _word_clock(self, at_us: Fraction, word: Word) -> Clock | None:
        spoken_us = max(word.end_us - word.start_us, 1)
        if self.kind == "in":
            spoken_us = min(self.turn_us, spoken_us)
        gone = (at_us - word.start_us) / spoken_us
        if self.kind == "loop" and not 0 <= gone < 1 and (gone < 0 or self.family != SUNG):
            return None
        p = float(min(max(gone, Fraction(0)), Fraction(1)))
        return Clock(p, p * spoken_us / US_PER_SECOND, spoken_us / US_PER_SECOND)


def playing(block: TextBlock, animations: Iterable[Animation], length_us: int, seed: int) -> tuple[Playing, ...]:
    """The animations of a caption that can be drawn, the innermost first: a loop moves in what comes in and goes out.

    What no table has, what is marked unsupported and what has a main family that nothing draws is left out.
    """
    found = []
    for animation in sorted(animations, key=lambda animation: _INNERMOST_FIRST[animation.kind]):
        motion = text_motion(animation.resource_id, animation.name, animation.kind)
        if motion is not None and is_drawn(motion):
            found.append(_played(block, animation, motion, length_us, seed))
    return tuple(found)


def is_drawn(motion: TextMotion) -> bool:
    """Whether there is a picture of an animation."""
    return motion.fidelity != "unsupported" and motion.ops[0][0] in FAMILIES


def _played(block: TextBlock, animation: Animation, motion: TextMotion, length_us: int, seed: int) -> Playing:
    family, params = motion.ops[0]
    kind: Literal["in", "out", "loop"] = "in" if motion.kind == "in" else "out" if motion.kind == "out" else "loop"
    words = block.words if animation.kind == "caption" else ()
    untold_us = motion.duration_us or _UNTOLD_US
    turn_us = untold_us if animation.kind in ("caption", "group") else max(animation.duration_us, 1)
    start_us, end_us = animation.start_us, animation.start_us + turn_us
    if animation.kind == "out" or kind == "loop":
        end_us = length_us if animation.kind != "group" else animation.start_us + animation.duration_us
    if words:
        end_us = length_us
    ops = tuple((FAMILIES[name], options) for name, options in motion.ops if name in FAMILIES)
    unit = "spoken" if words else _UNITS.get(unit_of(family, params), "all")
    own_seed = mixed(seed, zlib.crc32(animation.resource_id.encode("utf-8", "surrogatepass")))
    return Playing(kind, family, ops, unit, start_us, end_us, turn_us, own_seed, words)
