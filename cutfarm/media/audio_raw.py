"""Sound in files without times: frame after frame, so that what is damaged must be counted by its bytes.

FFmpeg's demuxers count the frames that they find; what follows a damaged stretch would come too early by those they
do not find.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from av.audio.stream import AudioStream
from av.packet import Packet

FORMATS = frozenset({"aac", "mp3", "ac3", "eac3"})  #: FFmpeg's demuxers of such files

_EVERY = 32  # packets between two places that are remembered
_RECENT = 64  # frames whose mean length tells how many were lost
_MOST_BAD = 1 << 15  # bytes of a damaged stretch that are looked through for headers at a time
_TAGS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN")  # between two files that were joined lies no lost sound
_ADTS_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
_ADTS_SAMPLES = 1024
_SYNC = re.compile(rb"\xff[\xe0-\xff]")  # how headers begin
# Kilobits a second of MPEG audio: of version 1 by layer, then of versions 2 and 2.5 (ISO/IEC 11172-3, 13818-3).
_MPEG_RATES = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MPEG_HZ = (44_100, 48_000, 32_000)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a packet lies in the file and in time, and how long frames before it were on the mean."""

    byte: int
    sample: int
    usual: float


class RawPlaces:
    """Places of a raw stream's packets, which are told in order from the start of the file or from a mark on."""

    def __init__(self, path: str, form: str, rate_hz: int) -> None:
        self._path = Path(path)
        self._read_header, self._header_bytes = _HEADERS.get(form, (_no_header, 1))
        self._kind: bytes | None = None  # what all headers have in common; empty where frames have none that is known
        self._rate_hz = rate_hz
        self._unit = 0  # samples a frame
        self._marks: list[Mark] = []
        self._until = -1  # byte up to which marks are known
        self.restart(None)

    @property
    def known_samples(self) -> int:
        """Up to where marks are known."""
        return self._marks[-1].sample if self._marks else 0

    def mark_before(self, sample: int) -> Mark | None:
        """The last mark at or before a sample."""
        found = bisect_right(self._marks, sample, key=lambda mark: mark.sample)
        return self._marks[found - 1] if found else None

    def restart(self, mark: Mark | None) -> None:
        """The next packet is the one at `mark`, or the file's first."""
        self._byte = -1 if mark is None else mark.byte
        self._sample = 0 if mark is None else mark.sample
        self._usual = 0.0 if mark is None else mark.usual
        self._bad = bytearray()
        self._since_mark = 0

    def place(self, packet: Packet[AudioStream]) -> tuple[int, int, bool]:
        """Where the next packet begins and ends, in samples since the file's start, and whether frames are lost."""
        data = bytes(packet)
        byte = packet.pos if packet.pos is not None else self._byte
        self._unit = self._unit or self._samples_in(packet, data)
        if 0 <= self._byte < byte:
            self._bad += self._passed_over(byte)
        self._byte = byte + len(data)
        if self._is_whole(data):
            is_after_loss = bool(self._bad) and self._settle() > 0
            if self._since_mark >= _EVERY or not self._marks:
                self._remember(byte)
            self._since_mark += 1
            start = self._sample
            self._sample = end = start + self._unit
            self._usual += (len(data) - self._usual) / (_RECENT if self._usual else 1)
            return start, end, is_after_loss
        if len(self._bad) > _MOST_BAD:
            self._settle()
        before = self._frames_in(self._bad)
        self._bad += data
        after = self._frames_in(self._bad)
        return self._sample + before * self._unit, self._sample + after * self._unit, after > before + 1

    def _settle(self) -> int:
        """Pass over what is damaged; its frames."""
        frames = self._frames_in(self._bad)
        self._sample += frames * self._unit
        self._bad.clear()
        return frames

    def _remember(self, byte: int) -> None:
        if byte > self._until:
            self._marks.append(Mark(byte, self._sample, self._usual))
            self._until = byte
        self._since_mark = 0

    def _samples_in(self, packet: Packet[AudioStream], data: bytes) -> int:
        if packet.duration and packet.time_base:
            return round(packet.duration * packet.time_base * self._rate_hz)
        index = data[2] >> 2 & 15
        core_hz = _ADTS_RATES[index] if index < len(_ADTS_RATES) else self._rate_hz
        return _ADTS_SAMPLES * max(round(self._rate_hz / core_hz), 1)

    def _is_whole(self, data: bytes) -> bool:
        """Whether a packet is one frame, and not also what follows one whose header is damaged."""
        if self._kind is None:
            length, kind = self._read_header(data[: self._header_bytes])
            self._kind = kind if length == len(data) else b""
        if not self._kind:
            return not self._usual or len(data) < 1.5 * self._usual
        length, kind = self._read_header(data[: self._header_bytes])
        if length != len(data) or kind != self._kind:
            return False
        return length < 1.5 * self._usual or data.find(data[:3], 3) < 0

    def _length(self, data: bytes | bytearray, at: int) -> int:
        """Bytes of the frame whose header is at `at`, if it is one of this stream; else 0."""
        length, kind = self._read_header(bytes(data[at : at + self._header_bytes]))
        return length if kind == self._kind else 0

    def _passed_over(self, byte: int) -> bytes:
        """What lies in the file before `byte` that the demuxer left out."""
        with self._path.open("rb") as file:
            file.seek(self._byte)
            return file.read(min(byte - self._byte, _MOST_BAD))

    def _frames_in(self, data: bytearray) -> int:
        """About how many frames a damaged stretch holds: those with a header, and what is left by the usual length."""
        if not data or not self._usual:
            return 0
        places = [found.start() for found in _SYNC.finditer(data)] if self._kind else []
        whole = {at: self._length(data, at) for at in places}
        if any(tag in data for tag in _TAGS):
            return int(bool(whole.get(0)))
        known, end, left = 0, 0, 0
        for at, length in whole.items():
            if length and at >= end and (at + length == len(data) or whole.get(at + length)):
                left += round((at - end) / self._usual)
                known, end = known + 1, at + length
        return known + left + round((len(data) - end) / self._usual)


