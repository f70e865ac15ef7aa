"""Marks on the periods of a voice: where grains of it may be cut so that they fit together again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kernels.sound import Doubles, Samples
from kernels.sound_pitch import HOP

AHEAD = 4096  #: samples that must be known past a mark before the next one can be set
FARTHEST = 1280  #: samples, more than lie between two marks
_SEARCH = 0.12  # of a period, on either side of where the next mark is looked for
_FAINT = 1e-9


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in samples, and the period there; 0 where the sound has no pitch."""

    at: float
    period: float


@dataclass(slots=True)
class Known:
    """What is known of a sound so far: samples (2, n) from `origin` on, and the periods of its frames, 0 for none."""

    origin: int
    samples: Samples
    first_frame: int
    periods: Doubles

    @property
    def end(self) -> int:
        """The first sample that is not known."""
        end: int = self.origin + self.samples.shape[1]
        return end

    def period_at(self, at: float) -> float:
        """The period of the frame nearest to the sample `at`."""
        return float(self.periods[round(at / HOP) - self.first_frame])

    def reaches(self, at: float) -> bool:
        """Whether enough is known to set a mark after the one at `at`."""
        frames_end = (self.first_frame + len(self.periods)) * HOP
        return at + AHEAD <= min(self.end, frames_end)

    def forget(self, before: float) -> None:
        """Let go of what lies before the sample `before`, in whole frames."""
        frames = int(before) // HOP - self.first_frame
        if frames > 0:
            self.periods = self.periods[frames:]
            self.first_frame += frames
        drop = self.first_frame * HOP - FARTHEST - self.origin
        if drop > 0:
            self.samples = self.samples[:, drop:]
            self.origin += drop


def next_mark(known: Known, mark: Mark) -> Mark:
    """The mark after `mark`: a period on where there is a voice, else a frame on, at a whole sample.

    A voice's first mark is its loudest sample within a period; each later one lies where the sound is most like that
    around the mark before.
    """
    if mark.period:
        at = mark.at + _likest(known, mark)
        period = known.period_at(at)
        return Mark(at if period else float(round(at)), period)
    at = mark.at + HOP
    period = known.period_at(at)
    if not period:
        return Mark(at, 0.0)
    start = int(at) - known.origin
    loudness = np.square(known.samples[:, start : start + int(period)]).sum(0)
    at += int(np.argmax(loudness))
    return Mark(at, known.period_at(at))


def _likest(known: Known, mark: Mark) -> float:
    """How far on from `mark` the sound is most like that around it, about a period; in samples and fractions."""
    half, slack, lag = int(mark.period / 2), max(2, int(_SEARCH * mark.period)), round(mark.period)
    centre = round(mark.at) - known.origin
    here = known.samples[:, centre - half : centre + half].astype(np.float64)
    start = centre + lag - slack - half
    there = known.samples[:, start : start + 2 * (half + slack)].astype(np.float64)
    alike = sum(np.correlate(there[channel], here[channel], "valid") for channel in (0, 1))
    sums = np.concatenate(((0.0,), np.cumsum(np.square(there).sum(0))))
    likeness = alike / np.sqrt(sums[2 * half :] - sums[: len(sums) - 2 * half] + _FAINT)
    best = int(np.argmax(likeness[1:-1])) + 1
    before, middle, after = likeness[best - 1 : best + 2]
    bend = before - 2.0 * middle + after
    vertex = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(lag - slack + best + min(max(vertex, -0.5), 0.5))
