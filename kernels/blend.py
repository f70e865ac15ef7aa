"""Compositing on single planes. Porter–Duff weights sum to one, so they act on YUV code values as on RGB."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor

_BAND = 131_072  # samples at a time on a CPU: their float copies stay in its cache, which is three times as fast


def over(bottom: Tensor, top: Tensor, alpha: Tensor) -> None:
    """Lay a premultiplied plane over another one, in place.

    `bottom` (*, H, W), uint8 in [0, 255] or premultiplied float, is overwritten; `top` (*, H, W) float, code values
    already multiplied by `alpha` (*, H, W) float in [0, 1]. Laid over itself, a plane of opacities is their union.
    """
    for rows in bands(bottom):
        below = bottom[..., rows, :]
        if below.is_floating_point():
            below.mul_(1.0 - alpha[..., rows, :]).add_(top[..., rows, :])
            continue
        mixed = below.to(top.dtype).mul_(1.0 - alpha[..., rows, :]).add_(top[..., rows, :])
        below.copy_(mixed.round_().clamp_(0.0, 255.0))


def crossfade(first: Tensor, second: Tensor, progress: float) -> Tensor:
    """`first` at progress 0, `second` at 1, linear between; any shape, float, premultiplied or opaque."""
    return first + (second - first) * progress


def crossfade_into(target: Tensor, first: Tensor, second: Tensor, progress: float) -> None:
    """The same for 8-bit code values: `target`, `first`, `second` (*, H, W) uint8; `target` is overwritten, rounded."""
    for rows in bands(target):
        one, other = first[..., rows, :].float(), second[..., rows, :].float()
        target[..., rows, :].copy_(one.lerp_(other, progress).round_())


def bands(plane: Tensor, samples: int = _BAND) -> Iterator[slice]:
    """Runs of rows that are worked on at a time, of about `samples` samples: all of them on a GPU."""
    height = plane.shape[-2]
    count = height if plane.device.type != "cpu" else max(samples * height // max(plane.numel(), 1), 1)
    for first in range(0, height, count):
        yield slice(first, first + count)