@lru_cache(8192)
def adts_header(header: bytes) -> tuple[int, bytes]:
    """Length of an ADTS frame by its first 6 bytes (ISO/IEC 13818-7 §6.2.1) and their fixed bits, else 0."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0 or header[2] >> 2 & 15 >= len(_ADTS_RATES):
        return 0, b""
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return (length if length > 7 else 0), bytes((header[1], header[2] & 0xFD, header[3] & 0xC0))


@lru_cache(8192)
def mpeg_header(header: bytes) -> tuple[int, bytes]:
    """Length of an MPEG audio frame by its first 4 bytes (ISO/IEC 11172-3 §2.4.2.3) and their fixed bits.

    0 if they are no header, or one that does not say.
    """
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0, b""
    version, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    rate, hz = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer == 4 or rate in (0, 15) or hz == 3:
        return 0, b""
    kilobits = _MPEG_RATES[1 if version == 3 else 2, layer][rate]
    sample_hz = _MPEG_HZ[hz] >> {3: 0, 2: 1, 0: 2}[version]
    kind, padding = bytes((header[1] & 0xFE, header[2] & 0x0C)), header[2] >> 1 & 1
    if layer == 1:
        return (12_000 * kilobits // sample_hz + padding) * 4, kind
    return (144_000 if layer == 2 or version == 3 else 72_000) * kilobits // sample_hz + padding, kind


def _no_header(_header: bytes) -> tuple[int, bytes]:
    return 0, b""


# How a header tells its frame's length and what it has in common with all of its stream, and how many bytes say so.
_HEADERS: dict[str, tuple[Callable[[bytes], tuple[int, bytes]], int]] = {
    "aac": (adts_header, 6),
    "mp3": (mpeg_header, 4),
}
