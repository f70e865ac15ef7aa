"""Chroma lies beside its luma: a coloured spot is where it should be in all planes, in any format, turn and size."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from cutfarm.media.fit import Fitter
from cutfarm.media.nvdec import TensorVideo
from cutfarm.media.planes import planes_of
from cutfarm.media.resample import Cut, Part, PartScaler
from cutfarm.media.sites import LEFT, Sites, before_turns
from cutfarm.media.video import VideoSource
from tests.media.film import displayed_by
from tests.media.spot import middles, samples_of, spot_frame

SIZE_PX, AT_PX = (96, 64), (37.3, 25.6)
OFF_PX = 0.1  # 0.25 is asked for; half a chroma sample would be 1
FORMATS = ["yuv420p", "nv12", "yuv422p", "yuv444p", "yuv440p", "yuv420p10le", "p010le", "yuv422p10le", "yuv444p12le"]
RGB = ["rgb24", "gbrp", "bgr0"]
COLOURS = {"canvas": (1, False), "full": (1, True), "bt601": (5, False), "bt601 full": (5, True)}
SCALES = [Fraction(1), Fraction(2), Fraction(3, 2), Fraction(1, 2)]


def shown_at(quarter_turns: int, size_px: tuple[int, int], at_px: tuple[float, float]) -> tuple[float, float]:
    """A place of a frame after it was turned counter-clockwise."""
    (x, y), (width, height) = at_px, size_px
    return ((x, y), (y, width - x), (width - x, height - y), (height - y, x))[quarter_turns]


def assert_at(wanted: tuple[float, float], picture: av.VideoFrame, off_px: float = OFF_PX) -> None:
    assert picture.format.name == "yuv420p"
    for plane, found in zip("YUV", middles(samples_of(picture)), strict=True):
        assert found == pytest.approx(wanted, abs=off_px), plane


def shown(frame: av.VideoFrame, scale: Fraction, quarter_turns: int) -> tuple[av.VideoFrame, tuple[float, float]]:
    """A spot's frame in another size and upright, and where the spot should be."""
    own_px = (frame.width, frame.height)
    turned_px = own_px[::-1] if quarter_turns % 2 else own_px
    size_px = int(turned_px[0] * scale), int(turned_px[1] * scale)
    x, y = shown_at(quarter_turns, own_px, AT_PX)
    made = PartScaler().whole(frame, size_px, quarter_turns)
    assert (made.width, made.height) == size_px
    return made, (x * size_px[0] / turned_px[0], y * size_px[1] / turned_px[1])


@pytest.mark.parametrize("quarter_turns", range(4))
@pytest.mark.parametrize("scale", SCALES, ids=str)
class TestSpots:
    @pytest.mark.parametrize("colour", COLOURS)
    @pytest.mark.parametrize("pixel_format", FORMATS)
    def test_yuv(self, pixel_format: str, colour: str, scale: Fraction, quarter_turns: int) -> None:
        matrix, is_full = COLOURS[colour]
        frame = spot_frame(pixel_format, SIZE_PX, AT_PX, matrix, is_full=is_full)
        made, wanted = shown(frame, scale, quarter_turns)
        assert_at(wanted, made)

    @pytest.mark.parametrize("pixel_format", RGB)
    def test_rgb(self, pixel_format: str, scale: Fraction, quarter_turns: int) -> None:
        made, wanted = shown(spot_frame(pixel_format, SIZE_PX, AT_PX), scale, quarter_turns)
        assert_at(wanted, made)

    def test_hlg(self, scale: Fraction, quarter_turns: int) -> None:
        frame = spot_frame("yuv420p10le", SIZE_PX, AT_PX, 9)
        frame.color_trc, frame.color_primaries = 18, 9
        made, wanted = shown(frame, scale, quarter_turns)
        assert_at(wanted, made, 0.25)


