"""Tapes that are made by a formula, for tests of timing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from cutfarm.render.sound.stream import Stream
from kernels.sound import Doubles, Samples

RATE_HZ = 44_100

_HISS = np.random.default_rng(11).standard_normal((2, 1 << 18)) * 0.1


class Formula:
    """A stream whose sample at a place is a function of the place; it counts how far it was read."""

    def __init__(self, sound: Callable[[Doubles], Doubles], lead: int) -> None:
        self._sound, self.place = sound, -lead

    def read(self, count: int) -> Samples:
        places = np.arange(self.place, self.place + count, dtype=np.float64)
        self.place += count
        samples = np.asarray(self._sound(places), np.float32)
        return np.array(np.broadcast_to(samples, (2, count)))


def tone(hz: float, level: float = 0.5) -> Callable[[Doubles], Doubles]:
    """A sine and a cosine, left and right."""
    angle = 2 * np.pi * hz / RATE_HZ
    return lambda places: level * np.stack((np.sin(angle * places), np.cos(angle * places)))


def harmonics(places: Doubles) -> Doubles:
    """A steady tone of 220 Hz with eleven partials."""
    partial = np.arange(1.0, 12.0)[:, None]
    summed: Doubles = (0.1 / partial * np.sin(2 * np.pi * 220 / RATE_HZ * partial * places + partial**2)).sum(0)
    return summed


def clicks(at: ArrayLike, level: float = 0.8) -> Callable[[Doubles], Doubles]:
    """Single samples at places of the tape."""
    return lambda places: np.where(np.isin(places, np.asarray(at, np.float64)), level, 0.0)


def hiss(places: Doubles) -> Doubles:
    """Noise that hangs on the place alone, of level 0.1."""
    return _HISS[:, places.astype(np.int64) % _HISS.shape[1]]


def in_pieces(stream: Stream, counts: list[int]) -> Samples:
    """What a stream gives, read in so many samples at a time."""
    return np.concatenate([stream.read(count) for count in counts], 1)


def db(ratio: float) -> float:
    """Of amplitudes."""
    return float(20 * np.log10(max(ratio, 1e-12)))
