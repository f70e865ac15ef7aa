"""The gaussian blur against its sum in float64, and against what it must do to grey, edges and ramps."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.blur import Taps, blurred, gaussian_taps
from kernels.resample import Axis
from tests.kernels.conftest import Array

_SAME = Axis(0.0, 1.0)


def taps(count: int, length: int, sigma: float, axis: Axis = _SAME, dtype: torch.dtype = torch.float64) -> Taps:
    return gaussian_taps(count, range(length), axis, sigma, torch.zeros(1, dtype=dtype))


def summed(line: Array, count: int, held: range, axis: Axis, sigma: float) -> Array:
    """One axis by the formula, sample by sample, out to six standard deviations."""
    out = np.zeros(count)
    for number in range(count):
        centre = (number + 0.5) * axis.step + axis.start - 0.5
        weight = total = 0.0
        for place in range(math.floor(centre - 6 * sigma), math.ceil(centre + 6 * sigma) + 1):
            share = math.exp(-0.5 * ((place - centre) / sigma) ** 2)
            total += share * line[min(max(place, held.start), held.stop - 1)]
            weight += share
        out[number] = total / weight
    return out


class TestBlurred:
    def test_smoke(self) -> None:
        got = blurred(torch.full((4, 6), 100, dtype=torch.uint8), taps(2, 4, 1.0), taps(3, 6, 2.0))
        torch.testing.assert_close(got, torch.full((2, 3), 100.0, dtype=torch.float64))

    @pytest.mark.parametrize("size", [(1, 1), (1, 9), (70, 3), (200, 140)])
    def test_shape(self, size: tuple[int, int], dtype: torch.dtype) -> None:
        down, across = (taps(length, length, 1.5, dtype=dtype) for length in size)
        got = blurred(torch.zeros(size), down, across)
        assert (got.shape, got.dtype) == (size, dtype)

    def test_rejects_other_sizes(self) -> None:
        with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
            blurred(torch.zeros((4, 4)), taps(4, 5, 1.0), taps(4, 4, 1.0))

    @pytest.mark.parametrize("length", [65, 20_000])
    def test_memory_does_not_grow_with_the_square_of_the_length(self, length: int) -> None:
        made = taps(length, length, 8.0)
        assert made.weights.numel() <= length * (64 + 2 * 32 + 2)
        flat = torch.linspace(0.0, 1.0, length, dtype=torch.float64)[None]
        got = blurred(flat, taps(1, 1, 1.0), made)
        torch.testing.assert_close(got[:, 40:-40], flat[:, 40:-40], rtol=0, atol=1e-9)

    @pytest.mark.parametrize("sigma", [0.5, 1.2, 7.0])
    @pytest.mark.parametrize(
        ("count", "axis"), [(90, Axis(0.0, 1.0)), (31, Axis(3.3, 2.7)), (150, Axis(-8.0, 0.5))], ids=str
    )
    def test_golden(
        self,
        sigma: float,
        count: int,
        axis: Axis,
        dtype: torch.dtype,
        rng: np.random.Generator,
    ) -> None:
        plane = rng.uniform(0.0, 1.0, (90, 90))
        held = range(4, 80)
        once = np.stack([summed(column, count, held, axis, sigma) for column in plane.T], axis=1)
        wanted = np.stack([summed(row, count, held, axis, sigma) for row in once])
        made = gaussian_taps(count, held, axis, sigma, torch.zeros(1, dtype=dtype))
        got = blurred(torch.from_numpy(plane)[: held.stop, : held.stop], made, made)
        # Tails beyond four standard deviations, 6e-5 of the whole, are left out.
        np.testing.assert_allclose(got.numpy(), wanted, rtol=0, atol=1.3e-4)

    def test_a_step_becomes_the_error_function(self) -> None:
        sigma = 5.0
        step = torch.cat([torch.zeros(60), torch.ones(60)])[None].double()
        got = blurred(step, taps(1, 1, 1.0), taps(120, 120, sigma))[0]
        places = torch.arange(120).double() - 59.5
        wanted = 0.5 * (1.0 + torch.erf(places / (sigma * math.sqrt(2.0))))
        # A sampled step is a ramp of one sample: a second moment of a twelfth more.
        assert (got - wanted).abs().max() < 1e-3

    @given(sigma=st.floats(0.0, 40.0), start=st.floats(-30.0, 30.0), step=st.floats(0.1, 9.0))
    @settings(max_examples=60, deadline=None)
    def test_grey_stays_grey(self, sigma: float, start: float, step: float) -> None:
        made = taps(70, 25, sigma, Axis(start, step), torch.float32)
        got = blurred(torch.full((25, 25), 201, dtype=torch.uint8), made, made)
        assert (got - 201.0).abs().max() < 1e-3

    def test_what_is_not_held_is_not_looked_at(self) -> None:
        plane = torch.full((9, 9), math.nan)
        plane[3:6, 3:6] = 7.0
        made = gaussian_taps(9, range(3, 6), Axis(0.0, 1.0), 2.0, plane)
        torch.testing.assert_close(blurred(plane[:6, :6].nan_to_num(1e9), made, made), torch.full((9, 9), 7.0))

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        plane = torch.from_numpy(rng.integers(0, 256, (150, 200), dtype=np.uint8))
        here, there = (
            [gaussian_taps(count, range(length), Axis(0.5, 1.1), 3.0, torch.zeros(1, device=device))
             for count, length in ((140, 150), (190, 200))]
            for device in ("cpu", cuda)
        )  # fmt: skip
        got = blurred(plane.to(cuda), *there)
        torch.testing.assert_close(got.cpu(), blurred(plane, *here), rtol=0, atol=2e-2)
