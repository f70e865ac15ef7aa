"""Joining encoded files packet by packet: one video of many chunks, with one sound track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from pathlib import Path
from typing import TYPE_CHECKING, cast

import av

from cutfarm.errors import EncodeError
from cutfarm.media import avc
from cutfarm.media.avc import AvcFault, Configuration
from cutfarm.media.container import whole_or_gone
from cutfarm.media.gops import UNDECODED

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer, OutputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


_MOST_TICKS = 2**31 - 1
_IN_BAND = "avc3"  # the sample entry that allows parameter sets inside packets (ISO/IEC 14496-15 §5.4.2.1)


@dataclass(frozen=True, slots=True)
class VideoPart:
    """A chunk's file and the number of frames that it must hold."""

    path: Path
    frame_count: int


def join(parts: Sequence[VideoPart], sound: Path | None, path: Path, fps: Fraction) -> None:
    """Write all `parts` one after the other and the track of `sound` into `path`, an mp4 or Matroska file.

    `sound` is of the same kind of container, so that its times come over whole: .m4a for .mp4, .mka for .mkv. No packet
    is encoded again. Frame n gets the time n/fps whatever the parts' own times say, and the file starts
    fast: its index is in front. Where parts of H.264 have different parameter sets, every IDR picture carries its own.
    Raises EncodeError where a part does not fit: wrong number of frames, another size or kind of picture. A file that
    is not finished does not stay.
    """
    with whole_or_gone(path, "the chunks could not be joined"):
        _write(parts, sound, path, fps)


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is known of a part before its packets are written."""

    ranks: list[int]  #: display ranks of its packets, in decoding order
    parameters: bytes  #: its codec's, as the container holds them


def _write(parts: Sequence[VideoPart], sound: Path | None, path: Path, fps: Fraction) -> None:
    matroska = path.suffix == ".mkv"
    options = {} if matroska else _mp4_options(fps, _rate_hz(sound))
    layouts = [_layout(part) for part in parts]
    with av.open(str(path), "w", format="matroska" if matroska else "mp4", options=options) as out:
        with av.open(str(parts[0].path), options=UNDECODED) as first:
            template = first.streams.video[0]
            video = out.add_stream_from_template(template)
            video.codec_context.codec_tag = template.codec_context.codec_tag
            video.time_base = 1 / fps
            in_band = _sets_in_band(parts, layouts, template.codec_context.name)
        if in_band is not None:
            video.codec_context.codec_tag = _IN_BAND
            video.codec_context.extradata = _covering(layouts)
        packets = _video_packets(parts, layouts, in_band, video, fps)
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


def _layout(part: VideoPart) -> _Layout:
    """Read a part's times, checking its number of frames."""
    with av.open(str(part.path), options=UNDECODED) as source:
        stream = source.streams.video[0]
        parameters = stream.codec_context.extradata or b""
        times = [packet.pts or 0 for packet in source.demux(stream) if packet.size]
    if len(times) != part.frame_count:
        raise EncodeError(f"chunk {part.path.name} holds {len(times)} frames instead of {part.frame_count}")
    rank_of = {time: rank for rank, time in enumerate(sorted(times))}
    return _Layout([rank_of[time] for time in times], parameters)


def _sets_in_band(parts: Sequence[VideoPart], layouts: Sequence[_Layout], codec: str) -> list[bytes] | None:
    """Each part's parameter sets as its packets take them; None where all parts have the same. Raises EncodeError."""
    differing = [
        part for part, layout in zip(parts, layouts, strict=True) if layout.parameters != layouts[0].parameters
    ]
    if not differing:
        return None
    if codec != "h264":
        raise EncodeError(f"chunk {differing[0].path.name} has other parameter sets than the first chunk")
    sets, first = [], None
    for part, layout in zip(parts, layouts, strict=True):
        try:
            configuration = avc.parse_configuration(layout.parameters)
            kind = _kind(configuration)
        except AvcFault as fault:
            raise EncodeError(f"chunk {part.path.name} is not of the first chunk's codec: {fault}") from fault
        first = first or kind
        if kind != first:
            raise EncodeError(f"chunk {part.path.name} has pictures of another size or kind than the first chunk")
        sets.append(configuration.in_band)
    return sets


