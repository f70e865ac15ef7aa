"""What the samples of a decoded frame mean: matrix and range, guessed where the file says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class SourceColour:
    """How code values become colour."""

    matrix: int  #: swscale's number
    is_full: bool  #: 0…255, else 16…235 and 16…240

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
        return self.matrix == SWS_BT709 and not self.is_full


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
    `yuvj` formats.
    """
    if frame.format.is_rgb:
        return SourceColour(SWS_BT709, is_full=True)
    guess = SWS_BT709 if frame.height >= _HD_HEIGHT_PX else _SWS_BT601
    is_full = frame.color_range == RANGE_FULL or frame.format.name.startswith("yuvj")
    return SourceColour(_SWS_OF_TAG.get(frame.colorspace, guess), is_full)
