"""A video file played backwards: every frame once, though decoders only go forwards."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

from cutfarm.media.faults import TimedFrame
from cutfarm.media.frames import OpenDecoder, OpenFile, open_film
from cutfarm.media.video import TIE_US, VideoSource

MOST_BYTES = 192 << 20  #: of the frames that are kept to be shown next: 64 of them at 1080p
MOST_FRAMES = 64

# How much earlier than the end of what is shown a backwards player looks, beyond half a frame: containers round times
# to milliseconds, and at normal speed every time asked for lies on the border of two frames.
_MARGIN_US = 2_000


def lead_us(frame_us: Fraction | int) -> Fraction:
    """How long before the time asked for the frame is looked for, where frames come every `frame_us` microseconds.

    A clip that is reversed asks for the end of what it shows: at its own start for the end of its range, whose frame is
    the one that begins before it. The nearest frame half a frame and a little earlier is that one, for all speeds up to
    which a frame is shown at all.
    """
    return Fraction(frame_us) / 2 + min(Fraction(_MARGIN_US), Fraction(frame_us) / 4)


class BackwardsVideo(VideoSource):
    """A video file read mostly backwards. Where `asks_for_ends` each time is the end of what is shown: see `lead_us`.

    A GOP is decoded up to the time asked for and its last frames are kept, MOST_BYTES and MOST_FRAMES of them at most;
    what lies before them in a longer GOP is decoded once more when they are used up. All else is as in `VideoSource`:
    what is shown depends on nothing but the time.
    """

    def __init__(
        self,
        path: str,
        threads: int = 1,
        *,
        open_file: OpenFile = open_film,
        open_decoder: OpenDecoder | None = None,
        asks_for_ends: bool = True,
    ) -> None:
        self._behind: deque[tuple[TimedFrame, int | None]] = deque()  # frames before the current, since when shown
        self._is_rewound = False  # the decoder stands behind frames that are not kept
        super().__init__(path, threads, open_file=open_file, open_decoder=open_decoder)
        assert self._current is not None
        frame_bytes = sum(plane.buffer_size for plane in self._current.frame.planes)
        self._behind = deque(maxlen=max(min(MOST_BYTES // max(frame_bytes, 1), MOST_FRAMES), 1))
        if not asks_for_ends:
            return
        reader = self._reader
        lead = lead_us(reader.usual_ticks * reader.tick_us) * 2 / reader.tick_us
        scale, shift, ticks = self._clock
        self._clock = (scale, shift - round(lead * ticks), ticks)

    @property
    def held_frames(self) -> int:
        """How many frames are kept beside those that are being shown and decoded."""
        return len(self._behind)

    def close(self) -> None:
        """Let go of the file and of all frames."""
        self._behind.clear()
        super().close()

    def _go_to(self, time_us: Fraction) -> None:
        at = self._halves(time_us, TIE_US)
        while self._is_before(at) and self._behind:
            self._step_back()
        is_past_what_is_kept = self._is_rewound and self._next is not None and at >= self._turn
        if self._is_before(at) or is_past_what_is_kept or self._is_far_ahead(at):
            self._restart(time_us)
        while self._next is not None and at >= self._turn:
            if self._current is not None:
                self._behind.append((self._current, self._from))
            self._step()

    def _restart(self, time_us: Fraction) -> None:
        self._behind.clear()
        self._is_rewound = False
        super()._restart(time_us)

    def _step_back(self) -> None:
        self._next, self._after = self._current, self._next
        self._turn = self._from or 0
        self._current, self._from = self._behind.pop()
        self._is_rewound = True
