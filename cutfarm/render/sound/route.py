"""Which place of a tape each frame of a stretched sound stands at, so that onsets come whole and on time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from math import floor

import numpy as np

from kernels.sound import Doubles
from kernels.sound_spectrum import FRAME, HOP

_HALF = FRAME // 2
_WHOLE = _HALF * 3 // 4
_STEPS = 4096  # output samples that are looked through at a time for the one at which an onset is heard
_SLOWEST = 24  # frames' lengths that catching up may take
_FARTHEST = 8  # frames' lengths that the route may lie off the map
_FASTEST = 24  # frames' lengths on the tape that are looked ahead


@dataclass(slots=True)
class Onset:
    """A place of the tape at which a sound sets in, and the output sample at which it is heard."""

    place: int
    sample: int
    is_led: bool  #: frames follow it at pace 1; else it is laid over as it is, for another is too near before it
    catch_up: float  #: output samples in which the route leaves the map for it, or comes back
    before: int  #: output samples around it in which frames follow it
    after: int

    @property
    def is_whole(self) -> bool:
        """Whether the frames that follow it hold nearly all of it."""
        return self.is_led and min(self.before, self.after) >= _WHOLE


class Route:
    """Places for output samples: those of the map `at`, save around onsets, where a frame's length goes at pace 1.

    So every frame that holds an onset brings it to its own time. Between two onsets nearer than a frame, on the tape
    or in the output, the route changes from one to the other halfway. Two nearer than a quarter of a frame are not
    both led: the second is not.
    """

    def __init__(self, at: Callable[[Doubles], Doubles]) -> None:
        self._at = at
        self._start = float(at(np.zeros(1))[0])
        self._led: list[Onset] = []
        self._step = 0
        self._places = self._looked_at(0)

    def at(self, sample: float) -> float:
        """The map, which goes on evenly before its start."""
        return float(self._at(np.array([sample], np.float64))[0]) if sample >= 0 else self._start + sample

    def horizon(self, sample: int) -> int:
        """How far the tape bears on the route at an output sample: onsets up to there are to be added before."""
        here = self.at(sample)
        near = self.at(sample + 1.5 * FRAME)
        far = min(self.at(sample + (_SLOWEST + 0.5) * FRAME), here + 1.5 * FRAME)
        return int(max(min(near, here + _FASTEST * FRAME), far))

    def add(self, place: int) -> Onset:
        """An onset of the tape; they are added in their order."""
        sample = floor(self._when(place) + 0.5)
        pace = max((self.at(sample + _HALF) - self.at(sample - _HALF)) / FRAME, 1e-3)
        catch_up = FRAME * min(abs(1.0 - pace) / pace, _SLOWEST) + 1.0
        led = min(_HALF, int(_FARTHEST * FRAME / pace))
        onset = Onset(place, sample, led >= HOP // 2, catch_up, led, led)
        if self._led and onset.is_led:
            last = self._led[-1]
            gap = min(place - last.place, sample - last.sample)
            onset.is_led = gap >= HOP
            if onset.is_led:
                onset.before = min(onset.before, gap // 2)
                last.after = min(last.after, gap // 2)
        if onset.is_led:
            self._led.append(onset)
        return onset

    def place(self, sample: int) -> tuple[int, Onset | None]:
        """Where on the tape the frame around an output sample stands, and the onset that it follows."""
        later = bisect_right(self._led, sample, key=lambda onset: onset.sample)
        near = self._led[max(later - 1, 0) : later + 1]
        for onset in near:
            if -onset.before <= sample - onset.sample <= onset.after:
                return onset.place + sample - onset.sample, onset
        place = self.at(sample)
        exits = [(onset.sample + onset.after, onset, 1) for onset in near if onset.sample < sample]
        entries = [(onset.sample - onset.before, onset, -1) for onset in near if onset.sample >= sample]
        gap = entries[0][0] - exits[0][0] if exits and entries else np.inf
        for edge, onset, sign in (*exits, *entries):
            share = 1.0 - sign * (sample - edge) / min(onset.catch_up, max(gap, 1.0))
            place += max(share, 0.0) * (onset.place + edge - onset.sample - self.at(edge))
        return floor(place + 0.5), None

    def forget(self, sample: int) -> None:
        """Let go of onsets that bear on nothing after an output sample."""
        while len(self._led) > 1 and self._led[1].sample < sample - (_SLOWEST + 1) * FRAME:
            del self._led[0]

    def _when(self, place: float) -> float:
        """The output sample, not rounded, at which a place is heard; asked for in rising order."""
        if place <= self._start:
            return place - self._start
        while self._places[-1] <= place:
            self._step += _STEPS
            self._places = self._looked_at(self._step)
        after = int(np.searchsorted(self._places, place, side="right"))
        low, high = self._places[after - 1], self._places[after]
        return float(self._step + after - 1 + (place - low) / (high - low))

    def _looked_at(self, first: int) -> Doubles:
        return self._at(np.arange(first, first + _STEPS + 1, dtype=np.float64))
