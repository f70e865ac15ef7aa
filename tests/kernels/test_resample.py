"""Bicubic sampling against a loop written out, and against what swscale makes of the same plane (tests/media)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.resample import Axis, chroma_start, resample

AXES = {
    "as it is": (9, 9, Axis(0.0, 1.0)),
    "enlarged": (9, 20, Axis(0.0, 9 / 20)),
    "a part of it": (9, 12, Axis(2.25, 0.3)),
    "reduced": (30, 7, Axis(0.0, 30 / 7)),
    "beyond both ends": (5, 12, Axis(-3.0, 1.0)),
}


def keys(distance: float) -> float:
    """Keys 1981, equation (4), with a = −0.6."""
    x, a = abs(distance), -0.6
    if x < 1:
        return (a + 2) * x**3 - (a + 3) * x**2 + 1
    return a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a if x < 2 else 0.0


def line(samples: np.ndarray, count: int, axis: Axis) -> np.ndarray:
    """One line of samples, one output at a time."""
    out = np.zeros(count)
    wide = max(axis.step, 1.0)
    for place in range(count):
        centre = (place + 0.5) * axis.step + axis.start - 0.5
        taps = range(math.floor(centre - 2 * wide), math.ceil(centre + 2 * wide) + 1)
        weights = np.array([keys((tap - centre) / wide) for tap in taps])
        seen = samples[np.clip(list(taps), 0, len(samples) - 1)]
        out[place] = (weights * seen).sum() / weights.sum()
    return out


class TestResample:
    def test_smoke(self) -> None:
        plane = torch.full((4, 6), 77, dtype=torch.uint8)
        assert resample(plane, 5, 9, Axis(0.0, 0.8), Axis(0.0, 2 / 3)).round().eq(77).all()

    @pytest.mark.parametrize("size", [(1, 1), (5, 3), (12, 40)])
    def test_shape(self, size: tuple[int, int]) -> None:
        sampled = resample(torch.zeros((4, 6), dtype=torch.uint8), *size, Axis(0.0, 1.0), Axis(0.0, 1.0))
        assert (sampled.shape, sampled.dtype) == (size, torch.float32)

    @pytest.mark.parametrize("case", AXES.values(), ids=AXES)
    def test_golden(self, case: tuple[int, int, Axis], rng: np.random.Generator) -> None:
        length, count, axis = case
        plane = rng.uniform(0.0, 200.0, (length, length))
        by_rows = np.stack([line(row, count, axis) for row in plane])
        wanted = np.stack([line(column, count, axis) for column in np.minimum(by_rows, 32767 / 128).T]).T
        got = resample(torch.from_numpy(plane), count, count, axis, axis)
        np.testing.assert_allclose(got.numpy(), wanted, rtol=0, atol=2e-3)

    @given(step=st.floats(0.1, 5.0), start=st.floats(-4.0, 4.0))
    @settings(max_examples=50, deadline=None)
    def test_a_plain_plane_stays_plain(self, step: float, start: float) -> None:
        axis = Axis(start, step)
        assert (resample(torch.full((7, 7), 235.0), 6, 6, axis, axis) - 235.0).abs().max() < 1e-3

    def test_the_identity_changes_nothing(self, rng: np.random.Generator) -> None:
        plane = torch.from_numpy(rng.integers(0, 256, (12, 17), dtype=np.uint8))
        assert resample(plane, 12, 17, Axis(0.0, 1.0), Axis(0.0, 1.0)).round().eq(plane).all()

    @pytest.mark.parametrize("step", [0.4, 1.0, 3.0])
    def test_chroma_meets_its_luma(self, step: float) -> None:
        """A ramp of luma and the same ramp at the chroma sites, both scaled, are still the same ramp."""
        columns = np.arange(120.0)
        luma = torch.from_numpy(columns + 0.5)[None]
        chroma = torch.from_numpy(columns[::2] + 0.5)[None]  # sites lie on even columns
        wide = int(100 / step) // 2 * 2
        y = resample(luma, 1, wide, Axis(0.0, 1.0), Axis(0.0, step))
        c = resample(chroma, 1, wide // 2, Axis(0.0, 1.0), Axis(chroma_start(step), step))
        inside = slice(8, wide // 2 - 8)
        torch.testing.assert_close(c[0, inside], y[0, ::2][inside], rtol=0, atol=0.1)  # a ramp bends by less

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        plane = torch.from_numpy(rng.integers(0, 256, (64, 90), dtype=np.uint8))
        down, across = Axis(1.5, 0.7), Axis(0.0, 2.5)
        here, there = (resample(source, 80, 36, down, across).cpu() for source in (plane, plane.to(cuda)))
        torch.testing.assert_close(there, here, rtol=0, atol=0.01)
