"""Layers with a blend mode: only where they show."""

from __future__ import annotations

import torch
from torch import Tensor

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.render.edges import softened
from cutfarm.render.patch import Patch, part_of, soft_part_of
from cutfarm.render.placement import Box
from cutfarm.timeline.model import Blend
from kernels.blend_modes import blend_over
from kernels.yuva import Yuva


def lay_blended(bottom: Planes | SoftPicture, patch: Patch, blend: Blend) -> None:
    """Blend `patch` into `bottom`, which is the whole canvas; samples where the patch is transparent keep their bits.

    Strengths outside [0, 1] count as the nearer end.
    """
    picture = patch.picture
    if isinstance(picture, Planes) and patch.edges is not None:
        everything = slice(None)
        picture = softened(picture, *patch.edges.shapes(everything, everything))
    part = Box(0, 0, patch.box.width_px, patch.box.height_px)
    if isinstance(picture, SoftPicture):
        part = _visible(picture)
    strength = min(max(blend.strength, 0.0), 1.0)
    if part.is_empty or strength == 0.0:
        return
    left, top = patch.box.left_px, patch.box.top_px
    box = Box(left + part.left_px, top + part.top_px, left + part.right_px, top + part.bottom_px)
    blend_over(blend.mode, _yuva(bottom, box), _yuva(picture, part), strength)


def _yuva(picture: Planes | SoftPicture, part: Box) -> Yuva:
    if isinstance(picture, Planes):
        return Yuva(*part_of(picture, part))
    soft = soft_part_of(picture, part)
    return Yuva(soft.y, soft.u, soft.v, soft.alpha, soft.chroma_alpha)


def _visible(picture: SoftPicture) -> Box:
    """The even box around all that is not wholly transparent; empty where nothing is."""
    left, right = _span(picture.alpha.amax(0), picture.chroma_alpha.amax(0))
    top, bottom = _span(picture.alpha.amax(1), picture.chroma_alpha.amax(1))
    return Box(left, top, right, bottom)


def _span(luma: Tensor, chroma: Tensor) -> tuple[int, int]:
    shown = (torch.maximum(luma.view(-1, 2).amax(1), chroma) > 0.0).nonzero()
    return (0, 0) if shown.numel() == 0 else (2 * int(shown[0]), 2 * int(shown[-1]) + 2)
