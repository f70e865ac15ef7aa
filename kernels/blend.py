"""Compositing on single planes. Porter–Duff weights sum to one, so they act on YUV code values as on RGB."""

from __future__ import annotations

from torch import Tensor


def over(bottom: Tensor, top: Tensor, alpha: Tensor) -> None:
    """Lay a premultiplied plane over 8-bit code values, in place.

    `bottom` (*, H, W) uint8 in [0, 255] is overwritten; `top` (*, H, W) float, code values already multiplied by
    `alpha` (*, H, W) float in [0, 1].
    """
    mixed = (1.0 - alpha).mul_(bottom).add_(top).round_().clamp_(0.0, 255.0)
    bottom.copy_(mixed)


def crossfade(first: Tensor, second: Tensor, progress: float) -> Tensor:
    """`first` at progress 0, `second` at 1, linear between; any shape, float, premultiplied or opaque."""
    return first + (second - first) * progress
