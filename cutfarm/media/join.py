"""Joining encoded files packet by packet: one video of many chunks, with one sound track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import TYPE_CHECKING

import av
import av.error

from cutfarm.errors import EncodeError
from cutfarm.media.container import reason

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


_SOUND_TICKS = 44_100
_MOST_TICKS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class VideoPart:
    """A chunk's file and the number of frames that it must hold."""

    path: Path
    frame_count: int


def join(parts: Sequence[VideoPart], sound: Path | None, path: Path, fps: Fraction) -> None:
    """Write all `parts` one after the other and the track of `sound` into `path`, an mp4 or Matroska file.

    No packet is encoded again. Frame n gets the time n/fps whatever the parts' own times say, and the file starts
    fast: its index is in front. Raises EncodeError where a part does not fit: wrong number of frames, or
    parameters unlike the first part's. A file that is not finished does not stay.
    """
    try:
        _write(parts, sound, path, fps)
    except av.error.FFmpegError as error:
        path.unlink(missing_ok=True)
        raise EncodeError(f"the chunks could not be joined ({reason(error)})") from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(parts: Sequence[VideoPart], sound: Path | None, path: Path, fps: Fraction) -> None:
    matroska = path.suffix == ".mkv"
    options = {} if matroska else _mp4_options(fps)
    orders = _checked_orders(parts)
    with av.open(str(path), "w", format="matroska" if matroska else "mp4", options=options) as out:
        with av.open(str(parts[0].path)) as first:
            video = out.add_stream_from_template(first.streams.video[0])
            video.codec_context.codec_tag = first.streams.video[0].codec_context.codec_tag
            video.time_base = 1 / fps
        packets = _video_packets(parts, orders, video, fps)
        if sound is None:
            for packet in packets:
                out.mux(packet)
            return
        with av.open(str(sound)) as source:
            track = source.streams.audio[0]
            audio = out.add_stream_from_template(track)
            _interleave(out, packets, _audio_packets(source, track, audio))


def _interleave(
    out: OutputContainer, video: Iterator[Packet[VideoStream]], audio: Iterator[Packet[AudioStream]]
) -> None:
    """Mux both in the order of their decoding times, so that the muxer buffers nothing."""
    pending = next(audio, None)
    for packet in video:
        while pending is not None and _seconds(pending) <= _seconds(packet):
            out.mux(pending)
            pending = next(audio, None)
        out.mux(packet)
    while pending is not None:
        out.mux(pending)
        pending = next(audio, None)


def _seconds(packet: Packet[VideoStream] | Packet[AudioStream]) -> Fraction:
    return (packet.dts or 0) * packet.time_base


def _checked_orders(parts: Sequence[VideoPart]) -> list[list[int]]:
    """For each part the display ranks of its packets in decoding order; the parts are checked to fit together."""
    orders = []
    parameters: bytes | None = None
    for part in parts:
        with av.open(str(part.path)) as source:
            own = source.streams.video[0].codec_context.extradata or b""
            parameters = own if parameters is None else parameters
            if own != parameters:
                raise EncodeError(f"chunk {part.path.name} has other parameter sets than the first chunk")
            times = [packet.pts or 0 for packet in source.demux(source.streams.video[0]) if packet.size]
        if len(times) != part.frame_count:
            raise EncodeError(f"chunk {part.path.name} holds {len(times)} frames instead of {part.frame_count}")
        ranks = {time: rank for rank, time in enumerate(sorted(times))}
        orders.append([ranks[time] for time in times])
    return orders


def _video_packets(
    parts: Sequence[VideoPart], orders: Sequence[Sequence[int]], stream: VideoStream, fps: Fraction
) -> Iterator[Packet[VideoStream]]:
    """All parts' packets in decoding order, stamped with frame numbers: presentation by rank, decoding by order."""
    delay = max(place - rank for order in orders for place, rank in enumerate(order))
    start = 0
    for part, order in zip(parts, orders, strict=True):
        with av.open(str(part.path)) as source:
            packets = (packet for packet in source.demux(source.streams.video[0]) if packet.size)
            for place, (rank, packet) in enumerate(zip(order, packets, strict=True)):
                packet.stream = stream
                packet.time_base = 1 / fps
                packet.pts, packet.dts = start + rank, start + place - delay
                packet.duration = 1
                yield packet
        start += part.frame_count


def _audio_packets(source: InputContainer, track: AudioStream, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    for packet in source.demux(track):
        if packet.size:
            packet.stream = stream
            yield packet


def _mp4_options(fps: Fraction) -> dict[str, str]:
    """Index in front, and clocks in which n/fps and the sound's samples are exact; the video's at least 10 000 Hz.

    For the oddest rates no clock of an mp4 file counts both; the video's is kept then.
    """
    ticks = fps.numerator
    while ticks < 10_000:
        ticks *= 2
    both = lcm(fps.numerator, _SOUND_TICKS)
    movie_ticks = both if both <= _MOST_TICKS else ticks
    return {"movflags": "+faststart", "video_track_timescale": str(ticks), "movie_timescale": str(movie_ticks)}
