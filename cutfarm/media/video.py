"""Decoding a video file: the frame nearest to a media time."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import av.error
from av.video.reformatter import Interpolation

from cutfarm.errors import AssetUnreadable
from cutfarm.media.colour import RANGE_FULL, RANGE_LIMITED, SWS_BT709, source_colour
from cutfarm.media.container import open_media
from cutfarm.media.picture import Picture
from cutfarm.media.resample import Cut, Part, PartScaler
from cutfarm.stages import stage

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

TIE_US = 2  # times in drafts are rounded to microseconds: nearer to the middle than this counts as the middle
_SEEK_AHEAD_US = 1_500_000  # decoding on is cheaper than a seek up to here
# Without full chroma swscale converts matrices through coarse, dithered RGB, which tints greys.
_SCALER = (
    Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP
)
_GUESSED_TIMES = frozenset({"mpeg", "mpegvideo"})  # formats whose frames have other times after a seek


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """A decoded frame and the media time from which on it is the nearest one."""

    frame: av.VideoFrame
    start_us: Fraction


class VideoSource:
    """A video file read mostly forwards.

    The frame shown at a time is the one whose own time is nearest, the later one at a tie, whatever was asked before:
    any cutting of a job into chunks sees the same frames. Before the first frame and after the last they are held.
    Raises AssetUnreadable where the file has no picture that can be decoded.
    """

    is_opaque = True  #: transparent video is shown without its transparency

    def __init__(self, path: str, threads: int = 1, *, open_file: Callable[[str], InputContainer] = open_media) -> None:
        self._path = path
        self._open_file = open_file
        self._name = path.rpartition("/")[2]
        self._threads = threads
        self._frames: Iterator[_Shown] = iter(())
        self._current: _Shown | None = None
        self._next: _Shown | None = None
        self._from_us: Fraction | None = None
        self._scaled: tuple[Hashable, Picture] | None = None
        self._scaler = PartScaler()
        self._open()
        self._tick_us = Fraction(self._stream.time_base or Fraction(1, 1_000_000)) * 1_000_000
        self._origin_us = Fraction(self._container.start_time or 0)
        self._fill()
        if self._current is None:
            self.close()
            raise AssetUnreadable(f"{self._name} holds no frame that can be decoded")
        self._first_us: Fraction = self._current.start_us
        first = self._current.frame
        self._quarter_turns: int = round(first.rotation / 90) % 4
        self.width_px: int
        self.height_px: int
        size_px = max(round(first.width * (self._stream.sample_aspect_ratio or 1)), 1), first.height
        self._is_plain: bool = size_px == (first.width, first.height) and not (first.width % 2 or first.height % 2)
        self.width_px, self.height_px = size_px[::-1] if self._quarter_turns % 2 else size_px

    def close(self) -> None:
        """Let go of the file and of the decoder's frames."""
        self._current = self._next = self._scaled = None
        self._frames = iter(())
        self._container.close()

    def key_at(self, time_us: Fraction) -> Hashable:
        """The shown frame's own time."""
        return self._advance(time_us).start_us

    def frame_at(self, time_us: Fraction) -> av.VideoFrame:
        """The nearest frame as it was decoded, its quarter turns not made."""
        return self._advance(time_us).frame

    def picture_at(self, time_us: Fraction, width_px: int, height_px: int) -> Picture:
        """The nearest frame as BT.709 limited 4:2:0 of the size asked for; the decoder's own frame if it is that."""
        shown = self._advance(time_us)
        return self._once((shown, width_px, height_px), lambda: self._convert(shown.frame, width_px, height_px))

    @property
    def is_plain(self) -> bool:
        """Whether each sample shown is one of the file's: square pixels, and even sizes so that chroma is whole too."""
        return self._is_plain

    @property
    def quarter_turns(self) -> int:
        """By how many quarters counter-clockwise the frames are turned to be shown."""
        return self._quarter_turns

    def part_at(self, time_us: Fraction, cut: Cut) -> Picture:
        """A part of the nearest frame, scaled, in a new frame; only for a plain source.

        Raises AssetUnreadable, RenderError.
        """
        shown = self._advance(time_us)
        with stage("convert"):
            return Picture(self._scaler.scale(shown.frame, cut, self._quarter_turns))

    def _once(self, key: Hashable, make: Callable[[], av.VideoFrame]) -> Picture:
        """What was made last if `key` is the same, so that a frame shown twice is converted once."""
        if self._scaled is None or self._scaled[0] != key:
            with stage("convert"):
                self._scaled = (key, Picture(make()))
        return self._scaled[1]

    def _convert(self, frame: av.VideoFrame, width_px: int, height_px: int) -> av.VideoFrame:
        if not self._quarter_turns:
            return to_canvas_colour(frame, width_px, height_px)
        shown_px = (frame.height, frame.width) if self._quarter_turns % 2 else (frame.width, frame.height)
        return self._scaler.scale(frame, Cut(Part(0, 0, *shown_px), (width_px, height_px)), self._quarter_turns)

    def _advance(self, time_us: Fraction) -> _Shown:
        with stage("decode"):
            return self._advanced(time_us)

    def _advanced(self, time_us: Fraction) -> _Shown:
        media_us = time_us + TIE_US
        if (self._from_us is not None and media_us < self._from_us) or self._is_far_ahead(time_us):
            self._restart(time_us)
        while self._current is not None and self._next is not None:
            middle = (self._current.start_us + self._next.start_us) / 2
            if media_us < middle:
                break
            self._from_us = middle
            self._current, self._next = self._next, next(self._frames, None)
        if self._current is None:
            raise AssetUnreadable(f"{self._name} cannot be decoded")
        return self._current

    def _is_far_ahead(self, time_us: Fraction) -> bool:
        """Whether decoding up to `time_us` would be long and a keyframe lies before it."""
        if self._next is None or time_us - self._next.start_us <= _SEEK_AHEAD_US or self._times_are_guessed:
            return False
        entries = self._stream.index_entries
        found = entries.search_timestamp(self._ticks(time_us)) if len(entries) else -1
        return found < 0 or self._us(entries[found].timestamp) > self._next.start_us

    @property
    def _times_are_guessed(self) -> bool:
        return self._container.format.name in _GUESSED_TIMES

    def _open(self) -> None:
        self._container: InputContainer = self._open_file(self._path)
        if not self._container.streams.video:
            self._container.close()
            raise AssetUnreadable(f"{self._name} has no video stream")
        self._stream: VideoStream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._stream.codec_context.thread_count = self._threads

    def _restart(self, time_us: Fraction) -> None:
        """Decode anew from a frame at or before `time_us`, from the file's start if nothing else serves."""
        back_us = 0
        while time_us - back_us > 0 and not self._times_are_guessed:
            self._seek(self._ticks(time_us - back_us))
            if self._current is not None and self._current.start_us <= time_us:
                self._from_us = self._current.start_us
                return
            back_us = back_us * 2 or 1_000_000
        self._seek(self._stream.start_time or 0)
        if self._current is None or self._current.start_us != self._first_us:
            # A transport stream's first keyframe cannot be sought.
            self._container.close()
            self._open()
            self._fill()
        self._from_us = None

    def _seek(self, ticks: int) -> None:
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except av.error.FFmpegError:
            self._container.seek(0, backward=True)
        self._fill()

    def _fill(self) -> None:
        self._frames = self._decode()
        self._current = next(self._frames, None)
        self._next = next(self._frames, None) if self._current else None

    def _decode(self) -> Iterator[_Shown]:
        """Frames in display order; packets that cannot be decoded are left out, so the frame before them is held."""
        key_us: Fraction | None = None
        for packet in self._container.demux(self._stream):
            if key_us is None and packet.is_keyframe and packet.pts is not None:
                key_us = self._us(packet.pts)
            try:
                frames = packet.decode()
            except av.error.FFmpegError:
                continue
            for frame in frames:
                if frame.pts is None:
                    continue
                start_us = self._us(frame.pts)
                # Leading pictures of an open GOP refer to frames before the seek point.
                if key_us is None or start_us >= key_us:
                    yield _Shown(frame, start_us)

    def _us(self, ticks: int) -> Fraction:
        return ticks * self._tick_us - self._origin_us

    def _ticks(self, time_us: Fraction) -> int:
        return int((time_us + self._origin_us) / self._tick_us)


def to_canvas_colour(frame: av.VideoFrame, width_px: int, height_px: int) -> av.VideoFrame:
    """`frame` as yuv420p, BT.709 limited range, at the given size; the frame itself where it already is that."""
    colour = source_colour(frame)
    same_size = (frame.width, frame.height) == (width_px, height_px)
    if same_size and frame.format.name == "yuv420p" and colour.is_canvas:
        return frame
    return frame.reformat(
        width_px,
        height_px,
        "yuv420p",
        src_colorspace=colour.matrix,
        dst_colorspace=SWS_BT709,
        src_color_range=RANGE_FULL if colour.is_full else RANGE_LIMITED,
        dst_color_range=RANGE_LIMITED,
        interpolation=_SCALER,
        threads=1,
    )
