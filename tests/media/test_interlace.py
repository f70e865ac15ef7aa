"""Interlaced films: a moving bar without combs, where its first field has it, whatever was asked before."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.media.backwards import BackwardsVideo
from cutfarm.media.faults import Fault
from cutfarm.media.resample import Cut, Part
from cutfarm.media.video import VideoSource
from tests.media.tensors import copied, digest, tensors

SIZE = (160, 96)
STEP_PX = 4  # by which the bar moves from field to field
FPS, COUNT = 25, 20
X264 = {"preset": "veryfast", "crf": "8", "g": "6", "bf": "2"}

#: File name, codec, pixel format, options and whether the upper lines come first.
FILMS: dict[str, tuple[str, str, dict[str, str], bool]] = {
    "top.mp4": ("libx264", "yuv420p", X264 | {"x264-params": "tff=1"}, True),
    "bottom.mp4": ("libx264", "yuv420p", X264 | {"x264-params": "bff=1"}, False),
    "open.mp4": ("libx264", "yuv420p", X264 | {"x264-params": "tff=1:open-gop=1"}, True),
    "mpeg2.ts": (
        "mpeg2video",
        "yuv420p",
        {"flags": "+ildct+ilme", "g": "6", "bf": "2", "qscale": "2", "b": "8M"},
        True,
    ),
    "prores.mov": ("prores_ks", "yuv422p10le", {"flags": "+ildct"}, True),
}


def field(time: int) -> NDArray[np.uint8]:
    """The luma (H, W) at field time `time`: a bar above that moves, stripes below that stand still."""
    luma = np.full(SIZE[::-1], 60, np.uint8)
    left = 8 + STEP_PX * time % 120
    luma[:64, left : left + 24] = 200
    luma[64::4] = 160
    luma[65::4] = 160
    return luma


def left_of(number: int, *, is_second: bool = False) -> int:
    return int(8 + STEP_PX * (2 * number + is_second) % 120)


def woven(number: int, *, has_top_first: bool) -> av.VideoFrame:
    luma = field(2 * number)
    luma[int(has_top_first) :: 2] = field(2 * number + 1)[int(has_top_first) :: 2]
    frame = av.VideoFrame(*SIZE, "yuv420p")
    for plane, samples in zip(frame.planes, (luma, 128, 128), strict=True):
        padded = np.full((plane.height, plane.line_size), 128, np.uint8)
        padded[:, : plane.width] = samples
        plane.update(padded.tobytes())
    return frame


def write(path: Path, count: int = COUNT) -> Path:
    codec, pixel_format, options, has_top_first = FILMS[path.name]
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = *SIZE, pixel_format
        stream.codec_context.thread_count = 1
        graph = av.filter.Graph()
        graph.link_nodes(
            graph.add_buffer(width=SIZE[0], height=SIZE[1], format="yuv420p", time_base=Fraction(1, FPS)),
            graph.add("setfield", "tff" if has_top_first else "bff"),
            graph.add("format", pixel_format),
            graph.add("buffersink"),
        ).configure()
        for number in range(count):
            frame = woven(number, has_top_first=has_top_first)
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            graph.push(frame)
            marked: Any = graph.pull()
            out.mux(stream.encode(marked))
        out.mux(stream.encode(None))
    return path


def combing(luma: NDArray[np.uint8]) -> float:
    """How far rows of the bar's part lie from the mean of their neighbours, on the average of all samples."""
    rows = luma[4:60].astype(float)
    return float(np.abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean())


def time_of(number: int) -> Fraction:
    return Fraction(number * 1_000_000, FPS)


def luma_at(source: VideoSource, number: int) -> NDArray[np.uint8]:
    luma: NDArray[np.uint8] = copied(source.picture_at(time_of(number), *SIZE)).y.numpy()
    return luma


@pytest.fixture(scope="module", params=FILMS)
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name: str = request.param
    return write(tmp_path_factory.mktemp("films") / name)


