"""Colours of all matrices and ranges end as BT.709 limited range, by the equations of the recommendations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, planes_of
from cutfarm.media.resample import PartScaler
from cutfarm.media.video import VideoSource

LEVELS = 1  # of 255, in any plane
CELL_PX = 16

#: What RGB the cells of a test picture have; nothing outside of any matrix's range.
COLOURS = (
    (1.0, 1.0, 1.0),
    (0.0, 0.0, 0.0),
    (0.5, 0.5, 0.5),
    (0.9, 0.1, 0.1),
    (0.1, 0.8, 0.2),
    (0.1, 0.2, 0.9),
    (0.8, 0.7, 0.1),
    (0.3, 0.05, 0.4),
)
Weights = tuple[float, float]  # of red and of blue in luma
BT709: Weights = (0.2126, 0.0722)
BT601: Weights = (0.299, 0.114)
SMPTE240: Weights = (0.212, 0.087)
BT2020: Weights = (0.2627, 0.0593)
TAGS = {"bt709": 1, "bt470bg": 5, "smpte170m": 6, "smpte240m": 7, "bt2020nc": 9, "untagged": 2}  # AVColorSpace
LIMITED, FULL, UNSPECIFIED = 1, 2, 0  # AVColorRange


def codes(rgb: tuple[float, ...], weights: Weights, *, full: bool = False, bits: int = 8) -> tuple[int, ...]:
    """Code values of a colour, BT.709-6 §3 and BT.601-7 §2.5; full range as in JFIF."""
    red, green, blue = rgb
    k_red, k_blue = weights
    luma = k_red * red + (1 - k_red - k_blue) * green + k_blue * blue
    cb, cr = (blue - luma) / (2 - 2 * k_blue), (red - luma) / (2 - 2 * k_red)
    step = 1 << (bits - 8)
    exact = (255 * luma, 255 * cb + 128, 255 * cr + 128) if full else (219 * luma + 16, 224 * cb + 128, 224 * cr + 128)
    return tuple(min(max(round(value * step), 0), 256 * step - 1) for value in exact)


def cells(values: list[int], height_px: int, side_px: int, dtype: str = "uint8") -> NDArray[np.generic]:
    return np.repeat(np.array(values, dtype), side_px)[None].repeat(height_px, 0)


def yuv_frame(weights: Weights, *, full: bool, height_px: int, pixel_format: str) -> av.VideoFrame:
    """Cells of all colours side by side."""
    bits = next((depth for depth in (10, 12) if f"p{depth}" in pixel_format), 8)
    is_deep = bits > 8
    halves = 1 if "444" in pixel_format else 2
    planes = zip(*(codes(rgb, weights, full=full, bits=bits) for rgb in COLOURS), strict=True)
    frame = av.VideoFrame(CELL_PX * len(COLOURS), height_px, pixel_format)
    for n, (plane, values) in enumerate(zip(frame.planes, planes, strict=True)):
        small = 1 if n == 0 else halves
        rows = cells(list(values), height_px // small, CELL_PX // small, "<u2" if is_deep else "uint8")
        padded = np.zeros((rows.shape[0], plane.line_size), np.uint8)
        padded[:, : rows.nbytes // rows.shape[0]] = np.ascontiguousarray(rows).view(np.uint8).reshape(rows.shape[0], -1)
        plane.update(padded.tobytes())
    return frame


def write_lossless(path: Path, frame: av.VideoFrame, *, tag: int, colour_range: int, codec: str = "ffv1") -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
        stream.codec_context.colorspace, stream.codec_context.color_range = tag, colour_range
        frame.colorspace, frame.color_range = tag, colour_range
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def middles(picture: Planes, cell_px: float) -> Iterator[tuple[int, ...]]:
    """The samples in the middle of every cell."""
    row = picture.height_px // 2
    for number in range(len(COLOURS)):
        column = round((number + 0.5) * cell_px)
        yield (
            picture.y[row, column].item(),
            picture.u[row // 2, column // 2].item(),
            picture.v[row // 2, column // 2].item(),
        )


def assert_bt709(picture: Planes, cell_px: float = CELL_PX) -> None:
    for rgb, got in zip(COLOURS, middles(picture, cell_px), strict=True):
        wanted = codes(rgb, BT709)
        assert max(abs(a - b) for a, b in zip(got, wanted, strict=True)) <= LEVELS, (rgb, got, wanted)


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Callable[..., Planes]]:
    """Writes a frame into a file and gives the picture that the file shows."""
    opened: list[VideoSource] = []

    def show(
        frame: av.VideoFrame, name: str = "film.mkv", size_px: tuple[int, int] | None = None, **tags: int
    ) -> Planes:
        codec = tags.pop("codec", "ffv1")
        opened.append(VideoSource(str(write_lossless(tmp_path / name, frame, codec=codec, **tags))))  # type: ignore[arg-type]
        return planes_of(opened[-1].picture_at(Fraction(0), *(size_px or (frame.width, frame.height))))

    yield show
    for source in opened:
        source.close()


MATRICES = [("bt709", BT709), ("bt470bg", BT601), ("smpte170m", BT601), ("smpte240m", SMPTE240)]
MATRICES.append(("bt2020nc", BT2020))


@pytest.mark.parametrize("colour_range", [LIMITED, FULL], ids=["limited", "full"])
@pytest.mark.parametrize(("tag", "weights"), MATRICES, ids=[name for name, _ in MATRICES])
def test_tagged_files(tag: str, weights: Weights, colour_range: int, shown: Callable[..., Planes]) -> None:
    frame = yuv_frame(weights, full=colour_range == FULL, height_px=32, pixel_format="yuv420p")
    assert_bt709(shown(frame, tag=TAGS[tag], colour_range=colour_range))


DEEP = ["yuv444p", "yuv422p", "yuv420p10le", "yuv422p10le", "yuv444p10le", "yuv420p12le", "yuv422p12le", "yuv444p12le"]


@pytest.mark.parametrize("pixel_format", DEEP)
def test_other_samplings_and_depths(pixel_format: str, shown: Callable[..., Planes]) -> None:
    if pixel_format.startswith("yuv422p"):
        whole = pixel_format.replace("422", "444")
        frame = yuv_frame(BT601, full=False, height_px=32, pixel_format=whole).reformat(format=pixel_format)
    else:
        frame = yuv_frame(BT601, full=False, height_px=32, pixel_format=pixel_format)
    assert_bt709(shown(frame, tag=TAGS["smpte170m"], colour_range=LIMITED))


def test_p010() -> None:
    frame = yuv_frame(BT601, full=False, height_px=32, pixel_format="yuv420p10le").reformat(format="p010le")
    frame.colorspace, frame.color_range = TAGS["smpte170m"], LIMITED
    assert_bt709(planes_of(Picture(PartScaler().whole(frame, (frame.width, frame.height)))))


@pytest.mark.parametrize("pixel_format", ["gray", "gray10le"])
def test_greys(pixel_format: str, shown: Callable[..., Planes]) -> None:
    """Limited range, as tagged."""
    frame = yuv_frame(BT709, full=False, height_px=32, pixel_format="yuv420p").reformat(format=pixel_format)
    picture = shown(frame, tag=TAGS["bt709"], colour_range=LIMITED)
    assert picture.u.unique().tolist() == picture.v.unique().tolist() == [128]
    for rgb, (y, _, _) in zip(COLOURS, middles(picture, CELL_PX), strict=True):
        assert abs(y - codes(rgb, BT709)[0]) <= LEVELS


@pytest.mark.parametrize(("height_px", "weights"), [(480, BT601), (576, BT601), (720, BT709), (1080, BT709)])
def test_files_that_say_nothing(height_px: int, weights: Weights, shown: Callable[..., Planes]) -> None:
    frame = yuv_frame(weights, full=False, height_px=height_px, pixel_format="yuv420p")
    assert_bt709(shown(frame, tag=TAGS["untagged"], colour_range=UNSPECIFIED))


def test_the_formats_of_motion_jpeg_are_full_range(shown: Callable[..., Planes]) -> None:
    frame = yuv_frame(BT601, full=True, height_px=32, pixel_format="yuvj420p")
    assert_bt709(shown(frame, "film.avi", codec="mjpeg", tag=TAGS["untagged"], colour_range=UNSPECIFIED))


@pytest.mark.parametrize(
    ("codec", "pixel_format", "name"),
    [("png", "rgb24", "a.mov"), ("ffv1", "bgr0", "a.mkv"), ("ffv1", "gbrp10le", "a.mkv")],
)
def test_rgb_files(codec: str, pixel_format: str, name: str, shown: Callable[..., Planes]) -> None:
    rgb = np.stack([cells([round(255 * c[n]) for c in COLOURS], 32, CELL_PX) for n in range(3)], axis=-1)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24").reformat(format=pixel_format)
    assert_bt709(shown(frame, name, codec=codec, tag=TAGS["untagged"], colour_range=UNSPECIFIED))


@pytest.mark.parametrize("size_px", [(256, 64), (96, 24), (200, 48)])
def test_scaling_keeps_colours(size_px: tuple[int, int], shown: Callable[..., Planes]) -> None:
    frame = yuv_frame(BT601, full=False, height_px=32, pixel_format="yuv420p")
    picture = shown(frame, size_px=size_px, tag=TAGS["smpte170m"], colour_range=LIMITED)
    assert_bt709(picture, size_px[0] / len(COLOURS))


def test_what_is_bt709_already_is_not_touched(shown: Callable[..., Planes]) -> None:
    frame = yuv_frame(BT709, full=False, height_px=32, pixel_format="yuv420p")
    picture = shown(frame, tag=TAGS["bt709"], colour_range=LIMITED)
    assert list(middles(picture, CELL_PX)) == [codes(rgb, BT709) for rgb in COLOURS]


@pytest.mark.parametrize("size_px", [(128, 32), (256, 64)], ids=["as it is", "scaled"])
@pytest.mark.parametrize("colour_range", [LIMITED, FULL], ids=["limited", "full"])
def test_greys_stay_grey(colour_range: int, size_px: tuple[int, int], shown: Callable[..., Planes]) -> None:
    """No matrix tints what has no colour: not by one level, not by dithering."""
    frame = av.VideoFrame(128, 32, "yuv420p")
    luma = np.linspace(16, 235, 8).round().astype(np.uint8)
    for plane, samples in zip(frame.planes, (luma.repeat(16)[None].repeat(32, 0), 128, 128), strict=True):
        padded = np.full((plane.height, plane.line_size), 128, np.uint8)
        padded[:, : plane.width] = samples
        plane.update(padded.tobytes())
    picture = shown(frame, size_px=size_px, tag=TAGS["smpte170m"], colour_range=colour_range)
    assert picture.u.unique().tolist() == picture.v.unique().tolist() == [128]
    wanted = luma.astype(float) if colour_range == LIMITED else 16 + luma.astype(float) * 219 / 255
    cell = size_px[0] // 8
    assert picture.y[size_px[1] // 2, cell // 2 :: cell].numpy() == pytest.approx(wanted, abs=1)
