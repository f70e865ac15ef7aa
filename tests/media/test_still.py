"""Photos and animated images: sizes, orientation, transparency, clocks, and files that are none."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cutfarm.errors import AssetMissing, AssetTooLarge, AssetUnreadable
from cutfarm.media import images, still
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, SoftPicture, planes_of
from cutfarm.media.still import ImageSource
from tests.media.tensors import tensors

NOW = Fraction(0)
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def codes(rgb: tuple[int, ...]) -> tuple[float, float, float]:
    """BT.709 limited code values of 8-bit RGB."""
    red, green, blue = (value / 255 for value in rgb)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748


def quarters(size_px: tuple[int, int] = (48, 32)) -> Image.Image:
    """Red and green above, blue and white below."""
    width, height = size_px
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[: height // 2, : width // 2], rgb[: height // 2, width // 2 :] = RED, GREEN
    rgb[height // 2 :, : width // 2], rgb[height // 2 :, width // 2 :] = BLUE, WHITE
    return Image.fromarray(rgb)


def quarter_colours(picture: Planes) -> list[tuple[int, ...]]:
    """The colours in the middles of the quarters, row by row, as the RGB that they are nearest to."""
    known = {colour: codes(colour) for colour in (RED, GREEN, BLUE, WHITE)}
    found = []
    for row in (picture.height_px // 4, picture.height_px * 3 // 4):
        for column in (picture.width_px // 4, picture.width_px * 3 // 4):
            got = (picture.y[row, column], picture.u[row // 2, column // 2], picture.v[row // 2, column // 2])
            distances = {c: max(abs(float(a) - b) for a, b in zip(got, known[c], strict=True)) for c in known}
            nearest = min(distances, key=distances.__getitem__)
            assert distances[nearest] <= 3, (got, distances)
            found.append(nearest)
    return found


def opaque(path: Path, size_px: tuple[int, int] | None = None) -> Planes:
    source = ImageSource(str(path))
    picture = source.picture_at(NOW, *(size_px or (source.width_px, source.height_px)))
    source.close()
    assert isinstance(picture, Picture)
    return planes_of(picture)


class TestPhotos:
    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("a.png", {}),
            ("a.jpg", {"quality": 95, "subsampling": 0}),
            ("a.webp", {"lossless": True}),
            ("a.bmp", {}),
            ("a.tif", {}),
            ("a.avif", {"quality": 95, "subsampling": "4:4:4"}),
            ("a.gif", {}),
        ],
    )
    def test_every_format_shows_its_colours(self, name: str, options: dict[str, object], tmp_path: Path) -> None:
        quarters().save(tmp_path / name, **options)
        source = ImageSource(str(tmp_path / name))
        assert (source.width_px, source.height_px, source.is_animated) == (48, 32, False)
        source.close()
        assert quarter_colours(opaque(tmp_path / name)) == [RED, GREEN, BLUE, WHITE]

    def test_the_content_counts_and_not_the_name(self, tmp_path: Path) -> None:
        quarters().save(tmp_path / "a.jpg", format="png")
        assert quarter_colours(opaque(tmp_path / "a.jpg")) == [RED, GREEN, BLUE, WHITE]

    @pytest.mark.parametrize("mode", ["P", "CMYK", "YCbCr"])
    def test_other_colour_models(self, mode: str, tmp_path: Path) -> None:
        name = "a.png" if mode == "P" else "a.tif"
        quarters().convert(mode).save(tmp_path / name)
        assert quarter_colours(opaque(tmp_path / name)) == [RED, GREEN, BLUE, WHITE]

    @pytest.mark.parametrize("mode", ["1", "L", "I;16"])
    def test_greys(self, mode: str, tmp_path: Path) -> None:
        levels = np.array([[0, 85, 170, 255]] * 2, np.uint8).repeat(16, 0).repeat(16, 1)
        if mode == "I;16":
            Image.fromarray(levels.astype(np.uint16) * 257).save(tmp_path / "a.png")
            wanted = [16, 89, 162, 235]
        elif mode == "1":
            Image.fromarray(levels).point(lambda level: 255 if level > 100 else 0).convert("1").save(tmp_path / "a.png")
            wanted = [16, 16, 235, 235]
        else:
            Image.fromarray(levels).save(tmp_path / "a.png")
            wanted = [16, 89, 162, 235]
        picture = opaque(tmp_path / "a.png")
        assert picture.y[16, 8::16].int().tolist() == pytest.approx(wanted, abs=1)
        assert picture.u.unique().tolist() == [128]

    @pytest.mark.parametrize("size_px", [(1, 1), (33, 15), (32, 15), (100, 1)])
    def test_odd_sizes(self, size_px: tuple[int, int], tmp_path: Path) -> None:
        Image.new("RGB", size_px, WHITE).save(tmp_path / "a.png")
        picture = opaque(tmp_path / "a.png")
        assert (picture.width_px, picture.height_px) == size_px
        assert picture.y.unique().tolist() == [235]

    @pytest.mark.parametrize("size_px", [(24, 16), (96, 64), (31, 17), (1, 1)])
    def test_a_photo_has_the_size_asked_for(self, size_px: tuple[int, int], tmp_path: Path) -> None:
        quarters().save(tmp_path / "a.png")
        picture = opaque(tmp_path / "a.png", size_px)
        assert (picture.width_px, picture.height_px) == size_px
        if min(size_px) > 8:
            assert quarter_colours(picture) == [RED, GREEN, BLUE, WHITE]

    def test_a_shrunk_photo_is_filtered(self, tmp_path: Path) -> None:
        checks = np.indices((256, 256)).sum(0) % 2 * 255
        Image.fromarray(checks.astype(np.uint8)).save(tmp_path / "a.png")
        assert opaque(tmp_path / "a.png", (32, 32)).y.int().numpy() == pytest.approx(126, abs=3)

    # EXIF 2.32, tag 274: what has to be done to the stored rows so that they are seen upright.
    @pytest.mark.parametrize(
        ("orientation", "stored"),
        [
            (1, None),
            (2, Image.Transpose.FLIP_LEFT_RIGHT),
            (3, Image.Transpose.ROTATE_180),
            (4, Image.Transpose.FLIP_TOP_BOTTOM),
            (5, Image.Transpose.TRANSPOSE),
            (6, Image.Transpose.ROTATE_90),  # seen upright when turned clockwise, so stored turned the other way
            (7, Image.Transpose.TRANSVERSE),
            (8, Image.Transpose.ROTATE_270),
        ],
    )
    @pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
    def test_orientation(self, orientation: int, stored: Image.Transpose | None, name: str, tmp_path: Path) -> None:
        image = quarters() if stored is None else quarters().transpose(stored)
        exif = Image.Exif()
        exif[274] = orientation
        options = {"a.jpg": {"quality": 95, "subsampling": 0}, "a.webp": {"lossless": True}}.get(name, {})
        image.save(tmp_path / name, exif=exif, **options)
        source = ImageSource(str(tmp_path / name))
        assert (source.width_px, source.height_px) == (48, 32)
        source.close()
        assert quarter_colours(opaque(tmp_path / name)) == [RED, GREEN, BLUE, WHITE]


class TestTransparency:
    @pytest.mark.parametrize("name", ["a.png", "a.webp"])
    def test_samples_are_premultiplied(self, name: str, tmp_path: Path) -> None:
        rgba = np.zeros((32, 32, 4), np.uint8)
        rgba[:, :16] = (*RED, 102)
        rgba[:, 16:] = (*WHITE, 0)  # hidden white must not bleed out
        Image.fromarray(rgba).save(tmp_path / name, **({"lossless": True, "exact": True} if name == "a.webp" else {}))
        source = ImageSource(str(tmp_path / name))
        picture = source.picture_at(NOW, 32, 32)
        source.close()
        assert isinstance(picture, SoftPicture)
        share = 102 / 255
        got = [plane[8, 4].item() for plane in (picture.y, picture.u, picture.v)]
        assert got == pytest.approx([code * share for code in codes(RED)], abs=0.6)
        assert picture.alpha[8, 4].item() == pytest.approx(share, abs=1e-3)
        assert picture.y[:, 16:].eq(0).all()

    def test_a_shrunk_edge_keeps_its_colour(self, tmp_path: Path) -> None:
        rgba = np.zeros((64, 64, 4), np.uint8)
        rgba[..., :3] = 255
        rgba[:, :30, :] = (*RED, 255)
        Image.fromarray(rgba).save(tmp_path / "a.png")
        source = ImageSource(str(tmp_path / "a.png"))
        picture = source.picture_at(NOW, 16, 16)
        source.close()
        assert isinstance(picture, SoftPicture)
        seen = picture.alpha[8] > 0.05
        assert 7 <= seen.sum() <= 9
        assert (picture.y[8][seen] / picture.alpha[8][seen]).numpy() == pytest.approx(codes(RED)[0], abs=4)

    @pytest.mark.parametrize("mode", ["LA", "PA", "P with one clear colour"])
    def test_other_kinds(self, mode: str, tmp_path: Path) -> None:
        rgba = np.full((16, 16, 4), 255, np.uint8)
        rgba[:, 8:, 3] = 0
        image = Image.fromarray(rgba)
        if mode == "P with one clear colour":
            image = Image.fromarray(np.repeat([[0, 1]], 8, 1).repeat(16, 0).astype(np.uint8), mode=None).convert("P")
            image.putpalette([255, 255, 255, 0, 0, 0])
            image.save(tmp_path / "a.png", transparency=1)
        else:
            image.convert("LA").save(tmp_path / "a.png")
        source = ImageSource(str(tmp_path / "a.png"))
        picture = source.picture_at(NOW, 16, 16)
        source.close()
        assert isinstance(picture, SoftPicture)
        assert picture.alpha[8, ::8].tolist() == [1.0, 0.0]


def animation(path: Path, durations_ms: list[int], **options: object) -> Path:
    """One frame for each duration, frame n of grey 20·n."""
    frames = [Image.new("RGB", (16, 16), (20 * n,) * 3) for n in range(len(durations_ms))]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=durations_ms, loop=0, **options)
    return path


def frame_shown(source: ImageSource, time_ms: float) -> int:
    picture = tensors(source.picture_at(Fraction(time_ms) * 1000, 16, 16))
    return round((picture.y[8, 8].item() - 16) / 219 * 255 / 20)


class TestAnimations:
    @pytest.mark.parametrize(
        ("name", "options"), [("a.gif", {}), ("a.webp", {"lossless": True}), ("a.png", {}), ("a.avif", {"quality": 99})]
    )
    def test_each_frame_has_its_own_time_and_the_whole_loops(
        self, name: str, options: dict[str, object], tmp_path: Path
    ) -> None:
        source = ImageSource(str(animation(tmp_path / name, [100, 50, 300, 50], **options)))
        assert source.is_animated
        times_ms = [0, 99, 100, 149, 150, 449, 450, 499, 500, 600, 650, 5_000_000, 5_000_140]
        assert [frame_shown(source, time_ms) for time_ms in times_ms] == [0, 0, 1, 1, 2, 2, 3, 3, 0, 1, 2, 0, 1]
        assert [frame_shown(source, time_ms) for time_ms in (460, 0, 120, 460)] == [3, 0, 1, 3]
        source.close()

    def test_a_frame_that_names_no_time_takes_a_tenth_of_a_second(self, tmp_path: Path) -> None:
        source = ImageSource(str(animation(tmp_path / "a.gif", [0, 0, 0])))
        assert [frame_shown(source, time_ms) for time_ms in (0, 99, 100, 250, 300)] == [0, 0, 1, 2, 0]
        source.close()

    def test_equal_keys_are_the_same_picture(self, tmp_path: Path) -> None:
        source = ImageSource(str(animation(tmp_path / "a.gif", [100, 100])))
        assert source.key_at(Fraction(10_000)) == source.key_at(Fraction(90_000)) != source.key_at(Fraction(110_000))
        first = source.picture_at(Fraction(10_000), 16, 16)
        assert source.picture_at(Fraction(90_000), 16, 16) is first
        assert source.picture_at(Fraction(210_000), 16, 16) is first
        source.close()

    def test_transparent_frames_stay_transparent(self, tmp_path: Path) -> None:
        frames = []
        for n in range(3):
            rgba = np.zeros((16, 16, 4), np.uint8)
            rgba[:, 4 * n : 4 * n + 4] = 255
            frames.append(Image.fromarray(rgba))
        frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100, disposal=2, loop=0)
        source = ImageSource(str(tmp_path / "a.gif"))
        for n in (2, 0, 1, 2):
            picture = source.picture_at(Fraction(100_000 * n), 16, 16)
            assert isinstance(picture, SoftPicture)
            assert picture.alpha[8, 2::4].tolist() == [float(n == column) for column in range(4)]
        source.close()

    def test_frames_beyond_the_limit_are_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(still, "_FRAMES_LIMIT", 2)
        animation(tmp_path / "a.gif", [100, 100])
        with pytest.raises(AssetTooLarge, match=r"b\.gif has 3 frames, more than 2"):
            ImageSource(str(animation(tmp_path / "b.gif", [100, 100, 100])))


class TestRejects:
    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(AssetMissing, match=r"gone\.png"):
            ImageSource(str(tmp_path / "gone.png"))

    @pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"<svg/>", b"#!/bin/sh\n"], ids=repr)
    def test_a_file_that_is_no_image(self, content: bytes, tmp_path: Path) -> None:
        (tmp_path / "a.png").write_bytes(content)
        with pytest.raises(AssetUnreadable, match=r"a\.png"):
            ImageSource(str(tmp_path / "a.png"))

    @pytest.mark.parametrize("name", ["a.eps", "a.pdf", "a.ico", "a.ppm", "a.tga", "a.pcx"])
    def test_a_format_that_is_not_trusted(self, name: str, tmp_path: Path) -> None:
        quarters().save(tmp_path / name)
        with pytest.raises(AssetUnreadable, match="not an image that can be read"):
            ImageSource(str(tmp_path / name))

    @pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.gif"])
    def test_a_file_that_ends_in_the_middle(self, name: str, tmp_path: Path) -> None:
        chance = np.random.default_rng(1)
        Image.fromarray(chance.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(
            tmp_path / "whole", format=images_format(name)
        )
        raw = (tmp_path / "whole").read_bytes()
        (tmp_path / name).write_bytes(raw[: len(raw) // 2])
        with pytest.raises(AssetUnreadable, match=name.replace(".", r"\.")):
            ImageSource(str(tmp_path / name))

    def test_a_picture_above_the_limit(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(images, "MAX_PIXELS", 48 * 32 - 1)
        quarters().save(tmp_path / "a.png")
        with pytest.raises(AssetTooLarge, match=r"a\.png has more than 1535 pixels"):
            ImageSource(str(tmp_path / "a.png"))


def images_format(name: str) -> str:
    return {"a.png": "PNG", "a.jpg": "JPEG", "a.webp": "WEBP", "a.gif": "GIF"}[name]
