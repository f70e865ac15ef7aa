"""Sampling against a bilinear loop written out, coverage against areas known by geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.geometry import LEAST_DEPTH, Affine, Perspective, coverage, warp

IDENTITY: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
MAPS: dict[str, Affine] = {
    "half a pixel right and down": (1.0, 0.0, -0.5, 0.0, 1.0, -0.5),
    "enlarged": (0.4, 0.0, 0.3, 0.0, 0.7, -0.2),
    "reduced": (1.7, 0.0, -2.0, 0.0, 1.3, 0.6),
    "mirrored": (-1.0, 0.0, 7.0, 0.0, 1.0, 0.0),
    "turned": (0.8, 0.6, -2.0, -0.6, 0.8, 3.0),
    "sheared": (1.0, 0.3, 0.1, -0.2, 0.9, 0.7),
}
PERSPECTIVES: dict[str, Perspective] = {
    "flat": (0.8, 0.6, -2.0, -0.6, 0.8, 3.0, 0.0, 0.0, 1.0),
    "in other units": (1.6, 1.2, -4.0, -1.2, 1.6, 6.0, 0.0, 0.0, 2.0),
    "leaning": (0.9, 0.1, 0.2, 0.05, 0.8, -0.3, 0.03, -0.04, 1.0),
    "with its horizon in the picture": (0.9, 0.1, 0.2, 0.05, 0.8, -0.3, -0.15, 0.0, 0.9),
}


def bilinear(plane: np.ndarray, to_source: Affine | Perspective, height: int, width: int) -> np.ndarray:
    """One sample at a time: sample i of the source stands at i + ½, and outside the edge sample repeats."""
    a, b, c, d, e, f, g, h, i = to_source if len(to_source) == 9 else (*to_source, 0.0, 0.0, 1.0)
    out = np.zeros((height, width))
    rows, columns = plane.shape
    for row in range(height):
        for column in range(width):
            depth = max(g * (column + 0.5) + h * (row + 0.5) + i, LEAST_DEPTH)
            x = (a * (column + 0.5) + b * (row + 0.5) + c) / depth - 0.5
            y = (d * (column + 0.5) + e * (row + 0.5) + f) / depth - 0.5
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

    @pytest.mark.parametrize("to_source", PERSPECTIVES.values(), ids=PERSPECTIVES)
    def test_golden_perspective(
        self, to_source: Perspective, dtype: torch.dtype, tolerance: float, rng: np.random.Generator
    ) -> None:
        planes = rng.uniform(0.0, 1.0, (2, 6, 7))
        got = warp(torch.from_numpy(planes).to(dtype), to_source, 9, 8)
        wanted = [bilinear(plane, to_source, 9, 8) for plane in planes]
        assert got.dtype == dtype
        np.testing.assert_allclose(got.numpy(), wanted, rtol=0, atol=tolerance)

    def test_a_ramp_moves_by_the_fraction(self) -> None:
        """What is linear stays linear: every sample is the ramp's value at the place that it came from."""
        columns = torch.arange(64, dtype=torch.float32).expand(1, 8, 64) * 3.0
        for shift in (0.1, 0.25, 0.5, 0.9):
            moved = warp(columns, (1.0, 0.0, -shift, 0.0, 1.0, 0.0), 8, 64)
            torch.testing.assert_close(moved[..., 1:], columns[..., 1:] - 3.0 * shift, rtol=0, atol=1e-4)

    def test_the_identity_changes_nothing(self, dtype: torch.dtype, tolerance: float, rng: np.random.Generator) -> None:
        planes = torch.from_numpy(rng.uniform(0.0, 1.0, (2, 33, 47))).to(dtype)
        torch.testing.assert_close(warp(planes, IDENTITY, 33, 47), planes, rtol=0, atol=tolerance * 10)

    def test_outside_the_edge_repeats(self) -> None:
        planes = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
        far = warp(planes, (1.0, 0.0, -50.0, 0.0, 1.0, 50.0), 2, 2)
        assert far.eq(3.0).all()

    @pytest.mark.gpu
    @pytest.mark.parametrize("to_source", [MAPS["turned"], PERSPECTIVES["leaning"]], ids=["affine", "perspective"])
    def test_cpu_is_cuda(self, to_source: Affine | Perspective, cuda: torch.device, rng: np.random.Generator) -> None:
        planes = torch.from_numpy(rng.uniform(0.0, 255.0, (2, 64, 64))).float()
        here, there = (warp(source, to_source, 80, 80).cpu() for source in (planes, planes.to(cuda)))
        torch.testing.assert_close(there, here, rtol=0, atol=0.05)


