"""How much of its outermost pixels an upright clip covers: there alone an opaque clip has to be blended."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.render.placement import Box, Placement
from kernels.colour import subsample


@dataclass(frozen=True, slots=True)
class Edges:
    """Coverage of a box by an upright rectangle, row by row and column by column."""

    rows: Tensor  #: (H,) float32 in [0, 1]
    columns: Tensor  #: (W,) float32 in [0, 1]
    inner: Box  #: the even part of the box that is covered wholly; may be empty

    def shapes(self, rows: slice, columns: slice) -> tuple[Tensor, Tensor]:
        """Coverage of an even part of the box: (h, w) at its luma sites, (h/2, w/2) at its chroma sites."""
        half_rows = (self.rows[0::2] + self.rows[1::2]) * 0.5
        half_columns = subsample(self.columns.expand(2, -1))[0]
        half = half_rows[_halved(rows), None] * half_columns[None, _halved(columns)]
        return self.rows[rows, None] * self.columns[None, columns], half

    def to(self, device: torch.device) -> Edges:
        """The same edges on `device`."""
        return Edges(self.rows.to(device), self.columns.to(device), self.inner)

    def strips(self, box: Box) -> tuple[Box, ...]:
        """What of `box` is not inner: above, below, left, right."""
        inner = self.inner
        if inner.is_empty:
            return (box,)
        around = (
            Box(box.left_px, box.top_px, box.right_px, inner.top_px),
            Box(box.left_px, inner.bottom_px, box.right_px, box.bottom_px),
            Box(box.left_px, inner.top_px, inner.left_px, inner.bottom_px),
            Box(inner.right_px, inner.top_px, box.right_px, inner.bottom_px),
        )
        return tuple(strip for strip in around if not strip.is_empty)


def edges_of(placement: Placement, box: Box) -> Edges | None:
    """The edges of an upright placement inside `box`; None where it covers the box wholly."""
    a, _, c, _, e, f = placement.to_output
    across, down = (c, c + a * placement.width_px), (f, f + e * placement.height_px)
    # A column's chroma weighs the luma column before it too, but at the box's edge.
    before_px = 0.0 if across[0] <= box.left_px else 1.0
    left, right = _inner((across[0] + before_px, across[1]), box.left_px, box.right_px)
    top, bottom = _inner(down, box.top_px, box.bottom_px)
    inner = Box(left, top, right, bottom)
    if inner == box:
        return None
    rows = _covered(down, box.top_px, box.bottom_px)
    columns = _covered(across, box.left_px, box.right_px)
    return Edges(rows, columns, inner)


def softened(picture: Planes, shape: Tensor, half: Tensor | None = None) -> SoftPicture:
    """An opaque picture (H, W) with the transparency `shape` (H, W) in [0, 1]; `half` is that at the chroma sites."""
    half = subsample(shape) if half is None else half
    return SoftPicture(picture.y * shape, picture.u * half, picture.v * half, shape, half)


def _halved(part: slice) -> slice:
    return slice(*(None if end is None else end // 2 for end in (part.start, part.stop)))


def _inner(span: tuple[float, float], low: int, high: int) -> tuple[int, int]:
    first = max(low, 2 * math.ceil(span[0] / 2.0 - 1e-9))
    last = min(high, 2 * math.floor(span[1] / 2.0 + 1e-9))
    return first, max(last, first)


def _covered(span: tuple[float, float], low: int, high: int) -> Tensor:
    near = torch.arange(low, high, dtype=torch.float64)
    length = (near + 1.0).clamp_max(span[1]) - near.clamp_min(span[0])
    return length.clamp(0.0, 1.0).to(torch.float32)
