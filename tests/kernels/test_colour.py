"""The colour matrix against ITU-R BT.709's own equations, the chroma sites against a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.colour import rgb_to_yuv, subsample, to_bt709, yuv_to_rgb

LEVELS = 255.0  # the tolerances are for values of the order of one, code values are larger


def bt709(red: np.ndarray, green: np.ndarray, blue: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """BT.709-6, items 3.2 to 3.4 with n = 8, quantisation left out."""
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 219 * luma + 16, 224 * (blue - luma) / 1.8556 + 128, 224 * (red - luma) / 1.5748 + 128


class TestRgbToYuv:
    def test_smoke(self) -> None:
        assert rgb_to_yuv(torch.zeros(3, 1, 1)).flatten().tolist() == [16.0, 128.0, 128.0]

    @pytest.mark.parametrize("shape", [(3, 1, 1), (3, 5, 4), (2, 3, 4, 6)])
    def test_shape(self, shape: tuple[int, ...], dtype: torch.dtype) -> None:
        yuv = rgb_to_yuv(torch.zeros(shape, dtype=dtype))
        assert (yuv.shape, yuv.dtype) == (shape, dtype)

    def test_rejects_anything_but_three_channels(self) -> None:
        with pytest.raises(ValueError, match="unpack"):
            rgb_to_yuv(torch.zeros(4, 2, 2))

    def test_golden(self, dtype: torch.dtype, tolerance: float, rng: np.random.Generator) -> None:
        rgb = rng.uniform(0.0, 1.0, (3, 40, 40))
        got = rgb_to_yuv(torch.from_numpy(rgb).to(dtype)).numpy()
        np.testing.assert_allclose(got, np.stack(bt709(*rgb)), rtol=0, atol=tolerance * LEVELS)

    # The 75 % and 100 % bars of BT.709, as test patterns give them in 8 bits.
    @pytest.mark.parametrize(
        ("rgb", "codes"),
        [
            ((1, 1, 1), (235, 128, 128)),
            ((1, 0, 0), (63, 102, 240)),
            ((0, 1, 0), (173, 42, 26)),
            ((0, 0, 1), (32, 240, 118)),
            ((0.75, 0.75, 0), (168, 44, 136)),
            ((0.75, 0, 0.75), (63, 193, 204)),
            ((0, 0.75, 0.75), (145, 147, 44)),
        ],
    )
    def test_colour_bars(self, rgb: tuple[float, ...], codes: tuple[int, ...]) -> None:
        got = rgb_to_yuv(torch.tensor(rgb, dtype=torch.float64)[:, None, None]).round().flatten()
        assert tuple(got.int().tolist()) == codes

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        rgb = torch.from_numpy(rng.uniform(0.0, 1.0, (3, 64, 64))).float()
        torch.testing.assert_close(rgb_to_yuv(rgb.to(cuda)).cpu(), rgb_to_yuv(rgb), rtol=0, atol=1e-3)


class TestYuvToRgb:
    def test_smoke(self) -> None:
        white = torch.tensor([235.0, 128.0, 128.0])[:, None, None]
        torch.testing.assert_close(yuv_to_rgb(white).flatten(), torch.ones(3))

    @pytest.mark.parametrize("shape", [(3, 1, 1), (2, 3, 4, 6)])
    def test_shape(self, shape: tuple[int, ...], dtype: torch.dtype) -> None:
        rgb = yuv_to_rgb(torch.full(shape, 128, dtype=dtype))
        assert (rgb.shape, rgb.dtype) == (shape, dtype)

    def test_rejects_anything_but_three_channels(self) -> None:
        with pytest.raises(ValueError, match="unpack"):
            yuv_to_rgb(torch.zeros(2, 2, 2))

    def test_golden(self, dtype: torch.dtype, tolerance: float, rng: np.random.Generator) -> None:
        rgb = rng.uniform(0.0, 1.0, (3, 40, 40))
        yuv = torch.from_numpy(np.stack(bt709(*rgb))).to(dtype)
        np.testing.assert_allclose(yuv_to_rgb(yuv).numpy(), rgb, rtol=0, atol=tolerance)

    @given(st.lists(st.integers(0, 255), min_size=3, max_size=3))
    @settings(max_examples=100, deadline=None)
    def test_all_code_values_give_rgb_in_range(self, codes: list[int]) -> None:
        rgb = yuv_to_rgb(torch.tensor(codes, dtype=torch.float32)[:, None, None])
        assert rgb.min() >= 0.0
        assert rgb.max() <= 1.0

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        yuv = torch.from_numpy(rng.uniform(0.0, 255.0, (3, 64, 64))).float()
        torch.testing.assert_close(yuv_to_rgb(yuv.to(cuda)).cpu(), yuv_to_rgb(yuv), rtol=0, atol=1e-5)


def at_sites(plane: np.ndarray) -> np.ndarray:
    """Weights 1 2 1 about each even column, held at the left edge, and the mean of two rows; one sample at a time."""
    height, width = plane.shape
    sites = np.zeros((height // 2, width // 2))
    for row in range(height // 2):
        for column in range(width // 2):
            for y in (2 * row, 2 * row + 1):
                left, centre, right = plane[y, max(2 * column - 1, 0)], plane[y, 2 * column], plane[y, 2 * column + 1]
                sites[row, column] += (left + 2 * centre + right) / 8
    return sites


class TestSubsample:
    def test_smoke(self) -> None:
        assert subsample(torch.tensor([[1.0, 2.0], [3.0, 4.0]])).tolist() == [[2.25]]

    @pytest.mark.parametrize(("shape", "halved"), [((2, 2), (1, 1)), ((6, 8), (3, 4)), ((5, 4, 2), (5, 2, 1))])
    def test_shape(self, shape: tuple[int, ...], halved: tuple[int, ...], dtype: torch.dtype) -> None:
        half = subsample(torch.zeros(shape, dtype=dtype))
        assert (half.shape, half.dtype) == (halved, dtype)

    @pytest.mark.parametrize("shape", [(5, 4), (4, 5)])
    def test_rejects_odd_sizes(self, shape: tuple[int, int]) -> None:
        with pytest.raises(RuntimeError, match="size"):
            subsample(torch.zeros(shape))

    def test_golden(self, dtype: torch.dtype, tolerance: float, rng: np.random.Generator) -> None:
        plane = rng.uniform(0.0, 1.0, (12, 18))
        got = subsample(torch.from_numpy(plane).to(dtype)).numpy()
        np.testing.assert_allclose(got, at_sites(plane), rtol=0, atol=tolerance)

    def test_a_ramp_is_met_at_the_sites(self) -> None:
        columns = torch.arange(16, dtype=torch.float64).expand(8, 16)
        rows = torch.arange(8, dtype=torch.float64)[:, None].expand(8, 16)
        assert subsample(columns)[:, 1:].eq(torch.arange(2, 16, 2)).all()
        assert subsample(rows).eq(torch.arange(0.5, 8, 2)[:, None]).all()

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        plane = torch.from_numpy(rng.uniform(0.0, 255.0, (64, 64))).float()
        torch.testing.assert_close(subsample(plane.to(cuda)).cpu(), subsample(plane))


MATRICES = {
    "BT.709": (0.2126, 0.0722),
    "BT.601": (0.299, 0.114),
    "SMPTE 240M": (0.212, 0.087),
    "BT.2020": (0.2627, 0.0593),
}
COLOURS = [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.5, 0.5, 0.5), (0.7, 0.2, 0.3), (0.2, 0.3, 0.8), (0.3, 0.7, 0.1)]


def flat(rgb: tuple[float, ...], weights: tuple[float, float], *, full: bool) -> list[torch.Tensor]:
    """Planes of one colour, unrounded, by the equations that BT.601 and its successors share."""
    red, green, blue = rgb
    luma = weights[0] * red + (1 - sum(weights)) * green + weights[1] * blue
    cb, cr = (blue - luma) / (2 - 2 * weights[1]), (red - luma) / (2 - 2 * weights[0])
    y = 255 * luma if full else 16 + 219 * luma
    u, v = ((255 if full else 224) * value + 128 for value in (cb, cr))
    return [torch.full((4, 6), y), torch.full((2, 3), u), torch.full((2, 3), v)]


class TestToBt709:
    def test_smoke(self) -> None:
        y, u, v = to_bt709(*flat((1, 1, 1), (0.299, 0.114), full=True), red=0.299, blue=0.114, is_full=True)
        assert (y.unique().tolist(), u.unique().tolist(), v.unique().tolist()) == ([235], [128], [128])

    @pytest.mark.parametrize("size", [(4, 6), (5, 7), (1, 1)])
    def test_shape(self, size: tuple[int, int]) -> None:
        half = (-(-size[0] // 2), -(-size[1] // 2))
        planes = (torch.zeros(shape, dtype=torch.uint8) for shape in (size, half, half))
        converted = to_bt709(*planes, red=0.299, blue=0.114, is_full=False)
        assert [(plane.shape, plane.dtype) for plane in converted] == [(s, torch.uint8) for s in (size, half, half)]

    @pytest.mark.parametrize("full", [False, True])
    @pytest.mark.parametrize("weights", MATRICES.values(), ids=MATRICES)
    def test_golden(self, weights: tuple[float, float], full: bool) -> None:
        for rgb in COLOURS:
            got = to_bt709(*flat(rgb, weights, full=full), red=weights[0], blue=weights[1], is_full=full)
            wanted = flat(rgb, MATRICES["BT.709"], full=False)
            for plane, exact in zip(got, wanted, strict=True):
                assert (plane.float() - exact).abs().max() <= 0.51

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        sizes = ((64, 90), (32, 45), (32, 45))
        planes = [torch.from_numpy(rng.integers(0, 256, size, dtype=np.uint8)) for size in sizes]
        here = to_bt709(*planes, red=0.299, blue=0.114, is_full=False)
        there = to_bt709(*(plane.to(cuda) for plane in planes), red=0.299, blue=0.114, is_full=False)
        for one, other in zip(here, there, strict=True):
            torch.testing.assert_close(other.cpu(), one, rtol=0, atol=1)