@pytest.mark.parametrize("quarter_turns", range(4))
@pytest.mark.parametrize("size_px", [(95, 63), (95, 64), (96, 63)], ids=str)
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le", "rgb24"])
def test_odd_sides(pixel_format: str, colour: str, size_px: tuple[int, int], quarter_turns: int) -> None:
    matrix, is_full = COLOURS[colour]
    frame = spot_frame(pixel_format, size_px, AT_PX, matrix, is_full=is_full)
    made, wanted = shown(frame, Fraction(1), quarter_turns)
    assert_at(wanted, made, 0.5 if pixel_format == "yuv422p" and size_px == (95, 63) else OFF_PX)


@pytest.mark.parametrize("quarter_turns", range(4))
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p"])
@pytest.mark.parametrize("matrix", [1, 5])
def test_parts(matrix: int, pixel_format: str, quarter_turns: int) -> None:
    frame = spot_frame(pixel_format, SIZE_PX, AT_PX, matrix)
    x, y = shown_at(quarter_turns, SIZE_PX, AT_PX)
    part = Part(int(x) // 2 * 2 - 16, int(y) // 2 * 2 - 14, int(x) // 2 * 2 + 14, int(y) // 2 * 2 + 16)
    for size_px in ((30, 30), (60, 60)):
        made = PartScaler().scale(frame, Cut(part, size_px), quarter_turns)
        scale = size_px[0] / part.width_px
        assert_at(((x - part.left_px) * scale, (y - part.top_px) * scale), made, 0.15)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p"])
@pytest.mark.parametrize("matrix", [1, 5])
def test_frames_fitted_into_others(matrix: int, pixel_format: str) -> None:
    made = Fitter(192, 128).fitted(spot_frame(pixel_format, SIZE_PX, AT_PX, matrix))
    assert_at((2 * AT_PX[0], 2 * AT_PX[1]), made)


@pytest.mark.parametrize(("quarter_turns", "sites"), [(0, LEFT), (1, (128, 0)), (2, (256, 128)), (3, (128, 256))])
def test_sites_before_turns_of_even_sizes(quarter_turns: int, sites: Sites) -> None:
    assert before_turns(quarter_turns, 96, 64) == sites


class TestFilms:
    """Turned films through the file, as the CPU and as the GPU's tensors show them."""

    MATRICES = ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))

    @pytest.fixture(params=range(4))
    def film(self, request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, int]:
        path = tmp_path / "film.mp4"
        with av.open(str(path), "w") as out:
            stream = out.add_stream("libx264", rate=25, options={"qp": "1", "preset": "ultrafast"})
            stream.width, stream.height, stream.pix_fmt = *SIZE_PX, "yuv420p"
            stream.codec_context.colorspace, stream.codec_context.color_range = 1, 1
            frame = spot_frame("yuv420p", SIZE_PX, AT_PX)
            frame.pts, frame.time_base = 0, Fraction(1, 25)
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        return displayed_by(path, self.MATRICES[request.param]), request.param

    @pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
    def test_both_show_the_spot(self, device: str, film: tuple[Path, int]) -> None:
        if device == "cuda" and not torch.cuda.is_available():
            pytest.skip("torch finds no GPU here")
        path, quarter_turns = film
        source, tensors = VideoSource(str(path)), TensorVideo(str(path), torch.device(device, 0))
        assert source.quarter_turns == quarter_turns
        size_px = (source.width_px, source.height_px)
        wanted = shown_at(quarter_turns, SIZE_PX, AT_PX)
        for factor in (1, 2):
            scaled_px = (factor * size_px[0], factor * size_px[1])
            picture = source.picture_at(Fraction(0), *scaled_px)
            assert_at((factor * wanted[0], factor * wanted[1]), picture.frame)
            planes = tensors.picture_at(Fraction(0), *scaled_px).to(torch.device("cpu"))
            apart = [(a.int() - b.int()).abs().max().item() for a, b in zip(planes_of(picture), planes, strict=True)]
            assert max(apart) <= 2
            found = middles([plane.numpy().astype(np.float64) for plane in planes])
            assert found == [pytest.approx((factor * wanted[0], factor * wanted[1]), abs=OFF_PX)] * 3
        source.close()
        tensors.close()
