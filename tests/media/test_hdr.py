"""HDR and wide-gamut films against the recommendations' equations, colour by colour."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cutfarm.media.colour import source_colour
from cutfarm.media.faults import Fault
from cutfarm.media.fit import Fitter
from cutfarm.media.nvdec import TensorVideo, in_canvas_colour
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, planes_of
from cutfarm.media.resample import Cut, Part, PartScaler
from cutfarm.media.video import VideoSource
from tests.media.film import displayed_by
from tests.media.light import RGB, linear_709, sdr

NOW = Fraction(0)
SIDE_PX = 32  # of a cell
COLUMNS, ROWS = 12, 8
SIZE = (SIDE_PX * COLUMNS, SIDE_PX * ROWS)
LEVEL = 1.0  # of 255
TRANSFERS = {"pq": 16, "hlg": 18, "sdr": 1}
PRIMARIES = {"bt709": 1, "untagged": 2, "bt2020": 9, "p3": 12}
WEIGHTS = {"bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
MATRICES = {"bt709": 1, "bt2020": 9}


def palette() -> NDArray[np.float64]:
    """Colours (96, 3) as R'G'B' in [0, 1]: a ramp of greys, the corners of the cube, and others."""
    greys = np.linspace(0.0, 1.0, 24)[:, None].repeat(3, 1)
    pale = np.clip(np.random.default_rng(2).normal(greys, 0.03), 0.0, 1.0)
    corners = np.array(list(product((0.1, 0.7), repeat=3)))
    rest = np.random.default_rng(1).uniform(0.0, 1.0, (COLUMNS * ROWS - 56, 3))
    return np.concatenate([greys, pale, corners, rest])


def to_codes(rgb: NDArray[np.float64], matrix: str, bits: int) -> NDArray[np.int64]:
    """Limited-range Y, Cb, Cr; BT.2100 tables 6 and 9."""
    k_red, k_blue = WEIGHTS[matrix]
    luma = rgb @ np.array([k_red, 1 - k_red - k_blue, k_blue])
    cb, cr = (rgb[:, 2] - luma) / (2 - 2 * k_blue), (rgb[:, 0] - luma) / (2 - 2 * k_red)
    step = 1 << (bits - 8)
    exact = np.stack([219 * luma + 16, 224 * cb + 128, 224 * cr + 128], axis=1) * step
    return exact.round().astype(np.int64)


def from_codes(codes: NDArray[np.int64], matrix: str, bits: int) -> NDArray[np.float64]:
    """R'G'B' that limited-range code values stand for, cut to [0, 1]."""
    k_red, k_blue = WEIGHTS[matrix]
    y, cb, cr = (codes / (1 << (bits - 8)) - np.array([16, 128, 128])).T / np.array([[219], [224], [224]])
    red, blue = y + (2 - 2 * k_red) * cr, y + (2 - 2 * k_blue) * cb
    green = (y - k_red * red - k_blue * blue) / (1 - k_red - k_blue)
    return np.stack([red, green, blue], axis=1).clip(0.0, 1.0)


def fill(frame: av.VideoFrame, planes: list[NDArray[np.int64]], depth: str) -> av.VideoFrame:
    for plane, samples in zip(frame.planes, planes, strict=True):
        row = np.ascontiguousarray(samples.astype(depth)).view(np.uint8)
        padded = np.zeros((plane.height, plane.line_size), np.uint8)
        padded[:, : row.shape[1]] = row
        plane.update(padded.tobytes())
    return frame


def cells(values: NDArray[np.int64], side_px: int) -> NDArray[np.int64]:
    return values.reshape(ROWS, COLUMNS).repeat(side_px, 0).repeat(side_px, 1)


def hdr_frame(
    transfer: str, primaries: str = "bt2020", *, matrix: str = "bt2020", pixel_format: str = "yuv420p10le"
) -> av.VideoFrame:
    """The palette as cells, tagged."""
    bits = 12 if "12" in pixel_format else 10
    codes = to_codes(palette(), matrix, bits)
    chroma_px = SIDE_PX if "444" in pixel_format else SIDE_PX // 2
    frame = av.VideoFrame(*SIZE, pixel_format)
    sides = (SIDE_PX, chroma_px, chroma_px)
    fill(frame, [cells(codes[:, n], side) for n, side in enumerate(sides)], "<u2")
    return tagged(frame, transfer, primaries, matrix)


