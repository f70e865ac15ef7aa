"""Sounds to try operations on, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from cutfarm.render.sound.effects.op import Op, Setting
from cutfarm.render.sound.stream import Stream
from kernels.sound import Doubles, Samples

RATE_HZ = 44_100


class Array:
    """An array as a stream, silent after its end; `read_count` samples of it have been asked for."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self.read_count = 0

    def read(self, count: int) -> Samples:
        part = self._samples[:, self.read_count : self.read_count + count]
        self.read_count += count
        return np.pad(part, ((0, 0), (0, count - part.shape[1])))


def setting(samples: Samples, rate_hz: int = RATE_HZ, seed: int = 5) -> Setting:
    return Setting(rate_hz, seed, samples.shape[1])


def heard(op: Op, samples: Samples, rate_hz: int = RATE_HZ, **params: Any) -> Samples:
    """What the operation makes of a sound, over the sound's own length."""
    return op(Array(samples), params, setting(samples, rate_hz)).read(samples.shape[1])


def read_in(stream: Stream, counts: Iterable[int]) -> Samples:
    return np.concatenate([stream.read(count) for count in counts], 1)


def random_cuts(total: int, seed: int) -> list[int]:
    """Lengths from 1 to some 9000 that add up to `total`."""
    chance = np.random.default_rng(seed)
    cuts: list[int] = []
    while (left := total - sum(cuts)) > 0:
        cuts.append(min(left, int(10 ** chance.uniform(0, 3.95))))
    return cuts


def impulse(count: int, at: int = 0, level: float = 1.0) -> Samples:
    samples = np.zeros((2, count), np.float32)
    samples[:, at] = level
    return samples


def noise(count: int, level: float = 0.1, seed: int = 1) -> Samples:
    return (np.random.default_rng(seed).standard_normal((2, count)) * level).astype(np.float32)


def sine(count: int, hz: float, level: float = 0.5, rate_hz: int = RATE_HZ) -> Samples:
    wave = level * np.sin(2 * np.pi * hz * np.arange(count) / rate_hz)
    return np.stack((wave, wave)).astype(np.float32)


def rms(samples: Samples | Doubles) -> float:
    return float(np.sqrt((samples.astype(np.float64) ** 2).mean()))


def db(ratio: float) -> float:
    return float(20 * np.log10(ratio))


def gains_db(response: Doubles, hz: Doubles, rate_hz: int = RATE_HZ) -> Doubles:
    """Gain in dB at the frequencies `hz` of a filter that answers an impulse with `response` (n,)."""
    turns = np.exp(-2j * np.pi * hz[:, None] / rate_hz * np.arange(len(response)))
    gains: Doubles = 20 * np.log10(np.abs(turns @ response.astype(np.float64)))
    return gains


def stepped(count: int, value: Callable[[int], float]) -> Doubles:
    return np.array([value(place) for place in range(count)], np.float64)
