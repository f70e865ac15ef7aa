"""Gaussian blur by direct taps, at any resolution of source and result.

Coordinates are continuous, as in `kernels.geometry`: result sample i is taken at source position (i + ½)·step + start.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from kernels.resample import Axis

_REACH = 4.0  # standard deviations: what lies beyond is 6e-5 of the whole
_LEAST_SIGMA = 0.2  # samples: below, a tap alone would be left, or none
_RUN = 64  # results worked out together: each looks at hardly more of the source than it needs


@dataclass(frozen=True, slots=True)
class Taps:
    """What each source sample of one axis gives to each result."""

    weights: Tensor  #: (count, length); rows sum to one
    runs: tuple[tuple[slice, slice], ...]  #: results, and the only source samples that they look at


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
    weights = torch.zeros((count, held.stop), dtype=torch.float64).scatter_add_(1, source, taps)
    runs = [slice(first, min(first + _RUN, count)) for first in range(0, count, _RUN)]
    looked_at = [slice(int(source[run].min()), int(source[run].max()) + 1) for run in runs]
    return Taps(weights.to(device=like.device, dtype=like.dtype), tuple(zip(runs, looked_at, strict=True)))


def blurred(plane: Tensor, down: Taps, across: Taps) -> Tensor:
    """The blurred samples (rows of `down`, rows of `across`) of `plane` (h, w) of any dtype; dtype of the taps."""
    weights = down.weights
    plane = plane.to(weights.dtype)
    rows = torch.cat([weights[run, part] @ plane[part] for run, part in down.runs])
    weights = across.weights
    return torch.cat([rows[:, part] @ weights[run, part].T for run, part in across.runs], dim=1)
