"""What covers the canvas behind a clip, against a gaussian at full size in float64 and against colours by formula."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from cutfarm.errors import AssetUnreadable
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, SoftPicture, planes_of
from cutfarm.media.still import ImageSource
from cutfarm.media.video import VideoSource
from cutfarm.render.backgrounds import Backgrounds
from cutfarm.render.frame import open_compositor
from cutfarm.render.spec import Asset, Assets
from cutfarm.timeline.layers import ClipLayer
from cutfarm.timeline.model import (
    Background,
    BlurBackground,
    Canvas,
    ChromaKey,
    ColourBackground,
    Crop,
    ImageBackground,
    Mask,
    Transform,
)
from tests.media.film import at_rate, write_film
from tests.render.scene import AS_IT_IS, BLUE, GREEN, RED, WHITE, clip, codes, output, quarters, solid, timeline

Array = NDArray[np.float64]

NOW = Fraction(0)
CPU = torch.device("cpu")
OUTPUT_PX = (640, 360)
LEVELS = [0.0625, 0.375, 0.75, 1.0]
SMALL = Transform(scale_x=0.5, scale_y=0.5)


def layer(path: Path, background: Background, **more: object) -> ClipLayer:
    return ClipLayer(clip(path, background=background, **more), NOW, AS_IT_IS)  # type: ignore[arg-type]


def behind(
    shown: ClipLayer,
    *,
    output_px: tuple[int, int] = OUTPUT_PX,
    assets: Assets | None = None,
    canvas: Canvas | None = None,
) -> Planes:
    source = ImageSource(shown.segment.material.path)  # type: ignore[union-attr]
    made = Backgrounds(canvas or Canvas(*output_px), output_px, assets or {}, CPU)
    patch = made.patch(shown, source)
    source.close()
    assert patch is not None
    assert isinstance(patch.picture, Planes)
    assert (patch.box.width_px, patch.box.height_px) == output_px
    return patch.picture


def busy(path: Path, size_px: tuple[int, int]) -> Path:
    """Blocks of random colours of every size, as pictures have edges of every size."""
    chance = np.random.default_rng(7)
    rgb = np.zeros((size_px[1], size_px[0], 3))
    for block in (2, 7, 24, 80):
        cells = chance.uniform(0, 1, (-(-size_px[1] // block), -(-size_px[0] // block), 3))
        rgb += cells.repeat(block, 0).repeat(block, 1)[: size_px[1], : size_px[0]]
    Image.fromarray((rgb / 4 * 255).astype(np.uint8)).save(path)
    return path


def gaussian(plane: Array, sigma: float) -> Array:
    """Both axes by the formula, edges repeated."""
    reach = math.ceil(6 * sigma)
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    taps /= taps.sum()
    for _ in range(2):
        padded = np.pad(plane, ((reach, reach), (0, 0)), mode="edge")
        plane = sum(tap * padded[at : at + len(plane)] for at, tap in enumerate(taps)).T  # type: ignore[union-attr]
    return plane


def differences(got: Planes, wanted: Planes, sigma: float) -> list[float]:
    """Root mean squares, for each plane, of what `got` is beside `wanted` blurred."""
    found = []
    for halves, mine, its in zip((1, 2, 2), got, wanted, strict=True):
        beside = mine.numpy() - gaussian(its.numpy().astype(float), sigma / halves)
        found.append(float(np.sqrt((beside**2).mean())))
    return found


def shown_whole(path: Path, size_px: tuple[int, int]) -> Planes:
    source = ImageSource(str(path))
    picture = source.picture_at(NOW, *size_px)
    source.close()
    assert isinstance(picture, Picture)
    return planes_of(picture)


def colour_at(picture: Planes, row: int, column: int) -> Array:
    """Code values of a pixel."""
    samples = [plane[row // halves, column // halves] for halves, plane in zip((1, 2, 2), picture, strict=True)]
    return np.array(samples, float)


class TestBlur:
    @pytest.mark.parametrize("amount", LEVELS)
    def test_is_a_gaussian(self, amount: float, tmp_path: Path) -> None:
        path = busy(tmp_path / "a.png", (960, 540))
        sigma = amount * 0.045 * 540
        got = behind(layer(path, BlurBackground(amount)), output_px=(960, 540))
        assert max(differences(got, shown_whole(path, (960, 540)), sigma)) <= 2.0

    def test_grey_stays_grey(self, tmp_path: Path) -> None:
        for grey in (0, 77, 255):
            path = solid(tmp_path / "a.png", (grey,) * 3, (100, 30))
            for plane, wanted in zip(behind(layer(path, BlurBackground(0.5))), codes((grey,) * 3), strict=True):
                assert plane.unique().tolist() == [round(wanted)]

    @pytest.mark.parametrize("size_px", [(400, 800), (1600, 300), (64, 48)])
    def test_covers_the_canvas_and_keeps_its_shape(self, size_px: tuple[int, int], tmp_path: Path) -> None:
        """Also where the picture is larger, smaller, higher or wider than the canvas."""
        path = busy(tmp_path / "a.png", size_px)
        scale = max(OUTPUT_PX[0] / size_px[0], OUTPUT_PX[1] / size_px[1])
        whole = Image.open(path).resize(
            (round(size_px[0] * scale), round(size_px[1] * scale)), Image.Resampling.BICUBIC
        )
        left, top = (whole.width - OUTPUT_PX[0]) // 2, (whole.height - OUTPUT_PX[1]) // 2
        whole.crop((left, top, left + OUTPUT_PX[0], top + OUTPUT_PX[1])).save(tmp_path / "b.png")
        got = behind(layer(path, BlurBackground(0.75)))
        assert max(differences(got, shown_whole(tmp_path / "b.png", OUTPUT_PX), 0.75 * 0.045 * 360)) <= 2.0

    def test_is_of_what_the_crop_keeps(self, tmp_path: Path) -> None:
        path = quarters(tmp_path / "a.png", (640, 360))
        crop = Crop((0.5, 0.0), (1.0, 0.0), (0.5, 0.5), (1.0, 0.5))
        shown = layer(path, BlurBackground(0.375))
        shown = replace(shown, segment=replace(shown.segment, material=replace(shown.segment.material, crop=crop)))  # type: ignore[arg-type]
        for plane, wanted in zip(behind(shown), codes(GREEN), strict=True):
            assert np.abs(plane[20:-20, 20:-20].numpy() - wanted).max() <= 1.0

    def test_of_a_turned_crop(self, tmp_path: Path) -> None:
        """A quad that runs clockwise from the lower left shows the picture turned."""
        path = quarters(tmp_path / "a.png", (360, 360))
        crop = Crop((0.0, 1.0), (0.0, 0.0), (1.0, 1.0), (1.0, 0.0))
        shown = layer(path, BlurBackground(0.375))
        shown = replace(shown, segment=replace(shown.segment, material=replace(shown.segment.material, crop=crop)))  # type: ignore[arg-type]
        got = behind(shown, output_px=(360, 360))
        corners = {BLUE: (20, 20), RED: (20, 340), WHITE: (340, 20), GREEN: (340, 340)}
        for colour, (row, column) in corners.items():
            assert np.abs(colour_at(got, row, column) - codes(colour)).max() <= 2.0

    def test_is_the_same_whatever_the_clip_does(self, tmp_path: Path) -> None:
        path = busy(tmp_path / "a.png", (300, 200))
        still = behind(layer(path, BlurBackground(0.375)))
        shown = layer(path, BlurBackground(0.375))
        moved = replace(
            shown,
            transform=Transform(0.5, 2.0, 0.1, 40.0, 0.3, -0.2, True, True),
            mask=Mask("circle", 0.2, 0.2),
            chroma_key=ChromaKey(0.0, 1.0, 0.0, 0.5),
        )
        for plane, other in zip(behind(moved), still, strict=True):
            assert plane.equal(other)

    def test_transparency_is_black(self, tmp_path: Path) -> None:
        path = solid(tmp_path / "a.png", (255, 255, 255, 0))
        y, u, v = behind(layer(path, BlurBackground(0.375)))
        assert (y.unique().tolist(), u.unique().tolist(), v.unique().tolist()) == ([16], [128], [128])

    def test_counts_the_canvas_and_not_the_output(self, tmp_path: Path) -> None:
        path = busy(tmp_path / "a.png", (960, 540))
        got = behind(layer(path, BlurBackground(1.0)), canvas=Canvas(1920, 1080), output_px=(480, 270))
        assert max(differences(got, shown_whole(path, (480, 270)), 0.045 * 270)) <= 2.0

    def test_a_photos_is_made_once(self, tmp_path: Path) -> None:
        shown = layer(busy(tmp_path / "a.png", (64, 36)), BlurBackground(0.375))
        source = ImageSource(str(tmp_path / "a.png"))
        made = Backgrounds(Canvas(*OUTPUT_PX), OUTPUT_PX, {}, CPU)
        first = made.patch(shown, source)
        assert made.patch(replace(shown, source_us=Fraction(999), transform=SMALL), source) is first
        made.keep(())
        assert made.patch(shown, source) is not first
        source.close()

    def test_a_films_follows_its_frames(self, tmp_path: Path) -> None:
        path = write_film(tmp_path / "a.mp4", at_rate(5))
        shown = layer(path, BlurBackground(0.0625))
        source = VideoSource(str(path))
        made = Backgrounds(Canvas(*OUTPUT_PX), OUTPUT_PX, {}, CPU)
        first = made.patch(shown, source)
        second = made.patch(replace(shown, source_us=Fraction(100_000)), source)
        again = made.patch(shown, source)
        source.close()
        assert first is not None
        assert second is not None
        assert again is not None
        assert isinstance(first.picture, Planes)
        assert isinstance(second.picture, Planes)
        assert isinstance(again.picture, Planes)
        assert not first.picture.y.equal(second.picture.y)
        assert first.picture.y.equal(again.picture.y)


class TestColour:
    @pytest.mark.parametrize("rgb", [RED, WHITE, (12, 200, 99)])
    def test_is_the_nearest_code_value(self, rgb: tuple[int, int, int], tmp_path: Path) -> None:
        shown = layer(solid(tmp_path / "a.png", BLUE), ColourBackground(*(value / 255 for value in rgb)))
        for plane, wanted in zip(behind(shown), codes(rgb), strict=True):
            assert plane.unique().tolist() == [round(wanted)]


class TestImage:
    def test_covers_the_canvas(self, tmp_path: Path) -> None:
        """A square's upper and lower ends are cut off by a wide canvas."""
        wall = quarters(tmp_path / "wall.png", (900, 900))
        shown = layer(solid(tmp_path / "a.png", BLUE), ImageBackground("the wall"))
        got = behind(shown, assets={"the wall": Asset(str(wall))})
        for colour, (row, column) in {RED: (2, 2), GREEN: (2, 630), BLUE: (350, 2), WHITE: (350, 630)}.items():
            assert np.abs(colour_at(got, row, column) - codes(colour)).max() <= 2.0
        middle = got.y[:, 100].float()
        assert int((middle.diff().abs() > 5).nonzero().float().mean().round()) in {178, 179, 180}

    def test_a_picture_of_the_canvass_size_stays_as_it_is(self, tmp_path: Path) -> None:
        wall = busy(tmp_path / "wall.png", OUTPUT_PX)
        shown = layer(solid(tmp_path / "a.png", BLUE), ImageBackground("wall"))
        for plane, other in zip(
            behind(shown, assets={"wall": Asset(str(wall))}), shown_whole(wall, OUTPUT_PX), strict=True
        ):
            assert plane.equal(other)

    def test_one_that_was_not_supplied_is_black(self, tmp_path: Path) -> None:
        got = behind(layer(solid(tmp_path / "a.png", BLUE), ImageBackground("gone")))
        assert [plane.unique().tolist() for plane in got] == [[16], [128], [128]]

    def test_what_is_transparent_is_black(self, tmp_path: Path) -> None:
        wall = solid(tmp_path / "wall.png", (255, 255, 255, 51))
        got = behind(layer(solid(tmp_path / "a.png", BLUE), ImageBackground("w")), assets={"w": Asset(str(wall))})
        assert [plane.unique().tolist() for plane in got] == [[16 + round(219 * 0.2)], [128], [128]]

    def test_a_broken_one_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "wall.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        shown = layer(solid(tmp_path / "a.png", BLUE), ImageBackground("w"), id="s1")
        with pytest.raises(AssetUnreadable, match="background of segment s1"):
            behind(shown, assets={"w": Asset(str(tmp_path / "wall.png"))})


