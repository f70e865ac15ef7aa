"""Clips that lie upright: which part of the source fills which whole pixels of the output."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cutfarm.media.resample import Part
from cutfarm.render.placement import Box, Placement

_PHASE_PX = 1.0 / 16.0  # output pixels that a sample may lie beside its place: not to be seen, and soon found
_REACH_PX = 96  # source pixels beyond the visible part that are looked through for a common grid point


@dataclass(frozen=True, slots=True)
class UprightCut:
    """`part` of the source, scaled to the size of `box`, lies in its place within a sixteenth of a pixel."""

    part: Part
    box: Box  #: may reach beyond the output


def upright_cut(placement: Placement, visible: Box) -> UprightCut | None:
    """The cut that fills `visible`, the output pixels that the clip can touch.

    None where the clip is turned or mirrored, or where no even source pixel meets an even output pixel nearby.
    """
    a, b, c, d, e, f = placement.to_output
    if b or d or a <= 0 or e <= 0:
        return None
    across = _span(a, c, visible.left_px, visible.right_px)
    down = _span(e, f, visible.top_px, visible.bottom_px)
    if across is None or down is None:
        return None
    part = Part(across[0], down[0], across[1], down[1])
    return UprightCut(part, Box(across[2], down[2], across[3], down[3]))


def _span(scale: float, shift: float, low: int, high: int) -> tuple[int, int, int, int] | None:
    """Even source ends that land on even output ends at or beyond `low` and `high`; source first, then output."""
    first = 2 * math.floor((low - shift) / scale / 2.0)
    last = 2 * math.ceil((high - shift) / scale / 2.0)
    start = _meeting(scale, shift, range(first, first - _REACH_PX, -2))
    end = _meeting(scale, shift, range(last, last + _REACH_PX, 2))
    return None if start is None or end is None else (start[0], end[0], start[1], end[1])


def _meeting(scale: float, shift: float, candidates: range) -> tuple[int, int] | None:
    for source in candidates:
        place = scale * source + shift
        even = 2 * round(place / 2.0)
        if abs(place - even) <= _PHASE_PX:
            return source, even
    return None
