"""Sampling planes through an affine or a perspective map.

Coordinates are continuous: pixel i covers [i, i + 1), its centre is i + 0.5; x right, y down. Maps go from output to
source. An affine one is six floats (a, b, c, d, e, f): source x = a·x + b·y + c, source y = d·x + e·y + f. A
perspective one is nine, (a, …, i): both are divided by g·x + h·y + i, which is positive wherever something shows.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

Affine = tuple[float, float, float, float, float, float]
Perspective = tuple[float, float, float, float, float, float, float, float, float]

LEAST_DEPTH = 1e-6  #: what a perspective map divides by at least: behind its horizon there is nothing to be seen
_GAUSS = math.sqrt(12.0)


def warp(planes: Tensor, to_source: Affine | Perspective, height: int, width: int) -> Tensor:
    """Bilinear samples of `planes` at the centres of an output grid.

    `planes` (N, h, w) float; returns (N, height, width), same dtype and device. Beyond its edge the source repeats its
    outermost pixels: what lies outside is cut by `coverage`, so that edges keep their colour.
    """
    a, b, c, d, e, f = to_source[:6]
    across, down = 2.0 / planes.shape[-1], 2.0 / planes.shape[-2]  # grid units to a source pixel
    if len(to_source) == 6:
        grid = torch.empty((height, width, 2), dtype=planes.dtype, device=planes.device)
        _plane_of(grid[..., 0], a * across, b * across, c * across - 1.0)
        _plane_of(grid[..., 1], d * down, e * down, f * down - 1.0)
    else:
        # Quotients of long sums: in single precision they would be off by more than a hundredth of a pixel.
        exact = torch.empty((3, height, width), dtype=torch.float64, device=planes.device)
        for plane, row in zip(
            exact, ((a * across, b * across, c * across), (d * down, e * down, f * down), to_source[6:]), strict=True
        ):
            _plane_of(plane, *row)
        grid = exact[:2].div_(exact[2].clamp_min_(LEAST_DEPTH)).sub_(1.0).clamp_(-2.0, 2.0)
        grid = grid.permute(1, 2, 0).to(planes.dtype)
    return grid_sample(planes[None], grid[None], mode="bilinear", padding_mode="border", align_corners=False)[0]


def coverage(
    to_source: Affine, source_height: float, source_width: float, height: int, width: int, like: Tensor
) -> Tensor:
    """How much of each output pixel the source rectangle [0, source_width] × [0, source_height] covers.

    Returns (height, width) in [0, 1] with dtype and device of `like`: exact for upright rectangles; along the edges of
    turned ones within 0.025, and within 0.006 on average.
    """
    across = _inside(like, to_source[:3], source_width, height, width)
    return across.mul_(_inside(like, to_source[3:], source_height, height, width))


class Ramp(NamedTuple):
    """How coverage grows towards the middle of one source axis: the mean of two linear ramps of one unit.

    A unit is the length of a pixel's shadow on the edge's normal, along its longer side. The pixel's other side
    spreads the ramp; two points of Gauss's quadrature stand for it.
    """

    across: float  #: units to an output pixel rightwards
    down: float  #: units to an output pixel downwards
    shift: float  #: of the output's corner from the source's middle, in units
    half_length: float  #: of the source, in units
    spread: float  #: distance of either ramp from their mean, in units; 0 for an upright source


def ramp(row: tuple[float, float, float], length: float) -> Ramp:
    """The ramp for one axis of a source of the given length; `row` is that axis' line of the map to the source."""
    a, b, c = row
    longer, shorter = max(abs(a), abs(b)), min(abs(a), abs(b))
    return Ramp(a / longer, b / longer, (c - length / 2.0) / longer, length / longer / 2.0, shorter / longer / _GAUSS)


def _inside(like: Tensor, row: tuple[float, float, float], length: float, height: int, width: int) -> Tensor:
    """Coverage along one source axis."""
    across, down, shift, half_length, spread = ramp(row, length)
    position = like.new_empty((height, width))
    _plane_of(position, across, down, shift)
    position.abs_()
    most = min(2.0 * half_length, 1.0)  # a source thinner than a pixel
    near = torch.rsub(position, half_length + 0.5 - spread).clamp_(0.0, most)
    if not spread:
        return near
    far = position.neg_().add_(half_length + 0.5 + spread).clamp_(0.0, most)
    return near.add_(far).mul_(0.5)


def _plane_of(out: Tensor, across: float, down: float, shift: float) -> None:
    """Fill `out` (height, width) with across · x + down · y + shift at the pixels' centres; summed up in float64."""
    height, width = out.shape
    columns = across * (torch.arange(width, dtype=torch.float64, device=out.device) + 0.5)
    rows = down * (torch.arange(height, dtype=torch.float64, device=out.device) + 0.5) + shift
    torch.add(columns.to(out.dtype), rows.to(out.dtype)[:, None], out=out)
