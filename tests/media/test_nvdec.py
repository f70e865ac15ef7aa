"""Video as tensors: the same frames as the CPU's source shows, from its decoders and from NVDEC."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.nvdec import TensorVideo, in_canvas_colour
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, planes_of
from cutfarm.media.resample import PartScaler
from cutfarm.media.video import VideoSource
from tests.media.film import at_rate, displayed_by, grey_frame, number_in, numbered, write_film
from tests.media.test_recolour import CASES, boxes, given

CPU = torch.device("cpu")
LEVELS = 2
TIMES_US = [Fraction(us) for us in (0, 40_000, 500_000, 1_983_000, 900_000, 5_000_000)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untagged, and so high that it counts as BT.709."""
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(60), size_px=(320, 720))


@pytest.fixture
def cuda() -> torch.device:
    if not torch.cuda.is_available():
        pytest.skip("torch finds no GPU here")
    return torch.device("cuda", 0)


def apart(one: Planes, other: Planes) -> int:
    return max(int((a.int() - b.cpu().int()).abs().max()) for a, b in zip(one, other, strict=True))


def inside(planes: Planes) -> Planes:
    """Without its outermost samples, where swscale rounds in its own way."""
    return Planes(*(plane[4:-4, 4:-4] for plane in planes))


class TestFrames:
    def test_they_are_those_of_the_cpu(self, film: Path) -> None:
        source, tensors = VideoSource(str(film)), TensorVideo(str(film), CPU)
        for time_us in TIMES_US:
            shown = tensors.planes_at(time_us)
            assert apart(planes_of(source.picture_at(time_us, 320, 720)), shown) == 0
            assert tensors.key_at(time_us) == source.key_at(time_us)
        assert (tensors.width_px, tensors.height_px, tensors.is_plain) == (320, 720, True)

    def test_a_held_frame_is_made_once(self, film: Path) -> None:
        tensors = TensorVideo(str(film), CPU)
        assert tensors.planes_at(Fraction(100_000)) is tensors.planes_at(Fraction(101_000))

    @pytest.mark.parametrize("size_px", [(160, 360), (640, 1440), (101, 217), (320, 720)], ids=str)
    def test_other_sizes(self, size_px: tuple[int, int], film: Path) -> None:
        source, tensors = VideoSource(str(film)), TensorVideo(str(film), CPU)
        wanted = planes_of(source.picture_at(Fraction(500_000), *size_px))
        got = tensors.picture_at(Fraction(500_000), *size_px)
        assert [plane.shape for plane in got] == [plane.shape for plane in wanted]
        assert apart(inside(wanted), inside(got)) <= LEVELS

    @pytest.mark.parametrize(("matrix", "turns"), [((0, 1, -1, 0), 3), ((-1, 0, 0, -1), 2), ((0, -1, 1, 0), 1)])
    def test_upright(self, matrix: tuple[int, int, int, int], turns: int, film: Path, tmp_path: Path) -> None:
        turned = tmp_path / "turned.mp4"
        turned.write_bytes(film.read_bytes())
        displayed_by(turned, matrix)
        source, tensors = VideoSource(str(turned)), TensorVideo(str(turned), CPU)
        size_px = (720, 320) if turns % 2 else (320, 720)
        assert (tensors.width_px, tensors.height_px) == size_px
        wanted = planes_of(source.picture_at(Fraction(500_000), *size_px))
        assert apart(wanted, tensors.planes_at(Fraction(500_000))) == 0

    def test_faults_of_files(self, tmp_path: Path) -> None:
        with pytest.raises(AssetMissing):
            TensorVideo(str(tmp_path / "gone.mp4"), CPU)
        (tmp_path / "words.mp4").write_text("no film")
        with pytest.raises(AssetUnreadable):
            TensorVideo(str(tmp_path / "words.mp4"), CPU)


def soft_frame(pixel_format: str, colorspace: int, color_range: int) -> av.VideoFrame:
    """Soft colours that no matrix cuts off."""
    rng = np.random.default_rng(5)
    rgb = rng.uniform(70, 180, (6, 9, 3)).astype(np.uint8)
    soft = np.asarray(Image.fromarray(rgb).resize((128, 96), Image.Resampling.BICUBIC))
    frame = av.VideoFrame.from_ndarray(soft, format="rgb24").reformat(format=pixel_format)
    frame.colorspace, frame.color_range = colorspace, color_range
    return frame