LIKE = torch.zeros(0, dtype=torch.float64)


def overlap(low: float, high: float, count: int) -> np.ndarray:
    """Lengths of the overlaps of [low, high] with [0, 1], [1, 2], …"""
    edges = np.arange(count + 1)
    return np.clip(np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1]), 0.0, None)


def area_inside(to_source: Affine, source_height: float, source_width: float, row: int, column: int) -> float:
    """The area of the part of a pixel that lies inside: Sutherland and Hodgman's clipping, then the shoelace formula.

    Only for maps that turn and shift, which leave areas as they are.
    """
    a, b, c, d, e, f = to_source
    corners = [(column + x, row + y) for x, y in ((0, 0), (1, 0), (1, 1), (0, 1))]
    shape = [(a * x + b * y + c, d * x + e * y + f) for x, y in corners]
    for axis, limit, sign in ((0, 0.0, 1), (0, source_width, -1), (1, 0.0, 1), (1, source_height, -1)):
        kept = []
        for first, second in zip(shape, shape[1:] + shape[:1], strict=True):
            near, far = (sign * (point[axis] - limit) for point in (first, second))
            if near >= 0:
                kept.append(first)
            if near * far < 0:
                share = near / (near - far)
                kept.append((first[0] + share * (second[0] - first[0]), first[1] + share * (second[1] - first[1])))
        shape = kept
    return abs(sum(x * v - u * y for (x, y), (u, v) in zip(shape, shape[1:] + shape[:1], strict=True))) / 2


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

    @pytest.mark.parametrize("angle_deg", [0.0, 1.0, 3.0, 30.0, 45.0, 61.7, 90.0, 135.0, 268.0])
    def test_golden_turned(self, angle_deg: float) -> None:
        """Turned about a centre: the area of each pixel's part inside, within the tolerance that `coverage` states."""
        angle = math.radians(angle_deg)
        cosine, sine = math.cos(angle), math.sin(angle)
        centre, width, height = 25.3, 30.4, 17.8
        x0 = width / 2 - cosine * centre - sine * centre
        y0 = height / 2 + sine * centre - cosine * centre
        to_source = (cosine, sine, x0, -sine, cosine, y0)
        got = coverage(to_source, height, width, 50, 50, LIKE).numpy()
        wanted = np.array(
            [[area_inside(to_source, height, width, row, column) for column in range(50)] for row in range(50)]
        )
        corners = [(cosine * x - sine * y, sine * x + cosine * y) for x in (-15.2, 15.2) for y in (-8.9, 8.9)]
        near_corner = np.zeros((50, 50), bool)
        for x, y in corners:
            row, column = math.floor(y + centre), math.floor(x + centre)
            near_corner[row - 1 : row + 2, column - 1 : column + 2] = True
        apart = np.abs(got - wanted)
        at_edge = (wanted > 0) & (wanted < 1) & ~near_corner
        assert apart[~near_corner].max() < 0.025
        assert apart[near_corner].max() < 0.06
        assert at_edge.sum() == 0 or apart[at_edge].mean() < 0.0065
        assert got.sum() == pytest.approx(width * height, rel=2e-3)

    @pytest.mark.parametrize("angle_deg", [0.0, 20.0, 45.0])
    def test_a_source_thinner_than_a_pixel(self, angle_deg: float) -> None:
        angle = math.radians(angle_deg)
        cosine, sine = math.cos(angle), math.sin(angle)
        x0, y0 = 20.0 - 25.0 * (cosine + sine), 0.2 - 25.0 * (cosine - sine)
        got = coverage((cosine, sine, x0, -sine, cosine, y0), 0.4, 40.0, 50, 50, LIKE)
        assert got.sum() == pytest.approx(16.0, rel=0.06)
        assert got.max() < 0.6

    def test_float32_is_close(self) -> None:
        to_source = MAPS["turned"]
        exact, rough = (coverage(to_source, 6.0, 7.0, 12, 12, like) for like in (LIKE, LIKE.float()))
        torch.testing.assert_close(rough.double(), exact, rtol=0, atol=1e-5)

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device) -> None:
        like = torch.zeros(0)
        here, there = (coverage(MAPS["turned"], 40.0, 50.0, 80, 80, like.to(d)).cpu() for d in ("cpu", cuda))
        torch.testing.assert_close(there, here, rtol=0, atol=1e-4)
