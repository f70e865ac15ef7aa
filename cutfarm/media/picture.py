"""An opaque picture on its way from a decoder to the encoder, held by a frame of libav; no tensor is needed for it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import av
import numpy as np

from cutfarm.media.colour import tag_frame

_LUMA_BLACK, _CHROMA_ZERO = 16, 128


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Planar 4:2:0, 8 bit, BT.709 limited range: 16 black … 235 white, chroma 16 … 240. Only to be read."""

    frame: av.VideoFrame  #: yuv420p, its rows may be padded; NV12 in a GPU's memory on the way to NVENC

    @property
    def width_px(self) -> int:
        """Luma columns."""
        return self.frame.width

    @property
    def height_px(self) -> int:
        """Luma rows."""
        return self.frame.height

    def digest(self) -> str:
        """SHA-256 of all samples, hexadecimal: equal digests mean bit-identical pictures."""
        state = hashlib.sha256()
        for plane in self.frame.planes:
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
            state.update(np.ascontiguousarray(rows[:, : plane.width]).data)
        return state.hexdigest()


def black(width_px: int, height_px: int) -> Picture:
    """An opaque black picture; both sizes even."""
    picture = blank(width_px, height_px)
    for plane, value in zip(picture.frame.planes, (_LUMA_BLACK, _CHROMA_ZERO, _CHROMA_ZERO), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return picture


def blank(width_px: int, height_px: int) -> Picture:
    """A picture of which nothing is set but its size and its tags."""
    frame = av.VideoFrame(width_px, height_px, "yuv420p")
    tag_frame(frame)
    return Picture(frame)
