"""Sound in files without times: frame after frame, so that what is damaged must be counted by its bytes.

FFmpeg's demuxers count the frames that they find; what follows a damaged stretch would come too early by those they
do not find.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from av.audio.stream import AudioStream
from av.packet import Packet

FORMATS = frozenset({"aac", "mp3", "ac3", "eac3"})  #: FFmpeg's demuxers of such files

_EVERY = 32  # packets between two places that are remembered
_RECENT = 64  # frames whose mean length tells how many were lost
_MOST_BYTES = 1 << 20  # a longer stretch is not looked through for headers
_TAGS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN")  # between two files that were joined lies no lost sound
_ADTS_RATES = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350)
_ADTS_SAMPLES = 1024
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
        self._path = path
        self._length_at = {"aac": adts_length, "mp3": mpeg_length}.get(form, _no_length)
        self._is_adts = form == "aac"
        self._rate_hz = rate_hz
        self._units: dict[int, int] = {}  # samples by a packet's duration
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
        self._since_mark = 0

    def place(self, packet: Packet[AudioStream]) -> tuple[int, int, bool]:
        """Where the next packet begins and ends, in samples since the file's start, and whether frames are lost."""
        size, byte = packet.size, packet.pos if packet.pos is not None else self._byte
        unit = self._unit(packet)
        missed = byte - self._byte if 0 <= self._byte < byte else 0
        frames = 1 if not missed and abs(size - self._usual) <= 1 and not self._is_adts else self._frames(packet)
        is_lossy = frames > 1
        if missed:
            lost = self._lost(byte, missed)
            self._sample += lost * unit
            is_lossy = is_lossy or lost > 0
        self._remember(byte)
        start = self._sample
        self._sample += frames * unit
        if frames == 1:
            self._usual += (size - self._usual) / (_RECENT if self._usual else 1)
        self._byte = byte + size
        return start, self._sample, is_lossy

    def _remember(self, byte: int) -> None:
        if byte <= self._until:
            return
        if not self._marks or self._since_mark >= _EVERY:
            self._marks.append(Mark(byte, self._sample, self._usual))
            self._since_mark = 0
        self._since_mark += 1
        self._until = byte

    def _unit(self, packet: Packet[AudioStream]) -> int:
        """Samples a frame."""
        duration = packet.duration
        if duration and packet.time_base:
            if duration not in self._units:
                self._units[duration] = round(duration * packet.time_base * self._rate_hz)
            return self._units[duration]
        index = bytes(packet)[2] >> 2 & 15
        core_hz = _ADTS_RATES[index] if index < len(_ADTS_RATES) else self._rate_hz
        return _ADTS_SAMPLES * max(round(self._rate_hz / core_hz), 1)

    def _frames(self, packet: Packet[AudioStream]) -> int:
        """How many frames a packet stands for: more than one where the parser found no header between them."""
        data = bytes(packet)
        length = self._length_at(data, 0)
        if length == len(data) and not (self._is_adts and data.find(data[:3], 3) > 0):
            return 1
        return max(frames_in(data, self._usual, self._length_at), 1)

    def _lost(self, byte: int, count: int) -> int:
        """Frames in the `count` bytes before `byte` that the demuxer passed over."""
        if count > _MOST_BYTES:
            return round(count / self._usual)
        with Path(self._path).open("rb") as file:
            file.seek(byte - count)
            return frames_in(file.read(count), self._usual, self._length_at)


def frames_in(data: bytes, usual: float, length_at: Callable[[bytes, int], int]) -> int:
    """About how many frames a damaged stretch holds: those with a header, and what is left by the usual length."""
    if not usual or any(tag in data for tag in _TAGS):
        return 0
    places = [place for place in range(len(data) - 3) if data[place] == 0xFF] if length_at is not _no_length else []
    whole = {place: length_at(data, place) for place in places}
    chained = [
        place
        for place, length in whole.items()
        if length and (place + length == len(data) or whole.get(place + length))
    ]
    known, end, left = 0, 0, 0
    for place in chained:
        if place >= end:
            left += round((place - end) / usual)
            known, end = known + 1, place + whole[place]
    return known + left + round(max(len(data) - end, 0) / usual)


def adts_length(data: bytes, at: int) -> int:
    """Bytes of the ADTS frame whose header is at `at` (ISO/IEC 13818-7 §6.2.1); 0 where there is none."""
    if len(data) < at + 7 or data[at] != 0xFF or data[at + 1] & 0xF6 != 0xF0 or data[at + 2] >> 2 & 15 > 12:
        return 0
    length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
    return length if length > 7 else 0


def mpeg_length(data: bytes, at: int) -> int:
    """Bytes of the MPEG audio frame whose header is at `at` (ISO/IEC 11172-3 §2.4.2.3); 0 where there is none."""
    if len(data) < at + 4 or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = data[at + 1] >> 3 & 3, 4 - (data[at + 1] >> 1 & 3)
    rate, hz = data[at + 2] >> 4, data[at + 2] >> 2 & 3
    if version == 1 or layer == 4 or rate in (0, 15) or hz == 3:
        return 0
    kilobits = _MPEG_RATES[1 if version == 3 else 2, layer][rate]
    sample_hz = _MPEG_HZ[hz] >> {3: 0, 2: 1, 0: 2}[version]
    padding = data[at + 2] >> 1 & 1
    if layer == 1:
        return (12_000 * kilobits // sample_hz + padding) * 4
    return (144_000 if layer == 2 or version == 3 else 72_000) * kilobits // sample_hz + padding


def _no_length(_data: bytes, _at: int) -> int:
    return 0
