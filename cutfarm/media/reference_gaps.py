"""Missing packets of H.264: pictures that later ones refer to are numbered, and the decoder says nothing of a gap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cutfarm.media import avc
from cutfarm.media.avc import AvcFault, Sequence

if TYPE_CHECKING:
    import av
    from av.video.codeccontext import VideoCodecContext
    from av.video.stream import VideoStream

_LENGTH_BYTES = 4
_START_CODE = b"\0\0\1"
_SLICES = frozenset({avc.SLICE, avc.IDR_SLICE})


class ReferenceGaps:
    """Follows the numbers of reference pictures (ITU-T H.264 §7.4.3, frame_num) from packet to packet."""

    def __init__(self, sequence: Sequence, *, has_start_codes: bool) -> None:
        self._sequence = sequence
        self._has_start_codes = has_start_codes
        self._number: int | None = None  # of the last reference picture

    def is_before(self, packet: av.Packet[VideoStream]) -> bool:
        """Whether a reference picture is missing between the packet asked about last and `packet`."""
        unit = _first_slice(memoryview(packet), has_start_codes=self._has_start_codes) if packet.size else None
        if unit is None:
            return False
        try:
            number = avc.parse_slice(unit, self._sequence).frame_number
        except AvcFault:
            return False
        before, is_reference = self._number, unit[0] & 0x60 > 0
        if is_reference or before is None:
            self._number = number
        if before is None or unit[0] & 31 == avc.IDR_SLICE:
            return False
        return (number - before) % (1 << self._sequence.frame_number_bits) > 1


def reference_gaps(context: VideoCodecContext) -> ReferenceGaps | None:
    """What follows the packets of `context`; None for what is not progressive H.264 with all its pictures numbered."""
    record = context.extradata
    if context.name != "h264" or not record:
        return None
    try:
        if record[0] == 1:
            configuration = avc.parse_configuration(record)
            if configuration.length_bytes != _LENGTH_BYTES:
                return None
            sets = [unit for unit in configuration.sequence_sets if unit]
        else:
            sets = [bytes(unit) for unit in _coded(memoryview(record)) if unit[0] & 31 == avc.SPS]
        sequences = [avc.parse_sequence(unit) for unit in sets]
    except AvcFault:
        return None
    if len(sequences) != 1 or not sequences[0].is_progressive or sequences[0].has_number_gaps:
        return None
    return ReferenceGaps(sequences[0], has_start_codes=record[0] != 1)


def _first_slice(packet: memoryview, *, has_start_codes: bool) -> memoryview | None:
    try:
        parts = _coded(packet) if has_start_codes else avc.units(packet)
        return next((unit for unit in parts if unit[0] & 31 in _SLICES), None)
    except AvcFault:
        return None


def _coded(stream: memoryview) -> Iterator[memoryview]:
    """The NAL units of a byte stream, each up to the stream's end, which is enough for their heads (annex B)."""
    whole = stream.tobytes()
    place = whole.find(_START_CODE)
    while 0 <= place < len(whole) - len(_START_CODE):
        place += len(_START_CODE)
        yield stream[place:]
        place = whole.find(_START_CODE, place)
