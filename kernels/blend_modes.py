"""Blend modes on 4:2:0 pictures, by the separable formulas of W3C's Compositing and Blending Level 1.

Linear burn, which that does not have, is max(0, below + above − 1). Formulas hold for gamma-encoded RGB. Luma is
blended at its own sites with chroma linear between its sites, chroma at its sites with the luma around them: where a
mode leaves a colour as it is, both layers' samples stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor

from kernels.blend import bands
from kernels.colour import LUMA_BLACK, channels, codes, luma_of
from kernels.yuva import Colour, Yuva, at_chroma, at_luma, doubled

Mode = Literal[
    "multiply",
    "color_dodge",
    "color_burn",
    "linear_burn",
    "soft_light",
    "hard_light",
    "screen",
    "overlay",
    "lighten",
    "darken",
]

_BAND = 131_072  # luma samples at a time on a CPU
_HARDLY = 1.0 / 4096.0  # a quotient's denominator is at least this, so that the rounding of black or white is not seen


def blended(mode: Mode, below: Tensor, above: Tensor) -> Tensor:
    """B(below, above) of a channel: the colour where both layers are opaque. Any shape, float in [0, 1]."""
    return _FORMULAS[mode](below, above)


def blend_over(mode: Mode, bottom: Yuva, top: Yuva, strength: float = 1.0) -> None:
    """Blend `top` over `bottom` of the same size, in place: αs·(1−αb)·Cs + αb·(1−αs)·Cb + αs·αb·B(Cb, Cs).

    `strength` in [0, 1] multiplies the opacity αs of `top`. Samples of `bottom` over which that is 0 keep their bits.
    """
    chroma = (bottom.u, bottom.v) if bottom.chroma_alpha is None else (bottom.u, bottom.v, bottom.chroma_alpha)
    blended_chroma = [torch.empty_like(plane) for plane in chroma]  # luma needs the old one of its neighbours
    for rows in bands(bottom.u, _BAND // 4):
        _blend_chroma(mode, bottom, top, strength, rows, blended_chroma)
        _blend_luma(mode, bottom, top, strength, rows)
    for plane, made in zip(chroma, blended_chroma, strict=True):
        plane.copy_(made)


def _blend_chroma(mode: Mode, bottom: Yuva, top: Yuva, strength: float, rows: slice, into: list[Tensor]) -> None:
    _, u, v = codes(*_mixed(mode, at_chroma(bottom, rows), at_chroma(top, rows)))
    alphas = _rows(bottom.chroma_alpha, rows), _rows(top.chroma_alpha, rows)
    _put(into[0][rows], _composed(bottom.u[rows], top.u[rows], u, *alphas, strength))
    _put(into[1][rows], _composed(bottom.v[rows], top.v[rows], v, *alphas, strength))
    if alphas[0] is not None:
        into[2][rows] = _united(alphas[0], alphas[1], strength)


def _blend_luma(mode: Mode, bottom: Yuva, top: Yuva, strength: float, chroma_rows: slice) -> None:
    rows = doubled(chroma_rows)
    y = luma_of(*_mixed(mode, at_luma(bottom, chroma_rows), at_luma(top, chroma_rows))).mul_(219.0).add_(LUMA_BLACK)
    alphas = _rows(bottom.alpha, rows), _rows(top.alpha, rows)
    _put(bottom.y[rows], _composed(bottom.y[rows], top.y[rows], y, *alphas, strength))
    if alphas[0] is not None:
        alphas[0].copy_(_united(alphas[0], alphas[1], strength))


def _mixed(mode: Mode, below: Colour, above: Colour) -> Colour:
    """B of two colours of code values, as RGB."""
    red, green, blue = (
        blended(mode, one, other) for one, other in zip(channels(*below), channels(*above), strict=True)
    )
    return red, green, blue


def _composed(
    below: Tensor, above: Tensor, mixed: Tensor, below_alpha: Tensor | None, above_alpha: Tensor | None, strength: float
) -> Tensor:
    """One plane of the result; `below` and `above` are premultiplied where they have an alpha."""
    weight = strength if above_alpha is None else above_alpha * strength
    if below_alpha is None:
        return torch.lerp(below.to(mixed.dtype), mixed, weight)
    alone = above * strength * (1.0 - below_alpha) + below * (1.0 - weight)
    return alone.add_(mixed * below_alpha * weight)


def _united(below_alpha: Tensor, above_alpha: Tensor | None, strength: float) -> Tensor:
    """αs + αb − αs·αb."""
    weight = strength if above_alpha is None else above_alpha * strength
    return below_alpha + (1.0 - below_alpha) * weight


def _put(target: Tensor, values: Tensor) -> None:
    target.copy_(values if target.is_floating_point() else values.round_())


def _rows(plane: Tensor | None, rows: slice) -> Tensor | None:
    return None if plane is None else plane[rows]


def _hard_light(below: Tensor, above: Tensor) -> Tensor:
    """Below ½ `above` multiplies with 2·above, from there on it screens with 2·above − 1; both at once."""
    twice = above.mul(2.0).sub_(1.0)
    return twice.clamp_min(0.0).add_(below).addcmul_(below, twice.abs_(), value=-1.0)


def _soft_light(below: Tensor, above: Tensor) -> Tensor:
    twice = above.mul(2.0).sub_(1.0)
    dark = below.clamp_max(0.25)  # the curve changes at ¼, where both its halves are ½
    lit = dark.mul(16.0).sub_(12.0).mul_(dark).add_(4.0).mul_(dark)
    lit.add_(below.clamp_min(0.25).sqrt_()).sub_(0.5).sub_(below).mul_(twice.clamp_min(0.0))
    return lit.addcmul_(below - below * below, twice.clamp_max_(0.0)).add_(below)


def _dodged(below: Tensor, left: Tensor) -> Tensor:
    """`below` / `left`, at most 1."""
    return (below / left.clamp_min(_HARDLY)).clamp_max_(1.0)


_FORMULAS: dict[Mode, Callable[[Tensor, Tensor], Tensor]] = {
    "multiply": torch.mul,
    "color_dodge": lambda below, above: _dodged(below, 1.0 - above),
    "color_burn": lambda below, above: 1.0 - _dodged(1.0 - below, above),
    "linear_burn": lambda below, above: (below + above).sub_(1.0).clamp_min_(0.0),
    "soft_light": _soft_light,
    "hard_light": _hard_light,
    "screen": lambda below, above: (below + above).addcmul_(below, above, value=-1.0),
    "overlay": lambda below, above: _hard_light(above, below),
    "lighten": torch.maximum,
    "darken": torch.minimum,
}
