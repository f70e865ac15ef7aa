"""Packed premultiplied 8-bit pictures, as 2D graphics libraries draw them, to planar ones."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from kernels.blend import bands
from kernels.colour import premultiplied_weights

_LEVELS = 255.0
_PIXELS = 8.0  # in whose sum a chroma site's own column counts twice, its neighbours once, in two rows


def unpacked(rgba: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Luma, Cb and Cr code values × alpha, alpha in [0, 1] and the same at the chroma sites, all float32.

    `rgba` (H, W, 4) uint8, premultiplied R'G'B' and alpha, both sides even; luma and the first alpha are (H, W), the
    others (H/2, W/2) at the sites of `kernels.colour.subsample`: the matrix's and the filter's sums in one.
    """
    sites = (rgba.shape[0] // 2, rgba.shape[1] // 2)
    y, alpha = (rgba.new_empty(rgba.shape[:2], dtype=torch.float32) for _ in range(2))
    u, v, chroma_alpha = (rgba.new_empty(sites, dtype=torch.float32) for _ in range(3))
    to_luma, to_chroma = (weights.to(rgba.device) for weights in _weights())
    for half in bands(u):
        rows = slice(2 * half.start, 2 * half.stop)
        samples = rgba[rows].to(torch.float32).contiguous()
        torch.mv(samples.view(-1, 4), to_luma, out=y[rows].view(-1))
        torch.div(samples[..., 3], _LEVELS, out=alpha[rows])
        _subsample(samples, to_chroma, (u[half], v[half], chroma_alpha[half]))
        chroma_alpha[half].div_(_LEVELS * _PIXELS)
    return y, u, v, alpha, chroma_alpha


def _subsample(samples: Tensor, weights: Tensor, sites: tuple[Tensor, Tensor, Tensor]) -> None:
    """Fill the chroma sites of whole pairs of rows."""
    pairs = (samples[0::2] + samples[1::2]).view(-1, 8)
    # Each pair of columns weighs in at its own site and, with its right column, at the next one.
    own, onwards = (weights @ pairs.T).view(2, 3, *sites[0].shape)
    before_first = weights[3:, 4:] @ pairs.view(*sites[0].shape, 8)[:, 0, :4].T
    for plane, here, after, before in zip(sites, own, onwards, before_first, strict=True):
        torch.add(here[:, 1:], after[:, :-1], out=plane[:, 1:])
        torch.add(here[:, 0], before, out=plane[:, 0])


@cache
def _weights() -> tuple[Tensor, Tensor]:
    """Of a pixel's samples for luma, (4,); of two neighbours' sums over two rows, (6, 8), see `_subsample`.

    Alpha counts in whole numbers, so that what is opaque stays so to the last bit.
    """
    luma, cb, cr, alpha = premultiplied_weights() / _LEVELS
    once = torch.stack((cb / _PIXELS, cr / _PIXELS, alpha * _LEVELS))
    return luma, torch.cat((torch.cat((2.0 * once, once), 1), torch.cat((torch.zeros(3, 4), once), 1)))
