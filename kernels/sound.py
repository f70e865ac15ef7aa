"""Sound as tensors: gain envelopes, sums, and the limiter. Samples are (C, n), full scale ±1; n counts samples."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

HOP = 64  #: samples a limiter step
LIMITER_REACH = 32 * HOP  #: samples on either side of a sample that bear on its gain; 46 ms at 44.1 kHz


def piecewise_linear(at: Tensor, points: Tensor, values: Tensor) -> Tensor:
    """Values at the instants `at` of the line through (`points`, `values`), held before the first and after the last.

    All are 1-D float64; `points` rises and holds at least one, two equal points make a step.
    """
    right = torch.searchsorted(points, at, right=True)
    left = (right - 1).clamp(min=0)
    right = right.clamp(max=len(points) - 1)
    width = points[right] - points[left]
    share = torch.where(width > 0, (at - points[left]) / width.where(width > 0, 1.0), 0.0)
    return torch.lerp(values[left], values[right], share.clamp(0.0, 1.0))


def fade_gain(at: Tensor, length: float, fade_in: float, fade_out: float) -> Tensor:
    """Linear ramps at the edges of [0, `length`), 0…1; float64, all times in one unit; a ramp of length 0 is none.

    Ramps that meet are multiplied.
    """
    gain = torch.ones_like(at)
    if fade_in > 0:
        gain = gain * (at / fade_in).clamp(0.0, 1.0)
    if fade_out > 0:
        gain = gain * ((length - at) / fade_out).clamp(0.0, 1.0)
    return gain


def add_at(total: Tensor, samples: Tensor, offset: int, gain: Tensor | float = 1.0) -> None:
    """Add `samples` (C, n) times `gain`, (n,) or one number, into `total` from `offset` on, in place."""
    place = total[:, offset : offset + samples.shape[1]]
    if isinstance(gain, Tensor):
        place.addcmul_(samples, gain.to(samples.dtype))
    else:
        place.add_(samples, alpha=gain)


def limited(samples: Tensor, ceiling: float = 1.0) -> Tensor:
    """`samples` (C, n) without their first and last `LIMITER_REACH` samples, nowhere above `ceiling`.

    The gain falls before a peak and rises after it over some 23 ms, the same for all channels, and depends on nothing
    farther than `LIMITER_REACH`; where nothing clips within that reach the samples pass bit for bit. n is a multiple
    of `HOP`, and so is the place of the first sample if pieces are to agree with the whole.
    """
    inner = samples[:, LIMITER_REACH:-LIMITER_REACH]
    peaks = samples.abs().amax(0).view(-1, HOP).amax(1)
    if not bool((peaks > ceiling).any()):
        return inner
    knots = _reduction_at_knots(1.0 - ceiling / peaks.clamp(min=ceiling))
    rise = torch.arange(HOP, dtype=samples.dtype, device=samples.device) / HOP
    reduction = torch.lerp(knots[:-1, None], knots[1:, None], rise).view(-1)
    return (inner * (1.0 - reduction)).clamp(-ceiling, ceiling)


def _reduction_at_knots(needed: Tensor) -> Tensor:
    """Smooth reductions between hops, at each at least what the hops on both sides of it need.

    The largest need within half the reach, averaged by a Hann window of the same half: no average can fall below the
    need at its centre, for every value that it takes in covers that centre.
    """
    half = LIMITER_REACH // HOP // 2
    most = functional.max_pool1d(needed[None], 2 * half, stride=1)[0]
    window = torch.hann_window(2 * half + 1, periodic=False, dtype=needed.dtype, device=needed.device)
    window = window / window.sum()
    return functional.conv1d(most[None, None], window[None, None])[0, 0]
