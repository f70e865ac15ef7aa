"""Text masks: the coverage of words drawn by the caption engine, sampled into place."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable

import torch
from torch import Tensor

from cutfarm.render.captions import Captions, DrawnCaption
from cutfarm.render.placement import Box, Placement
from cutfarm.render.spec import Assets
from cutfarm.timeline.layers import TextLayer
from cutfarm.timeline.model import Canvas, Mask, MaskText, TextSegment, Transform
from cutfarm.timeline.report import Report
from cutfarm.timeline.text import TextBlock, TextStyle
from cutfarm.timeline.time import TimeRange
from kernels.blur import blurred, gaussian_taps
from kernels.geometry import warp
from kernels.mask import composed, soft_part
from kernels.resample import Axis

_CANVAS = Canvas(1080, 1080)  # on which a line of a caption is 6.21 px high for each unit of its size
_LINE_PX_PER_SIZE = 6.21
_LINE_PER_SIZE = 1.055 / 40.0  # line heights in parts of the picture's short side, for each unit of scale × size
_FINEST, _COARSEST = 4, -10  # powers of two by which words are drawn larger than on the picture itself
_SOFTEST = -30  # the same of words that are blurred far: larger ones than those are not to be had
_SIGMA = 1.0 / math.sqrt(5.0)  # of a smoothstep's slope, in parts of half its width
_MOST_SIGMA_PX = 8.0  # words that are blurred further are drawn smaller: nobody sees it, and it costs little


class MaskWords:
    """Draws the words of text masks; each drawing and each softening is kept while its clip is shown.

    `assets` has the fonts that come with the draft.
    """

    def __init__(self, assets: Assets) -> None:
        self._captions = Captions(_CANVAS, (_CANVAS.width_px, _CANVAS.height_px), assets)
        self._softened: dict[str, tuple[Hashable, Tensor]] = {}

    @property
    def report(self) -> Report:
        """Fonts that had to be replaced so far."""
        return self._captions.report

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all words but those of the segments `segment_ids`."""
        self._captions.keep(segment_ids)
        for segment_id in [held for held in self._softened if held not in segment_ids]:
            del self._softened[segment_id]

    def kept(
        self, segment_id: str, mask: Mask, placement: Placement, box: Box, like: Tensor
    ) -> tuple[Box, Tensor] | None:
        """The part of `box` where the words keep something, and how much: (H, W) in [0, 1].

        `like` gives device and dtype, float32.

        The text's block is centred on the mask's centre and turned about it. Width, height, round corners and expansion
        say nothing about words. Their soft edge is as wide as a shape's that is as high as a line.
        """
        words = None if mask.text is None else self._placed(segment_id, mask, mask.text, placement, like)
        if words is None:
            return (box, like.new_ones((box.height_px, box.width_px))) if mask.is_inverted else None
        plane, lying = words
        if mask.is_inverted:
            return box, 1.0 - _sampled(plane, lying, box)
        part = lying.bounds(box.right_px, box.bottom_px).intersection(box)
        return None if part.is_empty else (part, _sampled(plane, lying, part))

    def _placed(
        self, segment_id: str, mask: Mask, text: MaskText, placement: Placement, like: Tensor
    ) -> tuple[Tensor, Placement] | None:
        """The words' coverage, (H, W) float32 and clear all around, and where it lies."""
        line_px = min(placement.width_px, placement.height_px) * _LINE_PER_SIZE * text.scale * text.font_size
        if not line_px > 0.0:
            return None
        sigma = soft_part(mask.feather) * line_px / 2.0 * _SIGMA
        scale = _drawn_scale(placement, sigma)
        drawn = self._captions.picture(_caption(segment_id, text, line_px, scale))
        if drawn is None:
            return None
        fineness = scale / drawn.stretch[0]  # samples to a pixel of the clip's picture
        plane, rim = self._soft(segment_id, drawn, sigma * fineness, like)
        x, y = (origin + rim for origin in drawn.origin_px)
        angle = math.radians(mask.rotation_deg % 360.0)
        cosine, sine = math.cos(angle) / fineness, math.sin(angle) / fineness
        center_x = placement.width_px / 2.0 * (1.0 + mask.center_x)
        center_y = placement.height_px / 2.0 * (1.0 - mask.center_y)
        to_picture = (cosine, -sine, center_x - cosine * x + sine * y, sine, cosine, center_y - sine * x - cosine * y)
        return plane, Placement(plane.shape[1], plane.shape[0], composed(placement.to_output, to_picture))

    def _soft(self, segment_id: str, drawn: DrawnCaption, sigma: float, like: Tensor) -> tuple[Tensor, int]:
        """The coverage blurred, and how far it has grown on all sides."""
        rim = math.ceil(4.0 * sigma) + 1 if sigma > 0.0 else 0
        key = (drawn.drawn_scale, sigma)
        held = self._softened.get(segment_id)
        if held is None or held[0] != key:
            held = self._softened[segment_id] = (key, _softened(_coverage(drawn, like), sigma, rim))
        return held[1], rim


def _drawn_scale(placement: Placement, sigma: float) -> float:
    """How much larger than on the clip's picture words are drawn: enough for the output, in powers of two.

    So words that grow or shrink are drawn a few times, not for every frame.
    """
    a, b, _, d, e, _ = placement.to_output
    wanted = math.log2(max(math.hypot(a, d), math.hypot(b, e), 2.0**_COARSEST))
    coarse = math.log2(_MOST_SIGMA_PX / sigma) if sigma > 0.0 else _FINEST
    return 2.0 ** min(max(math.ceil(wanted), _COARSEST), max(math.floor(coarse), _SOFTEST), _FINEST)


def _caption(segment_id: str, text: MaskText, line_px: float, scale: float) -> TextLayer:
    """The words as a caption whose lines are `line_px` high, drawn enlarged by `scale`."""
    count = len(text.content)
    style = TextStyle(0, count, line_px / _LINE_PX_PER_SIZE, font_path=text.font_path, bold=text.bold_width > 0.0)
    block = TextBlock(segment_id, text.content, (style,), text.alignment, text.letter_spacing)
    transform = Transform(scale_x=scale, scale_y=scale)
    segment = TextSegment(id=segment_id, target=TimeRange(0, 1), text=block, transform=transform)
    return TextLayer(segment, transform, block)


def _coverage(drawn: DrawnCaption, like: Tensor) -> Tensor:
    return torch.from_numpy(drawn.rgba[..., 3]).to(like).div_(255.0)


def _softened(coverage: Tensor, sigma: float, rim: int) -> Tensor:
    if not rim:
        return coverage
    down, across = (
        gaussian_taps(length + 2 * rim, range(length), Axis(-rim, 1.0), sigma, coverage) for length in coverage.shape
    )
    return blurred(coverage, down, across).clamp_(0.0, 1.0)


def _sampled(plane: Tensor, lying: Placement, box: Box) -> Tensor:
    return warp(plane[None], lying.to_source(box), box.height_px, box.width_px)[0]
