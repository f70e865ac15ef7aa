"""Reading a video file's frames from any of its places, whatever its index says and however much of it is whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, cast

import av
import av.error

from cutfarm.errors import AssetUnreadable
from cutfarm.media import avc
from cutfarm.media.avc import AvcFault
from cutfarm.media.container import is_mp4, open_media
from cutfarm.media.faults import Judge, TimedFrame
from cutfarm.media.interlace import with_neighbours
from cutfarm.media.reference_gaps import reference_gaps

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

_GUESSED_TIMES = frozenset({"mpeg", "mpegvideo"})  # formats whose frames have other times after a seek
_REORDERING = frozenset({"h264", "hevc"})  # AVI says of their frames when they are decoded, not when they are shown
_LAYERED = frozenset({"vp8", "vp9"})
_LONGEST_HOLD_US = 10_000_000  # as long as the GOPs that x264 makes by itself
_MOST_READ_FAULTS = 16  # in a row; more of them are the end of the file

OpenFile = Callable[[str], "InputContainer"]
OpenDecoder = Callable[["VideoStream"], "VideoCodecContext | None"]  #: None for the stream's own


class FrameReader:
    """The first video stream of a file, decoded from its start or from a seek on; `open_file` opens it each time.

    `open_decoder` gives another decoder than FFmpeg's choice, or none.
    Raises AssetMissing and AssetUnreadable where there is no such stream.
    """

    def __init__(self, path: str, threads: int, open_file: OpenFile, open_decoder: OpenDecoder | None = None) -> None:
        self._path = path
        self._open_file = open_file
        self._open_decoder = open_decoder
        self._threads = threads
        self._takes_all = False
        self._keeps_neighbours = False
        self._open()
        self.tick_us = Fraction(self._stream.time_base or Fraction(1, 1_000_000)) * 1_000_000
        self.origin_us = Fraction(self._container.start_time or 0)
        rate = self._stream.average_rate or self._stream.guessed_rate or Fraction(25)
        self.usual_ticks: int = max(round(1_000_000 / rate / self.tick_us), 1)  #: from one frame to the next
        self.end_ticks: int | None = None  #: where the stream ends by its header, if that says so
        if self._stream.duration:
            self.end_ticks = (self._stream.start_time or 0) + self._stream.duration

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.rpartition("/")[2]

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a pixel to its height."""
        return self._stream.sample_aspect_ratio or Fraction(1)

    @property
    def has_alpha_layer(self) -> bool:
        """As `has_alpha_layer` of the stream."""
        return has_alpha_layer(self._stream)

    @property
    def can_seek(self) -> bool:
        """Whether a frame found by seeking is the one found by reading on."""
        return not self._takes_all and self._container.format.name not in _GUESSED_TIMES

    @property
    def last_ticks(self) -> int | None:
        """The latest time of any packet read since the last seek."""
        return self._judge.last_sent

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def take_all(self) -> None:
        """From now on every frame that the decoder hands out is worth showing."""
        self._takes_all = True

    def keep_neighbours(self) -> None:
        """From the next seek on every frame comes with those beside it."""
        self._keeps_neighbours = True

    def has_key_between(self, first_ticks: int, ticks: int) -> bool:
        """Whether the index has a keyframe after `first_ticks` for a seek to `ticks`; so it is if nothing is known."""
        entries = self._stream.index_entries
        found = entries.search_timestamp(ticks) if len(entries) else -1
        return found < 0 or entries[found].timestamp > first_ticks

    def from_start(self) -> Iterator[TimedFrame]:
        """All frames; the file is opened anew, since a transport stream's first keyframe cannot be sought."""
        self._container.close()
        self._open()
        return with_neighbours(self.frames(), is_start=True) if self._keeps_neighbours else self.frames()

    def from_before(self, ticks: int, until_ticks: int) -> Iterator[TimedFrame]:
        """The frames from a keyframe on that should lie at or before `ticks`; none if none begins by `until_ticks`."""
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except av.error.FFmpegError:
            self._container.seek(0, backward=True)
        frames = self.frames(until_ticks)
        return with_neighbours(frames, is_start=False) if self._keeps_neighbours else frames

    def frames(self, until_ticks: int | None = None) -> Iterator[TimedFrame]:
        """Frames worth showing from where the file stands; none if none begins by `until_ticks`."""
        judge = self._judge = Judge(
            int(_LONGEST_HOLD_US / self.tick_us),
            takes_all=self._takes_all,
            has_decoding_times=self._container.format.name == "avi" and self._stream.codec_context.name in _REORDERING,
        )
        gaps = reference_gaps(self._stream.codec_context)
        if self._decoder is not None:
            self._decoder.flush_buffers()
        for packet in self._packets():
            ticks = packet.pts
            if until_ticks is not None and not judge.has_begun and ticks is not None and ticks > until_ticks:
                return
            judge.sent(packet, is_after_gap=gaps is not None and gaps.is_before(packet))
            try:
                decoded = packet.decode() if self._decoder is None else self._decoder.decode(packet)
            except av.error.FFmpegError:
                judge.refused(packet)
            else:
                yield from judge.worth(decoded)

    def _packets(self) -> Iterator[av.Packet[VideoStream]]:
        """The stream's packets and the empty one at the end, past places that cannot be read."""
        faults = 0
        while faults < _MOST_READ_FAULTS:
            try:
                for packet in self._container.demux(self._stream):
                    faults = 0
                    yield packet
            except av.error.FFmpegError:
                faults += 1
            else:
                return
        end = cast("av.Packet[VideoStream]", av.Packet())
        end.stream = self._stream
        yield end

    def _open(self) -> None:
        self._container: InputContainer = self._open_file(self._path)
        if not self._container.streams.video:
            self._container.close()
            raise AssetUnreadable(f"{self.name} has no video stream")
        self._stream: VideoStream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = self._threads
        self._decoder = None if self._open_decoder is None else self._open_decoder(self._stream)


def has_alpha_layer(stream: VideoStream) -> bool:
    """Whether the packets hold a second picture with the transparency, as VP8's and VP9's in WebM may."""
    return stream.metadata.get("alpha_mode") == "1" and stream.codec_context.name in _LAYERED


def open_film(path: str) -> InputContainer:
    """Open `path` without decoding its first frames twice, where an MP4's index and H.264's own words say enough.

    Raises AssetMissing and AssetUnreadable.
    """
    if is_mp4(path):
        container = open_media(path, {"codec_whitelist": "none"})
        if container.streams.video and _is_told(container.streams.video[0]):
            return container
        container.close()
    return open_media(path)


def _is_told(stream: VideoStream) -> bool:
    """Whether nobody needs a look ahead to know the frames' rate, order and shape."""
    if stream.codec_context.name != "h264" or not stream.average_rate or not stream.duration:
        return False
    try:
        sets = avc.parse_configuration(stream.codec_context.extradata or b"").sequence_sets
        sequences = [avc.parse_sequence(unit) for unit in sets]
    except AvcFault:
        return False
    return len(sequences) == 1 and sequences[0].reorder_frames is not None and sequences[0].pixel_aspect in (None, 1)
