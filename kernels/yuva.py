"""Planar 4:2:0 pictures, some rows at a time, at one kind of site: what needs all three samples of a pixel."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from torch import Tensor

from kernels.colour import subsample, upsample

Colour: TypeAlias = tuple[Tensor, Tensor, Tensor]

_CLEAR = 1e-3  # opacities below it are too faint to tell a colour


class Yuva(NamedTuple):
    """A 4:2:0 picture: opaque 8-bit code values, or premultiplied float ones with their opacity."""

    y: Tensor  #: (H, W), both even
    u: Tensor  #: (H/2, W/2)
    v: Tensor  #: (H/2, W/2)
    alpha: Tensor | None = None  #: (H, W) in [0, 1]
    chroma_alpha: Tensor | None = None  #: (H/2, W/2) in [0, 1]; given where `alpha` is


def at_luma(picture: Yuva, chroma_rows: slice) -> Colour:
    """Its colour at the luma sites, not premultiplied."""
    rows = doubled(chroma_rows)
    y, u, v = _floats(picture.y[rows]), _upsampled(picture.u, chroma_rows), _upsampled(picture.v, chroma_rows)
    if picture.alpha is None or picture.chroma_alpha is None:
        return y, u, v
    share = _upsampled(picture.chroma_alpha, chroma_rows).clamp_min_(_CLEAR)
    return y / picture.alpha[rows].clamp_min(_CLEAR), u.div_(share), v.div_(share)


def at_chroma(picture: Yuva, rows: slice) -> Colour:
    """Its colour at the chroma sites, not premultiplied."""
    y = subsample(_floats(picture.y[doubled(rows)]))
    u, v = _floats(picture.u[rows]), _floats(picture.v[rows])
    if picture.alpha is None or picture.chroma_alpha is None:
        return y, u, v
    share = picture.chroma_alpha[rows].clamp_min(_CLEAR)
    return y.div_(subsample(picture.alpha[doubled(rows)]).clamp_min_(_CLEAR)), u / share, v / share


def _upsampled(plane: Tensor, rows: slice) -> Tensor:
    """The luma rows of these chroma rows; those beside them are looked at too."""
    first = max(rows.start - 1, 0)
    near = upsample(_floats(plane[first : rows.stop + 1]))
    return near[2 * (rows.start - first) :][: 2 * (min(rows.stop, plane.shape[0]) - rows.start)]


def doubled(rows: slice) -> slice:
    """The luma rows of chroma rows."""
    return slice(2 * rows.start, 2 * rows.stop)


def _floats(plane: Tensor) -> Tensor:
    return plane if plane.is_floating_point() else plane.float()
