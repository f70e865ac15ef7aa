"""Packed pictures to planes, against the matrix and the chroma filter in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kernels.colour import premultiplied_weights, rgb_to_yuv, subsample
from kernels.rgba import unpacked


def reference(rgba: np.ndarray) -> tuple[torch.Tensor, ...]:
    """Matrix first, then the filter, in double precision; offsets scale with alpha."""
    samples = torch.from_numpy(rgba).permute(2, 0, 1).double() / 255.0
    alpha = samples[3]
    y, u, v = rgb_to_yuv(samples[:3])
    u, v = (subsample(plane - 128.0 * (1.0 - alpha)) for plane in (u, v))
    return y - 16.0 * (1.0 - alpha), u, v, alpha, subsample(alpha)


@pytest.mark.parametrize("size", [(2, 2), (2, 40), (40, 2), (700, 900)])
def test_golden(size: tuple[int, int], rng: np.random.Generator) -> None:
    alpha = rng.integers(0, 256, (*size, 1), dtype=np.uint16)
    rgba = np.concatenate((rng.integers(0, 256, (*size, 3), dtype=np.uint16) * alpha // 255, alpha), 2).astype(np.uint8)
    for got, wanted in zip(unpacked(torch.from_numpy(rgba)), reference(rgba), strict=True):
        torch.testing.assert_close(got.double(), wanted, rtol=0, atol=1e-4)


def test_a_part_of_a_wider_picture(rng: np.random.Generator) -> None:
    rgba = rng.integers(0, 256, (20, 60, 4), dtype=np.uint8)
    part = rgba[4:16, 10:50]
    for got, wanted in zip(unpacked(torch.from_numpy(part)), reference(part.copy()), strict=True):
        torch.testing.assert_close(got.double(), wanted, rtol=0, atol=1e-4)


def test_planes_one_after_the_other(rng: np.random.Generator) -> None:
    rgba = torch.from_numpy(rng.integers(0, 256, (4, 12, 20), dtype=np.uint8)).permute(1, 2, 0)
    for got, wanted in zip(unpacked(rgba), unpacked(rgba.contiguous()), strict=True):
        assert torch.equal(got, wanted)


def test_what_is_opaque_or_clear_is_so_to_the_last_bit() -> None:
    for level in (0, 255):
        *_, alpha, chroma_alpha = unpacked(torch.full((6, 8, 4), level, dtype=torch.uint8))
        assert alpha.eq(level / 255).all()
        assert chroma_alpha.eq(level / 255).all()


def test_the_weights_are_the_codes_of_white() -> None:
    white = premultiplied_weights() @ torch.ones(4)
    assert white.tolist() == pytest.approx([235.0, 128.0, 128.0, 1.0])


@pytest.mark.gpu
def test_cpu_is_cuda(cuda: torch.device, rng: np.random.Generator) -> None:
    rgba = torch.from_numpy(rng.integers(0, 256, (64, 80, 4), dtype=np.uint8))
    for there, here in zip(unpacked(rgba.to(cuda)), unpacked(rgba), strict=True):
        torch.testing.assert_close(there.cpu(), here, rtol=0, atol=1e-3)
