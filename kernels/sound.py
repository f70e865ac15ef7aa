"""Sound as arrays: gain envelopes, sums, and the limiter. Samples are (C, n), full scale ±1; n counts samples.

Mixing takes numpy alone, since loading torch costs as much as mixing minutes. Effects that need torchaudio wrap the
arrays by `torch.from_numpy`, which shares their memory, in modules that are imported where such an effect is used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HOP = 64  #: samples a limiter step
LIMITER_REACH = 32 * HOP  #: samples on either side of a sample that bear on its gain; 46 ms at 44.1 kHz

Samples = NDArray[np.float32]
Doubles = NDArray[np.float64]


def piecewise_linear(at: Doubles, points: Doubles, values: Doubles) -> Doubles:
    """Values at the instants `at` of the line through (`points`, `values`), held before the first and after the last.

    All are 1-D float64; `points` rises and holds at least one, two equal points make a step.
    """
    after = np.searchsorted(points, at, side="right")
    left = np.maximum(after - 1, 0)
    right = np.minimum(after, len(points) - 1)
    width = points[right] - points[left]
    share = (at - points[left]) / np.where(width > 0, width, np.inf)
    return values[left] + (values[right] - values[left]) * share


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


def add_at(total: Samples, samples: Samples, offset: int, gain: Doubles | float = 1.0) -> None:
    """Add `samples` (C, n) times `gain`, (n,) or one number, into `total` from `offset` on, in place."""
    place = total[:, offset : offset + samples.shape[1]]
    place += samples if isinstance(gain, float) and gain == 1.0 else samples * gain


def limited(samples: Samples, ceiling: float = 1.0) -> Samples:
    """`samples` (C, n) without their first and last `LIMITER_REACH` samples, nowhere above `ceiling`.

    The gain falls before a peak and rises after it over some 23 ms, the same for all channels, and depends on nothing
    farther than `LIMITER_REACH`; where nothing clips within that reach the samples pass bit for bit. n is a multiple
    of `HOP`, and so is the place of the first sample if pieces are to agree with the whole.
    """
    inner = samples[:, LIMITER_REACH:-LIMITER_REACH]
    if not (samples.max() > ceiling or samples.min() < -ceiling):
        return inner
    peaks = np.abs(samples).max(0).reshape(-1, HOP).max(1).astype(np.float64)
    knots = _reduction_at_knots(1.0 - ceiling / np.maximum(peaks, ceiling))
    rise = np.arange(HOP) / HOP
    gain = 1.0 - (knots[:-1, None] + np.diff(knots)[:, None] * rise).reshape(-1)
    return np.clip(inner * gain, -ceiling, ceiling).astype(samples.dtype)


def _reduction_at_knots(needed: Doubles) -> Doubles:
    """Smooth reductions between hops, at each at least what the hops on both sides of it need.

    The largest need within half the reach, averaged by a Hann window of the same half: no average can fall below the
    need at its centre, for every value that it takes in covers that centre.
    """
    half = LIMITER_REACH // HOP // 2
    most = np.lib.stride_tricks.sliding_window_view(needed, 2 * half).max(1)
    window = np.hanning(2 * half + 1)
    return np.convolve(most, window / window.sum(), mode="valid")