class TestPictures:
    def test_no_combs_and_the_bar_where_the_first_field_has_it(self, film: Path) -> None:
        source = VideoSource(str(film))
        for number in range(COUNT):
            luma = luma_at(source, number)
            raw = woven(number, has_top_first=FILMS[film.name][3]).to_ndarray(format="gray")
            assert combing(raw) > 5.0
            assert combing(luma) < 0.15 * combing(raw)
            profile = luma[8:56].astype(float).mean(0)
            middle = float(np.nonzero(profile > 130)[0].mean())
            assert middle == pytest.approx(left_of(number) + 11.5, abs=1.0)
        source.close()

    def test_what_stands_still_keeps_every_line(self, film: Path) -> None:
        source = VideoSource(str(film))
        luma = luma_at(source, 8)[68:92, 8:-8].astype(float)
        source.close()
        assert np.abs(luma - field(0)[68:92, 8:-8]).mean() < 4.0

    def test_frame_times_are_unchanged(self, film: Path) -> None:
        source = VideoSource(str(film))
        keys = [source.key_at(time_of(number)) for number in range(COUNT)]
        assert len(set(keys)) == COUNT
        assert [source.key_at(time_of(number) + 15_000) for number in range(COUNT)] == keys
        source.close()

    def test_the_report_is_told(self, film: Path) -> None:
        source = VideoSource(str(film))
        assert source.fault_at(time_of(3), 0, 400_000) is Fault.INTERLACED
        source.close()

    def test_progressive_films_are_not_filtered(self, tmp_path: Path) -> None:
        with av.open(str(tmp_path / "plain.mp4"), "w") as out:
            stream = out.add_stream("libx264", rate=FPS, options=X264)
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            frame = woven(0, has_top_first=True)
            frame.pts, frame.time_base = 0, Fraction(1, FPS)
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
        source = VideoSource(str(tmp_path / "plain.mp4"))
        assert combing(luma_at(source, 0)) > 5.0
        assert source.fault_at(Fraction(0), 0, 40_000) is None
        source.close()


class TestDeterminism:
    def test_the_same_samples_in_any_order(self, film: Path) -> None:
        in_order, shuffled = VideoSource(str(film)), VideoSource(str(film))
        numbers = list(range(COUNT))
        first = {n: digest(in_order.picture_at(time_of(n), *SIZE)) for n in numbers}
        random.Random(2).shuffle(numbers)
        assert {n: digest(shuffled.picture_at(time_of(n), *SIZE)) for n in numbers} == first
        assert len(set(first.values())) >= 15  # places of the bar
        in_order.close()
        shuffled.close()

    def test_the_same_samples_from_a_file_opened_for_each(self, film: Path) -> None:
        in_order = VideoSource(str(film))
        for number in (0, 5, 6, 7, 12, COUNT - 1):
            wanted = digest([in_order.picture_at(time_of(n), *SIZE) for n in range(number + 1)][-1])
            fresh = VideoSource(str(film))
            assert digest(fresh.picture_at(time_of(number), *SIZE)) == wanted
            fresh.close()
        in_order.close()

    def test_the_same_samples_backwards(self, film: Path) -> None:
        forwards, backwards = VideoSource(str(film)), BackwardsVideo(str(film))
        for number in range(COUNT - 1, -1, -1):
            shown = digest(backwards.picture_at(time_of(number + 1), *SIZE))
            assert shown == digest(forwards.picture_at(time_of(number), *SIZE))
        forwards.close()
        backwards.close()

    def test_parts_and_sizes_are_of_the_same_picture(self, film: Path) -> None:
        source = VideoSource(str(film))
        whole = copied(source.picture_at(time_of(7), *SIZE))
        part = tensors(source.part_at(time_of(7), Cut(Part(32, 16, 96, 64), (64, 48))))
        assert np.abs(part.y.int().numpy() - whole.y[16:64, 32:96].int().numpy()).max() <= 1
        assert combing(tensors(source.picture_at(time_of(7), 80, 96)).y.numpy()) < 1.0
        source.close()
