"""Pictures sampled for their place in the output."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cutfarm.media.picture import Picture, blank
from cutfarm.media.planes import Planes, SoftPicture, planes_of
from cutfarm.render.edges import Edges, softened
from cutfarm.render.placement import Box, Placement, chroma_map
from kernels.blend import crossfade, crossfade_into
from kernels.colour import subsample
from kernels.geometry import Affine, Perspective, coverage, warp


@dataclass(frozen=True, slots=True)
class Patch:
    """A picture that fills `box` sample for sample: opaque, or premultiplied with transparency."""

    box: Box
    picture: Planes | SoftPicture
    edges: Edges | None = None  #: where an opaque picture covers its outermost pixels in part
    host: Picture | None = None  #: whose samples `picture` are views of, if it is one of the encoder's kind
    is_scratch: bool = False  #: made for this frame alone: what lies above may be drawn into it


def place(
    picture: Planes | SoftPicture, placement: Placement, alpha: float, output_px: tuple[int, int], device: torch.device
) -> Patch | None:
    """Sample `picture` into the output pixels that `placement` touches; None where nothing shows.

    `placement` counts in the picture's own samples. `alpha` in [0, 1] multiplies the picture's transparency; one that
    is no number shows nothing.
    """
    box = placement.bounds(*output_px)
    if box.is_empty or placement.is_degenerate or not alpha > 0.0:
        return None
    whole = placement.whole_box()
    if whole is not None and isinstance(picture, SoftPicture) and _fills(picture, whole, placement):
        return _laid(picture, whole, alpha, output_px, device)
    to_picture = placement.to_picture(box)
    luma = _warped((picture.y,), to_picture, box.height_px, box.width_px, device)[0]
    half = (box.height_px // 2, box.width_px // 2)
    chroma = _warped((picture.u, picture.v), chroma_map(to_picture), *half, device)
    if isinstance(picture, Planes) and alpha >= 1.0 and placement.covers(box):
        y, u, v = (plane.round_().clamp_(0.0, 255.0).to(torch.uint8) for plane in (luma, chroma[0], chroma[1]))
        return Patch(box, Planes(y, u, v))
    shown_px = (placement.height_px, placement.width_px)
    shape = coverage(placement.to_source(box), *shown_px, box.height_px, box.width_px, luma)
    if alpha < 1.0:
        shape.mul_(alpha)
    half_shape = subsample(shape)
    opacity, half_opacity = shape, half_shape
    if isinstance(picture, SoftPicture):
        opacity = shape * _warped((picture.alpha,), to_picture, box.height_px, box.width_px, device)[0]
        half_opacity = half_shape * _warped((picture.chroma_alpha,), chroma_map(to_picture), *half, device)[0]
    u, v = chroma.mul_(half_shape)
    return Patch(box, SoftPicture(luma.mul_(shape), u, v, opacity, half_opacity))


def _fills(picture: SoftPicture, box: Box, placement: Placement) -> bool:
    """Whether `picture` lies in `box` sample for sample."""
    return placement.window is None and (picture.width_px, picture.height_px) == (box.width_px, box.height_px)


def _laid(
    picture: SoftPicture, whole: Box, alpha: float, output_px: tuple[int, int], device: torch.device
) -> Patch | None:
    box = whole.intersection(Box(0, 0, *output_px))
    if box.is_empty:
        return None
    soft = soft_part_of(picture, box.within(whole))
    planes = (soft.y, soft.u, soft.v, soft.alpha, soft.chroma_alpha)
    patch = Patch(box, SoftPicture(*(plane.to(device) for plane in planes)))
    return patch if alpha >= 1.0 else faded(patch, alpha)


def dissolve(outgoing: Patch | None, incoming: Patch | None, progress: float) -> Patch | None:
    """The cross-dissolve of two layers: `outgoing` alone at progress 0, `incoming` alone at 1."""
    if outgoing is None or incoming is None:
        only, weight = (outgoing, 1.0 - progress) if incoming is None else (incoming, progress)
        return None if only is None else faded(only, weight)
    first, second = outgoing.picture, incoming.picture
    are_whole = outgoing.edges is None and incoming.edges is None and outgoing.box == incoming.box
    if isinstance(first, Planes) and isinstance(second, Planes) and are_whole:
        return _dissolved(outgoing.box, first, second, progress)
    box = outgoing.box.union(incoming.box)
    a, b = _softened(outgoing, box), _softened(incoming, box)
    return Patch(box, crossfaded(a, b, progress))


def _dissolved(box: Box, first: Planes, second: Planes, progress: float) -> Patch:
    host = blank(box.width_px, box.height_px)
    mixed = planes_of(host)
    for target, one, other in zip(mixed, first, second, strict=True):
        crossfade_into(target, one, other, progress)
    return Patch(box, mixed, host=host, is_scratch=True)


def faded(patch: Patch, alpha: float) -> Patch:
    """The patch with its opacity multiplied by `alpha` in [0, 1]."""
    return Patch(patch.box, _scaled(_softened(patch, patch.box), alpha))


def cut(patch: Patch, box: Box, luma: Tensor, chroma: Tensor) -> SoftPicture:
    """The part `box` of a patch, its opacity multiplied by `luma` (H, W), at its chroma sites `chroma` (H/2, W/2)."""
    part, picture = box.within(patch.box), patch.picture
    if isinstance(picture, Planes):
        if patch.edges is not None:
            shape, half = patch.edges.shapes(slice(part.top_px, part.bottom_px), slice(part.left_px, part.right_px))
            luma, chroma = shape * luma, half * chroma
        return softened(part_of(picture, part), luma, chroma)
    soft = soft_part_of(picture, part)
    return SoftPicture(soft.y * luma, soft.u * chroma, soft.v * chroma, soft.alpha * luma, soft.chroma_alpha * chroma)


def part_of(picture: Planes, part: Box) -> Planes:
    """Views of the samples inside `part`, even on all sides."""
    rows, columns = slice(part.top_px, part.bottom_px), slice(part.left_px, part.right_px)
    half_rows, half_columns = (slice(axis.start // 2, axis.stop // 2) for axis in (rows, columns))
    u, v = (plane[half_rows, half_columns] for plane in (picture.u, picture.v))
    return Planes(picture.y[rows, columns], u, v)


def soft_part_of(picture: SoftPicture, part: Box) -> SoftPicture:
    """The same of a picture with transparency."""
    inside = part_of(Planes(picture.y, picture.u, picture.v), part)
    shape = part_of(Planes(picture.alpha, picture.chroma_alpha, picture.chroma_alpha), part)
    return SoftPicture(inside.y, inside.u, inside.v, shape.y, shape.u)


def pieces(patch: Patch) -> Iterator[Patch]:
    """Patches without edges that together are `patch`: an opaque middle, and soft strips of its outermost pixels."""
    picture, edges = patch.picture, patch.edges
    if edges is None or isinstance(picture, SoftPicture):
        yield patch
        return
    if not edges.inner.is_empty:
        yield Patch(edges.inner, part_of(picture, edges.inner.within(patch.box)))
    for strip in edges.strips(patch.box):
        part = strip.within(patch.box)
        shapes = edges.shapes(slice(part.top_px, part.bottom_px), slice(part.left_px, part.right_px))
        yield Patch(strip, softened(part_of(picture, part), *shapes))


def _warped(
    planes: tuple[Tensor, ...], to_source: Affine | Perspective, height: int, width: int, device: torch.device
) -> Tensor:
    first = planes[0].to(device)
    stacked = first[None] if len(planes) == 1 else torch.stack([first, *(plane.to(device) for plane in planes[1:])])
    return warp(stacked.to(torch.float32), to_source, height, width)


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
        shapes = (torch.ones_like(picture.y, dtype=torch.float32),)
        picture = softened(picture, *(shapes if patch.edges is None else patch.edges.shapes(whole, whole)))
    return SoftPicture(
        enlarged(picture.y, 1),
        enlarged(picture.u, 2),
        enlarged(picture.v, 2),
        enlarged(picture.alpha, 1),
        enlarged(picture.chroma_alpha, 2),
    )


def crossfaded(a: SoftPicture, b: SoftPicture, progress: float) -> SoftPicture:
    """`a` alone at progress 0, `b` alone at 1; both of one size."""
    return SoftPicture(
        crossfade(a.y, b.y, progress),
        crossfade(a.u, b.u, progress),
        crossfade(a.v, b.v, progress),
        crossfade(a.alpha, b.alpha, progress),
        crossfade(a.chroma_alpha, b.chroma_alpha, progress),
    )


def _scaled(a: SoftPicture, weight: float) -> SoftPicture:
    return SoftPicture(a.y * weight, a.u * weight, a.v * weight, a.alpha * weight, a.chroma_alpha * weight)
