"""Noises made for any place of an endless sound, each sample a function of the seed and its place alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kernels.sound import Doubles
from kernels.sound_chance import uniform

FRAME = 2048  #: samples that are coloured at a time
STEP = FRAME // 2  #: samples between frames; a place begins and ends on a multiple of it
_BINS = FRAME // 2 + 1
_FADE: Doubles = np.sin(np.pi * (np.arange(FRAME) + 0.5) / FRAME)  # squares of two frames add up to 1


@dataclass(frozen=True, slots=True)
class Place:
    """The samples `first` … `first + count − 1` of a sound; `seed` is all its chance."""

    seed: int
    rate_hz: int
    first: int
    count: int

    def salted(self, salt: int) -> Place:
        """The same place of an independent sound."""
        return replace(self, seed=self.seed + (salt << 40))

    @property
    def seconds(self) -> Doubles:
        """The time of every sample, (count,)."""
        return np.arange(self.first, self.first + self.count, dtype=np.float64) / self.rate_hz

    @property
    def frame_seconds(self) -> Doubles:
        """The time of every frame of `coloured`, (frames,)."""
        frames = np.arange(self.first // STEP, (self.first + self.count) // STEP + 1, dtype=np.float64)
        return frames * (STEP / self.rate_hz)

    @property
    def bin_hz(self) -> Doubles:
        """The frequency of every bin of `coloured`, (bins,)."""
        return np.arange(_BINS, dtype=np.float64) * (self.rate_hz / FRAME)


def coloured(place: Place, shape: Doubles) -> Doubles:
    """Noise whose amplitude at each of `place.bin_hz` goes as `shape`, (bins,) or (frames, bins), (count,).

    Its RMS is 1, in each frame. The phases of every frame are chance.
    """
    frames = len(place.frame_seconds)
    turns = uniform(place.seed, place.first // STEP * _BINS, frames * _BINS).reshape(frames, _BINS)
    inner = shape.copy()
    inner[..., 0] = inner[..., -1] = 0.0
    inner /= np.sqrt(np.square(inner).sum(-1, keepdims=True) * 2.0) / FRAME
    pieces = np.fft.irfft(inner * np.exp(2j * np.pi * turns)) * _FADE
    halves = pieces[:-1, STEP:] + pieces[1:, :STEP]
    return halves.reshape(-1)


def wandering(seed: int, at: Doubles) -> Doubles:
    """Chance −1…1 at whole `at` (n,), ascending, even on average, with smooth ways between."""
    if not len(at):
        return np.zeros(0)
    whole = np.floor(at).astype(np.int64)
    first = int(whole[0])
    knots = 2.0 * uniform(seed, first, int(whole[-1]) - first + 2) - 1.0
    share = at - whole
    left, right = knots[whole - first], knots[whole - first + 1]
    chance: Doubles = left + (right - left) * share * share * (3.0 - 2.0 * share)
    return chance
