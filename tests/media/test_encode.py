"""Chunk files: their times, tags and GOPs, bit for bit where they are lossless, and what an interruption leaves."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
import torch

from cutfarm.errors import EncodeError, RequestError
from cutfarm.media.codecs import CODECS, Codec, container_suffix, parse_codec
from cutfarm.media.encode import VideoWriter
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, picture_of, planes_of
from tests.media.film import grey_frame, number_in, numbered

SIZE_PX = (96, 64)


def picture(number: int, size_px: tuple[int, int] = SIZE_PX) -> Picture:
    return Picture(grey_frame(numbered(number, *size_px)))


def noise(seed: int) -> Picture:
    chance = torch.Generator().manual_seed(seed)
    sizes = ((64, 96), (32, 48), (32, 48))
    return picture_of(Planes(*(torch.randint(0, 256, size, dtype=torch.uint8, generator=chance) for size in sizes)))


def write(
    path: Path, pictures: list[Picture], codec: Codec = "h264", fps: Fraction = Fraction(30), **more: int
) -> Path:
    with VideoWriter(
        path, width_px=SIZE_PX[0], height_px=SIZE_PX[1], fps=fps, codec=codec, preset="ultrafast", **more
    ) as writer:
        for number, each in enumerate(pictures):
            assert writer.frame_count == number
            writer.write(each)
    return path


@pytest.mark.parametrize("fps", [Fraction(30), Fraction(25), Fraction(30000, 1001), Fraction(60)], ids=str)
@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_frame_n_stands_at_n_over_fps(codec: Codec, fps: Fraction, tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", [picture(n) for n in range(20)], codec, fps)
    with av.open(str(path)) as file:
        shown = [
            (number_in(planes_of(Picture(frame)).y.numpy()), frame.pts * frame.time_base)
            for frame in file.decode(video=0)
        ]
    assert [number for number, _ in shown] == list(range(20))
    assert all(abs(time_s - n / fps) < Fraction(1, 10_000) for n, (_, time_s) in enumerate(shown))


@pytest.mark.parametrize("count", range(1, 7))
@pytest.mark.parametrize("codec", CODECS)
def test_the_shortest_chunks(codec: Codec, count: int, tmp_path: Path) -> None:
    """Written several times over: x265 leaves the times of very few frames to chance."""
    for attempt in range(4):
        path = write(tmp_path / f"{attempt}{container_suffix(codec)}", [picture(n) for n in range(count)], codec)
        with av.open(str(path)) as file:
            assert [number_in(planes_of(Picture(frame)).y.numpy()) for frame in file.decode(video=0)] == list(
                range(count)
            )


@pytest.mark.parametrize("codec", CODECS)
def test_files_are_tagged_bt709_limited(codec: Codec, tmp_path: Path) -> None:
    path = write(tmp_path / f"a{container_suffix(codec)}", [picture(n) for n in range(3)], codec)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        frame = next(file.decode(stream))
        context = stream.codec_context
        tags = (context.colorspace, context.color_primaries, context.color_trc, context.color_range)
        assert tags == (1, 1, 1, 1)
        assert (frame.colorspace, frame.color_range) == (1, 1)
        assert (stream.width, stream.height, stream.pix_fmt) == (*SIZE_PX, "yuv420p")
        assert stream.sample_aspect_ratio in (None, 1)


def test_lossless_is_bit_exact(tmp_path: Path) -> None:
    pictures = [noise(seed) for seed in range(12)]
    path = write(tmp_path / "a.mkv", pictures, "ffv1")
    with av.open(str(path)) as file:
        digests = [Picture(frame).digest() for frame in file.decode(video=0)]
    assert digests == [each.digest() for each in pictures]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_every_group_of_pictures_stands_alone(codec: Codec, tmp_path: Path) -> None:
    """Two seconds each, and decoded alone a group gives what it gives in the whole file: none looks across a border.

    The picture glides, so that an encoder would gladly let B frames look both ways across a border.
    """
    wall = np.random.default_rng(1).integers(60, 180, (64, 300)).astype(np.uint8)
    fps = Fraction(10)
    path = tmp_path / "a.mp4"
    with VideoWriter(
        path, width_px=96, height_px=64, fps=fps, codec=codec, preset="veryfast" if codec == "h264" else "ultrafast"
    ) as writer:
        for number in range(50):
            writer.write(Picture(grey_frame(np.ascontiguousarray(wall[:, number : number + 96]))))
    with av.open(str(path)) as file:
        whole = [Picture(frame).digest() for frame in file.decode(video=0)]
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        codec_name, parameters = stream.codec_context.codec.name, stream.codec_context.extradata
        packets = [packet for packet in file.demux(stream) if packet.size]
    starts = [place for place, packet in enumerate(packets) if packet.is_keyframe]
    alone: list[str] = []
    for start, end in pairwise([*starts, len(packets)]):
        assert end - start <= 20
        decoder = av.CodecContext.create(codec_name, "r")
        decoder.extradata = parameters
        frames = [frame for packet in [*packets[start:end], None] for frame in decoder.decode(packet)]
        assert sorted(round(frame.pts * packets[0].time_base * fps) for frame in frames) == list(range(start, end))
        alone += [Picture(frame).digest() for frame in sorted(frames, key=lambda frame: frame.pts)]
    assert starts[0] == 0
    assert alone == whole


@pytest.mark.parametrize("codec", CODECS)
def test_one_picture_may_be_written_again_and_again(codec: Codec, tmp_path: Path) -> None:
    one, other = noise(1), noise(2)
    path = write(tmp_path / f"a{container_suffix(codec)}", [one, one, other, one], codec, crf=0)
    with av.open(str(path)) as file:
        shown = [Picture(frame).digest() for frame in file.decode(video=0)]
    assert len(set(shown)) == 2 if codec == "ffv1" else len(shown) == 4
    if codec == "ffv1":
        assert shown == [picture.digest() for picture in (one, one, other, one)]


@pytest.mark.parametrize("codec", CODECS)
def test_an_interruption_leaves_no_file(codec: Codec, tmp_path: Path) -> None:
    def interrupted() -> None:
        with VideoWriter(tmp_path / "a", width_px=96, height_px=64, fps=Fraction(30), codec=codec) as writer:
            writer.write(noise(1))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_the_encoder_refuses(tmp_path: Path) -> None:
    def refused() -> None:
        with VideoWriter(tmp_path / "a.mp4", width_px=95, height_px=63, fps=Fraction(30)) as writer:
            writer.write(picture(1, (95, 63)))

    with pytest.raises(EncodeError, match="frame 1 could not be encoded"):
        refused()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match="No such file or directory"):
        write(tmp_path / "gone" / "a.mp4", [picture(0)])


_ON_A_FULL_DISK = """
import resource, sys
from fractions import Fraction
from pathlib import Path
import torch
from cutfarm.errors import EncodeError
from cutfarm.media.encode import VideoWriter
from cutfarm.media.planes import Planes, picture_of

resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    with VideoWriter(Path(sys.argv[1]), width_px=96, height_px=64, fps=Fraction(30), codec=sys.argv[2]) as writer:
        for _ in range(int(sys.argv[3])):
            sizes = ((64, 96), (32, 48), (32, 48))
            writer.write(picture_of(Planes(*(torch.randint(0, 256, size, dtype=torch.uint8) for size in sizes))))
except EncodeError as error:
    print(error)
"""


@pytest.mark.parametrize(("codec", "count"), [("ffv1", 30), ("h264", 8)])
def test_a_full_disk_leaves_no_file(codec: Codec, count: int, tmp_path: Path) -> None:
    """Whether the disk fills while frames are written or only when the file is finished."""
    path = tmp_path / f"a{container_suffix(codec)}"
    command = [sys.executable, "-c", _ON_A_FULL_DISK, str(path), codec, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "File too large" in done.stdout
    assert list(tmp_path.iterdir()) == []


class TestParseCodec:
    @pytest.mark.parametrize("codec", CODECS)
    def test_names(self, codec: Codec) -> None:
        assert parse_codec(codec) == codec

    @pytest.mark.parametrize("text", ["", "H264", "vp9", "h264 "])
    def test_rejects(self, text: str) -> None:
        with pytest.raises(RequestError, match=r"is not one of h264, h265, ffv1"):
            parse_codec(text)
