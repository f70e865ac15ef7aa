"""The output picture while layers are laid on it, bottom first."""

from __future__ import annotations

import torch

from cutfarm.media.picture import Picture, blank
from cutfarm.media.planes import Planes, SoftPicture, empty, planes_of
from cutfarm.render.edges import Edges, softened
from cutfarm.render.patch import Patch, part_of
from cutfarm.render.placement import Box
from kernels.blend import over
from kernels.colour import CHROMA_ZERO, LUMA_BLACK


class Canvas:
    """Black at first. In host memory it is drawn into the very frame that the encoder gets.

    A first layer that fills it is taken as it stands, and copied only where another one is laid over it and it was not
    made for this frame alone.
    """

    def __init__(self, width_px: int, height_px: int, device: torch.device) -> None:
        self._size_px = (width_px, height_px)
        self._whole = Box(0, 0, width_px, height_px)
        self._device = device
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

    def picture(self) -> Picture | Planes:
        """What has been laid so far; it may share memory with a layer and is only to be read."""
        below = self._below
        if self._planes is None and below is not None and isinstance(below.picture, Planes):
            if below.host is not None:
                return below.host
            if self._device.type != "cpu":
                return below.picture
        planes = self._writable()
        return planes if self._picture is None else self._picture

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

    def _writable(self) -> Planes:
        if self._planes is None:
            if self._device.type == "cpu":
                self._picture = blank(*self._size_px)
                self._planes = planes_of(self._picture)
            else:
                self._planes = empty(*self._size_px, self._device)
            self._start(self._planes)
        return self._planes

    def _start(self, planes: Planes) -> None:
        if self._below is not None and isinstance(self._below.picture, Planes):
            for bottom, top in zip(planes, self._below.picture, strict=True):
                bottom.copy_(top)
            return
        for plane, value in zip(planes, (LUMA_BLACK, CHROMA_ZERO, CHROMA_ZERO), strict=True):
            plane.fill_(int(value))
