"""RGB to and from 8-bit BT.709 limited-range YUV, and 4:2:0 chroma."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import pad

from kernels.resample import Axis, resample

#: luma weights of red, blue and green (ITU-R BT.709-6 §3)
KR, KB = 0.2126, 0.0722
KG = 1.0 - KR - KB

LUMA_BLACK = 16.0  #: code value of black
CHROMA_ZERO = 128.0  #: code value of no colour


def rgb_to_yuv(rgb: Tensor) -> Tensor:
    """BT.709 limited-range code values of RGB.

    `rgb` (*, 3, H, W) float in [0, 1]; returns (*, 3, H, W) Y in [16, 235], Cb and Cr in [16, 240], unrounded.
    """
    red, green, blue = rgb.unbind(-3)
    return torch.stack(codes(red, green, blue), dim=-3)


def codes(red: Tensor, green: Tensor, blue: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The same for planes of their own: luma, Cb and Cr."""
    luma = luma_of(red, green, blue)
    y = LUMA_BLACK + 219.0 * luma
    u = CHROMA_ZERO + 224.0 * (blue - luma) / (2.0 * (1.0 - KB))
    v = CHROMA_ZERO + 224.0 * (red - luma) / (2.0 * (1.0 - KR))
    return y, u, v


@cache
def premultiplied_weights() -> Tensor:
    """What R'G'B' and alpha in [0, 1] add to Y, Cb and Cr, all premultiplied, and to alpha: a row each, (4, 4) float32.

    The matrix is linear but for its offsets, which scale with alpha as the samples do.
    """
    weights = torch.eye(4)
    red, green, blue = torch.eye(3)
    offsets = (LUMA_BLACK, CHROMA_ZERO, CHROMA_ZERO)
    for row, plane, offset in zip(weights, codes(red, green, blue), offsets, strict=False):
        row[:3], row[3] = plane - offset, offset
    return weights


def luma_of(red: Tensor, green: Tensor, blue: Tensor) -> Tensor:
    """BT.709 luma in [0, 1] of gamma-encoded RGB in [0, 1]."""
    return KR * red + KG * green + KB * blue


def yuv_to_rgb(yuv: Tensor) -> Tensor:
    """The inverse of `rgb_to_yuv`: (*, 3, H, W) code values to (*, 3, H, W) RGB, clamped to [0, 1]."""
    y, u, v = yuv.unbind(-3)
    return torch.stack(channels(y, u, v), dim=-3)


def channels(y: Tensor, u: Tensor, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Red, green and blue, clamped to [0, 1], of float planes of code values that have the same sites."""
    luma = (y - LUMA_BLACK).div_(219.0)
    cb, cr = (u - CHROMA_ZERO).div_(224.0), (v - CHROMA_ZERO).div_(224.0)
    green = torch.add(luma, cb, alpha=-2.0 * KB * (1.0 - KB) / KG).add_(cr, alpha=-2.0 * KR * (1.0 - KR) / KG)
    red = torch.add(luma, cr, alpha=2.0 * (1.0 - KR))
    blue = luma.add_(cb, alpha=2.0 * (1.0 - KB))
    return red.clamp_(0.0, 1.0), green.clamp_(0.0, 1.0), blue.clamp_(0.0, 1.0)


def subsample(plane: Tensor) -> Tensor:
    """Halve a float plane (*, H, W), both even, to (*, H/2, W/2) at the chroma sites of MPEG-2 4:2:0.

    Sites lie on even columns, between two rows (ITU-T H.264 annex E, type 0): columns weigh 1 2 1, rows 1 1.
    """
    rows = (plane[..., 0::2, :] + plane[..., 1::2, :]) * 0.5
    left = pad(rows[..., 1::2], (1, 0))[..., :-1]
    left[..., 0] = rows[..., 0]
    return (left + rows[..., 1::2]) * 0.25 + rows[..., 0::2] * 0.5


def upsample(plane: Tensor) -> Tensor:
    """Double a float plane (*, h, w) of chroma to (*, 2h, 2w), the sites of `subsample` on luma's: linear between them.

    Even columns lie on a site, odd ones between two; rows lie a quarter beside one. Beyond its edge the plane repeats.
    """
    above = torch.cat((plane[..., :1, :], plane[..., :-1, :]), -2)
    below = torch.cat((plane[..., 1:, :], plane[..., -1:, :]), -2)
    rows = torch.stack((plane.lerp(above, 0.25), plane.lerp(below, 0.25)), -2).flatten(-3, -2)
    between = torch.cat((rows[..., 1:], rows[..., -1:]), -1).add_(rows).mul_(0.5)
    # As pairs of numbers the columns are interleaved three times as fast.
    return torch.view_as_real(torch.complex(rows, between)).flatten(-2)


def to_bt709(
    y: Tensor, u: Tensor, v: Tensor, *, red: float, blue: float, is_full: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """8-bit 4:2:0 of another matrix or range as BT.709 limited range, in the same sizes.

    `y` (H, W), `u` and `v` (⌈H/2⌉, ⌈W/2⌉), any dtype, values as 8-bit codes; `red` and `blue` are the luma
    weights of the source's matrix; returns uint8. A grey stays the same grey, so chroma is converted at its own sites.
    """
    low, luma_range, chroma_range = (0.0, 255.0, 255.0) if is_full else (LUMA_BLACK, 219.0, 224.0)
    green = 1.0 - red - blue
    # R = Y + r·V, G = Y − g·U − h·V, B = Y + b·U
    r, b = 2.0 * (1.0 - red), 2.0 * (1.0 - blue)
    g, h = blue * b / green, red * r / green
    from_u, from_v = KB * b - KG * g, KR * r - KG * h
    cb, cr = (plane.float().sub(CHROMA_ZERO).div(chroma_range) for plane in (u, v))
    shift = from_u * cb + from_v * cr
    height, width = y.shape
    down, across = Axis(0.0, 0.5), Axis(0.25, 0.5)  # chroma lies on even columns, between two rows
    luma = (y.float() - low) / luma_range + resample(shift, height, width, down, across)
    blue_off, red_off = (b - from_u) * cb - from_v * cr, (r - from_v) * cr - from_u * cb
    codes = (
        LUMA_BLACK + 219.0 * luma,
        CHROMA_ZERO + 112.0 / (1.0 - KB) * blue_off,
        CHROMA_ZERO + 112.0 / (1.0 - KR) * red_off,
    )
    one, two, three = (plane.round().clamp(0.0, 255.0).to(torch.uint8) for plane in codes)
    return one, two, three
