"""The output picture while layers are laid on it, bottom first."""

from __future__ import annotations

from cutfarm.media.picture import Picture, blank
from cutfarm.media.planes import Planes, SoftPicture, picture_of, planes_of
from cutfarm.render.edges import Edges, softened
from cutfarm.render.patch import Patch, part_of
from cutfarm.render.placement import Box
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

    def takes(self, patch: Patch) -> bool:
        """Whether what is laid after `patch` is drawn into it."""
        return patch.is_scratch and patch.edges is None and patch.box == self._whole

    def lay(self, patch: Patch) -> None:
        """Put `patch` on top."""
        box, picture = patch.box, patch.picture
        if isinstance(picture, SoftPicture):
            self._blend(box, picture)
        elif patch.edges is not None:
            self._lay_edged(patch, picture, patch.edges)
        elif self.takes(patch):
            self._planes, self._picture = picture, patch.host
        elif box == self._whole:
            self._below, self._planes, self._picture = patch, None, None
        else:
            self._copy(box, picture)

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

    def _lay_edged(self, patch: Patch, picture: Planes, edges: Edges) -> None:
        if not edges.inner.is_empty:
            self._copy(edges.inner, part_of(picture, edges.inner.within(patch.box)))
        for strip in edges.strips(patch.box):
            part = strip.within(patch.box)
            shapes = edges.shapes(slice(part.top_px, part.bottom_px), slice(part.left_px, part.right_px))
            self._blend(strip, softened(part_of(picture, part), *shapes))

    def _copy(self, box: Box, picture: Planes) -> None:
        for bottom, top in zip(part_of(self._writable(), box), picture, strict=True):
            bottom.copy_(top)

    def _blend(self, box: Box, picture: SoftPicture) -> None:
        below = part_of(self._writable(), box)
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
