"""Blend modes against W3C's formulas in float64, channel by channel and through 4:2:0."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
import torch

from cutfarm.catalogue.blends import BlendMode
from kernels.blend_modes import Mode, blend_over, blended
from kernels.colour import subsample
from kernels.yuva import Yuva
from tests.kernels import w3c

MODES: tuple[Mode, ...] = get_args(Mode)
LEVEL = 1 / 255
BLOCK = 16

Array = w3c.Array


def blocks(rng: np.random.Generator, rows: int = 5, columns: int = 8) -> Array:
    """Colours (rows, columns, 3): corners of the cube, greys, any."""
    colours = rng.uniform(0.0, 1.0, (rows, columns, 3))
    colours[0] = [(n & 1, n >> 1 & 1, n >> 2 & 1) for n in range(8)]
    colours[1] = np.linspace(0.0, 1.0, columns)[:, None]
    return colours


def spread(values: Array, size: int = BLOCK) -> Array:
    return values.repeat(size, 0).repeat(size, 1)


def flat(colours: Array) -> Yuva:
    """An opaque picture of blocks of one colour."""
    planes = (spread(np.round(plane), size) for plane, size in zip(w3c.yuv(colours), (16, 8, 8), strict=True))
    return Yuva(*(torch.from_numpy(plane).to(torch.uint8) for plane in planes))


def soft(picture: Yuva, alpha: Array) -> Yuva:
    """The same picture with an opacity (H, W)."""
    shape = torch.from_numpy(alpha).to(picture.y.device, torch.float32)
    half = subsample(shape)
    return Yuva(picture.y * shape, picture.u * half, picture.v * half, shape, half)


def shown(picture: Yuva) -> tuple[Array, Array, Array]:
    """Luma and chroma in the middle of each block."""
    planes = ((picture.y, BLOCK), (picture.u, BLOCK // 2), (picture.v, BLOCK // 2))
    y, u, v = (plane[size // 2 :: size, size // 2 :: size].double().numpy() for plane, size in planes)
    return y, u, v


def ramps(mode: Mode) -> tuple[Array, Array]:
    """RGB (64, 96, 3) of two pictures without edges; a quotient of theirs does not reach its end, where it bends."""
    across, down = np.meshgrid(np.arange(96), np.arange(64))
    slopes = (across / 96, down / 64, (across + down) / 160, 1 - across / 96)
    below, above = (np.stack([0.05 + 0.85 * slope for slope in chosen], -1) for chosen in (slopes[:3], slopes[1:]))
    if mode == "color_dodge":
        return 0.6 * below, 0.4 * above
    return (1 - 0.6 * below, 1 - 0.4 * above) if mode == "color_burn" else (below, above)


def halved(colour: Array) -> Yuva:
    """RGB (H, W, 3) as 4:2:0 codes in float64."""
    y, u, v = map(torch.from_numpy, w3c.yuv(colour))
    return Yuva(y, subsample(u), subsample(v))


def rounded(picture: Yuva) -> Yuva:
    return Yuva(*(plane.round().to(torch.uint8) for plane in picture[:3] if plane is not None))


def seen(picture: Yuva) -> Array:
    """RGB at the luma sites."""
    y, u, v = (plane.double().numpy() for plane in (picture.y, picture.u, picture.v))
    return w3c.rgb(y, w3c.at_luma(u), w3c.at_luma(v))


class TestBlended:
    def test_smoke(self) -> None:
        assert blended("multiply", torch.tensor(0.5), torch.tensor(0.5)) == 0.25

    def test_modes_are_those_of_the_model(self) -> None:
        assert get_args(BlendMode) == MODES

    @pytest.mark.parametrize("mode", MODES)
    def test_golden(self, mode: Mode, dtype: torch.dtype, tolerance: float, rng: np.random.Generator) -> None:
        steps = np.concatenate((np.linspace(0.0, 1.0, 52), rng.uniform(0.0, 1.0, 100), [0.25, 0.5]))
        below, above = np.meshgrid(steps, steps)
        got = blended(mode, torch.from_numpy(below).to(dtype), torch.from_numpy(above).to(dtype))
        assert got.dtype == dtype
        # Quotients magnify the rounding of what they are made of.
        factor = 300.0 if "color" in mode else 4.0
        np.testing.assert_allclose(got.numpy(), w3c.blend(mode, below, above), rtol=0, atol=tolerance * factor)

    @pytest.mark.parametrize("mode", MODES)
    def test_neither_layer_is_changed(self, mode: Mode, rng: np.random.Generator) -> None:
        below, above = (torch.from_numpy(plane) for plane in rng.uniform(0.0, 1.0, (2, 8, 8)))
        kept = below.clone(), above.clone()
        blended(mode, below, above)
        assert torch.equal(below, kept[0])
        assert torch.equal(above, kept[1])

    @pytest.mark.parametrize(("mode", "neutral"), [("multiply", 1.0), ("screen", 0.0), ("hard_light", 0.5)])
    def test_a_neutral_layer_changes_nothing(self, mode: Mode, neutral: float) -> None:
        below = torch.linspace(0.0, 1.0, 256)
        assert torch.equal(blended(mode, below, torch.full_like(below, neutral)), below)

    @pytest.mark.parametrize("noise", [0.0, 3e-7])
    def test_the_rounding_of_black_or_white_is_not_seen(self, noise: float) -> None:
        black, white = torch.tensor([noise]), torch.tensor([1.0 - noise])
        assert blended("color_dodge", black, white) < 0.5 * LEVEL
        assert blended("color_burn", white, black) > 1.0 - 0.5 * LEVEL

    @pytest.mark.gpu
    @pytest.mark.parametrize("mode", MODES)
    def test_cpu_is_cuda(self, mode: Mode, cuda: torch.device, rng: np.random.Generator) -> None:
        below, above = (torch.from_numpy(plane).float() for plane in rng.uniform(0.0, 1.0, (2, 64, 64)))
        there = blended(mode, below.to(cuda), above.to(cuda)).cpu()
        torch.testing.assert_close(there, blended(mode, below, above), rtol=0, atol=1e-5)


class TestBlendOver:
    @pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
    @pytest.mark.parametrize("alpha", [0.0, 0.3, 1.0])
    @pytest.mark.parametrize("mode", MODES)
    def test_flat_colours(self, mode: Mode, alpha: float, strength: float, rng: np.random.Generator) -> None:
        below, above = flat(blocks(rng)), flat(blocks(rng)[::-1, ::-1])
        one, other = w3c.rgb(*shown(below)), w3c.rgb(*shown(above))
        wanted, _ = w3c.composite(mode, one, np.ones(one.shape[:2]), other, np.full(one.shape[:2], alpha * strength))
        top = above if alpha == 1.0 else soft(above, np.full(above.y.shape, alpha))
        blend_over(mode, below, top, strength)
        assert np.abs(w3c.rgb(*shown(below)) - wanted).max() <= 2 * LEVEL

    @pytest.mark.parametrize("alpha", [0.3, 1.0])
    @pytest.mark.parametrize("mode", MODES)
    def test_smooth_pictures(self, mode: Mode, alpha: float) -> None:
        """Not rounded, so that the sites of luma and chroma are all that differs from RGB."""
        below, above = ramps(mode)
        opaque = np.ones(below.shape[:2])
        bottom, top = soft(halved(below), opaque), soft(halved(above), alpha * opaque)
        blend_over(mode, bottom, top)
        wanted, _ = w3c.composite(mode, below, opaque, above, alpha * opaque)
        # At the picture's edge chroma is held, which is no longer smooth.
        assert np.abs(seen(bottom) - wanted)[2:-2, 2:-2].max() <= 2 * LEVEL

    @pytest.mark.parametrize("alpha", [0.3, 1.0])
    @pytest.mark.parametrize("mode", MODES)
    def test_smooth_pictures_of_8_bits(self, mode: Mode, alpha: float) -> None:
        pictures = [rounded(halved(colour)) for colour in ramps(mode)]
        opaque = np.ones(pictures[0].y.shape)
        wanted, _ = w3c.composite(mode, seen(pictures[0]), opaque, seen(pictures[1]), alpha * opaque)
        y, u, v = w3c.yuv(wanted)
        blend_over(mode, pictures[0], soft(pictures[1], alpha * opaque))
        assert np.abs(pictures[0].y.numpy() - y).max() <= 0.6
        for plane, code in ((pictures[0].u, u), (pictures[0].v, v)):
            assert np.abs(plane.numpy() - subsample(torch.from_numpy(code)).numpy()).max() <= 1.5

    @pytest.mark.parametrize("mode", MODES)
    def test_over_transparency(self, mode: Mode, rng: np.random.Generator) -> None:
        colours = blocks(rng), blocks(rng)[::-1, ::-1]
        alphas = rng.choice([0.0, 0.2, 0.7, 1.0], colours[0].shape[:2]), rng.choice([0.0, 0.5, 1.0], (5, 8))
        below, above = (soft(flat(c), spread(a)) for c, a in zip(colours, alphas, strict=True))
        one, other = (w3c.rgb(*shown(flat(colour))) for colour in colours)
        wanted, united = w3c.composite(mode, one, alphas[0], other, 0.8 * alphas[1])
        blend_over(mode, below, above, 0.8)
        y, u, v = shown(below)
        held = shown(Yuva(below.alpha, below.chroma_alpha, below.chroma_alpha))  # type: ignore[arg-type]
        for alpha in held:
            np.testing.assert_allclose(alpha, united, rtol=0, atol=1e-6)
        luma, cb, cr = w3c.yuv(wanted)  # of premultiplied colours: what is added for black scales with opacity
        for got, code, zero in zip((y, u, v), (luma, cb, cr), (16, 128, 128), strict=True):
            # Codes of colours that are not cut to [0, 1] are rounded in the picture below alone.
            np.testing.assert_allclose(got, code - zero * (1 - united), rtol=0, atol=1.5)

    @pytest.mark.parametrize("mode", MODES)
    def test_bands_do_not_show(self, mode: Mode, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
        sizes = ((24, 20), (12, 10), (12, 10))
        below, above = (
            Yuva(*(torch.from_numpy(rng.integers(0, 256, size, dtype=np.uint8)) for size in sizes)) for _ in range(2)
        )
        whole = Yuva(below.y.clone(), below.u.clone(), below.v.clone())
        blend_over(mode, whole, above, 0.7)
        monkeypatch.setattr("kernels.blend_modes._BAND", 5 * 40)
        blend_over(mode, below, above, 0.7)
        for one, other in zip(below[:3], whole[:3], strict=True):
            assert torch.equal(one, other)

    @pytest.mark.parametrize("mode", MODES)
    def test_what_is_clear_keeps_its_bits(self, mode: Mode, rng: np.random.Generator) -> None:
        sizes = ((16, 24), (8, 12), (8, 12))
        below, above = (
            Yuva(*(torch.from_numpy(rng.integers(0, 256, size, dtype=np.uint8)) for size in sizes)) for _ in range(2)
        )
        kept = Yuva(below.y.clone(), below.u.clone(), below.v.clone())
        alpha = np.zeros((16, 24))
        alpha[4:8, 6:12] = rng.uniform(0.0, 1.0, (4, 6))
        top = soft(above, alpha)
        blend_over(mode, below, top)
        assert torch.equal(below.y[top.alpha == 0], kept.y[top.alpha == 0])
        for plane in (1, 2):
            assert torch.equal(below[plane][top.chroma_alpha == 0], kept[plane][top.chroma_alpha == 0])  # type: ignore[index]

    @pytest.mark.gpu
    @pytest.mark.parametrize("mode", MODES)
    def test_cpu_is_cuda(self, mode: Mode, cuda: torch.device, rng: np.random.Generator) -> None:
        below, above, alpha = flat(blocks(rng)), flat(blocks(rng)[::-1]), rng.uniform(0.0, 1.0, (80, 128))
        there = Yuva(below.y.to(cuda), below.u.to(cuda), below.v.to(cuda))
        top = soft(Yuva(above.y.to(cuda), above.u.to(cuda), above.v.to(cuda)), alpha)
        blend_over(mode, below, soft(above, alpha), 0.9)
        blend_over(mode, there, top, 0.9)
        for one, other in ((below.y, there.y), (below.u, there.u), (below.v, there.v)):
            torch.testing.assert_close(other.cpu(), one, rtol=0, atol=1)
