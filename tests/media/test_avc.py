"""What is read out of H.264's bits, against FFmpeg and against x264's own settings."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from cutfarm.media import avc
from cutfarm.media.avc import AvcFault, Bits, Colour, Configuration, Sequence
from tests.media.sources import BT709, CLOSED, SIZE, source


def configuration(path: Path) -> Configuration:
    with av.open(str(path)) as file:
        return avc.parse_configuration(file.streams.video[0].codec_context.extradata or b"")


def sequence(path: Path) -> Sequence:
    return avc.parse_sequence(configuration(path).sequence_sets[0])


class TestBits:
    def test_numbers_and_golomb(self) -> None:
        bits = Bits(bytes([0b1_010_011_0, 0b0100_0010, 0b1_0000000]))
        assert [bits.golomb() for _ in range(4)] == [0, 1, 2, 3]
        assert bits.signed_golomb() == -2
        assert bits.number(3) == 0

    def test_emulation_prevention_is_taken_out(self) -> None:
        assert Bits(bytes([0, 0, 3, 1, 0, 0, 3, 3])).number(48) == 0x000001000003

    @pytest.mark.parametrize("read", [lambda bits: bits.number(9), lambda bits: bits.golomb()])
    def test_the_end_is_an_error(self, read: object) -> None:
        with pytest.raises(AvcFault, match="too early"):
            read(Bits(b"\0"))  # type: ignore[operator]


class TestSequence:
    @pytest.mark.parametrize("x264", CLOSED.values(), ids=CLOSED)
    def test_size_and_colour(self, x264: str, tmp_path: Path) -> None:
        read = sequence(source(tmp_path / "a.mp4", x264, count=2))
        assert (read.width_px, read.height_px) == SIZE
        assert (read.chroma_format, read.bit_depth, read.is_progressive) == (1, 8, True)
        assert read.colour == Colour(False, 1, 1, 1)
        assert read.pixel_aspect == 1

    @pytest.mark.parametrize("size_px", [(162, 98), (320, 180), (1920, 1080)], ids=str)
    def test_cropping(self, size_px: tuple[int, int], tmp_path: Path) -> None:
        read = sequence(source(tmp_path / "a.mp4", count=1, size_px=size_px))
        assert (read.width_px, read.height_px) == size_px

    @pytest.mark.parametrize(
        ("x264", "depth"), [(CLOSED["no b-frames"], 0), (CLOSED["b-frames"], 1), (CLOSED["b-pyramid"], 2)]
    )
    def test_reordering(self, x264: str, depth: int, tmp_path: Path) -> None:
        assert sequence(source(tmp_path / "a.mp4", x264, count=20)).reorder_frames == depth

    def test_other_kinds_of_pictures(self, tmp_path: Path) -> None:
        assert sequence(source(tmp_path / "a.mp4", "interlaced=1", count=2)).is_progressive is False
        assert sequence(source(tmp_path / "b.mp4", count=2, pixel_format="yuv422p")).chroma_format == 2
        assert sequence(source(tmp_path / "c.mp4", count=2, pixel_format="yuv420p10le")).bit_depth == 10
        assert sequence(source(tmp_path / "d.mp4", "fullrange=on", count=2)).colour.is_full
        assert sequence(source(tmp_path / "e.mp4", count=2, tags="")).colour == Colour()
        assert sequence(source(tmp_path / "f.mp4", "sar=4\\:3", count=2)).pixel_aspect not in (None, Fraction(1))

    def test_a_hypothetical_decoder_and_scaling_lists_are_passed_over(self, tmp_path: Path) -> None:
        model = "nal-hrd=vbr:vbv-maxrate=2000:vbv-bufsize=2000:cqm=jvt:force-cfr=1:bframes=0"
        read = sequence(source(tmp_path / "a.mp4", model, count=2, tags=BT709))
        assert (read.width_px, read.height_px) == SIZE
        assert read.reorder_frames == 0


class TestPackets:
    def test_slices_count_frames(self, tmp_path: Path) -> None:
        path = source(tmp_path / "a.mp4", CLOSED["no b-frames"], count=13)
        read = sequence(path)
        with av.open(str(path)) as file:
            packets = [packet for packet in file.demux(video=0) if packet.size]
        heads = []
        for packet in packets:
            slices = [unit for unit in avc.units(memoryview(packet)) if unit[0] & 31 in (avc.SLICE, avc.IDR_SLICE)]
            heads += [avc.parse_slice(unit, read) for unit in slices]
        assert [head.frame_number for head in heads] == [*range(12), 0]
        assert {head.first_block for head in heads} == {0}

    @pytest.mark.parametrize("change", [b"", b"\0", b"\0\0\0", b"\0\0\0\1", b"\0\0\0\0", b"\xff\xff\xff\xff\1"])
    def test_lengths_must_add_up(self, change: bytes) -> None:
        whole = b"\0\0\0\2\x65\x88"
        assert [bytes(unit) for unit in avc.units(memoryview(whole + whole))] == [b"\x65\x88"] * 2
        if change:
            with pytest.raises(AvcFault, match="do not add up"):
                list(avc.units(memoryview(whole + change)))

    def test_records_that_are_none(self, tmp_path: Path) -> None:
        path = source(tmp_path / "a.mp4", count=2)
        with av.open(str(path)) as file:
            record = file.streams.video[0].codec_context.extradata or b""
        for broken in (b"", b"\0\0\0\1" + record, record[:7], record[:20]):
            with pytest.raises(AvcFault):
                avc.parse_configuration(broken)
