"""How pictures are sampled: against area averages, ramps that move by fractions, and coverage counted in sixteenths."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cutfarm.media.planes import Planes
from cutfarm.render.frame import Compositor
from cutfarm.timeline.model import Crop, PictureSegment, Segment, Transform
from tests.media.tensors import copied, digest
from tests.render.scene import BLUE, GREEN, RED, WHITE, assets, clip, codes, cropped, output, quarters, solid, timeline
from tests.render.spots import Array, contained, mapped, shown_to_output, write_film_of

CANVAS = (320, 180)
BLACK_LUMA, WHITE_LUMA = 16, 235


def shown(*tracks: list[Segment], canvas: tuple[int, int] = CANVAS, size: tuple[int, int] | None = None) -> Planes:
    whole = timeline(*tracks, canvas_px=canvas)
    with Compositor(whole, assets(whole), output(*(size or canvas))) as compositor:
        return copied(compositor.frame(0))


def source(folder: Path, kind: str, luma: Array, **more: object) -> PictureSegment:
    """A clip that shows a grey picture of code values, as a photo or as a film."""
    rounded = np.rint(luma)
    if kind == "film":
        return clip(write_film_of(folder / "f.mp4", rounded.astype(np.uint8)), 0, 0.1, **more)  # type: ignore[arg-type]
    grey = np.rint((luma - 16) / 219 * 255).astype(np.uint8)
    Image.fromarray(grey).convert("RGB").save(folder / "p.png")
    return clip(folder / "p.png", 0, 0.1, kind="photo", **more)  # type: ignore[arg-type]


def to_output(picture: tuple[int, int], move: Transform) -> Array:
    return shown_to_output(picture, contained(picture, CANVAS), move, CANVAS, CANVAS)


SIDE = 720
RATE = 0.45 / (SIDE / 2)  # cycles to a pixel, to a pixel of distance from the middle


def zone_plate(x: Array, y: Array) -> Array:
    """Rings that grow finer with their distance: 0.45 cycles to a pixel in the middle of each side."""
    squares = (x - SIDE / 2) ** 2 + (y - SIDE / 2) ** 2
    waves: Array = (BLACK_LUMA + WHITE_LUMA) / 2 + 100.0 * np.cos(math.pi * RATE * squares)
    return waves


class TestShrinking:
    @pytest.mark.parametrize("kind", ["photo", "film"])
    @pytest.mark.parametrize(
        "move",
        [
            Transform(),
            Transform(scale_x=0.73, scale_y=0.73, shift_x=0.11),
            Transform(scale_x=0.9, scale_y=0.9, rotation_deg=21.0),
            Transform(scale_x=0.5, scale_y=0.5, rotation_deg=-74.0, flip_x=True),
            Transform(scale_x=1.0, scale_y=0.6, rotation_deg=45.0),
        ],
        ids=["upright", "between pixels", "turned", "turned and small", "stretched"],
    )
    def test_nothing_finer_than_pixels_is_left(self, move: Transform, kind: str, tmp_path: Path) -> None:
        """Where rings are finer than the output can hold, it is grey; where they are coarse, it is the area's mean."""
        x, y = np.meshgrid(np.arange(SIDE) + 0.5, np.arange(SIDE) + 0.5)
        luma = shown([source(tmp_path, kind, zone_plate(x, y), transform=move)]).y.numpy().astype(float)
        matrix = to_output((SIDE, SIDE), move)
        place, averages = averaged(matrix)
        off = place - SIDE / 2
        # The rings' own waves, counted along the output's axes: cycles to an output pixel.
        finest = np.linalg.norm(RATE * off @ np.linalg.inv(matrix[:2, :2]), axis=-1)
        inside = (np.abs(off) < SIDE / 2 - 12).all(axis=-1)
        fine, coarse = inside & (finest > 0.85), inside & (finest < 0.25)
        assert fine.sum() > 300
        assert coarse.sum() > 20
        assert luma[fine].std() < 2.0  # unfiltered: 71
        assert np.sqrt(np.mean((luma - averages)[coarse] ** 2)) < 10.0
        assert np.sqrt(np.mean((luma - averages)[inside] ** 2)) < 15.0


