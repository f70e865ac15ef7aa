"""Which GOPs may be copied: only those of which the bits say that they stand for themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media import avc
from cutfarm.media.gop import Gop, GopBuilder, Stream, read_picture
from cutfarm.media.gops import GopReader
from tests.media.film import at_rate, displayed_by, write_film
from tests.media.sources import CLOSED, SIZE, ffmpeg, source

SECOND = 1_000_000


@contextmanager
def reading(path: Path, size_px: tuple[int, int] = SIZE, fps: Fraction = Fraction(30)) -> Iterator[GopReader]:
    reader = GopReader(str(path), width_px=size_px[0], height_px=size_px[1], fps=fps)
    try:
        yield reader
    finally:
        reader.close()


def gops(path: Path, start_s: float = 0.0, end_s: float = 100.0) -> list[Gop]:
    """All GOPs of a file that is fit as a whole."""
    with reading(path) as reader:
        assert reader.fault == ""
        return reader.gops(Fraction(start_s) * SECOND, Fraction(end_s) * SECOND)


def fault(path: Path, **expected: object) -> str:
    with reading(path, **expected) as reader:  # type: ignore[arg-type]
        return reader.fault


def rewritten(path: Path, out: Path, change: object) -> Path:
    """The film with each packet as `change(number, data)` makes it: other bytes, or None to leave it out."""
    with av.open(str(path)) as source_file, av.open(str(out), "w") as target:
        stream = source_file.streams.video[0]
        video = target.add_stream_from_template(stream)
        for number, packet in enumerate(p for p in source_file.demux(stream) if p.size):
            data = change(number, bytes(packet))  # type: ignore[operator]
            if data is None:
                continue
            made = av.Packet(data)
            made.pts, made.dts, made.duration, made.time_base = (
                packet.pts,
                packet.dts,
                packet.duration,
                packet.time_base,
            )
            made.is_keyframe, made.stream = packet.is_keyframe, video
            target.mux(made)
    return out


class TestFit:
    @pytest.mark.parametrize("x264", CLOSED.values(), ids=CLOSED)
    def test_closed_gops(self, x264: str, tmp_path: Path) -> None:
        found = gops(source(tmp_path / "a.mp4", x264))
        assert [(len(gop.times), gop.fault) for gop in found] == [(12, "")] * 5
        assert all(gop.prefixes[0] == 1 and gop.prefixes[-1] == 12 for gop in found)

    def test_depth_and_prefixes(self, tmp_path: Path) -> None:
        flat = gops(source(tmp_path / "a.mp4", "bframes=0"))[0]
        assert (flat.reorder_frames, flat.prefixes) == (0, tuple(range(1, 13)))
        deep = gops(source(tmp_path / "b.mp4", "bframes=3:b-adapt=0:b-pyramid=normal"))[0]
        assert (deep.reorder_frames, deep.prefixes) == (2, (1, 5, 9, 12))

    def test_times_are_exact(self, tmp_path: Path) -> None:
        path = source(tmp_path / "a.mp4")
        with reading(path) as reader:
            found = reader.gops(Fraction(0), Fraction(10 * SECOND))
            times = [reader.media_us(time) for gop in found for time in gop.times]
        assert times == [Fraction(n * SECOND, 30) for n in range(60)]

    @pytest.mark.parametrize("name", ["a.mkv", "a.mov", "a.flv"])
    def test_containers(self, name: str, tmp_path: Path) -> None:
        path = tmp_path / name
        ffmpeg("-i", source(tmp_path / "a.mp4"), "-c", "copy", path)
        assert [gop.fault for gop in gops(path)] == [""] * 5

    def test_only_what_is_asked_for_is_read(self, tmp_path: Path) -> None:
        found = gops(source(tmp_path / "a.mp4", count=240), 4.0, 5.0)
        first, last = found[0].times[0], found[-1].times[0]
        assert 3.0 * 90_000 <= first < 4.0 * 90_000
        assert 5.0 * 90_000 <= last < 6.0 * 90_000

    def test_hd_without_tags_is_bt709_as_the_renderer_reads_it(self, tmp_path: Path) -> None:
        size_px = (1280, 720)
        path = source(tmp_path / "a.mp4", count=3, tags="", size_px=size_px)
        assert fault(path, size_px=size_px) == ""


class TestUnfitFiles:
    def test_another_size(self, tmp_path: Path) -> None:
        assert (
            fault(source(tmp_path / "a.mp4", count=3), size_px=(320, 192))
            == "its size is 160 × 96 px, not 320 × 192 px"
        )

    def test_another_codec(self, tmp_path: Path) -> None:
        path = write_film(tmp_path / "a.mp4", at_rate(5), codec="mpeg4", tick_s=Fraction(1, 30))
        assert fault(path) == "its codec is mpeg4, not h264"

    def test_no_lengths_in_the_packets(self, tmp_path: Path) -> None:
        path = tmp_path / "a.ts"
        ffmpeg("-i", source(tmp_path / "a.mp4"), "-c", "copy", path)
        assert "lengths" in fault(path)

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"tags": ""}, "colours"),
            ({"tags": "colorprim=smpte170m:transfer=smpte170m:colormatrix=smpte170m"}, "colours"),
            ({"tags": "colorprim=bt2020:transfer=smpte2084:colormatrix=bt709"}, "colours"),
            ({"x264": "fullrange=on"}, "colours"),
            ({"x264": "interlaced=1"}, "interlaced"),
            ({"x264": "fake-interlaced=1"}, "interlaced"),
            ({"pixel_format": "yuv422p"}, "profile"),
            ({"pixel_format": "yuv420p10le"}, "profile"),
            ({"pixel_aspect": Fraction(4, 3)}, "square"),
            ({"x264": "force-cfr=1", "times_s": at_rate(30, 25)}, ""),
        ],
        ids=str,
    )
    def test_other_pictures(self, more: dict[str, object], words: str, tmp_path: Path) -> None:
        said = fault(source(tmp_path / "a.mp4", **{"count": 30, **more}))  # type: ignore[arg-type]
        assert words in said
        assert bool(said) == bool(words)

    def test_turned(self, tmp_path: Path) -> None:
        path = displayed_by(source(tmp_path / "a.mp4", count=5), (-1, 0, 0, -1))
        assert fault(path) == "it is turned when it is shown"

    def test_no_file_and_no_film(self, tmp_path: Path) -> None:
        with pytest.raises(AssetMissing):
            fault(tmp_path / "a.mp4")
        (tmp_path / "b.mp4").write_bytes(b"no film")
        with pytest.raises(AssetUnreadable):
            fault(tmp_path / "b.mp4")


class TestUnfitGops:
    def test_open(self, tmp_path: Path) -> None:
        found = gops(source(tmp_path / "a.mp4", "open-gop=1:bframes=3:b-adapt=0"))
        assert {gop.fault for gop in found} == {"its GOPs are open"}

    def test_refreshed_row_by_row(self, tmp_path: Path) -> None:
        assert "its GOPs are open" in {gop.fault for gop in gops(source(tmp_path / "a.mp4", "intra-refresh=1"))}

    def test_another_rate(self, tmp_path: Path) -> None:
        for fps in (25, Fraction(30_000, 1001)):
            found = gops(source(tmp_path / f"{float(fps)}.mp4", times_s=at_rate(60, fps)))
            assert {gop.fault for gop in found} == {"its frames do not come 30 times a second"}

    def test_a_rate_that_varies(self, tmp_path: Path) -> None:
        times_s = [Fraction(n, 30) + (Fraction(1, 90) if n % 3 else 0) for n in range(60)]
        found = gops(source(tmp_path / "a.mp4", times_s=times_s))
        assert {gop.fault for gop in found} == {"its frames do not come 30 times a second"}

    def test_one_pause(self, tmp_path: Path) -> None:
        times_s = [Fraction(n + (1 if n > 30 else 0), 30) for n in range(60)]
        found = gops(source(tmp_path / "a.mp4", times_s=times_s))
        assert [bool(gop.fault) for gop in found] == [False, False, True, False, False]

    def test_a_lost_reference(self, tmp_path: Path) -> None:
        whole = source(tmp_path / "a.mp4", "bframes=0")
        path = rewritten(whole, tmp_path / "b.mp4", lambda number, data: None if number == 17 else data)
        assert [gop.fault for gop in gops(path)] == ["", "frames are missing", "", "", ""]

    def test_lengths_that_do_not_add_up(self, tmp_path: Path) -> None:
        def longer(number: int, data: bytes) -> bytes:
            return data + b"\0" if number == 30 else data

        path = rewritten(source(tmp_path / "a.mp4"), tmp_path / "b.mp4", longer)
        assert [gop.fault for gop in gops(path)] == ["", "", "the lengths in a packet do not add up", "", ""]

    def test_parameter_sets_that_change(self, tmp_path: Path) -> None:
        def other(number: int, data: bytes) -> bytes:
            return b"\0\0\0\4\x68\xee\x3c\x80" + data if number == 13 else data

        path = rewritten(source(tmp_path / "a.mp4"), tmp_path / "b.mp4", other)
        assert [gop.fault for gop in gops(path)] == ["", "its parameter sets change", "", "", ""]

    def test_keyframes_that_are_none(self, tmp_path: Path) -> None:
        """An index that calls another picture of the third GOP a keyframe."""
        path = tmp_path / "b.mp4"
        with av.open(str(source(tmp_path / "a.mp4"))) as file, av.open(str(path), "w") as target:
            video = target.add_stream_from_template(file.streams.video[0])
            for number, packet in enumerate(p for p in file.demux(video=0) if p.size):
                packet.is_keyframe = packet.is_keyframe or number == 29
                packet.stream = video
                target.mux(packet)
        assert [gop.fault for gop in gops(path)] == [""] * 5
        for start in range(60):
            assert all(gop.times[0] % (12 * 3000) == 0 for gop in gops(path, start / 30, start / 30 + 0.1))

    def test_times_against_the_pictures_order(self, tmp_path: Path) -> None:
        path = tmp_path / "b.mp4"
        with av.open(str(source(tmp_path / "a.mp4", "bframes=3:b-adapt=0"))) as file, av.open(str(path), "w") as target:
            video = target.add_stream_from_template(file.streams.video[0])
            for number, packet in enumerate(p for p in file.demux(video=0) if p.size):
                packet.pts = number * 3000
                packet.dts = number * 3000
                packet.stream = video
                target.mux(packet)
        assert {gop.fault for gop in gops(path)} == {"its times contradict its pictures' order"}

    def test_an_edit_list_inside_a_gop(self, tmp_path: Path) -> None:
        path = tmp_path / "b.mp4"
        ffmpeg("-ss", "0.5", "-i", source(tmp_path / "a.mp4"), "-c", "copy", path)
        faults = [gop.fault for gop in gops(path)]
        assert faults[0] == "its edit list cuts into a GOP"
        assert set(faults[1:]) == {""}

    def test_a_file_that_is_cut_off(self, tmp_path: Path) -> None:
        whole = tmp_path / "b.mp4"
        ffmpeg("-i", source(tmp_path / "a.mp4"), "-c", "copy", "-movflags", "+faststart", whole)
        with av.open(str(whole)) as file:
            ends = [packet.pos + packet.size for packet in file.demux(video=0) if packet.size]
        whole.write_bytes(whole.read_bytes()[: ends[29] - 2])
        found = gops(whole)
        assert [gop.fault for gop in found[:2]] == ["", ""]
        assert found[2].fault
        assert len(found) == 3 or all(gop.fault for gop in found[3:])

    def test_reordering_that_nobody_promises(self, tmp_path: Path) -> None:
        """A decoder that is not told shows frames too early when it comes from frames in order."""
        path = source(tmp_path / "a.mp4", count=12)
        with av.open(str(path)) as file:
            record = avc.parse_configuration(file.streams.video[0].codec_context.extradata or b"")
            sequence = avc.parse_sequence(record.sequence_sets[0])
            packets = [(p.pts or 0, bytes(p), p.is_keyframe) for p in file.demux(video=0) if p.size]
        for promised, words in ((1, ""), (0, "how far"), (None, "how far")):
            told = replace(sequence, reorder_frames=promised)
            stream = Stream(told, frozenset({0}), frozenset(), Fraction(100, 9), Fraction(30))
            builder = GopBuilder(stream)
            for time, data, is_key in packets:
                builder.add(read_picture(time, memoryview(data), stream, is_keyframe=is_key))
            assert words in builder.finished().fault
            assert bool(builder.finished().fault) == bool(words)
