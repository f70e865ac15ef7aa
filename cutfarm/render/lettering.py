"""Captions in the pixels of the output."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch

from cutfarm.media.planes import soft_picture
from cutfarm.render.patch import Patch, faded, place
from cutfarm.render.placement import Box, Placement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cutfarm.text.instants import Instant

    Rgba = NDArray[np.uint8]

_AROUND_PX = 2  # beyond what is seen of a picture its samples count where they are mixed with those next to them


def sampled(
    rgba: Rgba, placement: Placement, alpha: float, output_px: tuple[int, int], device: torch.device
) -> Patch | None:
    """A premultiplied picture (H, W, 4) uint8 where `placement`, which counts its pixels, lays it, by its planes.

    Only what is seen of it becomes planes. None where nothing shows.
    """
    seen = _seen(rgba, placement, output_px)
    return None if seen is None else place(soft_picture(seen[0], device), seen[1], alpha, output_px, device)


def lettered(
    rgba: Rgba, placement: Placement, alpha: float, output_px: tuple[int, int], device: torch.device
) -> Patch | None:
    """The same; what lies pixel on pixel becomes planes where it lies, and loses nothing of its sharpness."""
    corner = _corner(placement)
    if corner is None:
        return sampled(rgba, placement, alpha, output_px, device)
    left, top = corner
    height, width = rgba.shape[:2]
    box = Box(*_even(left, top, left + width, top + height)).intersection(Box(0, 0, *output_px))
    if box.is_empty or not alpha > 0.0:
        return None
    patch = Patch(box, soft_picture(_laid(rgba, left - box.left_px, top - box.top_px, box), device))
    return patch if alpha >= 1.0 else faded(patch, alpha)


def moved(instant: Instant, device: torch.device) -> Patch:
    """What is seen of a moving caption."""
    height, width = instant.rgba.shape[:2]
    left, top = instant.left_px, instant.top_px
    return Patch(Box(left, top, left + width, top + height), soft_picture(instant.rgba, device))


def _corner(placement: Placement) -> tuple[int, int] | None:
    """The output pixel on which the first pixel lies, where each one lies on one."""
    a, b, c, d, e, f = placement.to_output
    on_pixels = (a, b, d, e) == (1.0, 0.0, 0.0, 1.0) and c.is_integer() and f.is_integer()
    return (int(c), int(f)) if on_pixels else None


def _laid(rgba: Rgba, left_px: int, top_px: int, box: Box) -> Rgba:
    """What of the picture is in `box`, whose size it has: its first pixel lies `left_px`, `top_px` from the corner."""
    height, width = rgba.shape[:2]
    rows = slice(max(top_px, 0), min(top_px + height, box.height_px))
    columns = slice(max(left_px, 0), min(left_px + width, box.width_px))
    inside = rgba[rows.start - top_px : rows.stop - top_px, columns.start - left_px : columns.stop - left_px]
    if inside.shape[:2] == (box.height_px, box.width_px):
        return inside
    laid = np.zeros((box.height_px, box.width_px, 4), np.uint8)
    laid[rows, columns] = inside
    return laid


def _seen(rgba: Rgba, placement: Placement, output_px: tuple[int, int]) -> tuple[Rgba, Placement] | None:
    """The part of a picture that can be seen, even on all sides but the picture's own, and where it lies."""
    box = placement.bounds(*output_px)
    if box.is_empty or placement.is_degenerate:
        return None
    left, top, right, bottom = placement.source_span(box)
    wanted = _even(
        math.floor(left) - _AROUND_PX,
        math.floor(top) - _AROUND_PX,
        math.ceil(right) + _AROUND_PX,
        math.ceil(bottom) + _AROUND_PX,
    )
    height, width = rgba.shape[:2]
    part = Box(*wanted).intersection(Box(0, 0, width, height))
    if part.is_empty:
        return None
    return rgba[part.top_px : part.bottom_px, part.left_px : part.right_px], placement.part(part)


def _even(left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int]:
    """Grown to even numbers."""
    return left - left % 2, top - top % 2, right + right % 2, bottom + bottom % 2