class TestFrames:
    """Backgrounds where they belong: between what is below a clip and the clip."""

    def frame(self, whole: object, paths: list[Path], number: int = 0) -> Planes:
        files = {str(path): Asset(str(path)) for path in paths}
        with open_compositor(whole, files, output(*OUTPUT_PX)) as compositor:  # type: ignore[arg-type]
            picture = compositor.frame(number)
            assert isinstance(picture, Picture)
            return Planes(*(plane.clone() for plane in planes_of(picture)))

    def test_lies_above_what_is_below_and_under_its_clip(self, tmp_path: Path) -> None:
        below, above = solid(tmp_path / "b.png", RED), solid(tmp_path / "a.png", BLUE)
        shown = clip(above, transform=SMALL, background=ColourBackground(0.0, 1.0, 0.0))
        got = self.frame(timeline([clip(below)], [shown]), [below, above])
        assert np.abs(colour_at(got, 5, 5) - codes(GREEN)).max() <= 1.0
        assert np.abs(colour_at(got, 180, 320) - codes(BLUE)).max() <= 1.0

    def test_hides_what_is_below_so_that_it_is_not_opened(self, tmp_path: Path) -> None:
        above = solid(tmp_path / "a.png", BLUE)
        shown = clip(above, transform=SMALL, background=ColourBackground(0.0, 1.0, 0.0))
        got = self.frame(timeline([clip(tmp_path / "nowhere.png")], [shown]), [above])
        assert np.abs(colour_at(got, 5, 5) - codes(GREEN)).max() <= 1.0

    def test_shows_behind_a_clip_that_is_invisible(self, tmp_path: Path) -> None:
        above = solid(tmp_path / "a.png", BLUE)
        shown = clip(above, transform=Transform(alpha=0.0), background=ColourBackground(0.0, 1.0, 0.0))
        got = self.frame(timeline([shown]), [above])
        assert np.abs(colour_at(got, 180, 320) - codes(GREEN)).max() <= 1.0

    def test_fades_with_its_clip_in_a_transition(self, tmp_path: Path) -> None:
        photos = [solid(tmp_path / "a.png", BLUE), solid(tmp_path / "b.png", WHITE)]
        first = clip(photos[0], 0, 1, transform=SMALL, background=ColourBackground(1.0, 0.0, 0.0), dissolve_s=1.0)
        second = clip(photos[1], 1, 1, transform=SMALL)
        got = self.frame(timeline([first, second]), photos, 30)
        assert np.abs(colour_at(got, 5, 5) - (codes(RED) + codes((0, 0, 0))) / 2).max() <= 1.0
        assert np.abs(colour_at(got, 180, 320) - (codes(BLUE) + codes(WHITE)) / 2).max() <= 1.0

    def test_a_clip_that_fills_the_canvas_needs_none(self, tmp_path: Path) -> None:
        photo = busy(tmp_path / "a.png", OUTPUT_PX)
        plain, backed = (
            self.frame(timeline([clip(photo, **more)]), [photo])  # type: ignore[arg-type]
            for more in ({}, {"background": ImageBackground("never looked for")})
        )
        assert all(one.equal(other) for one, other in zip(plain, backed, strict=True))


@pytest.mark.gpu
@pytest.mark.parametrize("amount", LEVELS)
def test_cpu_is_cuda(amount: float, tmp_path: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    path = busy(tmp_path / "a.png", (960, 540))
    shown, source = layer(path, BlurBackground(amount)), ImageSource(str(path))
    here, there = (
        Backgrounds(Canvas(960, 540), (960, 540), {}, torch.device(device)).patch(shown, source)
        for device in ("cpu", "cuda")
    )
    source.close()
    assert here is not None
    assert there is not None
    assert not isinstance(here.picture, SoftPicture)
    assert not isinstance(there.picture, SoftPicture)
    for one, other in zip(here.picture, there.picture, strict=True):
        assert (one.int() - other.cpu().int()).abs().max() <= 2
