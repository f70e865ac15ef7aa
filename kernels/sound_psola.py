"""The pitch of a voice set anew, its length and its formants kept: PSOLA (Moulines and Charpentier, 1990).

A voice is cut at marks, one a period, into grains that reach from mark to mark; they are laid out again at the distance
that the wanted pitch asks for. What has no pitch passes as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kernels.sound import Doubles, Samples
from kernels.sound_delay import read_between
from kernels.sound_marks import FARTHEST, Known, Mark, next_mark
from kernels.sound_pitch import HOP, PitchTrack

_LOUDEST = 2.0  # most gain of a grain, and its inverse the least

#: Wanted pitches (n,) in Hz for the frames from the given one on, whose pitches are (n,), 0 where there is none; called
#: for all frames in order.
Wanted = Callable[[int, Doubles], Doubles]


@dataclass(frozen=True, slots=True)
class _Place:
    """A grain's place, the index of the mark that it is cut at, and the wanted period there (0: passes as it is)."""

    at: float
    index: int
    period: float


class Repitched:
    """A sound on its way: pieces in, pieces out, late by some thousand samples, none lost.

    Its memory is of some thousand samples. How the sound is cut into pieces bears on nothing but the way out's cutting.
    """

    def __init__(self, rate_hz: int, wanted: Wanted) -> None:
        self._rate_hz = rate_hz
        self._wanted = wanted
        self._track = PitchTrack(rate_hz)
        self._known = Known(-2 * FARTHEST, np.zeros((2, 2 * FARTHEST), np.float32), 0, np.zeros(0))
        self._wanted_periods = np.zeros(0)
        self._frames = 0
        self._marks = [Mark(float(-HOP), 0.0), Mark(0.0, 0.0)]
        self._places = [_Place(mark.at, index, 0.0) for index, mark in enumerate(self._marks)]
        self._done = 0
        self._sum: Doubles = np.zeros((2, 0))

    def push(self, samples: Samples) -> Samples:
        """What is ready once the next `samples` (2, n) are known, float32 (2, m)."""
        known = self._known
        known.samples = np.concatenate((known.samples, samples), 1)
        pitches = self._track.push(samples)
        known.periods = np.concatenate((known.periods, self._periods(pitches)))
        wanted = self._periods(self._wanted(self._frames, pitches))
        self._wanted_periods = np.concatenate((self._wanted_periods, wanted))
        self._frames += len(pitches)
        while known.reaches(self._marks[-1].at):
            self._marks.append(next_mark(known, self._marks[-1]))
        while (place := self._next_place()) is not None:
            self._places.append(place)
        return self._laid_out()

    def _periods(self, pitches: Doubles) -> Doubles:
        return np.divide(self._rate_hz, pitches, out=np.zeros_like(pitches), where=pitches > 0)

    def _next_place(self) -> _Place | None:
        """Where the next grain goes: a wanted period on while the voice lasts, else to the next mark as it is."""
        last, marks = self._places[-1], self._marks
        index, at = last.index + 1, last.at + last.period
        if marks[-1].at < at + FARTHEST:
            return None
        if last.period:
            index = last.index
            while marks[index + 1].period and abs(marks[index + 1].at - at) <= abs(marks[index].at - at):
                index += 1
            if not marks[index + 1].period and abs(marks[index + 1].at - at) < abs(marks[index].at - at):
                index, at = index + 1, marks[index + 1].at
        else:
            at = marks[index].at
        return _Place(at, index, self._wanted_at(marks[index]))

    def _wanted_at(self, mark: Mark) -> float:
        if not mark.period:
            return 0.0
        return float(self._wanted_periods[round(mark.at / HOP) - self._known.first_frame])

    def _laid_out(self) -> Samples:
        """All grains that stand between two others, added; what no later one reaches is given."""
        places = self._places
        ready = max(int(places[-1].at) - FARTHEST, self._done)
        if len(places) > 2:
            self._add(places)
            self._places = places[-2:]
        length = ready - self._done
        given = np.zeros((2, length), np.float32)
        given[:, : self._sum.shape[1]] = self._sum[:, :length]
        self._sum = self._sum[:, length:]
        self._done = ready
        self._forget()
        return given

    def _add(self, places: list[_Place]) -> None:
        """Add the grains of all `places` but the first and the last."""
        grains = np.array([self._grain(*three) for three in zip(places, places[1:], places[2:], strict=False)])
        at, source, left, right, gain = grains.T
        first = np.ceil(at - left).astype(np.int64)
        counts = np.floor(at + right).astype(np.int64) - first + 1
        of = np.repeat(np.arange(len(at)), counts)
        n = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first, counts)
        away = n - at[of]
        share = away / np.where(away < 0, left[of], right[of])
        weight = (0.5 + 0.5 * np.cos(np.pi * share)) * gain[of]
        values = read_between(self._known.samples, away + source[of] - self._known.origin)
        due = n >= self._done
        into = n[due] - self._done
        length = max(int(into.max()) + 1, self._sum.shape[1])
        total: Doubles = np.stack([np.bincount(into, (weight * channel)[due], length) for channel in values])
        total[:, : self._sum.shape[1]] += self._sum
        self._sum = total

    def _grain(self, before: _Place, here: _Place, after: _Place) -> tuple[float, float, float, float, float]:
        """Place, source, reach to the left and to the right in samples, and gain of the grain between two others.

        Two of a voice reach as far as they do in the source, others exactly to each other, where they add up to one.
        The gain keeps the power.
        """
        marks, index = self._marks, here.index
        mark = marks[index]
        left, right = here.at - before.at, after.at - here.at
        if here.period and before.period:
            left = mark.at - marks[index - 1].at if marks[index - 1].period else mark.period
        if here.period and after.period:
            right = marks[index + 1].at - mark.at if marks[index + 1].period else mark.period
        gain = (here.period / mark.period) ** 0.5 if here.period else 1.0
        return here.at, mark.at, left, right, min(max(gain, 1.0 / _LOUDEST), _LOUDEST)

    def _forget(self) -> None:
        oldest = max(self._places[0].index - 1, 0)
        self._marks = self._marks[oldest:]
        self._places = [_Place(place.at, place.index - oldest, place.period) for place in self._places]
        self._known.forget(min(self._marks[0].at, self._done))
        kept = len(self._known.periods)
        self._wanted_periods = self._wanted_periods[len(self._wanted_periods) - kept :]
