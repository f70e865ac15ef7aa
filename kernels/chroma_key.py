"""Making a colour transparent, by the distance from it in BT.709's chroma plane.

Proposals of ours, as the applications' formulas are not known: a pixel is clear up to one distance from the key, opaque
from another one on, smooth between. What is nearer to the key than grey is, as a blurred outline in front of it, has
some of its hue from there; that is taken away as keyers for green screens do it, g' = min(g, (r + b) / 2), put for any
hue. Luma stays, so that only chroma changes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from kernels.blend import bands
from kernels.blur import blurred, gaussian_taps
from kernels.colour import CHROMA_ZERO, KB, KG, KR, LUMA_BLACK
from kernels.resample import Axis
from kernels.yuva import Colour, Yuva, at_chroma, at_luma

_BAND = 131_072  # luma samples at a time on a CPU
_FEW = 0.1  # chroma below which a key is rather a grey, which luma tells from other greys
_GREY_RANGE = 0.3  # luma that counts as far as a key's own chroma does


class Key(NamedTuple):
    """A colour, gamma-encoded RGB in [0, 1], and the distances from it, in its own chroma, that count."""

    red: float
    green: float
    blue: float
    near: float  #: up to here all is clear
    far: float  #: from here on all is opaque; above `near`


def key_opacity(picture: Yuva, key: Key) -> Tensor:
    """How much of `picture` stays: (H, W) in [0, 1], float32 or the picture's own dtype; its own alpha aside.

    Where the key has less than 0.1 of chroma, distances in luma count too, the more the greyer it is.
    """
    opacity = torch.empty(picture.y.shape, dtype=_dtype(picture), device=picture.y.device)
    for rows in bands(picture.u, _BAND // 4):
        opacity[2 * rows.start : 2 * rows.stop] = _smooth(_distance(at_luma(picture, rows), key), key.near, key.far)
    return opacity


def key_spill(picture: Yuva, key: Key) -> Tensor:
    """How far the hue of `picture` may be the key's: (H/2, W/2) at its chroma sites, in [0, 1].

    1 where it is not wholly opaque, 0 from the distance of grey on, which is 1; `key.far` is below that.
    """
    spill = torch.empty(picture.u.shape, dtype=_dtype(picture), device=picture.u.device)
    for rows in bands(picture.u, _BAND // 4):
        spill[rows] = 1.0 - _smooth(_distance(at_chroma(picture, rows), key), key.far, 1.0)
    return spill


def without_spill(u: Tensor, v: Tensor, alpha: Tensor, key: Key, amount: Tensor) -> tuple[Tensor, Tensor]:
    """Chroma code values without `amount`, in [0, 1], of what they have of the key's hue; a grey key has none.

    `u` and `v` float are premultiplied with `alpha`; so are the results. All of one shape.
    """
    colour = (key.red, key.green, key.blue)
    low, high = min(colour), max(colour)
    if high - low < 1e-3:
        return u, v
    hue = [(channel - low) / (high - low) for channel in colour]
    towards = _excess_of(hue)
    cb, cr = u - CHROMA_ZERO * alpha, v - CHROMA_ZERO * alpha
    excess = (cb * towards[0]).add_(cr, alpha=towards[1]).clamp_min_(0.0).mul_(amount)
    hue_cb, hue_cr, _ = _chroma_of(*hue)
    return u.sub(excess, alpha=hue_cb), v.sub(excess, alpha=hue_cr)


def choked(opacity: Tensor, sigma: float) -> Tensor:
    """An opacity (H, W) with outlines drawn in and blurred by a gaussian of `sigma` samples; even areas stay."""
    less = _eroded(opacity, round(2.0 * sigma))
    height, width = opacity.shape
    down, across = (gaussian_taps(count, range(count), Axis(0.0, 1.0), sigma, opacity) for count in (height, width))
    return blurred(less, down, across).clamp_(0.0, 1.0)


def _eroded(plane: Tensor, radius: int) -> Tensor:
    """The least of all samples at most `radius` rows and columns away."""
    for dim in (0, 1):
        held, length = plane, plane.shape[dim]
        plane = held.clone()
        for shift in range(1, min(radius, length - 1) + 1):
            for first, near in ((0, shift), (shift, 0)):
                part = plane.narrow(dim, first, length - shift)
                torch.minimum(part, held.narrow(dim, near, length - shift), out=part)
    return plane


def _dtype(picture: Yuva) -> torch.dtype:
    return picture.y.dtype if picture.y.is_floating_point() else torch.float32


def _distance(colour: Colour, key: Key) -> Tensor:
    y, u, v = colour
    cb, cr, luma = _chroma_of(key.red, key.green, key.blue)
    chroma = math.hypot(cb, cr)
    scale = 1.0 / max(chroma, _FEW)
    across = u.sub(CHROMA_ZERO + 224.0 * cb).mul_(scale / 224.0)
    down = v.sub(CHROMA_ZERO + 224.0 * cr).mul_(scale / 224.0)
    squared = across.mul_(across).addcmul_(down, down)
    greyness = 1.0 - chroma / _FEW
    if greyness > 0.0:
        apart = y.sub(LUMA_BLACK + 219.0 * luma).mul_(math.sqrt(greyness) / _GREY_RANGE / 219.0)
        squared.addcmul_(apart, apart)
    return squared.sqrt_()


def _smooth(distance: Tensor, near: float, far: float) -> Tensor:
    """0 at `near`, 1 at `far`, by the cubic that is level at both; in place."""
    step = distance.sub_(near).mul_(1.0 / (far - near)).clamp_(0.0, 1.0)
    return step.mul(-2.0).add_(3.0).mul_(step).mul_(step)


def _chroma_of(red: float, green: float, blue: float) -> tuple[float, float, float]:
    """Cb and Cr in [-½, ½], and luma."""
    luma = KR * red + KG * green + KB * blue
    return (blue - luma) / (2.0 * (1.0 - KB)), (red - luma) / (2.0 * (1.0 - KR)), luma


def _excess_of(hue: list[float]) -> tuple[float, float]:
    """Weights of Cb and Cr whose sum is what a colour has of `hue`: 1 for the hue itself, 0 for all greys."""
    mean = sum(hue) / 3.0
    weights = [channel - mean for channel in hue]
    norm = sum(weight * weight for weight in weights)
    red, green, blue = (weight / norm for weight in weights)
    from_cb, from_cr = 2.0 * (1.0 - KB), 2.0 * (1.0 - KR)
    # R = Y + from_cr·Cr, B = Y + from_cb·Cb, G follows from the luma; Y drops out, as the weights sum to nothing.
    return from_cb * (blue - green * KB / KG), from_cr * (red - green * KR / KG)
