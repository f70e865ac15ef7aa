"""What happens to films on their way: copies of a film that are damaged in one way each."""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection
from pathlib import Path

import av
from av.video.stream import VideoStream


def remuxed(film: Path, path: Path, *, without: Collection[int] = (), options: dict[str, str] | None = None) -> Path:
    """A copy in which the packets `without`, by their number in the file, are missing."""
    with av.open(str(film)) as source, av.open(str(path), "w", options=options or {}) as out:
        stream = out.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(source.streams.video[0])):
            if packet.size and number not in without:
                packet.stream = stream
                out.mux(packet)
    return path


def index_in_front(film: Path, path: Path) -> Path:
    """A copy of an mp4 film that can be read without its end."""
    return remuxed(film, path, options={"movflags": "+faststart"})


def flipped(film: Path, path: Path, packets: Collection[int]) -> Path:
    """A copy with bytes flipped towards the end of `packets`, by their number in the file."""
    raw = bytearray(film.read_bytes())
    with av.open(str(film)) as source:
        read = [packet for packet in source.demux(source.streams.video[0]) if packet.size]
    for packet in (read[number] for number in packets):
        tail = bytes(packet)[-min(60, packet.size * 2 // 3) :]
        while (start := raw.find(tail, max(packet.pos or 0, 0))) < 0:
            tail = tail[len(tail) // 2 :]  # a transport stream has cut it in two
        for place in range(start, start + len(tail), 3):
            raw[place] ^= 0xA5
    path.write_bytes(raw)
    return path


def cut(film: Path, path: Path, share: float) -> Path:
    """A copy of the first `share` of its bytes, of the pictures where an index lies in front of them."""
    raw = film.read_bytes()
    path.write_bytes(raw[: _until(raw, share)])
    return path


def _until(raw: bytes, share: float) -> int:
    index, pictures = raw.find(b"moov"), raw.find(b"mdat")
    start = pictures + 4 if 0 <= index < pictures else max(raw.find(b"movi"), 0)
    return start + int((len(raw) - start) * share)


def unfinished(film: Path, path: Path, share: float) -> Path:
    """A copy of its whole size whose bytes from `share` on are nought, as a download leaves it that broke off."""
    raw = film.read_bytes()
    kept = _until(raw, share)
    path.write_bytes(raw[:kept] + bytes(len(raw) - kept))
    return path


def with_sync_samples(film: Path, path: Path, wrong: Callable[[list[int]], list[int]] | None) -> Path:
    """A copy of an mp4 film with another list of keyframes (ISO/IEC 14496-12 §8.6.2), or none: all of them are."""
    raw = bytearray(film.read_bytes())
    table = raw.index(b"stss")
    if wrong is None:
        raw[table : table + 4] = b"free"
    else:
        count = struct.unpack(">I", raw[table + 8 : table + 12])[0]
        numbers = list(struct.unpack(f">{count}I", raw[table + 12 : table + 12 + 4 * count]))
        raw[table + 12 : table + 12 + 4 * count] = struct.pack(f">{count}I", *wrong(numbers))
    path.write_bytes(raw)
    return path


def one_after_the_other(films: list[Path], path: Path) -> Path:
    """The pictures of `films` as one stream of packets, each film's times behind those of the one before."""
    with av.open(str(films[0])) as first, av.open(str(path), "w") as out:
        stream: VideoStream = out.add_stream_from_template(first.streams.video[0])
        end = 0
        for film in films:
            with av.open(str(film)) as source:
                packets = [packet for packet in source.demux(source.streams.video[0]) if packet.size]
            times = sorted(packet.pts or 0 for packet in packets)
            begin, step = times[0], times[1] - times[0]
            for packet in packets:
                assert packet.pts is not None
                assert packet.dts is not None
                packet.pts, packet.dts = packet.pts - begin + end, packet.dts - begin + end
                packet.stream = stream
                out.mux(packet)
            end += times[-1] - begin + step
    return path
