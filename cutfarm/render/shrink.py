"""Pictures made smaller step by step: each step averages two by two samples at most, so that nothing is skipped."""

from __future__ import annotations

import torch
from torch import Tensor

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.render.placement import chroma_map
from kernels.geometry import Affine, warp


@torch.inference_mode()
def shrunk(picture: Planes | SoftPicture, width_px: int, height_px: int) -> Planes | SoftPicture:
    """`picture` filling the given size, which is the smaller one; chroma stays beside its luma."""
    while (picture.width_px, picture.height_px) != (width_px, height_px):
        picture = _step(picture, max(width_px, -(-picture.width_px // 2)), max(height_px, -(-picture.height_px // 2)))
    return picture


def _step(picture: Planes | SoftPicture, width_px: int, height_px: int) -> Planes | SoftPicture:
    across, down = picture.width_px / width_px, picture.height_px / height_px
    luma_map: Affine = (across, 0.0, 0.0, 0.0, down, 0.0)
    half = (-(-height_px // 2), -(-width_px // 2))

    def luma(plane: Tensor) -> Tensor:
        return warp(plane[None].to(torch.float32), luma_map, height_px, width_px)[0]

    def chroma(plane: Tensor) -> Tensor:
        return warp(plane[None].to(torch.float32), chroma_map(luma_map), *half)[0]

    if isinstance(picture, SoftPicture):
        return SoftPicture(
            luma(picture.y),
            chroma(picture.u),
            chroma(picture.v),
            luma(picture.alpha),
            chroma(picture.chroma_alpha),
        )
    planes = (luma(picture.y), chroma(picture.u), chroma(picture.v))
    return Planes(*(plane.round_().clamp_(0.0, 255.0).to(torch.uint8) for plane in planes))
