"""Keyed clips: a green screen goes, its subject stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.render.edges import edges_of, softened
from cutfarm.render.frame import Compositor
from cutfarm.render.keying import keyed
from cutfarm.render.patch import Patch
from cutfarm.render.placement import Box, Placement
from cutfarm.timeline.model import ChromaKey, Mask, Transform
from tests.kernels import w3c
from tests.media.tensors import copied
from tests.render.scene import assets, clip, output, solid, timeline
from tests.render.test_patch import WHOLE, flat, noise

GRASS = ChromaKey(0x14 / 255, 0xAD / 255, 0.0, 0.64)
SIZE = (320, 180)
SKIN = (224, 172, 105)


def screen(shade: float = 0.0) -> tuple[np.ndarray, torch.Tensor, torch.Tensor]:
    """A noisy green screen, darker to the right by `shade`, with a skin-coloured disc before it.

    And which pixels are green alone, and which skin alone; those whose chroma is of both are neither.
    """
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    ends = np.linspace(-5, 5, 21)  # of the disc's way while the shutter was open
    disc = np.mean([np.clip(50 - np.hypot(columns - 120 - end, rows - 90), 0, 1) for end in ends], 0)[..., None]
    green = np.array((0x14, 0xAD, 0)) * (1 - shade * columns / SIZE[0])[..., None]
    rgb = green * (1 - disc) + np.array(SKIN) * disc + np.random.default_rng(3).normal(0, 4, (*SIZE[::-1], 3))
    far = torch.from_numpy(np.hypot(rows - 90, columns - 120))
    return np.clip(rgb, 0, 255).astype(np.uint8), far > 59, far < 41


def patch_of(rgb: np.ndarray) -> Patch:
    height, width = rgb.shape[:2]
    y, u, v = w3c.yuv(rgb / 255)
    halves = (plane.reshape(height // 2, 2, width // 2, 2).mean((1, 3)) for plane in (u, v))
    planes = (torch.from_numpy(np.round(plane)).to(torch.uint8) for plane in (y, *halves))
    return Patch(Box(0, 0, width, height), Planes(*planes))


def soft(patch: Patch) -> SoftPicture:
    assert isinstance(patch.picture, SoftPicture)
    return patch.picture


class TestKeyed:
    def test_an_intensity_of_0_changes_nothing(self) -> None:
        patch = patch_of(screen()[0])
        assert keyed(patch, replace(GRASS, intensity=0.0, spill=1.0, edge=1.0), 180) is patch

    @pytest.mark.parametrize("intensity", [0.2, 0.64, 1.0])
    def test_the_screen_goes_and_the_subject_stays(self, intensity: float) -> None:
        rgb, green, skin = screen()
        kept = soft(keyed(patch_of(rgb), replace(GRASS, intensity=intensity), 180))
        assert kept.alpha[green].max() == 0.0
        assert kept.alpha[skin].min() == 1.0
        assert torch.equal(kept.y[skin], patch_of(rgb).picture.y[skin].float())

    def test_more_intensity_takes_shadows_too(self) -> None:
        rgb, green, _ = screen(shade=0.4)
        left = [
            float(soft(keyed(patch_of(rgb), replace(GRASS, intensity=intensity), 180)).alpha[green].mean())
            for intensity in (0.1, 0.3, 0.6, 1.0)
        ]
        assert left == sorted(left, reverse=True)
        assert left[0] > 0.3
        assert left[-1] == 0.0

    def test_the_outline_has_hardly_any_green(self) -> None:
        rgb, _, _ = screen()
        kept = soft(keyed(patch_of(rgb), replace(GRASS, intensity=1.0), 180))
        held = kept.chroma_alpha > 0.9
        plain = patch_of(rgb).picture
        assert isinstance(plain, Planes)
        before = excess_of(plain)[held]
        assert before.max() > 0.25
        assert excess_of(straight(kept))[held].max() < 0.5 * before.max()

    @pytest.mark.parametrize("alpha", [0.25, 1.0])
    def test_transparency_of_its_own_is_multiplied(self, alpha: float) -> None:
        patch = patch_of(screen()[0])
        assert isinstance(patch.picture, Planes)
        faint = Patch(patch.box, softened(patch.picture, torch.full((180, 320), alpha)))
        whole, part = soft(keyed(patch, GRASS, 180)), soft(keyed(faint, GRASS, 180))
        for name in ("y", "u", "v", "alpha", "chroma_alpha"):
            one, other = getattr(whole, name) * alpha, getattr(part, name)
            torch.testing.assert_close(other, one, rtol=1e-4, atol=2e-2)

    def test_edges_of_the_clip_stay(self) -> None:
        box = Box(8, 8, 40, 32)
        edges = edges_of(Placement(30.0, 22.5, (1.0, 0.0, 9.25, 0.0, 1.0, 8.75)), box)
        assert edges is not None
        kept = soft(keyed(Patch(box, flat(120, 90, 180, 32, 24), edges), GRASS, 48))
        assert torch.equal(kept.alpha, edges.shapes(slice(None), slice(None))[0])

    def test_a_smoothed_edge_lies_inside(self) -> None:
        rgb, _, _ = screen()
        hard, smooth = (soft(keyed(patch_of(rgb), replace(GRASS, edge=edge), 1080)).alpha for edge in (0.0, 1.0))
        assert smooth[hard == 0.0].max() < 0.03
        assert smooth.sum() < hard.sum()
        assert steepest(smooth) < 0.4 * steepest(hard)

    def test_spill_takes_the_hue_everywhere(self) -> None:
        kept = soft(keyed(Patch(WHOLE, flat(150, 120, 120)), ChromaKey(0.0, 1.0, 0.0, 0.64, spill=1.0), 48))
        assert excess_of(straight(kept)).abs().max() < 1e-6
        assert kept.y.eq(150).all()

    @pytest.mark.parametrize("colour", [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (1.0, 0.0, 0.0)])
    def test_any_colour_may_be_the_key(self, colour: tuple[float, float, float]) -> None:
        key = ChromaKey(*colour, 0.5, spill=1.0, edge=0.5)
        codes = [round(float(code)) for code in w3c.yuv(np.array(colour))]
        gone, noisy = soft(keyed(Patch(WHOLE, flat(*codes)), key, 48)), soft(keyed(Patch(WHOLE, noise()), key, 48))
        assert gone.alpha.count_nonzero() == 0
        assert noisy.alpha.max() == 1.0
        assert all(getattr(noisy, name).isfinite().all() for name in ("y", "u", "v"))


class TestFrames:
    def test_what_is_below_shows_where_the_screen_was(self, tmp_path: Path) -> None:
        rgb, green, skin = screen()
        Image.fromarray(rgb).save(tmp_path / "screen.png")
        blue = solid(tmp_path / "blue.png", (40, 60, 200), SIZE)
        mask = Mask("line", center_y=0.0)  # keeps what lies above
        top = clip(
            tmp_path / "screen.png", kind="photo", chroma_key=GRASS, mask=mask, transform=Transform(alpha=0.5), id="top"
        )
        whole = timeline([clip(blue, kind="photo")], [top], canvas_px=SIZE)
        with Compositor(whole, assets(whole), output(*SIZE)) as compositor:
            picture = copied(compositor.frame(0))
        blue_code = picture.y[170, 10]
        assert picture.y[green].eq(blue_code).all()
        assert picture.y[100:][skin[100:]].eq(blue_code).all()
        above = picture.y[:80][skin[:80]].double().mean()
        skin_code = float(w3c.yuv(np.array(SKIN) / 255)[0])
        assert above == pytest.approx((skin_code + float(blue_code)) / 2, abs=1.0)


def straight(picture: SoftPicture) -> Planes:
    return Planes(picture.y / picture.alpha, picture.u / picture.chroma_alpha, picture.v / picture.chroma_alpha)


def excess_of(picture: Planes) -> torch.Tensor:
    """G − (R + B) / 2 at the chroma sites."""
    cb, cr = (plane.double().sub(128).div(224) for plane in (picture.u, picture.v))
    green = -(0.0722 * 1.8556 * cb + 0.2126 * 1.5748 * cr) / 0.7152
    return green - (1.5748 * cr + 1.8556 * cb) / 2


def steepest(alpha: torch.Tensor) -> float:
    return float((alpha[:, 1:] - alpha[:, :-1]).abs().max())
