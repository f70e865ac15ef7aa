"""One GOP of an H.264 file as its bits have it: which frames, in which order, and whether they may be copied."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate

from cutfarm.media import avc
from cutfarm.media.avc import AvcFault, Sequence

OPEN = "its GOPs are open"

_PASSED_OVER = frozenset({avc.DELIMITER, 12})  # 12 is filler


@dataclass(frozen=True, slots=True)
class Gop:
    """The frames from one IDR picture up to the next, or to the file's end."""

    times: tuple[int, ...]  #: of presentation, ascending, in ticks
    prefixes: tuple[int, ...]  #: how many packets, from the IDR picture on, hold just as many first frames; ascending
    reorder_frames: int  #: how many frames later than it is decoded a frame may be shown
    fault: str  #: why its packets must not be copied, in words that follow a colon; "" where they may


@dataclass(frozen=True, slots=True)
class Stream:
    """What all packets of a file are read by."""

    sequence: Sequence
    picture_sets: frozenset[int]  #: ids
    parameter_sets: frozenset[bytes]  #: whole NAL units
    tick_us: Fraction
    fps: Fraction  #: at which the frames must come


@dataclass(frozen=True, slots=True)
class Picture:
    """What the bits of one packet say."""

    time: int
    is_idr: bool = False
    is_reference: bool = False
    frame_number: int = 0
    order_low: int = 0
    fault: str = ""


def read_picture(time: int, packet: memoryview, stream: Stream, *, is_keyframe: bool) -> Picture:
    """Read the packet of the picture shown at `time`, of which the file says whether decoding may start there."""
    try:
        slices = _slices(packet, stream.parameter_sets, is_keyframe=is_keyframe)
        head = avc.parse_slice(slices[0], stream.sequence)
    except AvcFault as found:
        return Picture(time, fault=str(found))
    nal = slices[0][0]
    is_idr = nal & 31 == avc.IDR_SLICE
    fault = ""
    if head.first_block or head.picture_set not in stream.picture_sets:
        fault = "a picture is not whole"
    elif any(other[0] != nal or other[1] & 0x80 for other in slices[1:]):
        fault = "a packet holds more than one picture"
    elif is_keyframe and not is_idr:
        fault = OPEN
    return Picture(time, is_idr, nal & 0x60 > 0, head.frame_number, head.order_low, fault)


def _slices(packet: memoryview, known_sets: Collection[bytes], *, is_keyframe: bool) -> list[memoryview]:
    """The slices of a packet, one or more, when all else in it is harmless. Raises AvcFault."""
    slices = []
    for unit in avc.units(packet):
        kind = unit[0] & 31
        if kind in (avc.SLICE, avc.IDR_SLICE):
            slices.append(unit)
        elif kind in (avc.SPS, avc.PPS):
            if bytes(unit) not in known_sets:
                raise AvcFault("its parameter sets change")
        elif kind == avc.SEI:
            if not is_keyframe and unit[1:2] == bytes([avc.RECOVERY_POINT]):
                raise AvcFault(OPEN)
        elif kind not in _PASSED_OVER:
            raise AvcFault(f"it holds NAL units of type {kind}")
    if not slices:
        raise AvcFault("a packet holds no picture")
    return slices


@dataclass(slots=True)
class GopBuilder:
    """A GOP while it is read."""

    stream: Stream
    times: list[int] = field(default_factory=list)  #: in decoding order
    orders: list[int] = field(default_factory=list)  #: display order as the bits say it, in decoding order
    fault: str = ""
    _reference_number: int = 0
    _reference_order: int = 0

    def add(self, picture: Picture) -> None:
        """Take the next picture and compare its numbers with those before (§7.4.3, §8.2.1)."""
        self.times.append(picture.time)
        self.fault = self.fault or picture.fault
        if self.fault:
            return
        sequence = self.stream.sequence
        following = 0 if picture.is_idr else (self._reference_number + 1) % (1 << sequence.frame_number_bits)
        if picture.frame_number != following:
            self.fault = "frames are missing"
        span = 1 << sequence.order_bits
        # The nearest number with these lower bits; from the middle upwards.
        ahead = (picture.order_low - self._reference_order) % span
        order = self._reference_order + (ahead if ahead <= span // 2 else ahead - span)
        self.orders.append(order if sequence.order_type == 0 else len(self.orders))
        if picture.is_reference:
            self._reference_number, self._reference_order = picture.frame_number, order

    def finished(self) -> Gop:
        """The GOP with its fault, if it has one."""
        times = tuple(sorted(self.times))
        rank_of = {time: rank for rank, time in enumerate(times)}
        ranks = [rank_of[time] for time in self.times]
        depth = max(place - rank for place, rank in enumerate(ranks))
        prefixes = tuple(count for count, last in enumerate(accumulate(ranks, max), 1) if last == count - 1)
        fault = self.fault or self._fault_of_times(times, depth)
        return Gop(times, prefixes, depth, fault)

    def _fault_of_times(self, times: tuple[int, ...], depth: int) -> str:
        shown = [time for _, time in sorted(zip(self.orders, self.times, strict=True))]
        if min(len(set(times)), len(set(self.orders))) < len(times) or tuple(shown) != times:
            return "its times contradict its pictures' order"
        if self.times[0] != times[0]:
            return OPEN
        promised = self.stream.sequence.reorder_frames
        if depth and (promised is None or promised < depth):
            return "it does not say how far its frames are reordered"
        fps = self.stream.fps
        frame_ticks = 1_000_000 / (fps * self.stream.tick_us)
        scale, step = frame_ticks.denominator, frame_ticks.numerator
        if any(abs((time - times[0]) * scale - rank * step) >= scale for rank, time in enumerate(times)):
            return f"its frames do not come {float(fps):g} times a second"
        return ""