def _kind(configuration: Configuration) -> tuple[object, ...]:
    """What must be the same in all parts of a video."""
    sequence = avc.parse_sequence(configuration.sequence_sets[0])
    return (
        configuration.length_bytes,
        sequence.width_px,
        sequence.height_px,
        sequence.chroma_format,
        sequence.bit_depth,
        sequence.is_progressive,
        sequence.colour.is_full,
    )


def _covering(layouts: Sequence[_Layout]) -> bytes:
    """The first part's `avcC` record with a profile and a level that none of the parts exceeds."""
    records = [layout.parameters for layout in layouts]
    first = records[0]
    profile, level = max(record[1] for record in records), max(record[3] for record in records)
    allowances = first[2]
    for record in records:
        allowances &= record[2]
    return bytes([first[0], profile, allowances, level]) + first[4:]


def _video_packets(
    parts: Sequence[VideoPart],
    layouts: Sequence[_Layout],
    in_band: Sequence[bytes] | None,
    stream: VideoStream,
    fps: Fraction,
) -> Iterator[Packet[VideoStream]]:
    """All parts' packets in decoding order, stamped with frame numbers: presentation by rank, decoding by order."""
    delay = max(place - rank for layout in layouts for place, rank in enumerate(layout.ranks))
    start = 0
    for number, (part, layout) in enumerate(zip(parts, layouts, strict=True)):
        with av.open(str(part.path), options=UNDECODED) as source:
            packets = (packet for packet in source.demux(source.streams.video[0]) if packet.size)
            for place, (rank, packet) in enumerate(zip(layout.ranks, packets, strict=True)):
                whole = packet if in_band is None or not packet.is_keyframe else _with_sets(packet, in_band[number])
                whole.stream = stream
                whole.time_base = 1 / fps
                whole.pts, whole.dts = start + rank, start + place - delay
                whole.duration = 1
                yield whole
        start += part.frame_count


def _with_sets(packet: Packet[VideoStream], sets: bytes) -> Packet[VideoStream]:
    """The packet of a keyframe with parameter sets in front; only an access unit delimiter goes before them."""
    data = bytes(packet)
    front = 4 + int.from_bytes(data[:4], "big") if data[4] & 31 == avc.DELIMITER else 0
    made = cast("Packet[VideoStream]", av.Packet(data[:front] + sets + data[front:]))
    made.is_keyframe = True
    return made


def _audio_packets(source: InputContainer, track: AudioStream, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
    """The track's packets, none beyond its end: of MP3 a demuxer makes up durations, the last too long."""
    for packet in source.demux(track):
        if not packet.size:
            continue
        if track.duration is not None and packet.pts is not None and packet.duration:
            packet.duration = min(packet.duration, track.duration - packet.pts)
            if packet.duration <= 0:
                return
        packet.stream = stream
        yield packet


def _rate_hz(sound: Path | None) -> int:
    if sound is None:
        return 1
    with av.open(str(sound)) as source:
        return source.streams.audio[0].rate


def _mp4_options(fps: Fraction, rate_hz: int) -> dict[str, str]:
    """Index in front, and clocks in which n/fps and the sound's samples are exact; the video's at least 10 000 Hz.

    For the oddest rates no clock of an mp4 file counts both; the video's is kept then.
    """
    ticks = fps.numerator
    while ticks < 10_000:
        ticks *= 2
    both = lcm(fps.numerator, rate_hz)
    movie_ticks = both if both <= _MOST_TICKS else ticks
    return {"movflags": "+faststart", "video_track_timescale": str(ticks), "movie_timescale": str(movie_ticks)}
