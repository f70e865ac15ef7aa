"""What the bits of H.264 say: parameter sets, NAL units, heads of slices (ITU-T H.264 §7.3, ISO/IEC 14496-15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

SLICE, IDR_SLICE, SEI, SPS, PPS, DELIMITER = 1, 5, 6, 7, 8, 9  #: types of NAL units
RECOVERY_POINT = 6  #: an SEI message: decoding may begin at a picture that is no IDR
MATRIX_UNKNOWN = 2  #: of colour tags: not said

_CHROMA_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_EXTENDED_SAR = 255
_HEAD_BYTES = 40  # a slice's head up to its display order is shorter


class AvcFault(ValueError):
    """Bits that are not what H.264 prescribes, or that this module does not follow."""


class Bits:
    """Reads a NAL unit's payload, its emulation prevention taken out. Raises AvcFault past the end."""

    def __init__(self, escaped: bytes) -> None:
        payload = escaped.replace(b"\0\0\3", b"\0\0")
        self._value = int.from_bytes(payload, "big")
        self._left = 8 * len(payload)

    def number(self, bits: int) -> int:
        """An unsigned number of so many bits."""
        self._left -= bits
        if self._left < 0:
            raise AvcFault("the data ends too early")
        return self._value >> self._left & (1 << bits) - 1

    def flag(self) -> bool:
        """One bit."""
        return self.number(1) == 1

    def golomb(self) -> int:
        """An unsigned Exp-Golomb number (§9.1)."""
        rest = self._value & (1 << self._left) - 1
        zeros = self._left - rest.bit_length()
        return self.number(2 * zeros + 1) - 1

    def signed_golomb(self) -> int:
        """A signed Exp-Golomb number (§9.1.1)."""
        code = self.golomb()
        return (code + 1) // 2 if code % 2 else -(code // 2)


@dataclass(frozen=True, slots=True)
class Colour:
    """The colour tags of a sequence, FFmpeg's and H.264's numbers."""

    is_full: bool = False
    primaries: int = MATRIX_UNKNOWN
    transfer: int = MATRIX_UNKNOWN
    matrix: int = MATRIX_UNKNOWN


@dataclass(frozen=True, slots=True)
class Sequence:
    """What a sequence parameter set says."""

    profile: int
    level: int
    chroma_format: int  #: 1 is 4:2:0
    bit_depth: int  #: the larger one of luma and chroma
    width_px: int  #: after cropping
    height_px: int  #: after cropping
    is_progressive: bool  #: every picture is coded as a frame
    frame_number_bits: int
    order_type: int  #: how display order is coded: 0, 1 or 2
    order_bits: int  #: for type 0
    has_number_gaps: bool  #: reference frames may be missing on purpose
    pixel_aspect: Fraction | None  #: None where nothing is said
    colour: Colour
    fixed_fps: Fraction | None  #: a rate that the stream promises to keep
    reorder_frames: int | None  #: the promised depth of reordering; None where nothing is said


@dataclass(frozen=True, slots=True)
class PictureSet:
    """What of a picture parameter set matters for reading slices."""

    id: int
    has_bottom_order: bool  #: slices carry one more number of display order
    has_slice_groups: bool


@dataclass(frozen=True, slots=True)
class SliceHead:
    """The beginning of a slice."""

    first_block: int
    picture_set: int
    frame_number: int
    order_low: int  #: the lower bits of the display order, for type 0


@dataclass(frozen=True, slots=True)
class Configuration:
    """An `avcC` record (ISO/IEC 14496-15 §5.3.3.1)."""

    length_bytes: int  #: in front of each NAL unit of a packet
    sequence_sets: tuple[bytes, ...]  #: whole NAL units
    picture_sets: tuple[bytes, ...]

    @property
    def in_band(self) -> bytes:
        """All parameter sets as they stand inside a packet, each after its length in 4 bytes."""
        return b"".join(len(unit).to_bytes(4, "big") + unit for unit in self.sequence_sets + self.picture_sets)


def parse_configuration(record: bytes) -> Configuration:
    """Read an `avcC` record. Raises AvcFault, also for parameter sets between start codes."""
    if len(record) < 7 or record[0] != 1:
        raise AvcFault("its packets do not carry the lengths of their parts")
    sequence_sets, place = _units_of(record, 6, record[5] & 31)
    if place >= len(record):
        raise AvcFault("its parameter sets are cut off")
    picture_sets, _ = _units_of(record, place + 1, record[place])
    return Configuration((record[4] & 3) + 1, sequence_sets, picture_sets)


def _units_of(record: bytes, place: int, count: int) -> tuple[tuple[bytes, ...], int]:
    units = []
    for _ in range(count):
        end = place + 2 + int.from_bytes(record[place : place + 2], "big")
        if end > len(record) or end == place + 2:
            raise AvcFault("its parameter sets are cut off")
        units.append(record[place + 2 : end])
        place = end
    return tuple(units), place


def units(packet: memoryview) -> Iterator[memoryview]:
    """The NAL units of a packet whose lengths have 4 bytes. Raises AvcFault where the lengths do not add up."""
    place, size = 0, len(packet)
    while place < size:
        start = place + 4
        place = start + int.from_bytes(packet[place:start], "big")
        if place > size or place == start or start >= size:
            raise AvcFault("the lengths in a packet do not add up")
        yield packet[start:place]


