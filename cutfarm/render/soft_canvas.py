"""A picture with transparency while layers are laid on it, bottom first."""

from __future__ import annotations

import torch

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.render.blending import lay_blended
from cutfarm.render.patch import Patch, crossfaded, pieces, soft_part_of
from cutfarm.timeline.model import Blend
from kernels.blend import over


class SoftCanvas:
    """Transparent at first; what is laid on it is never drawn into."""

    def __init__(self, width_px: int, height_px: int) -> None:
        luma, chroma = torch.zeros((2, height_px, width_px)), torch.zeros((3, height_px // 2, width_px // 2))
        self._picture = SoftPicture(luma[0], chroma[0], chroma[1], luma[1], chroma[2])

    def takes(self, patch: Patch, blend: Blend | None = None) -> bool:  # noqa: ARG002 no patch is
        """Whether what is laid after `patch` is drawn into it."""
        return False

    def lay(self, patch: Patch, blend: Blend | None = None) -> None:
        """Put `patch` on top; `blend` is how, None lays it over."""
        if blend is not None:
            lay_blended(self._picture, patch, blend)
            return
        for piece in pieces(patch):
            self._lay_piece(piece)

    def picture(self) -> SoftPicture:
        """What has been laid so far; what is laid later is drawn into it."""
        return self._picture

    def copy(self) -> SoftCanvas:
        """Another canvas that shows the same; what is laid on it does not show on this one."""
        copy = SoftCanvas.__new__(SoftCanvas)
        held = self._picture
        copy._picture = SoftPicture(
            held.y.clone(), held.u.clone(), held.v.clone(), held.alpha.clone(), held.chroma_alpha.clone()
        )
        return copy

    def mix(self, first: SoftCanvas, second: SoftCanvas, progress: float) -> None:
        """Show `first` alone at progress 0, `second` alone at 1, and their mix between; all of one size."""
        self._picture = crossfaded(first._picture, second._picture, progress)

    def _lay_piece(self, piece: Patch) -> None:
        below, picture = soft_part_of(self._picture, piece.box), piece.picture
        if isinstance(picture, Planes):
            for bottom, top in zip((below.y, below.u, below.v), picture, strict=True):
                bottom.copy_(top)
            below.alpha.fill_(1.0)
            below.chroma_alpha.fill_(1.0)
            return
        over(below.y, picture.y, picture.alpha)
        over(below.u, picture.u, picture.chroma_alpha)
        over(below.v, picture.v, picture.chroma_alpha)
        over(below.alpha, picture.alpha, picture.alpha)
        over(below.chroma_alpha, picture.chroma_alpha, picture.chroma_alpha)
