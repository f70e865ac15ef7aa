"""Laying pictures over pictures: exact where nothing is sampled, by formula where something is."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cutfarm.media.planes import Planes, SoftPicture, picture_of, planes_of, soft_picture
from cutfarm.render.canvas import Canvas
from cutfarm.render.patch import Patch, dissolve, place
from cutfarm.render.placement import Box, Placement
from tests.media.tensors import digest, tensors

CPU = torch.device("cpu")
SIZE = (64, 48)
WHOLE = Box(0, 0, 64, 48)


def noise(width_px: int = 64, height_px: int = 48, seed: int = 1) -> Planes:
    chance = torch.Generator().manual_seed(seed)
    sizes = ((height_px, width_px), (height_px // 2, width_px // 2), (height_px // 2, width_px // 2))
    return Planes(*(torch.randint(0, 256, size, dtype=torch.uint8, generator=chance) for size in sizes))


def flat(y: int, u: int = 128, v: int = 128, width_px: int = 64, height_px: int = 48) -> Planes:
    sizes = ((height_px, width_px), (height_px // 2, width_px // 2), (height_px // 2, width_px // 2))
    return Planes(*(torch.full(size, code, dtype=torch.uint8) for size, code in zip(sizes, (y, u, v), strict=True)))


def soft(alpha: float, grey: int = 255, width_px: int = 64, height_px: int = 48) -> SoftPicture:
    level = round(255 * alpha)
    rgba = np.full((height_px, width_px, 4), level, np.uint8)
    rgba[..., :3] = round(grey * alpha)
    return soft_picture(rgba)


def at(x: float, y: float, width: float = 64, height: float = 48) -> Placement:
    """Unscaled, its upper left corner at (x, y)."""
    return Placement(width, height, (1.0, 0.0, x, 0.0, 1.0, y))


def values(planes: Planes | SoftPicture) -> list[tuple[float, ...]]:
    """The different (y, u, v) of all pixels that are whole, by the left upper sample of each chroma site."""
    y = planes.y[::2, ::2]
    return sorted({tuple(map(float, each)) for each in torch.stack((y, planes.u, planes.v), -1).reshape(-1, 3)})


class TestPlace:
    @pytest.mark.parametrize(("x", "y"), [(0, 0), (10, 6), (-20, -8), (40, 30)])
    def test_in_its_place_a_transparent_picture_is_not_sampled(self, x: int, y: int) -> None:
        rgba = np.random.default_rng(5).integers(0, 255, (48, 64, 4), np.uint8, endpoint=True)
        rgba[..., :3] = np.minimum(rgba[..., :3], rgba[..., 3:])
        picture = soft_picture(rgba)
        patch = place(picture, at(x, y), 0.7, SIZE, CPU)
        assert patch is not None
        assert patch.box == Box(x, y, x + 64, y + 48).intersection(WHOLE)
        rows, columns = (slice(max(-start, 0), length - max(start, 0)) for start, length in ((y, 48), (x, 64)))
        assert torch.equal(patch.picture.y, picture.y[rows, columns] * 0.7)
        assert isinstance(patch.picture, SoftPicture)
        assert torch.equal(patch.picture.alpha, picture.alpha[rows, columns] * 0.7)
        halves = [slice(part.start // 2, part.stop // 2) for part in (rows, columns)]
        assert torch.equal(patch.picture.u, picture.u[halves[0], halves[1]] * 0.7)

    def test_in_its_place_an_opaque_picture_keeps_its_samples(self) -> None:
        picture = noise()
        patch = place(picture, at(0, 0), 1.0, SIZE, CPU)
        assert patch is not None
        assert patch.box == WHOLE
        assert isinstance(patch.picture, Planes)
        assert digest(patch.picture) == digest(picture)

    def test_moved_by_whole_chroma_samples_nothing_is_resampled(self) -> None:
        picture = noise(20, 12)
        patch = place(picture, at(10, 20, 20, 12), 1.0, SIZE, CPU)
        assert patch is not None
        canvas = Canvas(*SIZE)
        canvas.lay(patch)
        shown = tensors(canvas.picture())
        torch.testing.assert_close(shown.y[20:32, 10:30], picture.y, rtol=0, atol=0)
        torch.testing.assert_close(shown.u[10:16, 5:15], picture.u, rtol=0, atol=0)
        assert shown.u[10:16, :5].eq(128).all()
        assert shown.u[10:16, 15:].eq(128).all()
        assert shown.y[:20].eq(16).all()
        assert shown.y[32:].eq(16).all()
        assert shown.y[:, :10].eq(16).all()
        assert shown.y[:, 30:].eq(16).all()

    @pytest.mark.parametrize("alpha", [0.25, 0.5, 0.75])
    def test_alpha_is_the_share_of_the_picture(self, alpha: float) -> None:
        canvas = Canvas(*SIZE)
        canvas.lay(Patch(WHOLE, flat(40, 90, 200)))
        patch = place(flat(200, 150, 60), at(0, 0), alpha, SIZE, CPU)
        assert patch is not None
        canvas.lay(patch)
        wanted = [alpha * top + (1 - alpha) * bottom for top, bottom in zip((200, 150, 60), (40, 90, 200), strict=True)]
        [got] = values(tensors(canvas.picture()))
        assert got == pytest.approx(wanted, abs=0.51)

    def test_alpha_and_transparency_are_multiplied(self) -> None:
        patch = place(soft(0.5), at(0, 0), 0.5, SIZE, CPU)
        assert patch is not None
        assert isinstance(patch.picture, SoftPicture)
        assert patch.picture.alpha.numpy() == pytest.approx(0.25, abs=2e-3)
        assert patch.picture.y.numpy() == pytest.approx(0.25 * 235, abs=1.0)

    def test_half_a_pixel_is_half_covered(self) -> None:
        patch = place(flat(216), at(10.5, 20.25, 20, 12), 1.0, SIZE, CPU)
        assert patch is not None
        canvas = Canvas(*SIZE)
        canvas.lay(patch)
        row, column = tensors(canvas.picture()).y[26].int().tolist(), tensors(canvas.picture()).y[:, 20].int().tolist()
        assert row[9:12] == [16, 116, 216]
        assert row[29:32] == [216, 116, 16]
        assert column[19:22] == [16, 166, 216]
        assert column[31:34] == [216, 66, 16]

    @pytest.mark.parametrize("alpha", [0.0, -1.0])
    def test_what_is_clear_is_nothing(self, alpha: float) -> None:
        assert place(flat(100), at(0, 0), alpha, SIZE, CPU) is None

    def test_what_lies_outside_or_is_squeezed_flat_is_nothing(self) -> None:
        assert place(flat(100), at(100, 0), 1.0, SIZE, CPU) is None
        assert place(flat(100), Placement(64, 48, (0.0, 0.0, 5.0, 0.0, 1.0, 0.0)), 1.0, SIZE, CPU) is None

    def test_work_is_bounded_by_the_layer(self) -> None:
        patch = place(flat(100, width_px=10, height_px=10), at(20, 20, 10, 10), 1.0, SIZE, CPU)
        assert patch is not None
        assert patch.box.width_px <= 14
        assert patch.box.height_px <= 14

    def test_a_picture_larger_than_the_canvas_is_opaque_inside(self) -> None:
        patch = place(flat(100), Placement(64, 48, (5.0, 0.0, -100.3, 0.0, 5.0, -77.7)), 1.0, SIZE, CPU)
        assert patch is not None
        assert patch.box == WHOLE
        assert isinstance(patch.picture, Planes)
        assert values(patch.picture) == [(100, 128, 128)]


class TestDissolve:
    @pytest.mark.parametrize("progress", [0.0, 0.1, 0.5, 0.87, 1.0])
    def test_opaque_pictures_are_mixed_linearly(self, progress: float) -> None:
        first, second = noise(seed=1), noise(seed=2)
        mixed = dissolve(Patch(WHOLE, first), Patch(WHOLE, second), progress)
        assert mixed is not None
        for a, b, got in zip(first, second, mixed.picture if isinstance(mixed.picture, Planes) else (), strict=True):
            wanted = (1 - progress) * a.double() + progress * b.double()
            assert (got.double() - wanted).abs().max() <= 0.501

    @pytest.mark.parametrize("progress", [0.2, 0.5, 0.9])
    def test_pictures_in_other_places_are_mixed_over_what_lies_below(self, progress: float) -> None:
        one, other = (
            Patch(Box(0, 0, 32, 48), flat(200, 100, 100, 32)),
            Patch(Box(16, 0, 64, 48), flat(100, 160, 90, 48)),
        )
        mixed = dissolve(one, other, progress)
        assert mixed is not None
        assert mixed.box == WHOLE
        canvas = Canvas(*SIZE)
        canvas.lay(Patch(WHOLE, flat(50, 120, 130)))
        canvas.lay(mixed)
        row = tensors(canvas.picture()).y[24].double()
        assert row[:16].numpy() == pytest.approx((1 - progress) * 200 + progress * 50, abs=0.51)
        assert row[16:32].numpy() == pytest.approx((1 - progress) * 200 + progress * 100, abs=0.51)
        assert row[32:].numpy() == pytest.approx((1 - progress) * 50 + progress * 100, abs=0.51)

    @pytest.mark.parametrize("progress", [0.0, 0.3, 1.0])
    def test_a_picture_and_nothing(self, progress: float) -> None:
        only = Patch(WHOLE, flat(216))
        for patch, share in (
            (dissolve(only, None, progress), 1 - progress),
            (dissolve(None, only, progress), progress),
        ):
            assert patch is not None
            canvas = Canvas(*SIZE)
            canvas.lay(patch)
            assert tensors(canvas.picture()).y.double().numpy() == pytest.approx(16 + 200 * share, abs=0.51)

    def test_nothing_and_nothing(self) -> None:
        assert dissolve(None, None, 0.5) is None

    def test_neither_picture_is_changed(self) -> None:
        first, second = noise(seed=1), noise(seed=2)
        before = digest(first), digest(second)
        dissolve(Patch(WHOLE, first), Patch(WHOLE, second), 0.5)
        assert (digest(first), digest(second)) == before


class TestCanvas:
    def test_an_empty_canvas_is_black(self) -> None:
        assert values(tensors(Canvas(*SIZE).picture())) == [(16, 128, 128)]

    def test_a_picture_that_fills_it_is_passed_on_as_it_is(self) -> None:
        host = picture_of(noise())
        canvas = Canvas(*SIZE)
        canvas.lay(Patch(WHOLE, planes_of(host), host=host))
        assert canvas.picture() is host

    def test_a_layer_over_it_changes_a_copy(self) -> None:
        picture = noise()
        before = digest(picture)
        canvas = Canvas(*SIZE)
        canvas.lay(Patch(WHOLE, picture))
        canvas.lay(Patch(Box(2, 2, 6, 6), flat(255, width_px=4, height_px=4)))
        assert digest(picture) == before
        shown = tensors(canvas.picture())
        assert shown.y[2:6, 2:6].eq(255).all()
        outside = torch.ones_like(shown.y, dtype=torch.bool)
        outside[2:6, 2:6] = False
        assert torch.equal(shown.y[outside], picture.y[outside])

    def test_later_layers_lie_above(self) -> None:
        canvas = Canvas(*SIZE)
        for level in (50, 100, 150):
            canvas.lay(Patch(Box(0, 0, 32, 48), flat(level, width_px=32)))
        assert tensors(canvas.picture()).y[:, :32].eq(150).all()

    def test_what_fills_it_covers_everything_below(self) -> None:
        canvas = Canvas(*SIZE)
        canvas.lay(Patch(Box(0, 0, 32, 48), flat(50, width_px=32)))
        canvas.lay(Patch(WHOLE, noise()))
        assert digest(canvas.picture()) == digest(noise())
