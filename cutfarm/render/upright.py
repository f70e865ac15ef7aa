"""Clips that lie upright: which part of the source fills which whole pixels of the output, in one pass of swscale."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from cutfarm.media.picture import Picture
from cutfarm.media.resample import Cut, Part
from cutfarm.media.source import PictureSource
from cutfarm.media.video import VideoSource
from cutfarm.render.placement import Box, Placement
from cutfarm.render.sources import ComposedSource, is_opaque_at
from cutfarm.timeline.curves import SOUND_CURVES
from cutfarm.timeline.layers import ClipLayer
from cutfarm.timeline.model import Segment

_PHASE_PX = 1.0 / 16.0  # output pixels that a sample may lie beside its place: not to be seen, and soon found
_REACH_PX = 256  # source pixels beyond the visible part that are looked through for a common grid point,
_OUTPUT_REACH_PX = 320.0  # or as far as this in the output
_MOST_BESIDE_PX = 512  # output pixels to a side that are scaled and not shown
_BEYOND_PX = 256  # source pixels around the picture that a cut may reach into, which have to be filled
_MOST_SQUEEZED = 16.0  # along one side while the other is enlarged: swscale refuses some such shapes beyond about 20
_STILL_CURVES = frozenset({"KFTypeAlpha", "KFTypeGlobalAlpha"}) | SOUND_CURVES  # the clip stays where it is


@dataclass(frozen=True, slots=True)
class LaidPicture:
    """A picture that fills `box` sample for sample."""

    box: Box  #: inside the output
    picture: Picture
    is_cut: bool  #: made for this frame alone; samples may stand for places beyond the clip's edges


def laid_upright(
    layer: ClipLayer, source: PictureSource, placement: Placement, output_px: tuple[int, int]
) -> LaidPicture | None:
    """The clip in its place, its own transparency aside; None where it does not lie so that scaling alone is exact."""
    if _is_stretched(placement):
        return None
    whole = placement.whole_box()
    output = Box(0, 0, *output_px)
    is_whole = whole is not None and placement.window is None and whole.is_inside(output)
    if whole is not None and is_whole and is_opaque_at(source, layer.source_us):
        shown = source.picture_at(layer.source_us, whole.width_px, whole.height_px)
        return LaidPicture(whole, shown, is_cut=False) if isinstance(shown, Picture) else None
    if not isinstance(source, ComposedSource) and not (isinstance(source, VideoSource) and source.is_plain):
        return None
    found = visible_cut(layer.segment, placement, output_px)
    if found is None:
        return None
    part = source.part_at(layer.source_us, found[1])
    return None if part is None else LaidPicture(found[0], part, is_cut=True)


def visible_cut(segment: Segment, placement: Placement, output_px: tuple[int, int]) -> tuple[Box, Cut] | None:
    """Which box of the output which part of a plain source fills; None where scaling alone does not do it."""
    return None if _moves(segment) else _visible_cut(placement, output_px)


@lru_cache(maxsize=64)
def _visible_cut(placement: Placement, output_px: tuple[int, int]) -> tuple[Box, Cut] | None:
    visible = placement.bounds(*output_px)
    found = None if visible.is_empty else upright_cut(placement, visible)
    if found is None:
        return None
    window = None if visible == found.box else _part(visible.within(found.box))
    return visible, Cut(found.part, (found.box.width_px, found.box.height_px), window)


@dataclass(frozen=True, slots=True)
class UprightCut:
    """`part` of the source, scaled to the size of `box`, lies in its place within a sixteenth of a pixel."""

    part: Part
    box: Box  #: may reach beyond the output


def upright_cut(placement: Placement, visible: Box) -> UprightCut | None:
    """The cut that fills `visible`, the output pixels that the clip can touch.

    None where the clip is turned, mirrored or stretched out of all proportion, or where no even source pixel meets an
    even output pixel nearby.
    """
    axes = placement.upright_axes()
    if axes is None or _is_stretched(placement):
        return None
    across = _span(*axes[0], visible.left_px, visible.right_px, placement.picture_px[0])
    down = _span(*axes[1], visible.top_px, visible.bottom_px, placement.picture_px[1])
    if across is None or down is None:
        return None
    part = Part(across[0], down[0], across[1], down[1])
    return UprightCut(part, Box(across[2], down[2], across[3], down[3]))


def _is_stretched(placement: Placement) -> bool:
    """Whether one pass of swscale may not do it: squeezed along one side, enlarged along the other."""
    axes = placement.upright_axes()
    if axes is None:
        return False
    (across, _), (down, _) = axes
    return min(across, down) * _MOST_SQUEEZED < 1.0 < max(across, down)


def _moves(segment: Segment) -> bool:
    return any(curve.property not in _STILL_CURVES for curve in segment.curves)


def _part(box: Box) -> Part:
    return Part(box.left_px, box.top_px, box.right_px, box.bottom_px)


def _span(scale: float, shift: float, low: int, high: int, length: float) -> tuple[int, int, int, int] | None:
    """Even source ends that land on even output ends at or beyond `low` and `high`; source first, then output."""
    first = 2 * math.floor((low - shift) / scale / 2.0)
    last = 2 * math.ceil((high - shift) / scale / 2.0)
    if first < -_BEYOND_PX or last > length + _BEYOND_PX:
        return None
    reach = max(min(_REACH_PX, 2 * round(_OUTPUT_REACH_PX / scale / 2.0)), 2)
    start = _meeting(scale, shift, range(first, first - reach, -2))
    end = _meeting(scale, shift, range(last, last + reach, 2))
    if start is None or end is None or max(low - start[1], end[1] - high) > _MOST_BESIDE_PX:
        return None
    return start[0], end[0], start[1], end[1]


def _meeting(scale: float, shift: float, candidates: range) -> tuple[int, int] | None:
    for source in candidates:
        place = scale * source + shift
        even = 2 * round(place / 2.0)
        if abs(place - even) <= _PHASE_PX:
            return source, even
    return None