def tagged(frame: av.VideoFrame, transfer: str, primaries: str, matrix: str = "bt2020") -> av.VideoFrame:
    frame.color_trc, frame.color_primaries = TRANSFERS[transfer], PRIMARIES[primaries]
    frame.colorspace, frame.color_range = MATRICES[matrix], 1
    return frame


def write(path: Path, frames: list[av.VideoFrame], codec: str = "ffv1", **options: str) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25, options=options)
        first, context = frames[0], stream.codec_context
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, first.format.name
        context.color_trc, context.color_primaries = first.color_trc, first.color_primaries
        context.colorspace, context.color_range = first.colorspace, first.color_range
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def shown(path: Path, size_px: tuple[int, int] | None = None) -> Planes:
    source = VideoSource(str(path))
    picture = planes_of(source.picture_at(NOW, *(size_px or (source.width_px, source.height_px))))
    source.close()
    return picture


def expected(
    transfer: str, primaries: str = "bt2020", *, matrix: str = "bt2020", bits: int = 10
) -> NDArray[np.float64]:
    """Y, Cb, Cr (96, 3) of the palette as BT.709 limited range, unrounded."""
    seen = from_codes(to_codes(palette(), matrix, bits), matrix, bits)
    rgb = np.array([sdr(triple(one), transfer, primaries) for one in seen])
    luma = rgb @ np.array([0.2126, 0.7152, 0.0722])
    cb, cr = (rgb[:, 2] - luma) / 1.8556, (rgb[:, 0] - luma) / 1.5748
    return np.stack([219 * luma + 16, 224 * cb + 128, 224 * cr + 128], axis=1)


def grey(code: float) -> RGB:
    return code, code, code


def triple(row: NDArray[np.float64]) -> RGB:
    return float(row[0]), float(row[1]), float(row[2])


