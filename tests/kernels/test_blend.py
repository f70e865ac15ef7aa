"""Compositing against Porter and Duff's formula in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.blend import crossfade, over


def layers(rng: np.random.Generator, *shape: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Code values below, premultiplied code values above, and the opacity above."""
    bottom = rng.integers(0, 256, shape, dtype=np.uint8)
    alpha = rng.uniform(0.0, 1.0, shape)
    return bottom, rng.uniform(0.0, 255.0, shape) * alpha, alpha


class TestOver:
    def test_smoke(self) -> None:
        bottom = torch.full((2, 2), 100, dtype=torch.uint8)
        over(bottom, torch.full((2, 2), 50.0), torch.full((2, 2), 0.5))
        assert bottom.tolist() == [[100, 100], [100, 100]]

    @pytest.mark.parametrize("shape", [(1, 1), (3, 7), (2, 4, 6)])
    def test_shape(self, shape: tuple[int, ...], rng: np.random.Generator) -> None:
        bottom, top, alpha = map(torch.from_numpy, layers(rng, *shape))
        where = bottom.data_ptr()
        over(bottom, top, alpha)
        assert (bottom.shape, bottom.dtype, bottom.data_ptr()) == (shape, torch.uint8, where)

    def test_rejects_other_sizes(self) -> None:
        bottom = torch.zeros((4, 4), dtype=torch.uint8)
        with pytest.raises(RuntimeError, match="size"):
            over(bottom, torch.zeros((4, 3)), torch.zeros((4, 3)))

    def test_golden(self, dtype: torch.dtype, rng: np.random.Generator) -> None:
        bottom, top, alpha = layers(rng, 40, 50)
        wanted = np.round((1.0 - alpha) * bottom + top).clip(0, 255)
        got = torch.from_numpy(bottom.copy())
        over(got, torch.from_numpy(top).to(dtype), torch.from_numpy(alpha).to(dtype))
        # Where the exact value is half a level from two codes, float32 may take the other one.
        assert np.abs(got.numpy().astype(float) - wanted).max() <= (0 if dtype == torch.float64 else 1)
        assert (got.numpy() != wanted).mean() < 1e-3

    @pytest.mark.parametrize(("alpha", "top", "wanted"), [(0.0, 0.0, 77), (1.0, 31.0, 31), (1.0, 300.0, 255)])
    def test_clear_and_opaque_are_exact(self, alpha: float, top: float, wanted: int) -> None:
        bottom = torch.full((3, 3), 77, dtype=torch.uint8)
        over(bottom, torch.full((3, 3), top), torch.full((3, 3), alpha))
        assert bottom.eq(wanted).all()

    @given(level=st.integers(0, 255), alpha=st.floats(0.0, 1.0))
    @settings(max_examples=200, deadline=None)
    def test_a_colour_over_itself_stays(self, level: int, alpha: float) -> None:
        bottom = torch.full((1, 1), level, dtype=torch.uint8)
        over(bottom, torch.full((1, 1), level * alpha), torch.full((1, 1), alpha))
        assert bottom.item() == level

    def test_touches_only_the_view(self) -> None:
        canvas = torch.zeros((6, 6), dtype=torch.uint8)
        over(canvas[2:4, 2:4], torch.full((2, 2), 9.0), torch.ones((2, 2)))
        assert canvas.sum() == 4 * 9
        assert canvas[2:4, 2:4].eq(9).all()

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        bottom, top, alpha = (torch.from_numpy(array) for array in layers(rng, 64, 64))
        other = bottom.to(cuda)
        over(bottom, top.float(), alpha.float())
        over(other, top.float().to(cuda), alpha.float().to(cuda))
        torch.testing.assert_close(other.cpu(), bottom, rtol=0, atol=1)


class TestCrossfade:
    def test_smoke(self) -> None:
        assert crossfade(torch.tensor(10.0), torch.tensor(20.0), 0.25) == 12.5

    @pytest.mark.parametrize("shape", [(), (5,), (2, 3, 4)])
    def test_shape(self, shape: tuple[int, ...], dtype: torch.dtype) -> None:
        mixed = crossfade(torch.zeros(shape, dtype=dtype), torch.ones(shape, dtype=dtype), 0.5)
        assert (mixed.shape, mixed.dtype) == (shape, dtype)

    def test_rejects_other_sizes(self) -> None:
        with pytest.raises(RuntimeError, match="size"):
            crossfade(torch.zeros(3), torch.zeros(4), 0.5)

    @pytest.mark.parametrize("progress", [0.0, 0.3, 0.5, 1.0])
    def test_golden(self, progress: float, dtype: torch.dtype, tolerance: float, rng: np.random.Generator) -> None:
        first, second = rng.uniform(0.0, 1.0, (2, 30, 30))
        got = crossfade(torch.from_numpy(first).to(dtype), torch.from_numpy(second).to(dtype), progress)
        np.testing.assert_allclose(got.numpy(), (1.0 - progress) * first + progress * second, rtol=0, atol=tolerance)

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        first, second = (torch.from_numpy(plane).float() for plane in rng.uniform(0.0, 255.0, (2, 64, 64)))
        here, there = crossfade(first, second, 0.7), crossfade(first.to(cuda), second.to(cuda), 0.7)
        torch.testing.assert_close(there.cpu(), here)