def averaged(matrix: Array) -> tuple[Array, Array]:
    """Of every pixel of the canvas: its centre's place in the zone plate, and the mean over its own area."""
    width, height = CANVAS
    inverse = np.linalg.inv(matrix)
    places = (np.arange(8) + 0.5) / 8
    total = np.zeros((height, width))
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    for right in places:
        for down in places:
            points = mapped(inverse, np.column_stack(((columns + right).ravel(), (rows + down).ravel())))
            total += zone_plate(points[:, 0], points[:, 1]).reshape(height, width)
    centres = mapped(inverse, np.column_stack(((columns + 0.5).ravel(), (rows + 0.5).ravel())))
    return centres.reshape(height, width, 2), total / 64


class TestShifts:
    @pytest.mark.parametrize("kind", ["photo", "film"])
    @pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
    @pytest.mark.parametrize("shift_px", [0.0, 0.1, 0.25, 0.5, 0.77, 3.4])
    def test_a_ramp_moves_by_the_fraction(self, shift_px: float, scale: float, kind: str, tmp_path: Path) -> None:
        """Along x, y and both at once; at any size what is linear stays linear."""
        width, height = 160, 90
        ramp = 30.0 + 0.7 * np.arange(width) + 0.9 * np.arange(height)[:, None]
        # Without noise a small share of a small step is rounded away.
        ramp += np.random.default_rng(5).normal(0.0, 4.0, ramp.shape)
        scale_to_canvas = scale * width / CANVAS[0]
        move = Transform(
            scale_x=scale_to_canvas,
            scale_y=scale_to_canvas,
            shift_x=2 * shift_px / CANVAS[0],
            shift_y=-2 * shift_px / CANVAS[1],
        )
        luma = shown([source(tmp_path, kind, ramp, transform=move)]).y.numpy().astype(float)
        matrix = to_output((width, height), move)
        columns, rows = np.meshgrid(np.arange(CANVAS[0]) + 0.5, np.arange(CANVAS[1]) + 0.5)
        place = mapped(np.linalg.inv(matrix), np.column_stack((columns.ravel(), rows.ravel())))
        wanted = (30.0 + 0.7 * (place[:, 0] - 0.5) + 0.9 * (place[:, 1] - 0.5)).reshape(luma.shape)
        margin = 4 / min(scale, 1.0)
        inside = ((place > margin) & (place < np.array((width, height)) - margin)).all(axis=1).reshape(luma.shape)
        assert inside.sum() > 1000
        # A sixteenth of a pixel, which is what scaling alone may be off by, is a tenth of a level; the noise is left.
        assert abs((luma - wanted)[inside].mean()) < 0.2


class TestEdges:
    @pytest.mark.parametrize("angle_deg", [3.0, 17.0, 33.3, 44.0, 71.0, 123.4])
    @pytest.mark.parametrize("size", [(0.5, 0.5), (0.7, 0.3)], ids=str)
    def test_coverage_is_that_of_sixteenths(self, angle_deg: float, size: tuple[float, float], tmp_path: Path) -> None:
        move = Transform(scale_x=size[0], scale_y=size[1], rotation_deg=angle_deg, shift_x=0.013, shift_y=0.021)
        white = clip(solid(tmp_path / "w.png", WHITE, (64, 36)), 0, 0.1, kind="photo", transform=move)
        luma = shown([white]).y.numpy().astype(float)
        got = (luma - BLACK_LUMA) / (WHITE_LUMA - BLACK_LUMA)
        wanted = counted(to_output((64, 36), move), (64, 36))
        at_edge = (wanted > 0) & (wanted < 1)
        assert at_edge.sum() > 200
        assert np.abs(got - wanted).mean() < 0.2 / 255
        assert np.abs(got - wanted)[at_edge].mean() < 3.5 / 255
        assert np.abs(got - wanted).max() < 0.07

    @pytest.mark.parametrize("angle_deg", [1.0, 5.0, 12.0])
    def test_a_slanting_edge_has_no_steps(self, angle_deg: float, tmp_path: Path) -> None:
        """From column to column the white grows by the edge's slope, nowhere by a whole pixel at once."""
        move = Transform(scale_x=0.8, scale_y=0.5, rotation_deg=angle_deg)
        white = clip(solid(tmp_path / "w.png", WHITE, (64, 36)), 0, 0.1, kind="photo", transform=move)
        luma = shown([white]).y.numpy().astype(float)
        upper = ((luma - BLACK_LUMA) / (WHITE_LUMA - BLACK_LUMA))[:90, 60:260].sum(axis=0)
        assert np.diff(upper) == pytest.approx(-math.tan(math.radians(angle_deg)), abs=0.02)


