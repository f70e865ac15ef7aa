"""Sampling planes through an affine map.

Coordinates are continuous: pixel i covers [i, i + 1), its centre is i + 0.5; x right, y down.
A map is six floats (a, b, c, d, e, f): source x = a·x + b·y + c, source y = d·x + e·y + f, from output to source.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

Affine = tuple[float, float, float, float, float, float]


def warp(planes: Tensor, to_source: Affine, height: int, width: int) -> Tensor:
    """Bilinear samples of `planes` at the centres of an output grid.

    `planes` (N, h, w) float; returns (N, height, width), same dtype and device. Beyond its edge the source repeats its
    outermost pixels: what lies outside is cut by `coverage`, so that edges keep their colour.
    """
    a, b, c, d, e, f = to_source
    across, down = 2.0 / planes.shape[-1], 2.0 / planes.shape[-2]  # grid units to a source pixel
    grid = torch.empty((height, width, 2), dtype=planes.dtype, device=planes.device)
    _plane_of(grid[..., 0], a * across, b * across, c * across - 1.0)
    _plane_of(grid[..., 1], d * down, e * down, f * down - 1.0)
    return grid_sample(planes[None], grid[None], mode="bilinear", padding_mode="border", align_corners=False)[0]


def coverage(
    to_source: Affine, source_height: float, source_width: float, height: int, width: int, like: Tensor
) -> Tensor:
    """How much of each output pixel the source rectangle [0, source_width] × [0, source_height] covers.

    Returns (height, width) in [0, 1] with dtype and device of `like`: exact for upright rectangles, and for turned ones
    the linear ramp of one pixel across the edge.
    """
    a, b, c, d, e, f = to_source
    across = _inside(like, (a, b, c), source_width, height, width)
    return across.mul_(_inside(like, (d, e, f), source_height, height, width))


def _inside(like: Tensor, row: tuple[float, float, float], length: float, height: int, width: int) -> Tensor:
    """Coverage along one source axis: how deep a pixel lies within [0, length], in output pixels, but half of it."""
    a, b, c = row
    step = math.hypot(a, b)  # source units to an output pixel
    position = like.new_empty((height, width))
    _plane_of(position, a / step, b / step, (c - length / 2.0) / step)
    return position.abs_().neg_().add_(length / step / 2.0 + 0.5).clamp_(0.0, min(length / step, 1.0))


def _plane_of(out: Tensor, across: float, down: float, shift: float) -> None:
    """Fill `out` (height, width) with across · x + down · y + shift at the pixels' centres; summed up in float64."""
    height, width = out.shape
    columns = across * (torch.arange(width, dtype=torch.float64, device=out.device) + 0.5)
    rows = down * (torch.arange(height, dtype=torch.float64, device=out.device) + 0.5) + shift
    torch.add(columns.to(out.dtype), rows.to(out.dtype)[:, None], out=out)
