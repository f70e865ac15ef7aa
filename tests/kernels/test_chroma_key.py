"""Keying against its formulas in float64, on RGB where they are known for RGB."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from kernels.chroma_key import Key, choked, key_opacity, key_spill, without_spill
from kernels.colour import subsample
from kernels.yuva import Yuva
from tests.kernels import w3c
from tests.kernels.test_blend_modes import flat, halved, shown, soft, spread

GRASS = Key(0x14 / 255, 0xAD / 255, 0.0, 0.3, 0.5)
KEYS = {
    "grass": GRASS,
    "blue": Key(0.1, 0.2, 0.9, 0.2, 0.45),
    "orange": Key(1.0, 0.5, 0.0, 0.4, 0.6),
    "dull": Key(0.5, 0.6, 0.5, 0.3, 0.5),
    "white": Key(1.0, 1.0, 1.0, 0.3, 0.5),
}

Array = w3c.Array


def distance(colour: Array, key: Key) -> Array:
    """From RGB (…, 3) to the key, by the docstrings' words."""

    def seen(rgb: Array) -> tuple[Array, Array, Array]:
        luma = rgb @ np.array((0.2126, 0.7152, 0.0722))
        return luma, (rgb[..., 2] - luma) / 1.8556, (rgb[..., 0] - luma) / 1.5748

    luma, cb, cr = seen(colour)
    key_luma, key_cb, key_cr = seen(np.array(key[:3]))
    own = float(np.hypot(key_cb, key_cr))
    chroma = np.hypot(cb - key_cb, cr - key_cr) / max(own, 0.1)
    return np.sqrt(chroma**2 + max(1 - own / 0.1, 0) * ((luma - key_luma) / 0.3) ** 2)


def smooth(low: float, high: float, x: Array) -> Array:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def colours(rng: np.random.Generator, key: Key) -> Array:
    """RGB blocks (6, 8, 3): from the key to any, from the key to black, any."""
    steps = np.linspace(0.0, 1.0, 8)[:, None]
    rows = [(1 - steps) * np.array(key[:3]) + steps * rng.uniform(0, 1, 3) for _ in range(4)]
    return np.stack([*rows, (1 - steps) * np.array(key[:3]), rng.uniform(0, 1, (8, 3))])