def counted(matrix: Array, size: tuple[int, int]) -> Array:
    """The share of each pixel's 16 × 16 points that lie inside."""
    width, height = CANVAS
    columns, rows = ((np.arange(length * 16) + 0.5) / 16 for length in CANVAS)
    x, y = np.meshgrid(columns, rows)
    inverse = np.linalg.inv(matrix)
    u, v = (inverse[row, 0] * x + inverse[row, 1] * y + inverse[row, 2] for row in (0, 1))
    inside = (u >= 0) & (u < size[0]) & (v >= 0) & (v < size[1])
    shares: Array = inside.reshape(height, 16, width, 16).mean(axis=(1, 3))
    return shares


class TestSeams:
    """Two white tiles on red that share an edge.

    On whole even pixels, nothing of the red is left. On a fraction f of a pixel each tile covers its part of that pixel
    by itself, so that f · (1 − f) of the red shows, at most a quarter, in one column; so does chroma, whose sites are
    two pixels wide, on whole odd pixels.
    """

    WHITE_CODES, RED_CODES = codes(WHITE), codes(RED)

    def tiles(self, folder: Path, kind: str, edge_px: float, scale: float = 0.5) -> NDArray[np.float64]:
        """(3, W) code values of the middle row: luma, and chroma at its own sites."""
        below = clip(solid(folder / "r.png", RED, CANVAS), 0, 0.1, kind="photo")
        sides = []
        for sign in (-1, 1):
            centre = edge_px + sign * scale * CANVAS[0] / 2
            move = Transform(scale_x=scale, scale_y=scale * 0.93, shift_x=2 * centre / CANVAS[0] - 1)
            tile = source(folder, kind, np.full((90, 160), 235.0), transform=move)
            sides.append(replace(tile, id=f"tile {sign}"))
        picture = shown([below], [sides[0]], [sides[1]])
        middle = [plane[plane.shape[0] // 2].numpy().astype(float) for plane in picture]
        return np.stack((middle[0], np.repeat(middle[1], 2), np.repeat(middle[2], 2)))

    @pytest.mark.parametrize("kind", ["photo", "film"])
    @pytest.mark.parametrize(("edge_px", "scale"), [(160, 0.5), (100, 0.5), (160, 1.5), (120, 1.0)])
    def test_on_whole_even_pixels(self, kind: str, edge_px: float, scale: float, tmp_path: Path) -> None:
        row = self.tiles(tmp_path, kind, edge_px, scale)[:, 90:200]
        assert np.abs(row - self.WHITE_CODES[:, None]).max() <= 1

    @pytest.mark.parametrize("kind", ["photo", "film"])
    @pytest.mark.parametrize("fraction", [0.0, 0.25, 0.5, 0.8])
    def test_between_them(self, kind: str, fraction: float, tmp_path: Path) -> None:
        row = self.tiles(tmp_path, kind, 161 + fraction)
        red = 1 - (row - self.RED_CODES[:, None]) / (self.WHITE_CODES - self.RED_CODES)[:, None]
        assert red[0, 161] == pytest.approx(fraction * (1 - fraction), abs=0.02)
        others = np.delete(red[0, 90:230], 161 - 90)
        assert np.abs(others).max() < 0.02
        assert red[1:, 90:230].max() < 0.27
        assert (red[1:, 90:230] > 0.02).sum(axis=1).max() <= 4  # two sites


class TestCropsBeyondThePicture:
    @pytest.mark.parametrize("kind", ["photo", "film"])
    @pytest.mark.parametrize("turn", [0.0, 20.0])
    def test_its_outermost_samples_repeat(self, kind: str, turn: float, tmp_path: Path) -> None:
        crop = Crop((-0.5, -0.5), (1.0, -0.5), (-0.5, 1.0), (1.0, 1.0))
        half = np.repeat(np.repeat([[60.0, 110.0], [160.0, 210.0]], 45, axis=0), 80, axis=1)
        picture = cropped(source(tmp_path, kind, half, transform=Transform(rotation_deg=turn)), crop)
        luma = shown([picture]).y.numpy()
        matrix = shown_to_output((240.0, 135.0), 180 / 135, Transform(rotation_deg=turn), CANVAS, CANVAS)
        points = np.array(((20, 20), (100, 10), (180, 30), (20, 100), (10, 120), (180, 80), (100, 70), (200, 120)))
        wanted = (60, 60, 110, 160, 160, 110, 60, 210)
        for (x, y), level in zip(mapped(matrix, points), wanted, strict=True):
            if 2 < x < CANVAS[0] - 2 and 2 < y < CANVAS[1] - 2:
                assert luma[int(y), int(x)] == pytest.approx(level, abs=2)


class TestBadNumbers:
    @pytest.mark.parametrize(
        "move",
        [
            {"scale_x": 0.0},
            {"scale_y": 0.0, "rotation_deg": 30.0},
            {"scale_x": math.nan},
            {"rotation_deg": math.inf},
            {"shift_x": math.nan},
            {"shift_x": 1e6},
            {"shift_y": -1e6, "scale_x": 100.0},
            {"scale_x": 1e300, "scale_y": 1e300},
            {"scale_x": 1e-9, "scale_y": 1e-9},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("kind", ["photo", "film"])
    def test_what_is_nowhere_changes_nothing(self, move: dict[str, float], kind: str, tmp_path: Path) -> None:
        below = clip(quarters(tmp_path / "q.png", CANVAS), 0, 0.1, kind="photo")
        above = source(tmp_path, kind, np.full((90, 160), 200.0), transform=Transform(**move))  # type: ignore[arg-type]
        assert digest(shown([below], [above])) == digest(shown([below]))

    @pytest.mark.parametrize("kind", ["photo", "film"])
    @pytest.mark.parametrize("turn", [0.0, 10.0])
    def test_what_is_enormous_fills_the_canvas_with_its_middle(self, turn: float, kind: str, tmp_path: Path) -> None:
        move = Transform(scale_x=1e9, scale_y=1e9, rotation_deg=turn)
        picture = shown([source(tmp_path, kind, np.full((90, 160), 200.0), transform=move)])
        assert picture.y.float().mean() == pytest.approx(200, abs=1.5)
        assert picture.y.float().std() < 1

    def test_a_crop_without_area_shows_everything(self, tmp_path: Path) -> None:
        whole = clip(quarters(tmp_path / "q.png", CANVAS), 0, 0.1, kind="photo")
        none = cropped(whole, Crop((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5)))
        assert digest(shown([none])) == digest(shown([whole]))


def test_stickers_are_half_as_large_as_the_shorter_side(tmp_path: Path) -> None:
    sticker = clip(quarters(tmp_path / "q.png", (200, 100)), 0, 0.1, kind="sticker")
    picture = shown([sticker])
    rows, columns = np.nonzero(picture.y.numpy() > 24)
    assert (columns.min(), columns.max() + 1, rows.min(), rows.max() + 1) == (115, 205, 67, 113)  # from 67½ to 112½
    for x, y, colour in ((130, 80, RED), (190, 80, GREEN), (130, 104, BLUE), (190, 104, WHITE)):
        assert picture.y[y, x].item() == pytest.approx(codes(colour)[0], abs=2)
