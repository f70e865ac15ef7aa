"""Gaussian blur by direct taps, at any resolution of source and result.

Coordinates are continuous, as in `kernels.geometry`: result sample i is taken at source position (i + ½)·step + start.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from kernels.resample import Axis

_REACH = 4.0  # standard deviations: what lies beyond is 6e-5 of the whole
_LEAST_SIGMA = 0.2  # samples: below, a tap alone would be left, or none
_RUN = 64  # results worked out together: each looks at hardly more of the source than it needs


@dataclass(frozen=True, slots=True)
class Taps:
    """What the source samples of one axis give to each result.

    Results are worked out in runs of 64, of which each looks at equally many source samples: memory grows with the
    length of an axis, not with its square.
    """

    weights: Tensor  #: (count, width); rows sum to one
    starts: tuple[int, ...]  #: the first source sample that each run looks at

    def runs(self) -> Iterator[tuple[Tensor, slice]]:
        """The weights of each run, and the source samples that it looks at."""
        width = self.weights.shape[1]
        for weights, start in zip(_runs_of(self.weights), self.starts, strict=True):
            yield weights, slice(start, start + width)


def gaussian_taps(count: int, held: range, axis: Axis, sigma: float, like: Tensor) -> Taps:
    """Taps for `count` results of a gaussian with standard deviation `sigma`, in source samples, at least 0.2.

    Only the source samples `held` are looked at: the outermost ones are repeated beyond. `like` gives dtype and device.
    """
    sigma = max(sigma, _LEAST_SIGMA)
    reach = math.ceil(_REACH * sigma)
    centre = (torch.arange(count, dtype=torch.float64) + 0.5) * axis.step + (axis.start - 0.5)
    place = centre.round()[:, None] + torch.arange(-reach, reach + 1, dtype=torch.float64)
    taps = torch.exp(-0.5 * ((place - centre[:, None]) / sigma) ** 2)
    taps /= taps.sum(1, keepdim=True)
    source = place.clamp(held.start, held.stop - 1).long()
    looked_at = [(int(run.min()), int(run.max()) + 1) for run in _runs_of(source)]
    width = max(end - first for first, end in looked_at)
    starts = [min(first, held.stop - width) for first, _ in looked_at]
    source -= torch.tensor(starts).repeat_interleave(_RUN)[:count, None]
    weights = torch.zeros((count, width), dtype=torch.float64).scatter_add_(1, source, taps)
    return Taps(weights.to(device=like.device, dtype=like.dtype), tuple(starts))


def _runs_of(rows: Tensor) -> Iterator[Tensor]:
    return (rows[first : first + _RUN] for first in range(0, len(rows), _RUN))


def blurred(plane: Tensor, down: Taps, across: Taps) -> Tensor:
    """The blurred samples (rows of `down`, rows of `across`) of `plane` (h, w) of any dtype; dtype of the taps."""
    plane = plane.to(down.weights.dtype)
    rows = torch.cat([weights @ plane[part] for weights, part in down.runs()])
    return torch.cat([rows[:, part] @ weights.T for weights, part in across.runs()], dim=1)
