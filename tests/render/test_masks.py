"""Masked clips in whole frames: outlines found in the picture lie where the format's numbers put them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.render import masks as masks_module
from cutfarm.render.edges import edges_of
from cutfarm.render.frame import Compositor
from cutfarm.render.masks import Masks
from cutfarm.render.patch import Patch
from cutfarm.render.placement import Box, Placement
from cutfarm.timeline.model import Crop, Curve, Keyframe, Mask, MaskText, Timeline, Transform
from cutfarm.timeline.reader import read_timeline
from tests.media.film import at_rate, write_film
from tests.media.tensors import copied, digest
from tests.render.scene import BLUE, RED, WHITE, assets, clip, codes, output, quarters, solid, timeline
from tests.render.test_frame import MOVES, crossings
from tests.render.test_placement import corners_by_the_format

Array = NDArray[np.float64]

CANVAS = (640, 360)
SOURCE = (320, 180)
BLACK_CODE, WHITE_CODE = 16, 235


def frames(whole: Timeline, *numbers: int, size_px: tuple[int, int] = CANVAS) -> list[Planes]:
    with Compositor(whole, assets(whole), output(*size_px, fps=whole.fps)) as compositor:
        return [copied(compositor.frame(number)) for number in numbers]


def luma(picture: Planes) -> Array:
    return picture.y.numpy().astype(float)


@pytest.fixture
def white(tmp_path: Path) -> Path:
    return solid(tmp_path / "white.png", WHITE, SOURCE)


def on_picture(points: Array, mask: Mask, size: tuple[float, float] = SOURCE) -> Array:
    """Points of the mask's own frame, in parts of its half width and half height, y down, in the picture's pixels."""
    own = points * (mask.width * size[0] / 2.0, mask.height * size[1] / 2.0)
    turned = (own[..., 0] + 1j * own[..., 1]) * np.exp(1j * math.radians(mask.rotation_deg))
    centre = size[0] / 2.0 * (1.0 + mask.center_x), size[1] / 2.0 * (1.0 - mask.center_y)
    return np.stack((turned.real, turned.imag), -1) + centre


def on_output(points: Array, move: Transform, size_px: tuple[int, int] = CANVAS) -> Array:
    """Pixels of the picture in those of the output, through the corners that the format gives it."""
    left_upper, right_upper, _, left_lower = map(np.array, corners_by_the_format(SOURCE, move, CANVAS, size_px))
    across, down = (right_upper - left_upper) / SOURCE[0], (left_lower - left_upper) / SOURCE[1]
    return np.array(left_upper + points[..., :1] * across + points[..., 1:] * down)


def loop(shape: str, count: int = 4000) -> Array:
    """Points along the shape's outline, in halves of its box, y down."""
    if shape == "circle":
        turn = np.linspace(0.0, 2.0 * math.pi, count)
        return np.stack((np.cos(turn), np.sin(turn)), -1)
    corners = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], float)
    if shape == "star":
        angles = np.radians(36.0 * np.arange(10))
        radii = np.where(np.arange(10) % 2, 0.382, 1.0)
        corners = np.stack((radii * np.sin(angles), -radii * np.cos(angles)), -1)
        low, high = corners.min(0), corners.max(0)
        corners = (corners - (low + high) / 2.0) / (high - low) * 2.0
    part = np.linspace(0.0, 1.0, count // len(corners), endpoint=False)[:, None, None]
    return (corners + (np.roll(corners, -1, 0) - corners) * part).reshape(-1, 2)


def off(points: Array, line: Array) -> Array:
    """How far each point is from the nearest one of a dense line."""
    return np.concatenate([np.linalg.norm(part[:, None] - line, axis=-1).min(1) for part in np.array_split(points, 20)])


MASKS = {
    "circle": Mask("circle", 0.4, 0.6, 0.1, 0.15, rotation_deg=25.0),
    "rectangle": Mask("rectangle", 0.5, 0.4, -0.1, 0.1, rotation_deg=-40.0),
    "star": Mask("star", 0.4, 0.7, 0.05, -0.1, rotation_deg=10.0),
}


class TestWhereMasksLie:
    @pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
    @pytest.mark.parametrize("mask", MASKS.values(), ids=MASKS)
    def test_outlines_found_in_the_frame_are_the_formats(self, mask: Mask, move: Transform, white: Path) -> None:
        """They move, turn, grow and are mirrored with the clip; pointed corners alone are a little blunt."""
        [shown] = frames(timeline([clip(white, kind="photo", transform=move, mask=mask)]), 0)
        wanted = on_output(on_picture(loop(mask.shape), mask), move)
        edge = on_output(on_picture(loop("rectangle"), Mask("rectangle")), move)
        found = crossings(luma(shown))
        found = found[off(found, edge) > 1.5]
        apart = off(found, wanted)
        assert len(found) > 50
        assert np.quantile(apart, 0.9) < 0.25
        assert apart.max() < (0.35 if mask.shape == "circle" else 1.5)
        # All of the outline that is on the clip and the canvas was found.
        on_clip = [on_picture(loop(mask.shape), mask)]
        inside = ((on_clip[0] > 3.0) & (on_clip[0] < np.array(SOURCE) - 3.0)).all(-1)
        inside &= ((wanted > 2.0) & (wanted < np.array(CANVAS) - 2.0)).all(-1)
        assert np.quantile(off(wanted[inside][::10], found), 0.97) < 1.5

    @pytest.mark.parametrize(
        ("move", "kept"),
        [
            (Transform(), (RED, BLUE, True)),
            (Transform(flip_x=True), (RED, BLUE, True)),
            (Transform(flip_y=True), (RED, BLUE, False)),
            (Transform(rotation_deg=180.0), (RED, BLUE, False)),
        ],
        ids=["as it is", "mirrored", "upside down", "turned"],
    )
    def test_a_line_keeps_what_is_above_it_in_the_picture(
        self, move: Transform, kept: tuple[object, object, bool], tmp_path: Path
    ) -> None:
        """The mask is laid on before the clip is mirrored and turned."""
        photo = quarters(tmp_path / "q.png", SOURCE)
        [shown] = frames(timeline([clip(photo, kind="photo", transform=move, mask=Mask("line"))]), 0)
        upper, lower = luma(shown)[:178], luma(shown)[182:]
        stays, goes = (upper, lower) if kept[2] else (lower, upper)
        assert (goes == BLACK_CODE).all()
        assert stays.min() > 50
        assert {round(level) for level in np.unique(stays)} >= {round(float(codes(RED)[0]))}

    def test_y_points_up_and_x_right(self, white: Path) -> None:
        [shown] = frames(timeline([clip(white, kind="photo", mask=Mask("circle", 0.1, 0.1, 0.5, 0.5))]), 0)
        row, column = np.nonzero(luma(shown) > 200)
        assert (column.mean() + 0.5, row.mean() + 0.5) == pytest.approx((480.0, 90.0), abs=0.3)

    def test_a_mirror_keeps_a_band_of_the_pictures_height(self, white: Path) -> None:
        [shown] = frames(timeline([clip(white, kind="photo", mask=Mask("mirror", 0.1, 0.3))]), 0)
        rows = (luma(shown)[:, 100] - BLACK_CODE) / (WHITE_CODE - BLACK_CODE)
        assert rows.sum() == pytest.approx(0.3 * 360, abs=0.1)
        assert (luma(shown)[180] == WHITE_CODE).all()

    @pytest.mark.parametrize(
        "crop", [Crop(), Crop((0.25, 0.5), (0.75, 0.5), (0.25, 1.0), (0.75, 1.0))], ids=["all", "part"]
    )
    def test_it_counts_in_parts_of_what_is_shown(self, crop: Crop, white: Path) -> None:
        """A cropped picture of the same shape shows the same mask."""
        whole = clip(white, kind="photo", mask=MASKS["star"])
        cropped = replace(whole, material=replace(whole.material, crop=crop))
        one, other = (frames(timeline([each]), 0)[0] for each in (whole, cropped))
        assert np.abs(luma(one) - luma(other)).max() <= 1

    def test_the_circle_of_a_real_draft(self, shared: Path) -> None:
        """768 × 1376, width 0.5, height 0.28: measured as a circle of 384 × 385 px."""
        draft = json.loads((shared / "drafts" / "mask-and-filter.json").read_text("utf-8"))
        [segment] = next(track for track in read_timeline(draft).tracks if track.kind == "video").segments
        mask = getattr(segment, "mask", None)
        assert isinstance(mask, Mask)
        kept = Masks().masked("s", whole_patch(768, 1376), mask, placed(768, 1376))
        assert kept is not None
        assert isinstance(kept.picture, SoftPicture)
        alpha = kept.picture.alpha.double().numpy()
        assert alpha.sum(1).max() == pytest.approx(384, abs=1)
        assert alpha.sum(0).max() == pytest.approx(385, abs=1)
        assert alpha.sum() == pytest.approx(math.pi / 4 * 384 * 385.28, rel=1e-3)


class TestKeyed:
    def test_every_frame_is_the_formulas(self, white: Path) -> None:
        keys = {
            "KFTypeCommonMaskPositionX": (-0.5, 0.5),
            "KFTypeCommonMaskPositionY": (0.2, -0.4),
            "KFTypeCommonMaskSizeWidth": (0.2, 0.6),
            "KFTypeCommonMaskSizeHeight": (0.8, 0.3),
            "KFTypeCommonMaskRotation": (0.0, 120.0),
        }
        curves = tuple(Curve(name, (Keyframe(0, a), Keyframe(800_000, b))) for name, (a, b) in keys.items())
        whole = timeline([clip(white, kind="photo", mask=Mask("circle", curves=curves))])
        numbers = [0, 5, 12, 20, 24, 29]
        for number, shown in zip(numbers, frames(whole, *numbers), strict=True):
            part = min(number / 30 / 0.8, 1.0)
            now = [a + (b - a) * part for a, b in keys.values()]
            mask = Mask("circle", now[2], now[3], now[0], now[1], now[4])
            wanted = on_output(on_picture(loop("circle"), mask), Transform())
            found = crossings(luma(shown))
            assert len(found) > 100
            assert off(found, wanted).max() < 0.35

    def test_softness_expansion_and_corners_are_keyed_too(self, white: Path) -> None:
        ends = {"feather": ("Feather", 0.4), "expansion": ("Expansion", 0.5), "round_corner": ("RoundCorner", 1.0)}
        still = Mask("rectangle", 0.5, 0.5)
        for name, (word, end) in ends.items():
            curve = Curve(f"KFTypeCommonMask{word}", (Keyframe(0, 0.0), Keyframe(500_000, end)))
            keyed = timeline([clip(white, kind="photo", mask=replace(still, curves=(curve,)))])
            moving = frames(keyed, 0, 6, 20)
            for part, shown in zip((0.0, 0.4, 1.0), moving, strict=True):
                mask = replace(still, **{name: end * part})
                [wanted] = frames(timeline([clip(white, kind="photo", mask=mask)]), 0)
                assert digest(shown) == digest(wanted)
            assert digest(moving[0]) != digest(moving[1]) != digest(moving[2])

    def test_frames_do_not_depend_on_those_before(self, white: Path) -> None:
        curve = Curve("KFTypeCommonMaskRotation", (Keyframe(0, 0.0), Keyframe(900_000, 300.0)))
        whole = timeline([clip(white, kind="photo", mask=replace(MASKS["star"], curves=(curve,), feather=0.1))])
        together = frames(whole, 3, 4, 5, 6)
        alone = [frames(whole, number)[0] for number in (3, 4, 5, 6)]
        assert [digest(one) for one in together] == [digest(one) for one in alone]


def placed(width: int, height: int, x: float = 0.0, y: float = 0.0, scale: float = 1.0) -> Placement:
    return Placement(width, height, (scale, 0.0, x, 0.0, scale, y))


def whole_patch(width: int = 64, height: int = 48) -> Patch:
    chance = torch.Generator().manual_seed(5)
    sizes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    planes = (torch.randint(16, 236, size, dtype=torch.uint8, generator=chance) for size in sizes)
    return Patch(Box(0, 0, width, height), Planes(*planes))


def soft_patch() -> Patch:
    plain = whole_patch().picture
    assert isinstance(plain, Planes)
    alpha = torch.rand((48, 64), generator=torch.Generator().manual_seed(6))
    half = alpha[::2, ::2]
    return Patch(Box(0, 0, 64, 48), SoftPicture(plain.y * alpha, plain.u * half, plain.v * half, alpha, half.clone()))


class TestMasked:
    """What becomes of a patch, sample by sample."""

    MASK = Mask("circle", 0.6, 0.7, 0.1, 0.0, feather=0.1)

    def shape(self, patch: Patch, mask: Mask = MASK, where: Placement | None = None) -> Patch:
        found = Masks().masked("s", patch, mask, where or placed(64, 48))
        assert found is not None
        return found

    def test_an_opaque_picture_gets_the_masks_opacity(self) -> None:
        patch, kept = whole_patch(), self.shape(whole_patch())
        assert isinstance(patch.picture, Planes)
        assert isinstance(kept.picture, SoftPicture)
        part = kept.box.within(patch.box)
        y = patch.picture.y[part.top_px : part.bottom_px, part.left_px : part.right_px]
        u = patch.picture.u[part.top_px // 2 : part.bottom_px // 2, part.left_px // 2 : part.right_px // 2]
        torch.testing.assert_close(kept.picture.y, y * kept.picture.alpha)
        torch.testing.assert_close(kept.picture.u, u * kept.picture.chroma_alpha)
        # The mean over an ellipse whose soft edge is symmetric in its radius, by formula.
        middle = min(4.86 * 0.1**1.866, 0.025)
        assert kept.picture.alpha.sum() == pytest.approx(
            math.pi * 0.3 * 64 * 0.35 * 48 * ((1 + middle) ** 2 + (4.86 * 0.1**1.866) ** 2 / 5), rel=2e-3
        )
        # Chroma sites lie on even columns, between two rows.
        rows = (kept.picture.alpha[0::2] + kept.picture.alpha[1::2]) / 2
        around = (rows[:, 1:-2:2] + rows[:, 3::2]) / 4 + rows[:, 2::2] / 2
        torch.testing.assert_close(kept.picture.chroma_alpha[:, 1:], around)

    def test_transparency_is_multiplied(self) -> None:
        plain, soft = self.shape(whole_patch()), self.shape(soft_patch())
        assert isinstance(plain.picture, SoftPicture)
        assert isinstance(soft.picture, SoftPicture)
        before = soft_patch().picture
        assert isinstance(before, SoftPicture)
        part = soft.box
        alpha = before.alpha[part.top_px : part.bottom_px, part.left_px : part.right_px]
        y = before.y[part.top_px : part.bottom_px, part.left_px : part.right_px]
        torch.testing.assert_close(soft.picture.alpha, alpha * plain.picture.alpha)
        torch.testing.assert_close(soft.picture.y, y * plain.picture.alpha)

    def test_so_are_the_outermost_pixels_that_a_clip_covers_in_part(self) -> None:
        where = Placement(62.5, 46.5, (1.0, 0.0, 0.75, 0.0, 1.0, 0.75))
        box = Box(0, 0, 64, 48)
        patch = replace(whole_patch(), edges=edges_of(where, box))
        kept = self.shape(
            patch, Mask("line", center_y=-2.0, is_inverted=False, rotation_deg=180.0, expansion=1.0), where
        )
        halved = self.shape(patch, Mask("line"), where)
        assert isinstance(halved.picture, SoftPicture)
        assert halved.picture.alpha[0, 10] == pytest.approx(0.25)
        assert halved.picture.alpha[10, 0] == pytest.approx(0.25)
        assert halved.picture.alpha[10, 10] == 1.0
        assert kept.box.is_inside(box)

    def test_work_is_bounded_by_what_shows(self) -> None:
        kept = self.shape(whole_patch(640, 480), Mask("heart", 0.1, 0.1, 0.5, 0.5), placed(640, 480))
        assert kept.box.is_inside(Box(440, 90, 520, 150))
        edges = (kept.box.left_px, kept.box.top_px, kept.box.right_px, kept.box.bottom_px)
        assert all(edge % 2 == 0 for edge in edges)

    def test_what_is_kept_whole_stays_as_it_is(self) -> None:
        patch = whole_patch()
        assert Masks().masked("s", patch, Mask("rectangle", 5.0, 5.0), placed(64, 48)) is patch
        assert Masks().masked("s", patch, Mask("star", 0.0, 0.5, is_inverted=True), placed(64, 48)) is patch

    @pytest.mark.parametrize(
        "mask",
        [
            Mask("circle", 0.0, 0.5),
            Mask("mirror", 1.0, 0.0, feather=1.0),
            Mask("star", center_x=9.0),
            Mask("heart", center_x=math.nan),
            Mask("circle", width=math.nan),
            Mask("line", center_y=5.0, is_inverted=False, rotation_deg=0.0),
            Mask("rectangle", 3.0, 3.0, is_inverted=True),
            Mask("text"),
            Mask("text", text=MaskText("", "", 15.0, 1.0, 0.0, 0.0, 1)),
            Mask("text", text=MaskText("words", "", 15.0, 0.0, 0.0, 0.0, 1)),
        ],
        ids=str,
    )
    def test_what_is_cut_off_whole_is_nothing(self, mask: Mask) -> None:
        assert Masks().masked("s", whole_patch(), mask, placed(64, 48)) is None

    def test_the_patch_is_not_written_on(self) -> None:
        for patch in (whole_patch(), soft_patch()):
            before = [getattr(patch.picture, name).clone() for name in ("y", "u", "v")]
            self.shape(patch)
            assert all(torch.equal(getattr(patch.picture, name), old) for name, old in zip("yuv", before, strict=True))


class TestOnce:
    def test_a_mask_that_stands_still_is_made_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        film = write_film(tmp_path / "film.mp4", at_rate(30), size_px=CANVAS)
        made: list[object] = []
        real = masks_module.opacity
        monkeypatch.setattr(masks_module, "opacity", lambda *args: made.append(args[0]) or real(*args))
        mask = replace(MASKS["circle"], is_inverted=True)
        still = timeline([clip(film, mask=mask)])
        pictures = frames(still, *range(8))
        assert len(made) == 1
        assert len({digest(picture) for picture in pictures}) == 8
        curve = Curve("KFTypeCommonMaskPositionX", (Keyframe(0, 0.0), Keyframe(1_000_000, 1.0)))
        frames(timeline([clip(film, mask=replace(mask, curves=(curve,)))]), *range(8))
        assert len(made) == 9

    def test_it_is_forgotten_with_its_clip(self) -> None:
        masks = Masks()
        words = Mask("text", text=MaskText("a", "", 15.0, 1.0, 0.0, 0.0, 1), feather=0.1)
        for name, mask in (("one", MASKS["star"]), ("two", MASKS["star"]), ("three", words)):
            masks.masked(name, whole_patch(), mask, placed(64, 48))
        assert set(masks._made) == {"one", "two", "three"}
        masks.keep({"two"})
        assert set(masks._made) == {"two"}
        assert not masks._words._softened


def test_a_masked_clip_hides_nothing_below(tmp_path: Path) -> None:
    """The clip below shows where the mask keeps nothing, at the same opacity in luma and chroma."""
    below, above = solid(tmp_path / "b.png", BLUE, SOURCE), solid(tmp_path / "r.png", RED, SOURCE)
    masked = clip(above, kind="photo", mask=Mask("line", feather=0.5))
    [shown] = frames(timeline([clip(below, kind="photo")], [masked]), 0)
    part = np.clip((180 - (np.arange(360) + 0.5)) / 180 / 0.5 + 0.5, 0.0, 1.0)
    kept = part * part * (3 - 2 * part)
    for plane, red, blue, each in zip(shown, codes(RED), codes(BLUE), (1, 2, 2), strict=True):
        wanted = (kept * red + (1 - kept) * blue).reshape(-1, each).mean(1)
        assert np.abs(plane[:, 50].double().numpy() - wanted).max() < 1.01


def test_opacity_and_mask_are_multiplied(white: Path) -> None:
    faint = clip(white, kind="photo", mask=Mask("circle", 0.4, 0.4), transform=Transform(alpha=0.5))
    [shown] = frames(timeline([faint]), 0)
    assert luma(shown)[180, 320] == pytest.approx((BLACK_CODE + WHITE_CODE) / 2, abs=1)
    assert luma(shown)[5, 5] == BLACK_CODE


def test_a_transparent_photo_stays_transparent(tmp_path: Path) -> None:
    rgba = np.full((180, 320, 4), 255, np.uint8)
    rgba[:, :160, 3] = 0
    Image.fromarray(rgba).save(tmp_path / "half.png")
    [shown] = frames(timeline([clip(tmp_path / "half.png", kind="photo", mask=Mask("line"))]), 0)
    bright = luma(shown) > 128
    assert bright[:178, 324:].all()
    assert not bright[:, :316].any()
    assert not bright[182:].any()


def test_a_masked_dissolve_is_drawn(tmp_path: Path) -> None:
    one, other = solid(tmp_path / "b.png", BLUE, SOURCE), solid(tmp_path / "w.png", WHITE, SOURCE)
    first = clip(one, length_s=1.0, kind="photo", dissolve_s=1.0, mask=Mask("circle", 0.3, 0.3))
    second = clip(other, 1.0, 1.0, kind="photo", mask=Mask("line"))
    [shown] = frames(timeline([first, second], fps=Fraction(30)), 30)
    assert luma(shown)[50, 50] == pytest.approx((BLACK_CODE + WHITE_CODE) / 2, abs=4)
    assert luma(shown)[350, 50] == BLACK_CODE
