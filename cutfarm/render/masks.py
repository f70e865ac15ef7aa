"""Masks laid on clips: what of a picture in its place is kept."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor

from cutfarm.render.mask_words import MaskWords
from cutfarm.render.patch import Patch, cut
from cutfarm.render.placement import Box, Placement
from cutfarm.render.spec import Assets
from cutfarm.timeline.model import Mask
from cutfarm.timeline.report import Report
from kernels.colour import subsample
from kernels.mask import Stencil, opacity, touched


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is kept of a picture in its place; nothing outside `box`."""

    box: Box
    luma: Tensor  #: (H, W) float32 in [0, 1]
    chroma: Tensor  #: (H/2, W/2) float32, the same at the chroma sites
    is_whole: bool  #: whether nothing in `box` is cut off


class Masks:
    """Lays masks on clips. The mask that a clip had last is kept: one that stands still on it is made once.

    `assets` has the fonts of text masks.
    """

    def __init__(self, assets: Assets = MappingProxyType({})) -> None:
        self._words = MaskWords(assets)
        self._made: dict[str, tuple[Hashable, _Kept | None]] = {}

    @property
    def report(self) -> Report:
        """Fonts of text masks that had to be replaced so far."""
        return self._words.report

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all masks but those of the segments `segment_ids`."""
        self._words.keep(segment_ids)
        for segment_id in [held for held in self._made if held not in segment_ids]:
            del self._made[segment_id]

    def masked(self, segment_id: str, patch: Patch, mask: Mask, placement: Placement) -> Patch | None:
        """`patch` with what `mask` keeps of it, no larger than that needs; None where nothing is left.

        `placement` says where the clip's shown picture lies, whose own frame the mask is in; it is not degenerate.
        """
        key = (mask, placement, patch.box)
        held = self._made.get(segment_id)
        if held is None or held[0] != key:
            held = self._made[segment_id] = (key, self._make(segment_id, mask, placement, patch))
        kept = held[1]
        if kept is None:
            return None
        return (
            patch
            if kept.is_whole and kept.box == patch.box
            else Patch(kept.box, cut(patch, kept.box, kept.luma, kept.chroma))
        )

    def _make(self, segment_id: str, mask: Mask, placement: Placement, patch: Patch) -> _Kept | None:
        like = patch.picture.y.new_empty(0, dtype=torch.float32)
        if mask.shape == "text":
            found = self._words.kept(segment_id, mask, placement, patch.box, like)
        else:
            found = _shaped(_stencil(mask, placement), placement, patch.box, like)
        if found is None or not found[1].any():
            return None
        kept_box, luma = found
        return _Kept(kept_box, luma, subsample(luma), bool(luma.amin() >= 1.0))


def _shaped(stencil: Stencil, placement: Placement, box: Box, like: Tensor) -> tuple[Box, Tensor] | None:
    """The part of `box` where something is kept, and how much, with dtype and device of `like`."""
    if not stencil.is_inverted:
        window = touched(stencil, placement.to_source(box), box.height_px, box.width_px)
        if window is None:
            return None
        rows, columns = window
        left_px, top_px = box.left_px + columns.start // 2 * 2, box.top_px + rows.start // 2 * 2
        right_px, bottom_px = box.left_px + -(-columns.stop // 2) * 2, box.top_px + -(-rows.stop // 2) * 2
        box = Box(left_px, top_px, right_px, bottom_px)
    return box, opacity(stencil, placement.to_source(box), box.height_px, box.width_px, like)


def _stencil(mask: Mask, placement: Placement) -> Stencil:
    assert mask.shape != "text"
    half_width, half_height = placement.width_px / 2.0, placement.height_px / 2.0
    return Stencil(
        mask.shape,
        center_x=half_width * (1.0 + mask.center_x),
        center_y=half_height * (1.0 - mask.center_y),
        width=mask.width * placement.width_px,
        height=mask.height * placement.height_px,
        half_height=half_height,
        rotation_deg=mask.rotation_deg,
        feather=mask.feather,
        round_corner=mask.round_corner,
        expansion=mask.expansion,
        is_inverted=mask.is_inverted,
    )
