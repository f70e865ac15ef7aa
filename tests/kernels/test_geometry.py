"""Sampling against a bilinear loop written out, coverage against areas known by geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.geometry import Affine, coverage, warp

IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
MAPS: dict[str, Affine] = {
    "half a pixel right and down": (1.0, 0.0, -0.5, 0.0, 1.0, -0.5),
    "enlarged": (0.4, 0.0, 0.3, 0.0, 0.7, -0.2),
    "reduced": (1.7, 0.0, -2.0, 0.0, 1.3, 0.6),
    "mirrored": (-1.0, 0.0, 7.0, 0.0, 1.0, 0.0),
    "turned": (0.8, 0.6, -2.0, -0.6, 0.8, 3.0),
    "sheared": (1.0, 0.3, 0.1, -0.2, 0.9, 0.7),
}


def bilinear(plane: np.ndarray, to_source: Affine, height: int, width: int) -> np.ndarray:
    """One sample at a time: sample i of the source stands at i + ½, and outside the edge sample repeats."""
    a, b, c, d, e, f = to_source
    out = np.zeros((height, width))
    rows, columns = plane.shape
    for row in range(height):
        for column in range(width):
            x = a * (column + 0.5) + b * (row + 0.5) + c - 0.5
            y = d * (column + 0.5) + e * (row + 0.5) + f - 0.5
            x, y = min(max(x, 0.0), columns - 1.0), min(max(y, 0.0), rows - 1.0)
            left, top = int(x), int(y)
            right, bottom = min(left + 1, columns - 1), min(top + 1, rows - 1)
            upper = plane[top, left] * (1 - (x - left)) + plane[top, right] * (x - left)
            lower = plane[bottom, left] * (1 - (x - left)) + plane[bottom, right] * (x - left)
            out[row, column] = upper * (1 - (y - top)) + lower * (y - top)
    return out


class TestWarp:
    def test_smoke(self) -> None:
        assert warp(torch.tensor([[[1.0, 3.0]]]), (1.0, 0.0, 0.5, 0.0, 1.0, 0.0), 1, 1).item() == 2.0

    @pytest.mark.parametrize("count", [1, 2, 3])
    @pytest.mark.parametrize("size", [(1, 1), (5, 3), (2, 9)])
    def test_shape(self, count: int, size: tuple[int, int], dtype: torch.dtype) -> None:
        samples = warp(torch.zeros((count, 4, 6), dtype=dtype), IDENTITY, *size)
        assert (samples.shape, samples.dtype) == ((count, *size), dtype)

    def test_rejects_a_lone_plane(self) -> None:
        with pytest.raises(RuntimeError, match="grid_sampler"):
            warp(torch.zeros(4, 6), IDENTITY, 4, 6)

    @pytest.mark.parametrize("to_source", MAPS.values(), ids=MAPS)
    def test_golden(self, to_source: Affine, dtype: torch.dtype, tolerance: float, rng: np.random.Generator) -> None:
        planes = rng.uniform(0.0, 1.0, (2, 6, 7))
        got = warp(torch.from_numpy(planes).to(dtype), to_source, 9, 8).numpy()
        wanted = [bilinear(plane, to_source, 9, 8) for plane in planes]
        np.testing.assert_allclose(got, wanted, rtol=0, atol=tolerance)

    def test_the_identity_changes_nothing(self, dtype: torch.dtype, tolerance: float, rng: np.random.Generator) -> None:
        planes = torch.from_numpy(rng.uniform(0.0, 1.0, (2, 33, 47))).to(dtype)
        torch.testing.assert_close(warp(planes, IDENTITY, 33, 47), planes, rtol=0, atol=tolerance * 10)

    def test_outside_the_edge_repeats(self) -> None:
        planes = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
        far = warp(planes, (1.0, 0.0, -50.0, 0.0, 1.0, 50.0), 2, 2)
        assert far.eq(3.0).all()

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        planes = torch.from_numpy(rng.uniform(0.0, 255.0, (2, 64, 64))).float()
        here, there = (warp(source, MAPS["turned"], 80, 80).cpu() for source in (planes, planes.to(cuda)))
        torch.testing.assert_close(there, here, rtol=0, atol=0.05)


LIKE = torch.zeros(0, dtype=torch.float64)


def overlap(low: float, high: float, count: int) -> np.ndarray:
    """Lengths of the overlaps of [low, high] with [0, 1], [1, 2], …"""
    edges = np.arange(count + 1)
    return np.clip(np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1]), 0.0, None)


class TestCoverage:
    def test_smoke(self) -> None:
        assert coverage(IDENTITY, 2.0, 2.0, 2, 2, LIKE).eq(1.0).all()

    @pytest.mark.parametrize("size", [(1, 1), (5, 3)])
    def test_shape(self, size: tuple[int, int], dtype: torch.dtype) -> None:
        shape = coverage(IDENTITY, 2.0, 2.0, *size, torch.zeros(0, dtype=dtype))
        assert (shape.shape, shape.dtype) == (size, dtype)

    @given(
        left=st.floats(-3.0, 12.0),
        top=st.floats(-3.0, 12.0),
        width=st.floats(0.05, 14.0),
        height=st.floats(0.05, 14.0),
        flip=st.booleans(),
    )
    @settings(max_examples=200, deadline=None)
    def test_golden_upright(self, left: float, top: float, width: float, height: float, flip: bool) -> None:
        """A source of 3 × 4 laid into a rectangle of any size and place covers exactly the rectangle's area."""
        across, down = 3.0 / width, 4.0 / height
        to_source = (across, 0.0, -left * across, 0.0, down, -top * down)
        if flip:
            to_source = (-across, 0.0, 3.0 + left * across, 0.0, down, -top * down)
        got = coverage(to_source, 4.0, 3.0, 10, 10, LIKE).numpy()
        wanted = overlap(top, top + height, 10)[:, None] * overlap(left, left + width, 10)
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-9)

    @pytest.mark.parametrize("angle_deg", [3.0, 30.0, 45.0, 61.7, 135.0, 268.0])
    def test_golden_turned(self, angle_deg: float) -> None:
        """Turned about the centre of a canvas: the area stays, and each edge is a straight ramp of one pixel."""
        angle = math.radians(angle_deg)
        cosine, sine = math.cos(angle), math.sin(angle)
        centre, width, height = 50.0, 40.0, 24.0
        x0 = width / 2 - cosine * centre - sine * centre
        y0 = height / 2 + sine * centre - cosine * centre
        got = coverage((cosine, sine, x0, -sine, cosine, y0), height, width, 100, 100, LIKE).numpy()
        row, column = np.mgrid[0:100, 0:100] + 0.5
        along = np.abs((column - centre) * cosine + (row - centre) * sine)
        across = np.abs((row - centre) * cosine - (column - centre) * sine)
        wanted = np.clip(width / 2 - along + 0.5, 0, 1) * np.clip(height / 2 - across + 0.5, 0, 1)
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-9)
        assert got.sum() == pytest.approx(width * height, rel=5e-3)

    def test_float32_is_close(self) -> None:
        to_source = MAPS["turned"]
        exact, rough = (coverage(to_source, 6.0, 7.0, 12, 12, like) for like in (LIKE, LIKE.float()))
        torch.testing.assert_close(rough.double(), exact, rtol=0, atol=1e-5)

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device) -> None:
        like = torch.zeros(0)
        here, there = (coverage(MAPS["turned"], 40.0, 50.0, 80, 80, like.to(d)).cpu() for d in ("cpu", cuda))
        torch.testing.assert_close(there, here, rtol=0, atol=1e-4)
