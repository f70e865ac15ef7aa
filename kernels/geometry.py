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
    x, y = _source_coordinates(planes, to_source, height, width)
    source_height, source_width = planes.shape[-2:]
    grid = torch.stack((x * (2.0 / source_width) - 1.0, y * (2.0 / source_height) - 1.0), dim=-1)
    return grid_sample(planes[None], grid[None], mode="bilinear", padding_mode="border", align_corners=False)[0]


def coverage(
    to_source: Affine, source_height: float, source_width: float, height: int, width: int, like: Tensor
) -> Tensor:
    """How much of each output pixel the source rectangle [0, source_width] × [0, source_height] covers.

    Returns (height, width) in [0, 1] with dtype and device of `like`: exact for upright rectangles, and for turned ones
    the linear ramp of one pixel across the edge.
    """
    x, y = _source_coordinates(like, to_source, height, width)
    a, b, _, d, e, _ = to_source
    return _inside(x, source_width, math.hypot(a, b)) * _inside(y, source_height, math.hypot(d, e))


def _source_coordinates(like: Tensor, to_source: Affine, height: int, width: int) -> tuple[Tensor, Tensor]:
    a, b, c, d, e, f = to_source
    column = torch.arange(width, dtype=torch.float64, device=like.device) + 0.5
    row = (torch.arange(height, dtype=torch.float64, device=like.device) + 0.5)[:, None]
    x = a * column + (b * row + c)
    y = d * column + (e * row + f)
    return x.to(like.dtype), y.to(like.dtype)


def _inside(position: Tensor, length: float, step: float) -> Tensor:
    """Coverage along one axis: `step` source units go to one output pixel."""
    near = (position / step + 0.5).clamp(0.0, 1.0)
    far = ((length - position) / step + 0.5).clamp(0.0, 1.0)
    return (near + far - 1.0).clamp_min(0.0)
