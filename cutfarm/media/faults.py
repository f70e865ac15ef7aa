"""What can be wrong with a video file, and which of its decoded frames are worth showing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

import av
from av.video.frame import PictureType

if TYPE_CHECKING:
    from av.video.stream import VideoStream


class Fault(Enum):
    """Why a frame that is shown is not the one that the file should have there, or does not look as it does there."""

    DAMAGED = auto()  #: the frames there cannot be decoded, or not without guessing: a good neighbour is held
    CONCEALED = auto()  #: nothing whole follows for long: shown as the decoder mends it
    MISSING = auto()  #: nothing is lost, but the file has no frame there
    CUT_OFF = auto()  #: the file was to be longer, or ends in damage: its last good frame is held
    ENDED = auto()  #: the file is shorter than what is asked of it: its last frame is held
    NOT_BEGUN = auto()  #: its first frame comes later and is held until then
    RESIZED = auto()  #: the picture has another size than the first one
    TONE_MAPPED = auto()  #: it is HDR and shown as SDR
    INTERLACED = auto()  #: its two fields are of two times, and it is shown at that of the first


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """A decoded frame worth showing."""

    frame: av.VideoFrame
    ticks: int  #: its own time, in the stream's time base
    is_after_loss: bool  #: frames between it and the one worth showing before it are lost
    is_mended: bool = False  #: it is shown for want of better ones
    before: av.VideoFrame | None = None  #: the frames beside it, where somebody asked for them
    after: av.VideoFrame | None = None


class Judge:
    """Tells which frames are worth showing. It is told of packets and frames in order, since the decoder was empty.

    A frame that the decoder marks as corrupt is not, nor is what is decoded after it, after a packet that could not be
    decoded or after one that is missing, up to the next keyframe: the decoder hands out what refers to lost pictures
    without a word. What a keyframe is, is for the decoder to say and not for the container. Where `longest_ticks` pass
    without one, frames are shown mended. What is shown so does not depend on where decoding began. A frame that comes
    before a corrupt one it refers to passes: nothing is known of that yet, and to wait would cost at every cut.
    """

    def __init__(self, longest_ticks: int, *, takes_all: bool, has_decoding_times: bool) -> None:
        self._longest_ticks = longest_ticks
        self._has_decoding_times = has_decoding_times  # instead of the frames' own, which are the same in order
        self._takes_all = takes_all  # of a file without one keyframe that the decoder calls so
        self._count = 0
        self._sent: dict[int, int] = {}  # numbers of packets by the times of their frames, until these come
        self._breaks: list[int] = []  # packets from which on nothing is whole, until a keyframe is decoded
        self._refused = 0
        self._first: int | None = None  # the keyframe that this run began with
        self._last_good = 0
        self._is_key_hidden = False  # by an edit list: it is decoded and not handed out
        self._is_after_loss = False
        self.last_sent: int | None = None  #: the latest time of all packets

    @property
    def has_begun(self) -> bool:
        """Whether a frame was worth showing."""
        return self._first is not None

    def sent(self, packet: av.Packet[VideoStream], *, is_after_gap: bool) -> None:
        """`packet` is about to be decoded, and one that it may need is missing if `is_after_gap`."""
        self._count += 1
        self._is_key_hidden = self._is_key_hidden or (packet.is_discard and packet.is_keyframe)
        ticks = packet.pts
        if ticks is not None:
            self._sent[ticks] = self._count
            self.last_sent = ticks if self.last_sent is None else max(self.last_sent, ticks)
        if is_after_gap:
            self._breaks.append(self._count)

    def refused(self, packet: av.Packet[VideoStream]) -> None:
        """The decoder found fault with `packet` or, with threads of its own, with one shortly before it."""
        if packet.pts is None or self._has_decoding_times:
            self._sent.pop(packet.pts or 0, None)
            self._breaks.append(self._count)
        else:
            self._refused += 1

    def worth(self, frames: list[av.VideoFrame]) -> Iterator[TimedFrame]:
        """Those of `frames` that are worth showing."""
        for frame in frames:
            ticks = min(self._sent, default=frame.pts) if self._has_decoding_times else frame.pts
            if ticks is None or (self._first is not None and ticks < self._first):
                continue  # leading pictures of an open GOP refer to frames before the seek point
            number = self._settle(ticks)
            is_good = self._is_good(frame, number)
            if is_good:
                self._last_good = ticks
            elif not self._takes_all and (self._first is None or ticks - self._last_good <= self._longest_ticks):
                self._is_after_loss = True
                continue
            self._first = ticks if self._first is None else self._first
            is_mended = frame.is_corrupt if self._takes_all else not is_good
            yield TimedFrame(frame, ticks, self._is_after_loss, is_mended)
            self._is_after_loss = False

    def _settle(self, ticks: int) -> int:
        """The number of the packet whose frame this is; packets whose frames should have come before it are lost."""
        number = self._sent.pop(ticks, self._count)
        lost = [self._sent.pop(sent) for sent in [sent for sent in self._sent if sent < ticks]]
        if lost:
            self._is_after_loss = True
        if lost and self._refused:  # without a complaint they are second fields, or never to be shown
            self._breaks.append(min(lost))
            self._refused = 0
        return number

    def _is_good(self, frame: av.VideoFrame, number: int) -> bool:
        if frame.is_corrupt:
            self._breaks.append(number)
        elif frame.key_frame or frame.pict_type == PictureType.I:
            self._breaks = [place for place in self._breaks if place > number]
        elif self._first is None and not self._is_key_hidden:
            return False
        return not self._breaks or number < min(self._breaks)