def parse_sequence(unit: bytes) -> Sequence:
    """Read a sequence parameter set (§7.3.2.1.1). Raises AvcFault."""
    bits = Bits(unit[1:])
    profile, _, level = bits.number(8), bits.number(8), bits.number(8)
    bits.golomb()
    chroma_format, bit_depth = 1, 8
    if profile in _CHROMA_PROFILES:
        chroma_format = bits.golomb()
        if chroma_format == 3:
            bits.flag()
        bit_depth = 8 + max(bits.golomb(), bits.golomb())
        bits.flag()
        if bits.flag():
            _skip_scaling(bits, 12 if chroma_format == 3 else 8)
    frame_number_bits = bits.golomb() + 4
    order_type = bits.golomb()
    order_bits = bits.golomb() + 4 if order_type == 0 else 0
    if order_type == 1:
        raise AvcFault("its display order is coded in a rare way")
    bits.golomb()
    has_number_gaps = bits.flag()
    width, height = 16 * (bits.golomb() + 1), 16 * (bits.golomb() + 1)
    is_progressive = bits.flag()
    if not is_progressive:
        bits.flag()
        height *= 2
    bits.flag()
    if bits.flag():
        left, right, top, bottom = (bits.golomb() for _ in range(4))
        width -= (left + right) * (2 if chroma_format in {1, 2} else 1)
        height -= (top + bottom) * (2 if chroma_format == 1 else 1) * (1 if is_progressive else 2)
    pixel_aspect, colour, fixed_fps, reorder_frames = _usability(bits) if bits.flag() else (None, Colour(), None, None)
    return Sequence(
        profile,
        level,
        chroma_format,
        bit_depth,
        width,
        height,
        is_progressive,
        frame_number_bits,
        order_type,
        order_bits,
        has_number_gaps,
        pixel_aspect,
        colour,
        fixed_fps,
        reorder_frames,
    )


def _usability(bits: Bits) -> tuple[Fraction | None, Colour, Fraction | None, int | None]:
    """Pixel aspect, colour, promised rate and reordering of the usability information (annex E.1.1)."""
    aspect = _aspect(bits) if bits.flag() else None
    if bits.flag():
        bits.flag()
    colour = _colour(bits) if bits.flag() else Colour()
    if bits.flag():
        bits.golomb()
        bits.golomb()
    fixed_fps = None
    if bits.flag():
        tick, scale = bits.number(32), bits.number(32)
        fixed_fps = Fraction(scale, 2 * tick) if bits.flag() and tick else None
    has_nal_model, has_byte_model = _skip_model(bits), _skip_model(bits)
    if has_nal_model or has_byte_model:
        bits.flag()
    bits.flag()
    if not bits.flag():
        return aspect, colour, fixed_fps, None
    bits.flag()
    for _ in range(4):
        bits.golomb()
    return aspect, colour, fixed_fps, bits.golomb()


def _aspect(bits: Bits) -> Fraction | None:
    code = bits.number(8)
    if code != _EXTENDED_SAR:
        return {0: None, 1: Fraction(1)}.get(code, Fraction(0))
    across, down = bits.number(16), bits.number(16)
    return Fraction(across, down) if across and down else None


def _colour(bits: Bits) -> Colour:
    bits.number(3)
    is_full = bits.flag()
    return Colour(is_full, bits.number(8), bits.number(8), bits.number(8)) if bits.flag() else Colour(is_full)


def _skip_model(bits: Bits) -> bool:
    """Pass over the parameters of a hypothetical decoder (annex E.1.2), if they are there."""
    if not bits.flag():
        return False
    count = bits.golomb() + 1
    bits.number(8)
    for _ in range(count):
        bits.golomb()
        bits.golomb()
        bits.flag()
    bits.number(20)
    return True


def _skip_scaling(bits: Bits, lists: int) -> None:
    """Pass over scaling lists (§7.3.2.1.1.1)."""
    for index in range(lists):
        if not bits.flag():
            continue
        last = following = 8
        for _ in range(16 if index < 6 else 64):
            if following:
                following = (last + bits.signed_golomb()) % 256
            last = following or last


def parse_picture_set(unit: bytes) -> PictureSet:
    """Read the beginning of a picture parameter set (§7.3.2.2). Raises AvcFault."""
    bits = Bits(unit[1:])
    identity = bits.golomb()
    bits.golomb()
    bits.flag()
    has_bottom_order = bits.flag()
    return PictureSet(identity, has_bottom_order, bits.golomb() > 0)


def parse_slice(unit: memoryview, sequence: Sequence) -> SliceHead:
    """Read the head of a slice of a progressive 4:2:0 sequence (§7.3.3). Raises AvcFault."""
    bits = Bits(bytes(unit[1:_HEAD_BYTES]))
    first_block = bits.golomb()
    bits.golomb()
    picture_set = bits.golomb()
    frame_number = bits.number(sequence.frame_number_bits)
    if unit[0] & 31 == IDR_SLICE:
        bits.golomb()
    return SliceHead(first_block, picture_set, frame_number, bits.number(sequence.order_bits))
