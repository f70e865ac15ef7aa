"""Chance without a state: the same numbers for the same seed, whatever was asked before."""

from __future__ import annotations

import math

_MASK = 0xFFFFFFFF


def mixed(*integers: int) -> int:
    """32 bits that look random: the integers hashed one into the next by PCG's RXS-M-XS step."""
    state = 0
    for integer in integers:
        word = (state + integer) & _MASK
        word = (word * 747796405 + 2891336453) & _MASK
        word = (((word >> ((word >> 28) + 4)) ^ word) * 277803737) & _MASK
        state = (word >> 22) ^ word
    return state


def chance(seed: int, cell: int, channel: int = 0) -> float:
    """A number in [0, 1) for an integer cell and an integer channel."""
    return mixed(seed, cell, channel) / 2.0**32


def spread(seed: int, cell: int, channel: int = 0) -> float:
    """A number in [−1, 1)."""
    return 2.0 * chance(seed, cell, channel) - 1.0


def smooth(seed: int, x: float, channel: int = 0) -> float:
    """A number in [−1, 1) that goes without corners from one integer's `spread` to the next one's."""
    cell = math.floor(x)
    t = x - cell
    near, far = spread(seed, cell, channel), spread(seed, cell + 1, channel)
    return near + (far - near) * t * t * (3.0 - 2.0 * t)


def shuffled(seed: int, count: int) -> tuple[int, ...]:
    """The numbers 0 … `count` − 1 in an order by chance."""
    return tuple(sorted(range(count), key=lambda index: (mixed(seed, index), index)))
