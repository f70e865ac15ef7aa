"""HDR planes on any device against the recommendations' equations in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cutfarm.media.colour import Light
from cutfarm.media.hdr import rendering
from kernels.tone import ToneCurves, to_sdr
from tests.media.light import RGB, sdr

CELLS, SIDE_PX = 64, 32
BT2020 = (0.2627, 0.0593)
LIGHTS = [
    Light("pq", "bt2020"),
    Light("hlg", "bt2020"),
    Light("sdr", "bt2020"),
    Light("pq", "p3"),
    Light("pq", "bt709"),
]


def curves(light: Light, device: str = "cpu") -> ToneCurves:
    steps = rendering(light)
    parts = (steps.first, steps.gain, steps.second, steps.luminance, steps.matrix, steps.last)
    made = [None if part is None else torch.tensor(np.asarray(part)).float().to(device) for part in parts]
    return ToneCurves(*made)  # type: ignore[arg-type]


def cells(rng: np.random.Generator, *, is_full: bool) -> tuple[list[torch.Tensor], list[RGB]]:
    """Planes of 64 colours side by side as 8-bit codes with the fractions of 10 bits, and what R'G'B' these mean."""
    rgb = np.concatenate([np.linspace(0, 1, 16)[:, None].repeat(3, 1), rng.uniform(0.0, 1.0, (CELLS - 16, 3))])
    k_red, k_blue = BT2020
    luma = rgb @ np.array([k_red, 1 - k_red - k_blue, k_blue])
    low, high, middle = (0, 255, 255) if is_full else (16, 219, 224)
    parts = (
        luma * high + low,
        *((rgb[:, n] - luma) / (2 - 2 * k) * middle + 128 for n, k in ((2, k_blue), (0, k_red))),
    )
    y, u, v = (np.round(part * 4) / 4 for part in parts)
    red = (y - low) / high + (2 - 2 * k_red) * (v - 128) / middle
    blue = (y - low) / high + (2 - 2 * k_blue) * (u - 128) / middle
    green = ((y - low) / high - k_red * red - k_blue * blue) / (1 - k_red - k_blue)
    seen = np.stack([red, green, blue], axis=1).clip(0.0, 1.0)
    planes = [
        torch.tensor(plane.repeat(side)[None].repeat(side, 0)).float()
        for plane, side in ((y, SIDE_PX), (u, SIDE_PX // 2), (v, SIDE_PX // 2))
    ]
    return planes, [(float(r), float(g), float(b)) for r, g, b in seen]


class TestToSdr:
    @pytest.mark.parametrize("light", LIGHTS, ids=str)
    @pytest.mark.parametrize("is_full", [False, True])
    def test_golden(self, light: Light, is_full: bool, rng: np.random.Generator) -> None:
        planes, seen = cells(rng, is_full=is_full)
        got = to_sdr(*planes, curves(light), red=BT2020[0], blue=BT2020[1], is_full=is_full)
        assert [plane.dtype for plane in got] == [torch.uint8] * 3
        assert [plane.shape for plane in got] == [plane.shape for plane in planes]
        rgb = np.array([sdr(one, *light) for one in seen])
        luma = rgb @ np.array([0.2126, 0.7152, 0.0722])
        exact = (219 * luma + 16, 224 * (rgb[:, 2] - luma) / 1.8556 + 128, 224 * (rgb[:, 0] - luma) / 1.5748 + 128)
        for plane, wanted, side in zip(got, exact, (SIDE_PX, SIDE_PX // 2, SIDE_PX // 2), strict=True):
            assert np.abs(plane[side // 2, side // 2 :: side].numpy() - wanted).max() <= 1.0

    @pytest.mark.gpu
    @pytest.mark.parametrize("light", LIGHTS, ids=str)
    def test_cpu_is_cuda(self, light: Light, cuda: torch.device, rng: np.random.Generator) -> None:
        planes, _ = cells(rng, is_full=False)
        weights = {"red": BT2020[0], "blue": BT2020[1], "is_full": False}
        here = to_sdr(*planes, curves(light), **weights)
        there = to_sdr(*(plane.to(cuda) for plane in planes), curves(light, "cuda"), **weights)
        for one, other in zip(here, there, strict=True):
            assert (one.int() - other.cpu().int()).abs().max() <= 1
