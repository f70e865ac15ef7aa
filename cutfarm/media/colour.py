"""What the samples of a decoded frame mean: matrix and range, guessed where the file says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import av

if TYPE_CHECKING:
    from av.video.codeccontext import VideoCodecContext

SWS_BT709 = 1  #: swscale's number of the BT.709 matrix
RANGE_LIMITED, RANGE_FULL = 1, 2  #: FFmpeg's numbers of the sample ranges

_BT709 = 1  # FFmpeg's number, the same for matrix, primaries and transfer
_SWS_BT601 = 5
_HD_HEIGHT_PX = 720  # untagged files from here on are BT.709, below BT.601, as players take them
_SWS_OF_TAG = {1: 1, 4: 4, 5: 5, 6: 5, 7: 7, 9: 9, 10: 9}  # AVColorSpace to swscale's matrix
_NAME_OF_SWS = {1: "bt709", 4: "fcc", 5: "bt601", 7: "smpte240m", 9: "bt2020"}
_UNTAGGED = frozenset({0, 2, 3})  # FFmpeg's numbers of reserved and unspecified
_TRANSFERS: dict[int, Literal["pq", "hlg", "sdr"]] = {16: "pq", 18: "hlg"}  # AVColorTransferCharacteristic
_WIDE: dict[int, Literal["bt2020", "p3", "bt709"]] = {9: "bt2020", 12: "p3"}  # AVColorPrimaries wider than BT.709


class Light(NamedTuple):
    """What light the code values of R, G and B stand for, where that is not BT.709's."""

    transfer: Literal["pq", "hlg", "sdr"]
    primaries: Literal["bt2020", "p3", "bt709"]


@dataclass(frozen=True, slots=True)
class SourceColour:
    """How code values become colour."""

    matrix: int  #: swscale's number
    is_full: bool  #: 0…255, else 16…235 and 16…240
    light: Light | None = None  #: None for SDR in the canvas's primaries, or nearly

    @property
    def matrix_name(self) -> str:
        """As FFmpeg's filters name it."""
        return _NAME_OF_SWS[self.matrix]

    @property
    def range_name(self) -> str:
        """As FFmpeg's filters name it."""
        return "full" if self.is_full else "limited"

    @property
    def is_canvas(self) -> bool:
        """Whether it is the canvas's own: BT.709, limited."""
        return self.matrix == SWS_BT709 and not self.is_full and self.light is None

    @property
    def is_hdr(self) -> bool:
        """Whether it must be tone-mapped."""
        return self.light is not None and self.light.transfer != "sdr"


def tag_frame(frame: av.VideoFrame) -> None:
    """Say of `frame` that its samples are the canvas's: BT.709, limited range."""
    frame.colorspace, frame.color_range = SWS_BT709, RANGE_LIMITED


def tag_stream(context: VideoCodecContext) -> None:
    """Say the same of all pictures of a stream that is written."""
    context.color_range = RANGE_LIMITED
    context.colorspace = context.color_primaries = context.color_trc = _BT709


def source_colour(frame: av.VideoFrame) -> SourceColour:
    """The colour of `frame` by its tags.

    Untagged frames count as BT.709 from 720 rows on, BT.601 below; an unspecified range is limited, except for the
    `yuvj` formats. PQ and HLG count as HDR, in BT.2020 unless other primaries are tagged. SDR counts as wide where
    BT.2020 or Display P3 primaries are tagged; all other primaries and transfers are so near BT.709's that players take
    them for the same.
    """
    light = None
    transfer, primaries = frame.color_trc, frame.color_primaries
    if transfer in _TRANSFERS or primaries in _WIDE:
        light = _light(transfer, primaries)
    if frame.format.is_rgb:
        return SourceColour(SWS_BT709, is_full=True, light=light)
    guess = SWS_BT709 if frame.height >= _HD_HEIGHT_PX else _SWS_BT601
    is_full = frame.color_range == RANGE_FULL or frame.format.name.startswith("yuvj")
    return SourceColour(_SWS_OF_TAG.get(frame.colorspace, guess), is_full, light)


def _light(transfer: int, primaries: int) -> Light:
    untold: Literal["bt2020", "bt709"] = "bt2020" if primaries in _UNTAGGED else "bt709"
    return Light(_TRANSFERS.get(transfer, "sdr"), _WIDE.get(primaries, untold))
