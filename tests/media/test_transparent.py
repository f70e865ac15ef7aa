"""Films with transparency: their samples by the recommendation's equations, their edges, their times."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cutfarm.media.planes import SoftPicture
from cutfarm.media.transparent import TransparentVideo
from cutfarm.media.video import VideoSource
from cutfarm.render.sources import open_picture
from tests.media.film import displayed_by

NOW = Fraction(0)
FPS, COUNT = 30, 12
WIDTH, HEIGHT = 96, 64
GREEN, HALF = (30, 200, 60), 128
HIDDEN = (255, 0, 0)  # what lies under the transparent parts

#: File name, codec, pixel format, options; VP8 has no tags, so that it is BT.601.
FILMS: dict[str, tuple[str, str, dict[str, str]]] = {
    "prores.mov": ("prores_ks", "yuva444p10le", {"profile": "4444", "alpha_bits": "16"}),
    "vp9.webm": ("libvpx-vp9", "yuva420p", {"crf": "4", "b": "0", "cpu-used": "8", "g": "4", "auto-alt-ref": "0"}),
    "vp8.webm": ("libvpx", "yuva420p", {"crf": "4", "b": "4M", "g": "4", "auto-alt-ref": "0"}),
    "animation.mov": ("qtrle", "argb", {"g": "4"}),
    "png.mov": ("png", "rgba", {}),
    "deep.mov": ("png", "rgba64be", {}),
    "ffv1.mkv": ("ffv1", "yuva420p", {}),
    "planar.mkv": ("ffv1", "gbrap12le", {}),
}
WEIGHTS = {"vp8.webm": (0.299, 0.114)}


def drawing(number: int) -> NDArray[np.uint8]:
    """Frame `number` (H, W, 4), straight alpha: a green box that moves, half transparent in its lower half."""
    rgba = np.empty((HEIGHT, WIDTH, 4), np.uint8)
    rgba[:] = (*HIDDEN, 0)
    columns = slice(8 + 4 * number, 40 + 4 * number)
    rgba[16:48, columns] = (*GREEN, 255)
    rgba[32:48, columns, 3] = HALF
    return rgba


def write(path: Path, *, pictures: Callable[[int], NDArray[np.uint8]] = drawing, count: int = COUNT) -> Path:
    codec, pixel_format, options = FILMS[path.name]
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=FPS, options=options)
        first = pictures(0)
        stream.width, stream.height, stream.pix_fmt = first.shape[1], first.shape[0], pixel_format
        is_yuv = pixel_format.startswith("yuva")
        stream.codec_context.colorspace = 1 if is_yuv else 0
        stream.codec_context.color_range = 1 if is_yuv else 2
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(pictures(number), format="rgba")
            matrix = 5 if path.name in WEIGHTS else 1
            frame = frame if pixel_format == "rgba" else frame.reformat(format=pixel_format, dst_colorspace=matrix)
            frame.colorspace = matrix if is_yuv else 0
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def codes(rgb: tuple[int, int, int]) -> tuple[float, float, float]:
    """BT.709 limited code values."""
    red, green, blue = (value / 255 for value in rgb)
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748


def at(picture: SoftPicture, x: int, y: int) -> tuple[float, ...]:
    """Y, Cb, Cr and alpha at a place counted in luma samples."""
    chroma = (picture.u[y // 2, x // 2].item(), picture.v[y // 2, x // 2].item())
    return (picture.y[y, x].item(), *chroma, picture.alpha[y, x].item())


@pytest.fixture(scope="module", params=FILMS)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name: str = request.param
    return write(tmp_path_factory.mktemp("films") / name)


def time_of(number: int) -> Fraction:
    return Fraction(number * 1_000_000, FPS)


class TestSamples:
    def test_every_kind_shows_colour_and_transparency(self, film: Path) -> None:
        source = open_picture(str(film))
        assert isinstance(source, TransparentVideo)
        assert (source.width_px, source.height_px, source.is_opaque) == (WIDTH, HEIGHT, False)
        picture = source.picture_at(NOW, WIDTH, HEIGHT)
        source.close()
        near = 5.0 if film.suffix == ".webm" else 1.0
        wanted = codes(GREEN)
        assert at(picture, 24, 24) == pytest.approx((*wanted, 1.0), abs=near)
        assert at(picture, 24, 24)[3] == pytest.approx(1.0, abs=0.002)
        share = HALF / 255
        assert at(picture, 24, 40) == pytest.approx([code * share for code in wanted] + [share], abs=near)
        assert at(picture, 24, 40)[3] == pytest.approx(share, abs=0.01)
        assert at(picture, 72, 24) == pytest.approx((0.0,) * 4, abs=0.6)

    @pytest.mark.parametrize("name", ["prores.mov", "png.mov", "ffv1.mkv"])
    def test_no_fringe_of_what_is_hidden(self, name: str, tmp_path: Path) -> None:
        """Shrunk by an odd factor, every sample seen has the box's own luma: the red below it does not show."""
        source = TransparentVideo(str(write(tmp_path / name, count=1)))
        picture = source.picture_at(NOW, 37, 23)
        source.close()
        seen = picture.alpha > 0.1
        assert ((picture.alpha > 0.1) & (picture.alpha < 0.9)).sum() > 20
        luma = picture.y[seen] / picture.alpha[seen]
        assert luma.numpy() == pytest.approx(codes(GREEN)[0], abs=4.0 if name == "prores.mov" else 1.5)

    def test_edges_over_red_and_blue_are_the_mixture(self, tmp_path: Path) -> None:
        """Laid over a colour, an enlarged edge runs from the one to the other and never beyond either."""
        source = TransparentVideo(str(write(tmp_path / "png.mov", count=1)))
        picture = source.picture_at(NOW, 3 * WIDTH, 3 * HEIGHT)
        source.close()
        for below in ((255, 0, 0), (0, 0, 255)):
            base = codes(below)[0]
            row = picture.y[3 * 24] + base * (1 - picture.alpha[3 * 24])
            low, high = sorted((base, codes(GREEN)[0]))
            assert low - 0.6 <= row.min().item()
            assert row.max().item() <= high + 0.6

    def test_alpha_of_sixteen_bits_is_not_cut_to_eight(self, tmp_path: Path) -> None:
        ramp = np.zeros((64, 96, 4), np.uint16)
        ramp[..., :3] = 65535
        ramp[..., 3] = np.linspace(0, 4000, 96)
        with av.open(str(tmp_path / "a.mov"), "w") as out:
            stream = out.add_stream("png", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = 96, 64, "rgba64be"
            frame = av.VideoFrame(96, 64, "rgba64be")
            frame.planes[0].update(ramp.astype(">u2").tobytes())
            frame.pts, frame.time_base = 0, Fraction(1, FPS)
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        source = TransparentVideo(str(tmp_path / "a.mov"))
        alpha = source.picture_at(NOW, 96, 64).alpha[10]
        source.close()
        assert alpha.unique().numel() > 60
        assert alpha.numpy() == pytest.approx(ramp[10, :, 3] / 65535, abs=1e-4)

    def test_opaque_films_are_opened_as_before(self, tmp_path: Path) -> None:
        with av.open(str(tmp_path / "a.mkv"), "w") as out:
            stream = out.add_stream("ffv1", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv444p10le"
            frame = av.VideoFrame(32, 16, "yuv444p10le")
            frame.pts, frame.time_base = 0, Fraction(1, FPS)
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        source = open_picture(str(tmp_path / "a.mkv"))
        assert type(source) is VideoSource
        source.close()


class TestShapes:
    def test_odd_sizes(self, tmp_path: Path) -> None:
        source = TransparentVideo(str(write(tmp_path / "png.mov", pictures=lambda n: drawing(n)[:41, :39], count=1)))
        assert (source.width_px, source.height_px) == (39, 41)
        picture = source.picture_at(NOW, 39, 41)
        source.close()
        assert picture.y.shape == picture.alpha.shape == (42, 40)
        assert picture.u.shape == picture.chroma_alpha.shape == (21, 20)
        assert at(picture, 24, 24) == pytest.approx((*codes(GREEN), 1.0), abs=1.0)

    def test_turned(self, tmp_path: Path) -> None:
        path = displayed_by(write(tmp_path / "png.mov", count=1), (0, 1, -1, 0))
        source = TransparentVideo(str(path))
        assert (source.width_px, source.height_px) == (HEIGHT, WIDTH)
        picture = source.picture_at(NOW, HEIGHT, WIDTH)
        source.close()
        alpha = np.rot90(drawing(0)[..., 3], -1) / 255
        assert picture.alpha.numpy() == pytest.approx(alpha, abs=1e-3)

    @pytest.mark.parametrize(("transfer", "white"), [(16, 0.5806), (18, 0.75)])
    def test_hdr_with_transparency(self, transfer: int, white: float, tmp_path: Path) -> None:
        """HDR's reference white, half transparent."""
        code = round(64 + 876 * white)
        with av.open(str(tmp_path / "a.mkv"), "w") as out:
            stream = out.add_stream("ffv1", rate=FPS)
            stream.width, stream.height, stream.pix_fmt = 32, 16, "yuva444p10le"
            context = stream.codec_context
            context.color_trc, context.color_primaries, context.colorspace, context.color_range = transfer, 9, 9, 1
            frame = av.VideoFrame(32, 16, "yuva444p10le")
            for plane, value in zip(frame.planes, (code, 512, 512, 512), strict=True):
                plane.update(np.full(plane.buffer_size // 2, value, "<u2").tobytes())
            frame.color_trc, frame.color_primaries, frame.colorspace, frame.color_range = transfer, 9, 9, 1
            frame.pts, frame.time_base = 0, Fraction(1, FPS)
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        source = TransparentVideo(str(tmp_path / "a.mkv"))
        y, u, v, alpha = at(source.picture_at(NOW, 32, 16), 16, 8)
        source.close()
        assert alpha == pytest.approx(512 / 1023, abs=1e-3)
        # BT.2390's curve leaves 203 cd/m² at 0.905 of BT.709's code range (tests/media/light.py).
        assert y / alpha == pytest.approx(16 + 219 * 0.9045, abs=1.0)
        assert (u / alpha, v / alpha) == pytest.approx((128, 128), abs=0.3)


class TestTimes:
    def test_the_nearest_frame_in_any_order_and_the_same_samples(self, film: Path) -> None:
        in_order, shuffled = open_picture(str(film)), open_picture(str(film))
        numbers = list(range(COUNT))
        first = {n: in_order.picture_at(time_of(n), WIDTH, HEIGHT) for n in numbers}
        random.Random(4).shuffle(numbers)
        for n in numbers:
            again, before = shuffled.picture_at(time_of(n), WIDTH, HEIGHT), first[n]
            assert isinstance(again, SoftPicture)
            assert isinstance(before, SoftPicture)
            assert all(torch.equal(getattr(again, part), getattr(before, part)) for part in ("y", "u", "v", "alpha"))
            edge = int(before.alpha[24].gt(0.5).nonzero()[0])
            assert edge == pytest.approx(8 + 4 * n, abs=1)
        in_order.close()
        shuffled.close()

    def test_backwards(self, tmp_path: Path) -> None:
        source = open_picture(str(write(tmp_path / "png.mov")), is_backwards=True)
        assert isinstance(source, TransparentVideo)
        pictures = [source.picture_at(time_of(n), WIDTH, HEIGHT) for n in range(COUNT, 0, -1)]
        edges = [int(picture.alpha[24].gt(0.5).nonzero()[0]) for picture in pictures]
        source.close()
        assert edges == [8 + 4 * n for n in range(COUNT - 1, -1, -1)]

    def test_what_does_not_change_is_drawn_once(self, tmp_path: Path) -> None:
        source = TransparentVideo(str(write(tmp_path / "png.mov")))
        first = source.picture_at(NOW, WIDTH, HEIGHT)
        assert source.picture_at(Fraction(5_000), WIDTH, HEIGHT) is first
        assert source.key_at(NOW) == source.key_at(Fraction(5_000)) != source.key_at(time_of(1))
        assert source.fault_at(NOW, 0, 100_000) is None
        source.close()