def middles(picture: Planes, columns: int = COLUMNS, rows: int = ROWS) -> NDArray[np.float64]:
    """The samples in the middles of the cells, row by row."""
    found = []
    for row, column in product(range(rows), range(columns)):
        y, x = round((row + 0.5) * picture.height_px / rows), round((column + 0.5) * picture.width_px / columns)
        found.append([float(picture.y[y, x]), *(float(plane[y // 2, x // 2]) for plane in (picture.u, picture.v))])
    return np.array(found)


CASES = [("pq", "bt2020"), ("hlg", "bt2020"), ("pq", "untagged"), ("pq", "p3"), ("hlg", "p3"), ("pq", "bt709")]
CASES += [("sdr", "bt2020"), ("sdr", "p3")]


class TestColours:
    @pytest.mark.parametrize(("transfer", "primaries"), CASES)
    def test_every_colour_is_the_equations_own(self, transfer: str, primaries: str, tmp_path: Path) -> None:
        picture = shown(write(tmp_path / "a.mkv", [hdr_frame(transfer, primaries)]))
        wanted = expected(transfer, "bt2020" if primaries == "untagged" else primaries)
        assert np.abs(middles(picture) - wanted).max() <= LEVEL

    @pytest.mark.parametrize("pixel_format", ["yuv444p10le", "yuv420p12le", "yuv444p12le", "p010le"])
    def test_samplings_and_depths(self, pixel_format: str) -> None:
        frame = hdr_frame("pq", pixel_format="yuv420p10le" if pixel_format == "p010le" else pixel_format)
        if pixel_format == "p010le":
            frame = tagged(frame.reformat(format=pixel_format), "pq", "bt2020")
        picture = planes_of_part(frame, Part(0, 0, *SIZE), SIZE)
        assert np.abs(middles(picture) - expected("pq", bits=12 if "12" in pixel_format else 10)).max() <= LEVEL

    def test_rgb_frames(self) -> None:
        frame = av.VideoFrame(*SIZE, "gbrp12le")
        fill(frame, [cells((palette()[:, n] * 4095).round().astype(np.int64), SIDE_PX) for n in (1, 2, 0)], "<u2")
        tagged(frame, "pq", "bt2020").colorspace = 0
        rgb = np.array([sdr(triple(one), "pq") for one in (palette() * 4095).round() / 4095])
        luma = 16 + 219 * rgb @ np.array([0.2126, 0.7152, 0.0722])
        assert np.abs(middles(planes_of_part(frame, Part(0, 0, *SIZE), SIZE))[:, 0] - luma).max() <= LEVEL

    def test_the_palette_has_colours_in_and_out_of_gamut(self) -> None:
        light = np.array([linear_709(triple(one), "pq") for one in palette()])
        is_inside = ((light >= -1e-6) & (light <= 1 + 1e-6)).all(1)
        assert 30 <= is_inside.sum() <= 80

    def test_reference_white_leaves_room_for_highlights(self) -> None:
        assert 0.88 < sdr(grey(0.5806), "pq")[0] < 0.92  # 203 cd/m²
        assert sdr(grey(0.7518), "pq")[0] == pytest.approx(1.0, abs=1e-3)  # 1000 cd/m²

    @pytest.mark.parametrize("primaries", ["untagged", "bt709"])
    def test_sdr_of_usual_primaries_is_not_touched(self, primaries: str, tmp_path: Path) -> None:
        frame = tagged(av.VideoFrame(*SIZE, "yuv420p"), "sdr", primaries, "bt709")
        path = write(tmp_path / "a.mkv", [frame])
        source = VideoSource(str(path))
        assert source.picture_at(NOW, *SIZE).frame is source.frame_at(NOW)
        source.close()


def planes_of_part(frame: av.VideoFrame, part: Part, size_px: tuple[int, int], quarter_turns: int = 0) -> Planes:
    return planes_of(Picture(PartScaler().scale(frame, Cut(part, size_px), quarter_turns)))


@pytest.fixture(scope="module")
def hlg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("films") / "hlg.mkv", [hdr_frame("hlg")])


class TestPlaces:
    @pytest.mark.parametrize("size_px", [(192, 128), (576, 384), (SIZE[0], 128)])
    def test_scaled(self, size_px: tuple[int, int], hlg: Path) -> None:
        assert np.abs(middles(shown(hlg, size_px)) - expected("hlg")).max() <= LEVEL

    def test_a_part(self, hlg: Path) -> None:
        source = VideoSource(str(hlg))
        part = Part(2 * SIDE_PX, SIDE_PX, 7 * SIDE_PX, 4 * SIDE_PX)
        picture = planes_of(source.part_at(NOW, Cut(part, (part.width_px, part.height_px))))
        source.close()
        wanted = expected("hlg").reshape(ROWS, COLUMNS, 3)[1:4, 2:7].reshape(-1, 3)
        assert np.abs(middles(picture, 5, 3) - wanted).max() <= LEVEL

    def test_turned(self, tmp_path: Path) -> None:
        film = write(tmp_path / "a.mp4", [hdr_frame("pq")], "libx264", preset="ultrafast", qp="0")
        path = displayed_by(film, (0, 1, -1, 0))
        source = VideoSource(str(path))
        assert (source.width_px, source.height_px, source.quarter_turns) == (SIZE[1], SIZE[0], 3)
        picture = planes_of(source.picture_at(NOW, SIZE[1], SIZE[0]))
        source.close()
        wanted = np.rot90(expected("pq").reshape(ROWS, COLUMNS, 3), -1).reshape(-1, 3)
        assert np.abs(middles(picture, ROWS, COLUMNS) - wanted).max() <= LEVEL

    @pytest.mark.parametrize("size_px", [(97, 65), (98, 65)])
    def test_odd_sizes(self, size_px: tuple[int, int], tmp_path: Path) -> None:
        width, height = size_px
        half = (-(-height // 2), -(-width // 2))
        planes = [np.full((height, width), 594), np.full(half, 512), np.full(half, 512)]
        frame = tagged(fill(av.VideoFrame(*size_px, "yuv420p10le"), planes, "<u2"), "pq", "bt2020")
        picture = shown(write(tmp_path / "a.mkv", [frame]))
        wanted = 16 + 219 * sdr(grey((594 - 64) / 876), "pq")[0]
        assert (picture.width_px, picture.height_px) == size_px
        assert picture.y.int().numpy() == pytest.approx(wanted, abs=LEVEL)
        assert picture.u.unique().tolist() == picture.v.unique().tolist() == [128]

    def test_frames_of_another_size_are_mapped_once(self) -> None:
        fitted = Fitter(SIZE[0] * 2, SIZE[1] * 2).fitted(hdr_frame("hlg"))
        assert source_colour(fitted).is_canvas
        picture = planes_of_part(fitted, Part(0, 0, SIZE[0] * 2, SIZE[1] * 2), SIZE)
        assert np.abs(middles(picture) - expected("hlg")).max() <= 2 * LEVEL


@pytest.fixture(scope="module")
def ramp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve frames that get brighter, HEVC Main 10 with B frames as phones make it."""
    frames = []
    for number in range(12):
        planes = [np.full((64, 96), 200 + 40 * number), np.full((32, 48), 512), np.full((32, 48), 512)]
        planes[0][:, ::7] += 31
        frames.append(tagged(fill(av.VideoFrame(96, 64, "yuv420p10le"), planes, "<u2"), "hlg", "bt2020"))
    options = {"preset": "ultrafast", "x265-params": "keyint=4:bframes=2:log-level=none:pools=1:frame-threads=1"}
    return write(tmp_path_factory.mktemp("films") / "ramp.mp4", frames, "libx265", **options)


class TestFilms:
    def test_the_same_bits_whatever_was_asked_before(self, ramp: Path) -> None:
        times_us = [Fraction(number * 40_000) for number in range(12)]
        forwards, backwards = VideoSource(str(ramp)), VideoSource(str(ramp))
        first = [forwards.picture_at(time_us, 48, 32).digest() for time_us in times_us]
        again = [backwards.picture_at(time_us, 48, 32).digest() for time_us in reversed(times_us)]
        forwards.close()
        backwards.close()
        assert again[::-1] == first
        assert len(set(first)) == 12

    @pytest.mark.parametrize(
        ("transfer", "fault"), [("pq", Fault.TONE_MAPPED), ("hlg", Fault.TONE_MAPPED), ("sdr", None)]
    )
    def test_the_report_is_told(self, transfer: str, fault: Fault | None, tmp_path: Path) -> None:
        source = VideoSource(str(write(tmp_path / "a.mkv", [hdr_frame(transfer)])))
        assert source.fault_at(NOW, 0, 40_000) is fault
        source.close()


class TestGpuPath:
    @pytest.mark.parametrize("transfer", ["pq", "hlg", "sdr"])
    def test_planes_of_nvdec_are_the_same_picture(self, transfer: str) -> None:
        """P010 as NVDEC gives it, on the CPU's tensors."""
        frame = hdr_frame(transfer)
        deep = tagged(frame.reformat(format="p010le"), transfer, "bt2020")
        samples = [np.frombuffer(plane, "<u2").reshape(plane.height, -1)[:, : SIZE[0]] for plane in deep.planes]
        y, uv = (torch.tensor(plane.astype(np.int32)).to(torch.uint16) for plane in samples)
        picture = in_canvas_colour(deep, y, uv.view(SIZE[1] // 2, SIZE[0] // 2, 2))
        assert np.abs(middles(picture) - expected(transfer)).max() <= LEVEL

    @pytest.mark.parametrize("transfer", ["pq", "hlg"])
    def test_frames_of_the_cpu_s_decoders(self, transfer: str, tmp_path: Path) -> None:
        source = TensorVideo(str(write(tmp_path / "a.mkv", [hdr_frame(transfer)])), torch.device("cpu"))
        assert np.abs(middles(source.planes_at(NOW)) - expected(transfer)).max() <= LEVEL
        source.close()
