"""Photos with colour profiles, deep or transparent samples; animations whose frames are drawn over each other."""

from __future__ import annotations

import struct
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cutfarm.errors import AssetUnreadable
from cutfarm.media.picture import Picture
from cutfarm.media.planes import SoftPicture, planes_of
from cutfarm.media.still import ImageSource
from cutfarm.render.sources import open_picture
from tests.media.sources import ffmpeg

NOW = Fraction(0)
RGB = tuple[float, float, float]

#: Display P3 and Adobe RGB (1998): columns of linear RGB to XYZ of D50, as their profiles hold them, and gammas.
SPACES: dict[str, tuple[tuple[RGB, RGB, RGB], float]] = {
    "p3": (((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)), 2.2),
    "adobe": (((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)), 2.19921875),
}
#: Linear XYZ of D50 to linear sRGB (Bradford), from the sRGB profile's published inverse.
TO_SRGB = ((3.1338561, -1.6168667, -0.4906146), (-0.9787684, 1.9161415, 0.0334540), (0.0719453, -0.2289914, 1.4052427))


def profile(space: str) -> bytes:
    """A matrix profile of ICC version 2 (ICC.1:2001-04)."""
    columns, gamma = SPACES[space]

    def fixed(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(values: RGB) -> bytes:
        return b"XYZ \0\0\0\0" + b"".join(fixed(value) for value in values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = space.encode() + b"\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    text += bytes(-len(text) % 4)
    tags = {b"desc": text, b"wtpt": xyz((0.9642, 1.0, 0.8249)), b"cprt": b"text\0\0\0\0none\0\0\0\0"}
    tags |= dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(xyz, columns), strict=True))
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    place, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for tag, content in tags.items():
        table += tag + struct.pack(">II", place + len(body), len(content))
        body += content
    head = struct.pack(">I4sI4s4s4s", place + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + fixed(0.9642) + fixed(1.0) + fixed(0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def in_srgb(rgb: tuple[int, int, int], space: str) -> NDArray[np.float64]:
    """The sRGB code values in [0, 1] of 8-bit RGB in a space, clipped (IEC 61966-2-1)."""
    columns, gamma = SPACES[space]
    light = (np.array(rgb) / 255) ** (round(gamma * 256) / 256)
    linear = np.clip(np.array(TO_SRGB) @ (np.array(columns).T @ light), 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def codes(rgb: NDArray[np.float64]) -> tuple[float, float, float]:
    """BT.709 limited code values."""
    luma = float(rgb @ np.array([0.2126, 0.7152, 0.0722]))
    return 16 + 219 * luma, 128 + 224 * (rgb[2] - luma) / 1.8556, 128 + 224 * (rgb[0] - luma) / 1.5748


def shown(path: Path) -> tuple[float, float, float]:
    """The samples in the middle of an opaque picture."""
    source = ImageSource(str(path))
    picture = source.picture_at(NOW, source.width_px, source.height_px)
    source.close()
    assert isinstance(picture, Picture)
    planes = planes_of(picture)
    return planes.y[8, 8].item(), planes.u[4, 4].item(), planes.v[4, 4].item()


COLOURS = [(200, 60, 40), (60, 180, 90), (40, 70, 190), (128, 128, 128), (255, 255, 255), (0, 0, 0), (255, 0, 0)]


class TestProfiles:
    @pytest.mark.parametrize("space", SPACES)
    @pytest.mark.parametrize("rgb", COLOURS, ids=str)
    def test_wide_photos_are_shown_in_srgb(self, rgb: tuple[int, int, int], space: str, tmp_path: Path) -> None:
        Image.new("RGB", (16, 16), rgb).save(tmp_path / "a.png", icc_profile=profile(space))
        assert shown(tmp_path / "a.png") == pytest.approx(codes(in_srgb(rgb, space)), abs=1.6)

    @pytest.mark.parametrize(
        ("name", "options"), [("a.jpg", {"quality": 98}), ("a.webp", {"lossless": True}), ("a.tif", {})]
    )
    def test_every_format_that_holds_one(self, name: str, options: dict[str, Any], tmp_path: Path) -> None:
        Image.new("RGB", (16, 16), (60, 180, 90)).save(tmp_path / name, icc_profile=profile("p3"), **options)
        assert shown(tmp_path / name) == pytest.approx(codes(in_srgb((60, 180, 90), "p3")), abs=2.5)

    def test_transparency_stays(self, tmp_path: Path) -> None:
        Image.new("RGBA", (16, 16), (60, 180, 90, 102)).save(tmp_path / "a.png", icc_profile=profile("p3"))
        source = ImageSource(str(tmp_path / "a.png"))
        picture = source.picture_at(NOW, 16, 16)
        source.close()
        assert isinstance(picture, SoftPicture)
        assert picture.alpha[8, 8].item() == pytest.approx(0.4, abs=1e-3)
        assert picture.y[8, 8].item() / 0.4 == pytest.approx(codes(in_srgb((60, 180, 90), "p3"))[0], abs=2.0)

    def test_a_palette_with_a_profile(self, tmp_path: Path) -> None:
        Image.new("RGB", (16, 16), (60, 180, 90)).quantize(4).save(tmp_path / "a.png", icc_profile=profile("p3"))
        assert shown(tmp_path / "a.png") == pytest.approx(codes(in_srgb((60, 180, 90), "p3")), abs=1.6)

    @pytest.mark.parametrize("damage", [b"", b"no profile", profile("p3")[:200]], ids=["empty", "text", "cut"])
    def test_a_damaged_profile_is_none(self, damage: bytes, tmp_path: Path) -> None:
        Image.new("RGB", (16, 16), (60, 180, 90)).save(tmp_path / "a.png", icc_profile=damage)
        assert shown(tmp_path / "a.png") == pytest.approx(codes(np.array([60, 180, 90]) / 255), abs=1.0)

    def test_an_rgb_profile_in_a_grey_photo(self, tmp_path: Path) -> None:
        Image.new("L", (16, 16), 128).save(tmp_path / "a.png", icc_profile=profile("p3"))
        assert shown(tmp_path / "a.png") == pytest.approx(codes(in_srgb((128, 128, 128), "p3")), abs=1.6)

    def test_a_printer_s_jpeg(self, tmp_path: Path) -> None:
        Image.new("RGB", (16, 16), (200, 60, 40)).convert("CMYK").save(tmp_path / "a.jpg", quality=98)
        assert shown(tmp_path / "a.jpg") == pytest.approx(codes(np.array([200, 60, 40]) / 255), abs=3.0)


class TestDepth:
    @pytest.mark.parametrize("pixel_format", ["rgb48be", "rgba64be", "gray16be", "ya16be", "ya8"])
    def test_pngs_of_other_kinds(self, pixel_format: str, tmp_path: Path) -> None:
        ffmpeg("-f", "lavfi", "-i", "color=0x6496C8:s=16x16,format=gbrp", "-frames:v", "1", "-pix_fmt", pixel_format,
               tmp_path / "a.png")  # fmt: skip
        is_grey = pixel_format.startswith(("gray", "ya"))
        grey = 0.299 * 0x64 + 0.587 * 0x96 + 0.114 * 0xC8
        wanted = codes(np.array([grey] * 3 if is_grey else [0x64, 0x96, 0xC8]) / 255)
        source = ImageSource(str(tmp_path / "a.png"))
        picture = source.picture_at(NOW, 16, 16)
        source.close()
        planes = planes_of(picture) if isinstance(picture, Picture) else picture
        assert isinstance(picture, SoftPicture) == (not source_is_opaque(tmp_path / "a.png"))
        got = planes.y[8, 8].item(), planes.u[4, 4].item(), planes.v[4, 4].item()
        assert got == pytest.approx(wanted, abs=4.0 if is_grey else 1.6)


def source_is_opaque(path: Path) -> bool:
    source = ImageSource(str(path))
    source.close()
    return source.is_opaque


def boxes(path: Path, disposal: int, *, is_first_opaque: bool) -> Path:
    """An animation whose frames change a part of the picture each, with holes."""
    frames = []
    for number in range(5):
        rgba = np.zeros((24, 32, 4), np.uint8)
        if number == 0 and is_first_opaque:
            rgba[:] = (250, 20, 20, 255)
        rgba[4 + 2 * number : 12 + 2 * number, 3 + 4 * number : 11 + 4 * number] = (20, 40 * number, 240, 255)
        frames.append(Image.fromarray(rgba))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100, loop=0, disposal=disposal)
    return path


def by_ffmpeg(path: Path) -> NDArray[np.uint8]:
    """All frames (N, H, W, 4) as another decoder draws them."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(path),
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgba",
        "-",
    ]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, 24, 32, 4)


class TestAnimations:
    # What a GIF without a transparent colour is cleared to, decoders take differently: not looked at here.
    @pytest.mark.parametrize(
        ("disposal", "is_first_opaque"), [(0, True), (0, False), (1, True), (1, False), (2, False)]
    )
    @pytest.mark.parametrize("name", ["a.gif", "a.png"])
    def test_frames_are_drawn_over_each_other(
        self, name: str, disposal: int, is_first_opaque: bool, tmp_path: Path
    ) -> None:
        path = boxes(tmp_path / name, disposal, is_first_opaque=is_first_opaque)
        ffmpeg("-version")
        wanted = by_ffmpeg(path)
        source = ImageSource(str(path))
        for number in (0, 3, 1, 4, 2):
            if number >= len(wanted):
                continue
            picture = source.picture_at(Fraction(number * 100_000), 32, 24)
            assert isinstance(picture, Picture) == source.is_opaque
            alpha = wanted[number, ..., 3] / 255
            if isinstance(picture, SoftPicture):
                assert np.abs(picture.alpha.numpy() - alpha).max() < 0.01
            luma = 16 + 219 * (wanted[number, ..., :3] / 255 @ np.array([0.2126, 0.7152, 0.0722]))
            planes = planes_of(picture) if isinstance(picture, Picture) else picture
            assert np.abs(planes.y.numpy().astype(float) - luma * alpha).max() < 2.0
        source.close()

    def test_what_is_opaque_does_not_depend_on_what_was_shown(self, tmp_path: Path) -> None:
        """A GIF whose first frame is whole and whose later ones are not."""
        path = boxes(tmp_path / "a.gif", 1, is_first_opaque=True)
        source = ImageSource(str(path))
        times_us = [Fraction(number * 100_000) for number in (0, 3, 0, 2)]
        told = [(source.is_opaque, isinstance(source.picture_at(time_us, 32, 24), Picture)) for time_us in times_us]
        source.close()
        assert len(set(told)) == 1
        assert told[0][0] == told[0][1]


@pytest.mark.parametrize("brands", [b"heic\0\0\0\0mif1heic", b"mif1\0\0\0\0mif1heicmiaf"])
def test_a_heic_photo_is_named_as_such(brands: bytes, tmp_path: Path) -> None:
    (tmp_path / "IMG_1.HEIC").write_bytes(struct.pack(">I", 8 + len(brands)) + b"ftyp" + brands + bytes(64))
    with pytest.raises(AssetUnreadable, match=r"IMG_1\.HEIC is a HEIC photo"):
        open_picture(str(tmp_path / "IMG_1.HEIC"))
