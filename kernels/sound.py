"""Sound as arrays: fades, gains, panning. Samples are (C, n), full scale ±1; n counts samples.

Sound takes numpy alone: loading torch costs as much as mixing minutes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Doubles = NDArray[np.float64]


def fade_gain(at: Doubles, length: float, fade_in: float, fade_out: float) -> Doubles:
    """Linear ramps at the edges of [0, `length`), 0…1; float64, all times in one unit; a ramp of length 0 is none.

    Ramps that meet are multiplied.
    """
    gain = np.ones_like(at)
    if fade_in > 0:
        gain *= np.clip(at / fade_in, 0.0, 1.0)
    if fade_out > 0:
        gain *= np.clip((length - at) / fade_out, 0.0, 1.0)
    return gain


def fade_line(first: float, last: float, length: float, fade_in: float, fade_out: float) -> tuple[float, float] | None:
    """`fade_gain` at two instants, if it goes straight from one to the other."""
    low, high = min(first, last), max(first, last)
    is_rising, is_falling = low < fade_in, fade_out > 0 and high > length - fade_out
    is_straight = low >= 0 and high <= length and not (is_rising and is_falling)
    if is_rising:
        is_straight &= high <= fade_in
    if is_falling:
        is_straight &= low >= length - fade_out
    if not (is_rising or is_falling):
        return 1.0, 1.0
    if not is_straight:
        return None
    first_gain, last_gain = fade_gain(np.array((first, last)), length, fade_in, fade_out).tolist()
    return first_gain, last_gain


def product_of_lines(one: tuple[float, float], other: tuple[float, float], count: int) -> Doubles | float:
    """`count` values along the product of two straight lines, given by their ends; one number where both are level."""
    lines = [np.linspace(*line, count) for line in (one, other) if line[0] != line[1]]
    level = math.prod(line[0] for line in (one, other) if line[0] == line[1])
    if not lines:
        return level
    gain = lines[0]
    for line in lines[1:]:
        gain *= line
    if level != 1.0:
        gain *= level
    return gain


def scaled(samples: Samples, gain: Doubles | float) -> Samples:
    """`samples` (C, n) times `gain`, (n,) or one number, in place; a gain of 1 passes bit for bit."""
    if isinstance(gain, float):
        if gain != 1.0:
            samples *= np.float32(gain)
    else:
        samples *= gain.astype(np.float32)
    return samples


def panned(samples: Samples, pan: Doubles, *, is_mono: bool) -> Samples:
    """Stereo `samples` (2, n) moved to `pan`, (n,) or (1,): -1 is left, 0 where they are, 1 right. Nothing is lost.

    A mono sound, the same on both sides, keeps its power: √2 cos and √2 sin of (pan + 1) π/4. Of a stereo sound the
    side that it moves away from is turned down and its rest added to the other, as the Web Audio API's
    StereoPannerNode does it (W3C, 2021, §1.31.4).
    """
    if is_mono:
        angle = (pan + 1.0) * (np.pi / 4.0)
        return np.stack(
            (samples[0] * (np.sqrt(2.0) * np.cos(angle)), samples[1] * (np.sqrt(2.0) * np.sin(angle)))
        ).astype(np.float32)
    left, right = samples
    angle = np.abs(pan) * (np.pi / 2.0)
    keeps, gives = np.cos(angle), np.sin(angle)
    to_left = np.stack((left + right * gives, right * keeps))
    to_right = np.stack((left * keeps, right + left * gives))
    return np.where(pan <= 0.0, to_left, to_right).astype(np.float32)