class TestColour:
    """What the GPU makes of NV12 and P010, against swscale; the frames are the CPU's."""

    @pytest.mark.parametrize("pixel_format", ["nv12", "p010le"])
    @pytest.mark.parametrize(("colorspace", "color_range"), [(1, 1), (1, 2), (5, 1), (6, 2), (7, 1), (9, 1)])
    def test_golden(self, pixel_format: str, colorspace: int, color_range: int) -> None:
        frame = soft_frame(pixel_format, colorspace, color_range)
        y, uv = (torch.from_dlpack(plane) for plane in frame.planes)
        got = in_canvas_colour(frame, y, uv)
        wanted = planes_of(Picture(PartScaler().whole(frame, (128, 96))))
        assert {plane.dtype for plane in got} == {torch.uint8}
        assert apart(inside(wanted), inside(got)) <= LEVELS

    @pytest.mark.parametrize(("matrix", "is_full"), CASES)
    def test_hard_edges(self, matrix: int, is_full: bool) -> None:
        frame, _ = given(boxes(np.random.default_rng(3)), "nv12", matrix, is_full=is_full)
        y, uv = (torch.from_dlpack(plane) for plane in frame.planes)
        wanted = planes_of(Picture(PartScaler().whole(frame, (frame.width, frame.height))))
        assert apart(inside(wanted), inside(in_canvas_colour(frame, y, uv))) <= LEVELS

    def test_hard_edges_of_hdr(self) -> None:
        frame, _ = given(boxes(np.random.default_rng(3)), "yuv420p10le", 9, is_full=False)
        frame.color_trc, frame.color_primaries = 18, 9
        wanted = planes_of(Picture(PartScaler().whole(frame, (frame.width, frame.height))))
        deep = frame.reformat(format="p010le")
        deep.colorspace, deep.color_range, deep.color_trc, deep.color_primaries = 9, 1, 18, 9
        y, uv = (torch.from_dlpack(plane) for plane in deep.planes)
        assert apart(inside(wanted), inside(in_canvas_colour(deep, y, uv))) <= LEVELS

    def test_the_canvas_colour_is_not_touched(self) -> None:
        frame = soft_frame("nv12", 1, 1)
        y, uv = (torch.from_dlpack(plane) for plane in frame.planes)
        got = in_canvas_colour(frame, y, uv)
        assert got.y.data_ptr() == y.data_ptr()
        assert (got.v.data_ptr(), got.v.stride(1)) == (uv.data_ptr() + 1, 2)


@pytest.mark.gpu
class TestNvdec:
    def test_frames_are_those_of_the_cpu(self, film: Path, cuda: torch.device) -> None:
        source, tensors = VideoSource(str(film)), TensorVideo(str(film), cuda)
        for time_us in TIMES_US:
            shown = tensors.planes_at(time_us)
            wanted = planes_of(source.picture_at(time_us, 320, 720))
            assert shown.y.is_cuda
            assert number_in(shown.y.cpu().numpy()) == number_in(wanted.y.numpy())
            assert apart(wanted, shown) <= LEVELS

    def test_it_was_nvdec(self, film: Path, cuda: torch.device) -> None:
        from cutfarm.media.nvdec import open_on_gpu

        with open_on_gpu(str(film), cuda) as file:
            assert file.streams.video[0].codec_context.is_hwaccel
            assert next(file.decode(video=0)).format.name == "cuda"

    def test_many_frames_held(self, film: Path, cuda: torch.device) -> None:
        """They are copies: the decoder's few surfaces come back to it."""
        tensors = TensorVideo(str(film), cuda)
        held = [tensors.planes_at(Fraction(number * 1_000_000, 30)) for number in range(60)]
        assert [number_in(planes.y.cpu().numpy()) for planes in held] == list(range(60))

    @pytest.mark.parametrize("size_px", [(161, 97), (320, 192)], ids=str)
    @pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4", "mjpeg", "ffv1"])
    def test_what_nvdec_cannot_do_the_cpu_does(
        self, codec: str, size_px: tuple[int, int], tmp_path: Path, cuda: torch.device
    ) -> None:
        if codec in {"libx265", "mpeg4"} and size_px[0] % 2:
            pytest.skip(f"{codec} takes no odd sizes, or no 4:4:4")
        pixel_format = "yuv444p" if size_px[0] % 2 else "yuv420p"
        path = tmp_path / ("film.mkv" if codec == "ffv1" else "film.mov")
        film_of(path, codec, size_px, pixel_format if codec != "mjpeg" else f"yuvj{pixel_format[3:]}")
        tensors, source = TensorVideo(str(path), cuda), VideoSource(str(path))
        for number in (0, 7, 20):
            time_us = Fraction(number * 1_000_000, 30)
            shown = tensors.planes_at(time_us)
            assert shown.y.is_cuda
            wanted = planes_of(source.picture_at(time_us, shown.width_px, shown.height_px))
            assert apart(wanted, shown) <= LEVELS

    def test_ten_bits(self, tmp_path: Path, cuda: torch.device) -> None:
        path = tmp_path / "deep.mp4"
        film_of(path, "libx265", (320, 192), "yuv420p10le")
        tensors, source = TensorVideo(str(path), cuda), VideoSource(str(path))
        wanted = planes_of(source.picture_at(Fraction(500_000), 320, 192))
        assert apart(wanted, tensors.planes_at(Fraction(500_000))) <= LEVELS


def film_of(path: Path, codec: str, size_px: tuple[int, int], pixel_format: str) -> None:
    """Thirty numbered frames."""
    options = {"x265-params": "log-level=error"} if codec == "libx265" else {}
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = *size_px, pixel_format
        for number in range(30):
            frame = grey_frame(numbered(number, *size_px), pixel_format)
            frame.pts, frame.time_base = number, Fraction(1, 30)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