class TestKeyOpacity:
    @pytest.mark.parametrize("name", KEYS)
    def test_golden(self, name: str, rng: np.random.Generator) -> None:
        key, rgb = KEYS[name], colours(rng, KEYS[name])
        picture = soft(halved(spread(rgb)), np.ones((96, 128)))
        got = key_opacity(picture, key)[8::16, 8::16].numpy()
        np.testing.assert_allclose(got, smooth(key.near, key.far, distance(rgb, key)), rtol=0, atol=1e-4)

    def test_levels_of_8_bits_are_near_enough(self, rng: np.random.Generator) -> None:
        rgb = colours(rng, GRASS)
        got = key_opacity(flat(rgb), GRASS)
        assert (got.shape, got.dtype) == ((96, 128), torch.float32)
        wanted = smooth(GRASS.near, GRASS.far, distance(w3c.rgb(*shown(flat(rgb))), GRASS))
        # Colours outside RGB's cube are not cut to it here.
        assert np.abs(got[8::16, 8::16].numpy() - wanted).max() < 0.03

    def test_its_own_transparency_does_not_matter(self, rng: np.random.Generator) -> None:
        picture = flat(colours(rng, GRASS))
        shape = rng.uniform(0.2, 1.0, (6, 8)).repeat(16, 0).repeat(16, 1)
        inside = np.zeros((96, 128), bool)
        inside[8::16, 8::16] = True
        one, other = key_opacity(picture, GRASS), key_opacity(soft(picture, shape), GRASS)
        torch.testing.assert_close(one[inside], other[inside], rtol=0, atol=1e-4)

    def test_bands_do_not_show(self, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
        sizes = ((24, 20), (12, 10), (12, 10))
        picture = Yuva(*(torch.from_numpy(rng.integers(0, 256, size, dtype=np.uint8)) for size in sizes))
        whole = key_opacity(picture, GRASS), key_spill(picture, GRASS)
        monkeypatch.setattr("kernels.chroma_key._BAND", 5 * 40)
        assert torch.equal(key_opacity(picture, GRASS), whole[0])
        assert torch.equal(key_spill(picture, GRASS), whole[1])

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        sizes = ((24, 20), (12, 10), (12, 10))
        picture = Yuva(*(torch.from_numpy(rng.integers(0, 256, size, dtype=np.uint8)) for size in sizes))
        there = Yuva(picture.y.to(cuda), picture.u.to(cuda), picture.v.to(cuda))
        for key in KEYS.values():
            torch.testing.assert_close(key_opacity(there, key).cpu(), key_opacity(picture, key), rtol=0, atol=1e-4)
            torch.testing.assert_close(key_spill(there, key).cpu(), key_spill(picture, key), rtol=0, atol=1e-4)


class TestKeySpill:
    @pytest.mark.parametrize("name", KEYS)
    def test_golden(self, name: str, rng: np.random.Generator) -> None:
        key, picture = KEYS[name], flat(colours(rng, KEYS[name]))
        wanted = 1 - smooth(key.far, 1.0, distance(w3c.rgb(*shown(picture)), key))
        assert np.abs(key_spill(picture, key)[4::8, 4::8].numpy() - wanted).max() < 0.03


class TestWithoutSpill:
    @pytest.mark.parametrize("amount", [0.0, 0.4, 1.0])
    def test_green_is_limited_to_the_mean_of_red_and_blue(self, amount: float, rng: np.random.Generator) -> None:
        rgb = rng.uniform(0.0, 1.0, (20, 30, 3))
        got = self.cleaned(rgb, Key(0.0, 1.0, 0.0, 0.3, 0.5), amount)
        limit = (rgb[..., 0] + rgb[..., 2]) / 2
        wanted = rgb.copy()
        wanted[..., 1] -= amount * np.maximum(rgb[..., 1] - limit, 0)
        assert_chroma(got, wanted, rgb)

    def test_blue_is_limited_to_the_mean_of_red_and_green(self, rng: np.random.Generator) -> None:
        rgb = rng.uniform(0.0, 1.0, (20, 30, 3))
        got = self.cleaned(rgb, Key(0.0, 0.0, 0.8, 0.3, 0.5), 1.0)
        wanted = rgb.copy()
        wanted[..., 2] = np.minimum(rgb[..., 2], (rgb[..., 0] + rgb[..., 1]) / 2)
        assert_chroma(got, wanted, rgb)

    @pytest.mark.parametrize("name", ["grass", "blue", "orange", "dull"])
    def test_the_key_itself_becomes_grey(self, name: str) -> None:
        key = KEYS[name]
        u, v = self.cleaned(np.array(key[:3])[None, None], key, 1.0)
        assert u.item() == pytest.approx(128, abs=1e-6)
        assert v.item() == pytest.approx(128, abs=1e-6)

    @pytest.mark.parametrize("name", KEYS)
    def test_greys_and_the_opposite_hue_stay(self, name: str) -> None:
        key = KEYS[name]
        rgb = np.stack([np.full((1, 3), 0.7), 1 - np.array(key[:3])[None]])
        _, u, v = w3c.yuv(rgb)
        for got, kept in zip(self.cleaned(rgb, key, 1.0), (u, v), strict=True):
            np.testing.assert_allclose(got.numpy(), kept, rtol=0, atol=1e-9)

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        planes = [torch.from_numpy(plane).float() for plane in rng.uniform(0.0, 1.0, (4, 16, 16))]
        planes = [planes[0] * 255 * planes[2], planes[1] * 255 * planes[2], planes[2], planes[3]]
        u, v, alpha, amount = (plane.to(cuda) for plane in planes)
        there = without_spill(u, v, alpha, GRASS, amount)
        u, v, alpha, amount = planes
        for one, other in zip(without_spill(u, v, alpha, GRASS, amount), there, strict=True):
            torch.testing.assert_close(other.cpu(), one, rtol=0, atol=1e-3)

    @staticmethod
    def cleaned(rgb: Array, key: Key, amount: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Straight chroma codes, made with half the opacity, so that premultiplied ones are tried."""
        _, u, v = map(torch.from_numpy, w3c.yuv(rgb))
        alpha = torch.full_like(u, 0.5)
        u, v = without_spill(u * alpha, v * alpha, alpha, key, torch.full_like(u, amount))
        return u / alpha, v / alpha


class TestChoked:
    def test_even_areas_stay(self) -> None:
        torch.testing.assert_close(choked(torch.full((20, 30), 0.7), 1.5), torch.full((20, 30), 0.7))

    def test_what_is_clear_stays_clear(self) -> None:
        disc = torch.zeros((60, 60))
        rows, columns = np.mgrid[:60, :60]
        disc[torch.from_numpy(np.hypot(rows - 30, columns - 30) < 20)] = 1.0
        soft_disc = choked(disc, 2.0)
        assert soft_disc[disc == 0].max() < 0.02
        assert soft_disc[25:35, 25:35].min() > 0.999

    def test_golden(self) -> None:
        """An outline is drawn in by two standard deviations and then has the slope of a gaussian."""
        step = torch.zeros((30, 60), dtype=torch.float64)
        step[:, 30:] = 1.0
        got = choked(step, 2.0)[15].numpy()
        places = np.arange(60)
        taps = np.exp(-0.5 * (np.arange(-8, 9) / 2.0) ** 2)
        wanted = [np.sum(taps * (place + np.arange(-8, 9) >= 34)) / taps.sum() for place in places]
        np.testing.assert_allclose(got, wanted, rtol=0, atol=1e-9)

    @pytest.mark.gpu
    def test_cpu_is_cuda(self, cuda: torch.device, rng: np.random.Generator) -> None:
        plane = torch.from_numpy(rng.uniform(0.0, 1.0, (40, 50))).float()
        torch.testing.assert_close(choked(plane.to(cuda), 1.7).cpu(), choked(plane, 1.7), rtol=0, atol=1e-3)


def assert_chroma(got: tuple[torch.Tensor, torch.Tensor], wanted: Array, before: Array) -> None:
    """`got` has the chroma of `wanted`, whose luma is put back to that of `before`, which chroma does not tell."""
    assert (w3c.yuv(wanted)[0] <= w3c.yuv(before)[0] + 1e-9).all()
    for plane, code in zip(got, w3c.yuv(wanted)[1:], strict=True):
        np.testing.assert_allclose(plane.numpy(), code, rtol=0, atol=1e-9)


def test_subsampled_blocks_are_what_they_seem(rng: np.random.Generator) -> None:
    """The middle of a block has its own colour, so that the tests above compare the same thing."""
    rgb = rng.uniform(0.0, 1.0, (2, 3, 3))
    _, u, _ = w3c.yuv(spread(rgb))
    assert subsample(torch.from_numpy(u))[4::8, 4::8].numpy() == pytest.approx(w3c.yuv(rgb)[1])
