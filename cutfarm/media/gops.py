"""The GOPs of an H.264 file, verified in their bits, so that packets can be copied that nobody has decoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import av.error
from av.stream import Discard

from cutfarm.errors import AssetUnreadable
from cutfarm.media import avc
from cutfarm.media.avc import AvcFault, Configuration, Sequence
from cutfarm.media.colour import source_colour
from cutfarm.media.container import open_media
from cutfarm.media.gop import Gop, GopBuilder, Picture, Stream, read_picture

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

#: Hints for `open_media`: a file opens 30 times faster when FFmpeg does not decode its first pictures.
UNDECODED = {"codec_whitelist": "none"}

_LENGTH_BYTES = 4
_PROFILES = frozenset({66, 77, 100})  # Baseline, Main, High: what every player decodes
_SQUARE = frozenset({None, Fraction(0), Fraction(1)})  # FFmpeg's 0 is: not said
_PROGRESSIVE = frozenset({0, 1})  # FFmpeg's field orders: not said, progressive
_BT709 = frozenset({1, 2})  # primaries and transfer: BT.709, or not said
_MARGIN_FRAMES = Fraction(3, 2)


class GopReader:
    """The GOPs of a file, for an output of a size and rate; nothing but the file's first picture is decoded.

    `fault` says in words that follow a colon why nothing of the file can be copied, and is "" where that may be.
    Holds the file open. Raises AssetMissing and AssetUnreadable.
    """

    def __init__(self, path: str, *, width_px: int, height_px: int, fps: Fraction) -> None:
        self._container: InputContainer = open_media(path, UNDECODED)
        self._origin_us = Fraction(self._container.start_time or 0)
        self._fps = fps
        self.fault = ""
        try:
            self._stream = only_video(self._container)
            self._facts = _facts(self._stream, (width_px, height_px), fps)
            _check_first_picture(self._container, self._stream, (width_px, height_px))
        except AvcFault as fault:
            self.fault = str(fault)
        except av.error.FFmpegError:
            self.fault = "its first picture cannot be decoded"
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def media_us(self, ticks: int) -> Fraction:
        """The media time of a presentation time, exact microseconds, as the renderer counts it."""
        return ticks * self._facts.tick_us - self._origin_us

    @property
    def usual_us(self) -> Fraction:
        """The time from one frame to the next that the file's rate promises."""
        rate = self._stream.average_rate or self._stream.guessed_rate or self._fps
        return 1_000_000 / Fraction(rate)

    def begins_at(self, media_us: Fraction) -> bool:
        """Whether the file's first frame is shown from `media_us` on."""
        start = self._stream.start_time
        return start is not None and self.media_us(start) >= media_us

    def gops(self, start_us: Fraction, end_us: Fraction) -> list[Gop]:
        """The GOPs with a frame in [start_us, end_us) of media time, in order, and a neighbour each side."""
        from_us = start_us - _MARGIN_FRAMES * 1_000_000 / self._fps
        ticks = int((from_us + self._origin_us) / self._facts.tick_us)
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except av.error.FFmpegError:
            self._container.seek(0, backward=True)
        found = []
        for gop in self._read():
            found.append(gop)
            if self.media_us(gop.times[0]) >= end_us:
                break
        return found

    def _read(self) -> Iterator[Gop]:
        current: GopBuilder | None = None
        try:
            for packet in self._container.demux(self._stream):
                if not packet.size:
                    break
                picture = self._picture(packet)
                if picture.is_idr:
                    if current is not None:
                        yield current.finished()
                    current = GopBuilder(self._facts)
                if current is not None:
                    current.add(picture)
        except av.error.FFmpegError:
            if current is not None:
                current.fault = current.fault or "it cannot be read to its end"
        if current is not None:
            yield current.finished()

    def _picture(self, packet: Packet[VideoStream]) -> Picture:
        if packet.pts is None:
            return Picture(0, fault="a packet has no time")
        picture = read_picture(packet.pts, memoryview(packet), self._facts, is_keyframe=packet.is_keyframe)
        fault = _fault_of(packet)
        return replace(picture, fault=fault) if fault else picture


