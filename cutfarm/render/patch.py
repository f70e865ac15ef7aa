"""Pictures laid into output pixels, and the canvas that they are laid on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cutfarm.media.picture import Planes, SoftPicture, black
from cutfarm.media.source import SourcePicture
from cutfarm.render.edges import Edges, softened
from cutfarm.render.placement import Box, Placement, chroma_map
from kernels.blend import crossfade, over
from kernels.colour import subsample
from kernels.geometry import Affine, coverage, warp


@dataclass(frozen=True, slots=True)
class Patch:
    """A picture that fills `box` sample for sample: opaque, or premultiplied with transparency."""

    box: Box
    picture: SourcePicture
    edges: Edges | None = None  #: where an opaque picture covers its outermost pixels in part


def place(
    picture: SourcePicture, placement: Placement, alpha: float, output_px: tuple[int, int], device: torch.device
) -> Patch | None:
    """Sample `picture` into the output pixels that `placement` touches; None where nothing shows.

    `placement` counts in the picture's own samples. `alpha` in [0, 1] multiplies the picture's transparency.
    """
    box = placement.bounds(*output_px)
    if box.is_empty or placement.is_degenerate or alpha <= 0.0:
        return None
    to_source = placement.to_source(box)
    luma = _warped((picture.y,), to_source, box.height_px, box.width_px, device)[0]
    half = (box.height_px // 2, box.width_px // 2)
    chroma = _warped((picture.u, picture.v), chroma_map(to_source), *half, device)
    if isinstance(picture, Planes) and alpha >= 1.0 and _covers(placement, to_source, box):
        y, u, v = (plane.round_().clamp_(0.0, 255.0).to(torch.uint8) for plane in (luma, chroma[0], chroma[1]))
        return Patch(box, Planes(y, u, v))
    shape = coverage(to_source, placement.height_px, placement.width_px, box.height_px, box.width_px, luma) * alpha
    half_shape = subsample(shape)
    opacity, half_opacity = shape, half_shape
    if isinstance(picture, SoftPicture):
        opacity = shape * _warped((picture.alpha,), to_source, box.height_px, box.width_px, device)[0]
        half_opacity = half_shape * _warped((picture.chroma_alpha,), chroma_map(to_source), *half, device)[0]
    soft = SoftPicture(luma * shape, chroma[0] * half_shape, chroma[1] * half_shape, opacity, half_opacity)
    return Patch(box, soft)


def dissolve(outgoing: Patch | None, incoming: Patch | None, progress: float) -> Patch | None:
    """The cross-dissolve of two layers: `outgoing` alone at progress 0, `incoming` alone at 1."""
    if outgoing is None or incoming is None:
        only, weight = (outgoing, 1.0 - progress) if incoming is None else (incoming, progress)
        return None if only is None else faded(only, weight)
    first, second = outgoing.picture, incoming.picture
    are_whole = outgoing.edges is None and incoming.edges is None and outgoing.box == incoming.box
    if isinstance(first, Planes) and isinstance(second, Planes) and are_whole:
        planes = (
            crossfade(a.to(torch.float32), b.to(torch.float32), progress).round_().to(torch.uint8)
            for a, b in zip(first, second, strict=True)
        )
        return Patch(outgoing.box, Planes(*planes))
    box = _union(outgoing.box, incoming.box)
    a, b = _softened(outgoing, box), _softened(incoming, box)
    return Patch(box, _mixed(a, b, progress))


def faded(patch: Patch, alpha: float) -> Patch:
    """The patch with its opacity multiplied by `alpha` in [0, 1]."""
    return Patch(patch.box, _scaled(_softened(patch, patch.box), alpha))


class Canvas:
    """The output picture while layers are laid on it, bottom first.

    A first layer that fills it is taken as it stands and copied only when another one is laid over it.
    """

    def __init__(self, width_px: int, height_px: int, device: torch.device) -> None:
        self._size_px = (width_px, height_px)
        self._device = device
        self._planes: Planes | None = None
        self._is_own = False

    def lay(self, patch: Patch) -> None:
        """Put `patch` on top."""
        box, picture = patch.box, patch.picture
        if isinstance(picture, SoftPicture):
            self._blend(box, picture)
        elif patch.edges is not None:
            self._lay_edged(patch, picture, patch.edges)
        elif box == Box(0, 0, *self._size_px):
            self._planes, self._is_own = picture, False
        else:
            self._copy(box, picture)

    def picture(self) -> Planes:
        """What has been laid so far, on black; it may share memory with a layer and is only to be read."""
        return self._planes if self._planes is not None else self._writable()

    def _lay_edged(self, patch: Patch, picture: Planes, edges: Edges) -> None:
        if not edges.inner.is_empty:
            self._copy(edges.inner, _cut(picture, _within(edges.inner, patch.box)))
        for strip in edges.strips(patch.box):
            part = _within(strip, patch.box)
            shape = edges.shape(slice(part.top_px, part.bottom_px), slice(part.left_px, part.right_px))
            self._blend(strip, softened(_cut(picture, part), shape))

    def _copy(self, box: Box, picture: Planes) -> None:
        for bottom, top in zip(_cut(self._writable(), box), picture, strict=True):
            bottom.copy_(top)

    def _blend(self, box: Box, picture: SoftPicture) -> None:
        below = _cut(self._writable(), box)
        over(below.y, picture.y, picture.alpha)
        over(below.u, picture.u, picture.chroma_alpha)
        over(below.v, picture.v, picture.chroma_alpha)

    def _writable(self) -> Planes:
        if self._planes is None:
            self._planes = black(*self._size_px, device=self._device)
        elif not self._is_own:
            self._planes = Planes(*(plane.to(self._device, copy=True) for plane in self._planes))
        self._is_own = True
        return self._planes


def crop(picture: Planes, box: Box, output_px: tuple[int, int]) -> Patch | None:
    """The part of a picture filling `box` that lies inside the output; views, no copy."""
    right_px, bottom_px = min(box.right_px, output_px[0]), min(box.bottom_px, output_px[1])
    inside = Box(max(box.left_px, 0), max(box.top_px, 0), right_px, bottom_px)
    if inside.is_empty:
        return None
    return Patch(inside, _cut(picture, _within(inside, box)))


def _within(part: Box, box: Box) -> Box:
    """`part` counted from the corner of `box`."""
    left, top = box.left_px, box.top_px
    return Box(part.left_px - left, part.top_px - top, part.right_px - left, part.bottom_px - top)


def _cut(picture: Planes, part: Box) -> Planes:
    """Views of the samples inside `part`, even on all sides."""
    rows, columns = slice(part.top_px, part.bottom_px), slice(part.left_px, part.right_px)
    half_rows, half_columns = (slice(axis.start // 2, axis.stop // 2) for axis in (rows, columns))
    u, v = (plane[half_rows, half_columns] for plane in (picture.u, picture.v))
    return Planes(picture.y[rows, columns], u, v)


def _warped(planes: tuple[Tensor, ...], to_source: Affine, height: int, width: int, device: torch.device) -> Tensor:
    stacked = torch.stack([plane.to(device).to(torch.float32) for plane in planes])
    return warp(stacked, to_source, height, width)


def _covers(placement: Placement, to_source: Affine, box: Box) -> bool:
    """Whether every pixel of `box` lies wholly inside the source; enough to test the corners of a convex shape."""
    a, b, c, d, e, f = to_source
    for x in (0.0, float(box.width_px)):
        for y in (0.0, float(box.height_px)):
            column, row = a * x + b * y + c, d * x + e * y + f
            if not (-1e-6 <= column <= placement.width_px + 1e-6 and -1e-6 <= row <= placement.height_px + 1e-6):
                return False
    return True


def _union(one: Box, other: Box) -> Box:
    return Box(
        min(one.left_px, other.left_px),
        min(one.top_px, other.top_px),
        max(one.right_px, other.right_px),
        max(one.bottom_px, other.bottom_px),
    )


def _softened(patch: Patch, box: Box) -> SoftPicture:
    """The patch with transparency all around it, filling `box`."""
    left, top = patch.box.left_px - box.left_px, patch.box.top_px - box.top_px

    def enlarged(plane: Tensor, halves: int) -> Tensor:
        whole = plane.new_zeros((box.height_px // halves, box.width_px // halves), dtype=torch.float32)
        rows = slice(top // halves, top // halves + plane.shape[0])
        columns = slice(left // halves, left // halves + plane.shape[1])
        whole[rows, columns] = plane
        return whole

    picture = patch.picture
    if isinstance(picture, Planes):
        whole = slice(None)
        shape = torch.ones_like(picture.y, dtype=torch.float32)
        picture = softened(picture, shape if patch.edges is None else patch.edges.shape(whole, whole))
    return SoftPicture(
        enlarged(picture.y, 1),
        enlarged(picture.u, 2),
        enlarged(picture.v, 2),
        enlarged(picture.alpha, 1),
        enlarged(picture.chroma_alpha, 2),
    )


def _mixed(a: SoftPicture, b: SoftPicture, progress: float) -> SoftPicture:
    return SoftPicture(
        crossfade(a.y, b.y, progress),
        crossfade(a.u, b.u, progress),
        crossfade(a.v, b.v, progress),
        crossfade(a.alpha, b.alpha, progress),
        crossfade(a.chroma_alpha, b.chroma_alpha, progress),
    )


def _scaled(a: SoftPicture, weight: float) -> SoftPicture:
    return SoftPicture(a.y * weight, a.u * weight, a.v * weight, a.alpha * weight, a.chroma_alpha * weight)
