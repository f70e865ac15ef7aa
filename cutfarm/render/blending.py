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
    """Blend `patch` into `bottom`, the whole canvas, whose samples keep their bits where the patch is transparent."""
    shown = shown_part(patch)
    strength = strength_of(blend)
    if shown is not None and strength > 0.0:
        box, top = shown
        blend_over(blend.mode, _yuva(bottom, box), top, strength)


def strength_of(blend: Blend) -> float:
    """How much of it counts, in [0, 1]: what lies outside is held at the nearer end."""
    return min(max(blend.strength, 0.0), 1.0)


def shown_part(patch: Patch) -> tuple[Box, Yuva] | None:
    """The samples of a patch around all that is not wholly transparent, and where they lie; None where all is."""
    picture = patch.picture
    if isinstance(picture, Planes) and patch.edges is not None:
        everything = slice(None)
        picture = softened(picture, *patch.edges.shapes(everything, everything))
    part = Box(0, 0, patch.box.width_px, patch.box.height_px)
    if isinstance(picture, SoftPicture):
        part = _visible(picture)
    if part.is_empty:
        return None
    left, top = patch.box.left_px, patch.box.top_px
    box = Box(left + part.left_px, top + part.top_px, left + part.right_px, top + part.bottom_px)
    return box, _yuva(picture, part)


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
