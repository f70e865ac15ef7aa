"""Chance that hangs on a seed and a place alone, so that any piece of a sound is the same wherever it is made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.sound import Doubles

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def hashed(seed: int, first: int, count: int) -> NDArray[np.uint64]:
    """Random 64-bit words for the places `first` … `first + count − 1`, of any sign: splitmix64 of seed and place."""
    start = np.uint64(_mixed_int(seed) + first & (1 << 64) - 1)
    with np.errstate(over="ignore"):
        words = (start + np.arange(1, count + 1, dtype=np.uint64)) * _GOLDEN
        words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def uniform(seed: int, first: int, count: int) -> Doubles:
    """Even chance in [0, 1), float64 (count,), one for each place from `first` on."""
    words = (hashed(seed, first, count) >> np.uint64(11)).astype(np.float64)
    words *= 2.0**-53
    return words


def normal(seed: int, first: int, count: int) -> Doubles:
    """Standard normal chance, float64 (count,), one for each place from `first` on (Box and Muller)."""
    words = hashed(seed, first, count)
    above_zero = ((words >> np.uint64(32)).astype(np.float64) + 1.0) * 2.0**-32
    turns = (words & np.uint64(0xFFFFFFFF)).astype(np.float64) * 2.0**-32
    chance: Doubles = np.sqrt(-2.0 * np.log(above_zero)) * np.cos(2.0 * np.pi * turns)
    return chance


def _mixed_int(seed: int) -> int:
    mask = (1 << 64) - 1
    word = seed & mask
    word = (word ^ (word >> 33)) * 0xFF51AFD7ED558CCD & mask
    word = (word ^ (word >> 33)) * 0xC4CEB9FE1A85EC53 & mask
    return word ^ (word >> 33)
