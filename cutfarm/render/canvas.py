"""The output picture while layers are laid on it, bottom first."""

from __future__ import annotations

from cutfarm.media.picture import Picture, blank
from cutfarm.media.planes import Planes, picture_of, planes_of
from cutfarm.render.blending import lay_blended
from cutfarm.render.patch import Patch, part_of, pieces
from cutfarm.render.placement import Box
from cutfarm.timeline.model import Blend
from kernels.blend import crossfade_into, over
from kernels.colour import CHROMA_ZERO, LUMA_BLACK


class Canvas:
    """Black at first, in host memory: it is drawn into the very frame that the encoder gets.

    A first layer that fills it is taken as it stands, and copied only where another one is laid over it and it was not
    made for this frame alone.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._size_px = (width_px, height_px)
        self._whole = Box(0, 0, width_px, height_px)
        self._below: Patch | None = None  # fills the canvas; not ours to write on
        self._planes: Planes | None = None
        self._picture: Picture | None = None

    def takes(self, patch: Patch, blend: Blend | None = None) -> bool:
        """Whether what is laid after `patch` is drawn into it."""
        return blend is None and patch.is_scratch and patch.edges is None and patch.box == self._whole

    def lay(self, patch: Patch, blend: Blend | None = None) -> None:
        """Put `patch` on top; `blend` is how, None lays it over."""
        if blend is not None:
            lay_blended(self._writable(), patch, blend)
        elif self.takes(patch) and isinstance(patch.picture, Planes):
            self._planes, self._picture = patch.picture, patch.host
        elif patch.box == self._whole and patch.edges is None and isinstance(patch.picture, Planes):
            self._below, self._planes, self._picture = patch, None, None
        else:
            for piece in pieces(patch):
                self._lay_piece(piece)

    def picture(self) -> Picture:
        """What has been laid so far; it may share memory with a layer and is only to be read."""
        if self._planes is None and self._below is not None and self._below.host is not None:
            return self._below.host
        planes = self._writable()
        return picture_of(planes) if self._picture is None else self._picture

    def copy(self) -> Canvas:
        """Another canvas that shows the same; what is laid on it does not show on this one."""
        copy = Canvas(*self._size_px)
        if self._planes is None:
            copy._below = self._below
        else:
            copy._picture = picture_of(self._planes)
            copy._planes = planes_of(copy._picture)
        return copy

    def mix(self, first: Canvas, second: Canvas, progress: float) -> None:
        """Show `first` alone at progress 0, `second` alone at 1, and their mix between; all of one size."""
        mixed = blank(*self._size_px)
        planes = planes_of(mixed)
        for target, one, other in zip(planes, first._shown(), second._shown(), strict=True):
            crossfade_into(target, one, other, progress)
        self._below, self._planes, self._picture = None, planes, mixed

    def _lay_piece(self, piece: Patch) -> None:
        below, picture = part_of(self._writable(), piece.box), piece.picture
        if isinstance(picture, Planes):
            for bottom, top in zip(below, picture, strict=True):
                bottom.copy_(top)
            return
        over(below.y, picture.y, picture.alpha)
        over(below.u, picture.u, picture.chroma_alpha)
        over(below.v, picture.v, picture.chroma_alpha)

    def _shown(self) -> Planes:
        """What has been laid so far, only to be read."""
        if self._planes is None and self._below is not None and isinstance(self._below.picture, Planes):
            return self._below.picture
        return self._writable()

    def _writable(self) -> Planes:
        if self._planes is None:
            self._picture = blank(*self._size_px)
            self._planes = planes_of(self._picture)
            self._start(self._planes)
        return self._planes

    def _start(self, planes: Planes) -> None:
        if self._below is not None and isinstance(self._below.picture, Planes):
            for bottom, top in zip(planes, self._below.picture, strict=True):
                bottom.copy_(top)
            return
        for plane, value in zip(planes, (LUMA_BLACK, CHROMA_ZERO, CHROMA_ZERO), strict=True):
            plane.fill_(int(value))
