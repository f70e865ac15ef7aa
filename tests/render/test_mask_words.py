"""Masks of words: where they lie, how large they are, and what is made once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.render.frame import Compositor
from cutfarm.render.masks import Masks
from cutfarm.render.patch import Patch
from cutfarm.render.placement import Box, Placement
from cutfarm.text.layout.block import LINE_PX_PER_SIZE, REFERENCE_CANVAS_PX
from cutfarm.timeline.model import Mask, MaskText
from tests.render.scene import WHITE, assets, clip, output, solid, timeline

Array = NDArray[np.float64]

CANVAS = (640, 360)
SOURCE = (320, 180)


@pytest.fixture
def white(tmp_path: Path) -> Path:
    return solid(tmp_path / "white.png", WHITE, SOURCE)


def whole_patch(width: int = 64, height: int = 48) -> Patch:
    chance = torch.Generator().manual_seed(5)
    sizes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    planes = (torch.randint(16, 236, size, dtype=torch.uint8, generator=chance) for size in sizes)
    return Patch(Box(0, 0, width, height), Planes(*planes))


def words(text: str = "HHH", size: float = 15.0, scale: float = 1.0, **changes: object) -> Mask:
    shape = Mask("text", text=MaskText(text, "", size, scale, 0.0, 0.0, 1))
    return replace(shape, **changes)  # type: ignore[arg-type]


class TestWords:
    def alpha(self, mask: Mask, size: tuple[int, int] = (1080, 1080), scale: float = 1.0) -> Array:
        width, height = (round(length * scale / 2) * 2 for length in size)
        where = Placement(*size, (scale, 0.0, 0.0, 0.0, scale, 0.0))
        found = Masks().masked("s", whole_patch(width, height), mask, where)
        assert found is not None
        assert isinstance(found.picture, SoftPicture)
        alpha = np.zeros((height, width))
        box = found.box
        alpha[box.top_px : box.bottom_px, box.left_px : box.right_px] = found.picture.alpha.numpy()
        return alpha

    def test_the_constant_is_the_caption_engines(self) -> None:
        from cutfarm.render import mask_words

        assert mask_words._LINE_PX_PER_SIZE == LINE_PX_PER_SIZE
        assert mask_words._CANVAS.width_px == REFERENCE_CANVAS_PX

    def test_two_lines_are_as_far_apart_as_a_line_is_high(self) -> None:
        """1.055 · scale · size / 40 of the picture's short side, with the caption engine's gap of 2 % of a line."""
        alpha = self.alpha(words("H\nH", size=10.0))
        rows = np.flatnonzero(alpha.max(1) > 0.5)
        gap = int(np.flatnonzero(np.diff(rows) > 1)[0])
        assert rows[gap + 1] - rows[0] == pytest.approx(1.02 * 1.055 * 10.0 / 40.0 * 1080, abs=1.5)

    @pytest.mark.parametrize("scale", [0.25, 0.4, 1.0])
    def test_they_grow_with_the_picture(self, scale: float) -> None:
        rows, columns = (np.flatnonzero(self.alpha(words(), scale=scale).max(axis) > 0.5) for axis in (1, 0))
        whole = self.alpha(words())
        for found, axis in ((rows, 1), (columns, 0)):
            wanted = np.flatnonzero(whole.max(axis) > 0.5)
            assert found[-1] - found[0] == pytest.approx((wanted[-1] - wanted[0]) * scale, abs=1.5)

    def test_they_are_centred_and_turned(self) -> None:
        upright, turned = self.alpha(words("HH")), self.alpha(words("HH", rotation_deg=90.0))
        moved = self.alpha(words("HH", center_x=0.2, center_y=0.1))
        np.testing.assert_allclose(turned, np.rot90(upright, -1), rtol=0, atol=0.02)
        np.testing.assert_allclose(moved, np.roll(upright, (-54, 108), (0, 1)), rtol=0, atol=0.02)

    def test_what_is_inverted_is_the_rest(self) -> None:
        for feather in (0.0, 0.2):
            kept, left = (self.alpha(words(feather=feather, is_inverted=flag)) for flag in (False, True))
            np.testing.assert_allclose(kept + left, 1.0, rtol=0, atol=2e-4)

    def test_a_soft_edge_is_a_smoothsteps_wide_and_moves_no_light(self) -> None:
        sharp, soft = self.alpha(words("I", size=30.0)), self.alpha(words("I", size=30.0, feather=0.05))
        half = 4.86 * 0.05**1.866 * 1.055 * 30.0 / 40.0 * 1080 / 2.0
        assert soft.sum() == pytest.approx(sharp.sum(), rel=1e-3)
        middle = sharp.shape[0] // 2
        row = soft[middle]
        assert ((row > 0.05) & (row < 0.95)).sum() == pytest.approx(2 * 2 * half * 0.73, rel=0.25)

    def test_far_softer_words_cost_little_and_stay_in_bounds(self) -> None:
        alpha = self.alpha(words(feather=1.0))
        assert 0.0 < alpha.max() < 1.0
        assert alpha.min() >= 0.0

    def test_fonts_that_are_replaced_are_reported(self, white: Path) -> None:
        mask = words("abc")
        assert mask.text is not None
        named = replace(mask, text=replace(mask.text, font_path="C:/fonts/Nowhere Sans.ttf"))
        whole = timeline([clip(white, kind="photo", mask=named)])
        with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
            compositor.frame(0)
            assert [entry.what for entry in compositor.report.entries] == ["font"]
