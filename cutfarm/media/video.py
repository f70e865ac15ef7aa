"""Decoding a video file: the frame to be shown at a media time, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from fractions import Fraction

import av

from cutfarm.errors import AssetUnreadable
from cutfarm.media.colour import source_colour
from cutfarm.media.faults import Fault, TimedFrame
from cutfarm.media.fit import Fitter
from cutfarm.media.frames import FrameReader, OpenDecoder, OpenFile, open_film
from cutfarm.media.interlace import Deinterlacer
from cutfarm.media.picture import Picture
from cutfarm.media.resample import Cut, PartScaler
from cutfarm.stages import stage

TIE_US = 2  # times in drafts are rounded to microseconds: nearer to the middle than this counts as the middle
_SEEK_AHEAD_US = 1_500_000  # decoding on is cheaper than a seek up to here
_SLACK_US = 250_000  # picture and sound of a file seldom begin and end together: no news up to here


class VideoSource:
    """A video file read mostly forwards.

    The frame shown at a time is the one whose own time is nearest, the later one at a tie; where frames are missing the
    last one is held until the next one's time is near. Before the first frame and after the last they are held. So it
    is whatever was asked before: any cutting of a job into chunks sees the same frames. Frames that are not whole are
    not shown while there are others. A frame of another size than the first is fitted into the first one's.
    Raises AssetUnreadable where the file has no picture that can be decoded.
    """

    def __init__(
        self,
        path: str,
        threads: int = 1,
        *,
        open_file: OpenFile = open_film,
        open_decoder: OpenDecoder | None = None,
    ) -> None:
        self._reader = FrameReader(path, threads, open_file, open_decoder)
        rate, origin_us = 2 / self._reader.tick_us, self._reader.origin_us
        # Times are compared in halves of ticks, which are whole numbers: exact, and quicker than fractions.
        self._clock = (
            rate.numerator * origin_us.denominator,
            rate.numerator * origin_us.numerator,
            rate.denominator * origin_us.denominator,
        )
        self._seek_ahead = int(_SEEK_AHEAD_US * rate)
        self._current: TimedFrame | None = None
        self._next: TimedFrame | None = None
        self._after: TimedFrame | None = None  # looked at already
        self._turn = 0  # when the next one is shown
        self._from: int | None = None  # since when the current one is shown; None for the first
        self._scaled: tuple[Hashable, Picture] | None = None
        self._scaler = PartScaler()
        self._deinterlacer = Deinterlacer()
        self._begin(self._reader.frames())
        if self._current is None:
            self._reader.take_all()
            self._begin(self._reader.from_start())
        if self._current is None:
            self.close()
            raise AssetUnreadable(f"{self._reader.name} holds no frame that can be decoded")
        first = self._current.frame
        self._first_ticks: int = self._current.ticks
        self._starts_in_loss: bool = self._current.is_after_loss
        self._fitter: Fitter = Fitter(first.width, first.height)
        self._quarter_turns: int = round(first.rotation / 90) % 4
        has_alpha = self._reader.has_alpha_layer or any(one.is_alpha for one in first.format.components)
        self._is_opaque: bool = not has_alpha
        self._look: Fault | None = Fault.TONE_MAPPED if source_colour(first).is_hdr else None
        self.width_px: int
        self.height_px: int
        size_px = max(round(first.width * self._reader.pixel_aspect), 1), first.height
        self._is_plain: bool = size_px == (first.width, first.height) and not (first.width % 2 or first.height % 2)
        self.width_px, self.height_px = size_px[::-1] if self._quarter_turns % 2 else size_px

    def close(self) -> None:
        """Let go of the file and of the decoder's frames."""
        self._current = self._next = self._after = self._scaled = None
        self._frames: Iterator[TimedFrame] = iter(())
        self._reader.close()

    @property
    def is_opaque(self) -> bool:
        """Whether the file has no transparency; `picture_at` and `part_at` show it without."""
        return self._is_opaque

    @property
    def quarter_turns(self) -> int:
        """By how many quarters counter-clockwise the frames are turned to be shown."""
        return self._quarter_turns

    @property
    def is_plain(self) -> bool:
        """Whether each sample shown is one of the file's: square pixels, and even sizes so that chroma is whole too."""
        return self._is_plain

    def key_at(self, time_us: Fraction) -> Hashable:
        """The shown frame's own time."""
        return self._advance(time_us).ticks

    def frame_at(self, time_us: Fraction) -> av.VideoFrame:
        """The shown frame as it was decoded: of its own size, its quarter turns not made; if interlaced, deinterlaced.

        Raises RenderError where that cannot be.
        """
        return self._whole(self._advance(time_us))

    def picture_at(self, time_us: Fraction, width_px: int, height_px: int) -> Picture:
        """The shown frame as BT.709 limited 4:2:0 of the size asked for; the decoder's own frame if it is that."""
        shown = self._advance(time_us)
        return self._once((shown, width_px, height_px), lambda: self._convert(self._whole(shown), width_px, height_px))

    def part_at(self, time_us: Fraction, cut: Cut) -> Picture:
        """A part of the shown frame, scaled, in a new frame; only for a plain source.

        Raises AssetUnreadable, RenderError.
        """
        shown = self._advance(time_us)
        with stage("convert"):
            return Picture(self._scaler.scale(self._fitter.fitted(self._whole(shown)), cut, self._quarter_turns))

    def fits(self, frame: av.VideoFrame) -> bool:
        """Whether `frame`, one of `frame_at`, has the size of the file's first."""
        return self._fitter.fits(frame)

    def in_canvas_colour(self, frame: av.VideoFrame) -> av.VideoFrame:
        """`frame`, one of `frame_at`, as BT.709 limited 4:2:0 in the size of the first one; itself if it is that.

        Raises RenderError.
        """
        frame = self._fitter.fitted(frame)
        if frame.format.name == "yuv420p" and source_colour(frame).is_canvas:
            return frame
        return self._scaler.whole(frame, (frame.width, frame.height))

    def fault_at(self, time_us: Fraction, first_us: Fraction | int, end_us: Fraction | int) -> Fault | None:
        """What is wrong with the frame shown, for a clip that plays [first_us, end_us) of the file; None if nothing.

        A file that begins later or ends earlier than the clip by less than a quarter of a second is as usual.
        """
        shown = self._advance(time_us)
        at, own = self._halves(time_us), 2 * shown.ticks
        is_late, is_early = at >= own + self._reader.usual_ticks, at < own - self._reader.usual_ticks
        if is_late and self._next is None and first_us <= time_us < end_us:
            return self._fault_of_end(shown, at, end_us)
        if is_early and shown.ticks == self._first_ticks and first_us <= time_us < end_us:
            return self._fault_of_start(first_us)
        if is_late and self._next is not None and self._is_hole(self._next.ticks - shown.ticks):
            if self._next.is_after_loss:
                return Fault.DAMAGED
            if self._is_uneven(self._next.ticks - shown.ticks):
                return Fault.MISSING
        if shown.is_mended:
            return Fault.CONCEALED
        if shown.frame.interlaced_frame:
            return Fault.INTERLACED
        return self._look if self._fitter.fits(shown.frame) else Fault.RESIZED

    def _fault_of_end(self, last: TimedFrame, at: int, asked_us: Fraction | int) -> Fault | None:
        reader = self._reader
        tail = (last.ticks if reader.last_ticks is None else reader.last_ticks) + reader.usual_ticks // 2
        if at < 2 * tail and (tail - last.ticks) * reader.tick_us > _SLACK_US:
            return Fault.DAMAGED
        if reader.end_ticks is not None and self._is_hole(reader.end_ticks - last.ticks):
            return Fault.CUT_OFF
        end_us = (last.ticks + reader.usual_ticks) * reader.tick_us - reader.origin_us
        return Fault.ENDED if asked_us - end_us > _SLACK_US else None

    def _fault_of_start(self, asked_us: Fraction | int) -> Fault | None:
        begin_us = self._first_ticks * self._reader.tick_us - self._reader.origin_us
        if begin_us - max(asked_us, 0) <= _SLACK_US:
            return None
        return Fault.DAMAGED if self._starts_in_loss else Fault.NOT_BEGUN

    def _is_hole(self, ticks: int) -> bool:
        """Whether two frames so far apart have room for one between them."""
        return 2 * ticks > 3 * self._reader.usual_ticks

    def _is_uneven(self, ticks: int) -> bool:
        """Whether the frames behind the hole before the next frame lie closer: else the file has fewer frames there."""
        if self._after is None:
            self._after = next(self._frames, None)
        if self._after is None or self._next is None:
            return 2 * ticks > 5 * self._reader.usual_ticks
        return 2 * ticks > 3 * (self._after.ticks - self._next.ticks)

    def _whole(self, shown: TimedFrame) -> av.VideoFrame:
        """The frame, deinterlaced if it is interlaced."""
        return self._deinterlacer.progressive(shown) if shown.frame.interlaced_frame else shown.frame

    def _once(self, key: Hashable, make: Callable[[], av.VideoFrame]) -> Picture:
        """What was made last if `key` is the same, so that a frame shown twice is converted once."""
        if self._scaled is None or self._scaled[0] != key:
            with stage("convert"):
                self._scaled = (key, Picture(make()))
        return self._scaled[1]

    def _convert(self, frame: av.VideoFrame, width_px: int, height_px: int) -> av.VideoFrame:
        frame = self._fitter.fitted(frame)
        if not self._quarter_turns and (frame.width, frame.height) == (width_px, height_px):
            return self.in_canvas_colour(frame)
        return self._scaler.whole(frame, (width_px, height_px), self._quarter_turns)

    def _advance(self, time_us: Fraction) -> TimedFrame:
        with stage("decode"):
            self._go_to(time_us)
            if self._current is not None and self._current.frame.interlaced_frame and self._current.before is None:
                self._reader.keep_neighbours()
                self._restart(time_us)
                self._go_to(time_us)
        if self._current is None:
            raise AssetUnreadable(f"{self._reader.name} cannot be decoded")
        return self._current

    def _go_to(self, time_us: Fraction) -> None:
        """Make the frame shown at `time_us` the current one."""
        at = self._halves(time_us, TIE_US)
        if self._is_before(at) or self._is_far_ahead(at):
            self._restart(time_us)
        while self._next is not None and at >= self._turn:
            self._step()

    def _is_before(self, at: int) -> bool:
        """Whether the current frame is not shown yet at `at`, in halves of ticks."""
        return self._from is not None and at < self._from

    def _step(self) -> None:
        self._from, self._current = self._turn, self._next
        self._next, self._after = self._after or next(self._frames, None), None
        self._turn = self._turn_of_next()

    def _turn_of_next(self) -> int:
        """When the next frame is shown, in halves of ticks: half-way, or half of the usual time before a late one."""
        if self._current is None or self._next is None:
            return 0
        ticks = self._next.ticks
        if self._is_hole(ticks - self._current.ticks):
            return 2 * ticks - self._reader.usual_ticks
        return self._current.ticks + ticks

    def _is_far_ahead(self, at: int) -> bool:
        """Whether decoding up to `at` would be long and a keyframe lies before it."""
        if self._next is None or at - 2 * self._next.ticks <= self._seek_ahead or not self._reader.can_seek:
            return False
        return self._reader.has_key_between(self._next.ticks, at // 2)

    def _restart(self, time_us: Fraction) -> None:
        """Decode anew from a frame at or before `time_us`, from the file's start if nothing else serves."""
        back_us, until = 0, self._halves(time_us) // 2
        while time_us - back_us > 0 and self._reader.can_seek:
            self._begin(self._reader.from_before(self._halves(time_us - back_us) // 2, until))
            if self._current is not None and self._current.ticks <= until:
                self._from = 2 * self._current.ticks
                return
            back_us = back_us * 2 or 1_000_000
        self._begin(self._reader.from_start())
        self._from = None

    def _begin(self, frames: Iterator[TimedFrame]) -> None:
        self._frames = frames
        self._current = next(frames, None)
        self._next = next(frames, None) if self._current else None
        self._after = None
        self._turn = self._turn_of_next()

    def _halves(self, time_us: Fraction, later_us: int = 0) -> int:
        """A media time, so much later, in halves of ticks and rounded down: no comparison with whole ones changes."""
        scale, shift, ticks = self._clock
        part = time_us.denominator
        return ((time_us.numerator + later_us * part) * scale + part * shift) // (part * ticks)
