"""HDR and wide-gamut 4:2:0 as SDR BT.709, by curves that are sampled elsewhere."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from kernels.colour import CHROMA_ZERO, LUMA_BLACK, rgb_to_yuv
from kernels.resample import Axis, resample


class ToneCurves(NamedTuple):
    """Steps from R'G'B' to that of BT.709: `first` → × `gain` at the luminance, then `second` → `matrix` → `last`.

    Curves (N,) are sampled evenly over [0, 1], each as finely as it needs; all float32 on the planes' device.
    """

    first: Tensor
    gain: Tensor | None  #: without it there is no `second` either
    second: Tensor | None
    luminance: Tensor  #: (3,) weights of linear red, green and blue
    matrix: Tensor  #: (3, 3) from linear R, G, B to those of BT.709
    last: Tensor


def to_sdr(
    y: Tensor, u: Tensor, v: Tensor, curves: ToneCurves, *, red: float, blue: float, is_full: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """4:2:0 planes of HDR or a wide gamut as 8-bit BT.709 limited range, in the same sizes.

    `y` (H, W), both even, `u` and `v` (H/2, W/2), any dtype, values as 8-bit codes with their fractions; `red` and
    `blue` are the luma weights of the source's matrix; returns uint8. What lies outside of [0, 1] is cut at each step.
    """
    light = _through(curves.first, _rgb(y, u, v, red=red, blue=blue, is_full=is_full))
    if curves.gain is not None and curves.second is not None:
        luminance = torch.einsum("c,chw->hw", curves.luminance, light)
        light = _through(curves.second, light * _through(curves.gain, luminance))
    shown = _through(curves.last, torch.einsum("dc,chw->dhw", curves.matrix, light))
    luma, *chroma = rgb_to_yuv(shown)
    height, width = u.shape
    across = Axis(-0.5, 2.0)  # chroma lies on even columns, between two rows
    planes = (luma, *(resample(plane, height, width, Axis(0.0, 2.0), across) for plane in chroma))
    one, two, three = (plane.round().clamp(0.0, 255.0).to(torch.uint8) for plane in planes)
    return one, two, three


def _rgb(y: Tensor, u: Tensor, v: Tensor, *, red: float, blue: float, is_full: bool) -> Tensor:
    """R'G'B' (3, H, W) float32 in the planes' own matrix, beyond [0, 1] where the code values are."""
    low, luma_range, chroma_range = (0.0, 255.0, 255.0) if is_full else (LUMA_BLACK, 219.0, 224.0)
    height, width = y.shape
    across = Axis(0.25, 0.5)
    cb, cr = (
        resample((plane.float() - CHROMA_ZERO) / chroma_range, height, width, Axis(0.0, 0.5), across)
        for plane in (u, v)
    )
    luma = (y.float() - low) / luma_range
    r, b = luma + 2.0 * (1.0 - red) * cr, luma + 2.0 * (1.0 - blue) * cb
    return torch.stack((r, (luma - red * r - blue * b) / (1.0 - red - blue), b))


def _through(curve: Tensor, values: Tensor) -> Tensor:
    """`values` read from a sampled curve, linearly between its samples."""
    last = curve.shape[0] - 1
    place = values.clamp(0.0, 1.0) * last
    below = place.floor().clamp_max(last - 1)
    index = below.long()
    return curve[index].lerp(curve[index + 1], place - below)
