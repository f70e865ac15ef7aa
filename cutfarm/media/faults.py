"""What can be wrong with a video file, and which of its decoded frames are worth showing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

import av
from av.video.frame import PictureType


class Fault(Enum):
    """Why a frame that is shown is not the one that the file should have there."""

    DAMAGED = auto()  #: the frames there cannot be decoded, or not without guessing: a good neighbour is held
    CONCEALED = auto()  #: nothing whole follows for long: shown as the decoder mends it
    MISSING = auto()  #: nothing is lost, but the file has no frame there
    CUT_OFF = auto()  #: the file was to be longer, or ends in damage: its last good frame is held
    ENDED = auto()  #: the file is shorter than what is asked of it: its last frame is held
    NOT_BEGUN = auto()  #: its first frame comes later and is held until then
    RESIZED = auto()  #: the picture has another size than the first one


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """A decoded frame worth showing."""

    frame: av.VideoFrame
    ticks: int  #: its own time, in the stream's time base
    is_after_loss: bool  #: frames between it and the one worth showing before it are lost
    is_mended: bool = False  #: it is shown for want of better ones


class Judge:
    """Tells which frames are worth showing. It is told of packets and frames in order, since the decoder was empty.

    A frame that the decoder marks as corrupt is not, nor is what comes after it or after a packet that could not be
    decoded, up to the next keyframe: the decoder hands out what refers to lost pictures without a word. What a
    keyframe is, is for the decoder to say and not for the container. Where `longest_ticks` pass without one, frames are
    shown mended. What is shown so does not depend on where decoding began, and a good frame is always the whole one.
    """

    def __init__(self, longest_ticks: int, *, takes_all: bool) -> None:
        self._longest_ticks = longest_ticks
        self._takes_all = takes_all  # of a file without one good frame
        self._sent: set[int] = set()
        self._refused = 0
        self._is_broken = False
        self._first: int | None = None  # the keyframe that this run began with
        self._last_good = 0
        self._is_after_loss = False

    @property
    def has_begun(self) -> bool:
        """Whether a frame was worth showing."""
        return self._first is not None

    @property
    def ends_in_loss(self) -> bool:
        """Whether something was lost after the last frame worth showing."""
        return self._is_after_loss or self._refused > 0

    def sent(self, packet: av.Packet) -> None:
        """`packet` is about to be decoded."""
        if packet.pts is not None:
            self._sent.add(packet.pts)

    def refused(self, packet: av.Packet) -> None:
        """The decoder found fault with `packet` or, with threads of its own, with one shortly before it."""
        if packet.pts is None:
            self._is_broken = self._is_after_loss = True
        else:
            self._refused += 1

    def worth(self, frames: list[av.VideoFrame]) -> Iterator[TimedFrame]:
        """Those of `frames` that are worth showing."""
        for frame in frames:
            ticks = frame.pts
            if ticks is None or (self._first is not None and ticks < self._first):
                continue  # leading pictures of an open GOP refer to frames before the seek point
            self._settle(ticks)
            if self._is_good(frame):
                self._first = ticks if self._first is None else self._first
                self._last_good = ticks
            elif not self._is_mended(ticks):
                self._is_after_loss = True
                continue
            yield TimedFrame(frame, ticks, self._is_after_loss, self._takes_all or self._is_broken)
            self._is_after_loss = False

    def _settle(self, ticks: int) -> None:
        """Packets whose frames should have come by now are lost."""
        self._sent.discard(ticks)
        lost = [sent for sent in self._sent if sent < ticks]
        if not lost:
            return
        self._sent.difference_update(lost)
        self._is_after_loss = True
        if self._refused:  # without a complaint they are second fields, or never to be shown
            self._is_broken, self._refused = True, 0

    def _is_good(self, frame: av.VideoFrame) -> bool:
        if frame.is_corrupt:
            self._is_broken = True
        elif frame.key_frame or frame.pict_type == PictureType.I:
            self._is_broken = False
        elif self._first is None:
            return False
        return not self._is_broken

    def _is_mended(self, ticks: int) -> bool:
        if self._takes_all:
            self._first = ticks if self._first is None else self._first
            return True
        return self._first is not None and ticks - self._last_good > self._longest_ticks