def _fault_of(packet: Packet[VideoStream]) -> str:
    """What the container says against a packet."""
    if packet.is_corrupt:
        return "a packet is damaged"
    if packet.is_discard:
        return "its edit list cuts into a GOP"
    if packet.has_sidedata("new_extradata"):
        return "its parameter sets change"
    return "it is encrypted" if packet.has_sidedata("encryption_info") else ""


def only_video(container: InputContainer) -> VideoStream:
    """The first video stream; the demuxer passes over all others. Raises AssetUnreadable where there is none."""
    if not container.streams.video:
        raise AssetUnreadable("a file holds no video stream")
    stream = container.streams.video[0]
    for other in container.streams:
        if other is not stream:
            other.discard = Discard.all
    return stream


def _facts(stream: VideoStream, size_px: tuple[int, int], fps: Fraction) -> Stream:
    """What the file's head says. Raises AvcFault where it does not fit the output."""
    context = stream.codec_context
    if context is None or context.name != "h264":
        raise AvcFault(f"its codec is {'unknown' if context is None else context.name}, not h264")
    if context.field_order not in _PROGRESSIVE:
        raise AvcFault("it is interlaced")
    if stream.sample_aspect_ratio not in _SQUARE:
        raise AvcFault("its pixels are not square")
    configuration = avc.parse_configuration(context.extradata or b"")
    if configuration.length_bytes != _LENGTH_BYTES:
        raise AvcFault("its packets are of a rare form")
    return Stream(
        _sequence(configuration, size_px, fps),
        _picture_sets(configuration),
        frozenset(configuration.sequence_sets + configuration.picture_sets),
        Fraction(stream.time_base or Fraction(1, 1_000_000)) * 1_000_000,
        fps,
    )


def _sequence(configuration: Configuration, size_px: tuple[int, int], fps: Fraction) -> Sequence:
    if len(configuration.sequence_sets) != 1:
        raise AvcFault("its parameter sets are of a rare form")
    sequence = avc.parse_sequence(configuration.sequence_sets[0])
    if (sequence.width_px, sequence.height_px) != size_px:
        raise AvcFault(f"its size is {sequence.width_px} × {sequence.height_px} px, not {size_px[0]} × {size_px[1]} px")
    if sequence.profile not in _PROFILES or (sequence.chroma_format, sequence.bit_depth) != (1, 8):
        raise AvcFault("its profile of H.264 is not one that every player decodes")
    if not sequence.is_progressive:
        raise AvcFault("it is interlaced")
    if sequence.has_number_gaps:
        raise AvcFault("its frames may be missing on purpose")
    if sequence.pixel_aspect not in (None, Fraction(1)):
        raise AvcFault("its pixels are not square")
    if sequence.fixed_fps not in (None, fps):
        raise AvcFault(f"its frames do not come {float(fps):g} times a second")
    return sequence


def _picture_sets(configuration: Configuration) -> frozenset[int]:
    sets = [avc.parse_picture_set(unit) for unit in configuration.picture_sets]
    if not sets or any(one.has_slice_groups for one in sets):
        raise AvcFault("its parameter sets are of a rare form")
    return frozenset(one.id for one in sets)


def _check_first_picture(container: InputContainer, stream: VideoStream, size_px: tuple[int, int]) -> None:
    """Look at the file's first picture by the rules by which pictures are rendered. Raises AvcFault."""
    context = stream.codec_context
    context.thread_count = 1
    frames: list[VideoFrame] = []
    for packet in container.demux(stream):
        frames = packet.decode()
        if packet.size and not packet.is_discard:
            frames += context.decode(None)
            break
    if not frames:
        raise AvcFault("its first picture cannot be decoded")
    frame = frames[0]
    if frame.rotation:
        raise AvcFault("it is turned when it is shown")
    if frame.interlaced_frame:
        raise AvcFault("it is interlaced")
    is_canvas = frame.format.name == "yuv420p" and source_colour(frame).is_canvas
    if not is_canvas or not _BT709.issuperset((frame.color_primaries, frame.color_trc)):
        raise AvcFault("its colours are not 8-bit BT.709 of limited range")
    if (frame.width, frame.height) != size_px:
        raise AvcFault(f"its size is {frame.width} × {frame.height} px, not {size_px[0]} × {size_px[1]} px")
