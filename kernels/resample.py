"""Changing the size of a plane by Keys' bicubic, as swscale does it: a separable filter that widens when it shrinks.

Coordinates are continuous, as in `kernels.geometry`: output pixel i has its centre at source position
(i + ½)·step + start. Taps that fall outside the plane repeat its outermost pixels.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

_A = -0.6  # swscale's default bicubic: B = 0, C = 0.6
MOST = 32767.0 / 128.0  #: swscale holds rows that are scaled in 16 bits and cuts what overshoots above


class Axis(NamedTuple):
    """How output pixels of one axis lie in the source."""

    start: float  #: source position of the first output pixel's edge
    step: float  #: source pixels to an output pixel, positive

    @property
    def reach(self) -> int:
        """Taps to either side of an output pixel's centre."""
        return math.ceil(2.0 * max(self.step, 1.0))


def chroma_start(step: float) -> float:
    """Where rows of left-sited chroma start (ITU-T H.264 annex E, type 0) whose luma starts at 0, so that both meet."""
    return 0.25 * (1.0 - step)


def resample(plane: Tensor, height: int, width: int, down: Axis, across: Axis) -> Tensor:
    """Bicubic samples (height, width), float32, of `plane` (h, w) of any dtype; values overshoot at sharp edges."""
    rows = _weights(plane, height, plane.shape[0], down)
    columns = _weights(plane, width, plane.shape[1], across)
    across_first = (plane.float() @ columns.T).clamp_max_(MOST)
    return rows @ across_first


def _weights(like: Tensor, count: int, length: int, axis: Axis) -> Tensor:
    """(count, length) float32: what each source pixel gives to each output pixel; rows sum to one."""
    centre = (torch.arange(count, dtype=torch.float64, device=like.device) + 0.5) * axis.step + (axis.start - 0.5)
    taps = torch.arange(1 - axis.reach, axis.reach + 1, dtype=torch.float64, device=like.device)
    place = centre.floor()[:, None] + taps
    weights = _cubic((place - centre[:, None]).abs() / max(axis.step, 1.0))
    weights /= weights.sum(1, keepdim=True)
    matrix = torch.zeros((count, length), dtype=torch.float64, device=like.device)
    matrix.scatter_add_(1, place.clamp(0, length - 1).long(), weights)
    return matrix.float()


def _cubic(distance: Tensor) -> Tensor:
    """Keys' kernel (1981) of the distance in pixels of the coarser grid, 0 from two pixels on."""
    near = ((_A + 2.0) * distance - (_A + 3.0)) * distance * distance + 1.0
    far = ((_A * distance - 5.0 * _A) * distance + 8.0 * _A) * distance - 4.0 * _A
    return torch.where(distance < 1.0, near, torch.where(distance < 2.0, far, torch.zeros_like(distance)))
