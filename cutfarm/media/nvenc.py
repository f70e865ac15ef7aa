"""Encoding on a GPU that can: data-centre cards have no NVENC, so it is tried out, never guessed from a name.

Not run on a GPU yet (docs/adr/0011-gpu.md).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import av
import av.error
import torch
from av.video.frame import CudaContext

from cutfarm.media.codecs import NVENC_ENCODERS, Codec
from cutfarm.media.colour import tag_frame
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes

_TRIAL_PX = 256


@cache
def has_nvenc(codec: Codec) -> bool:
    """Whether this machine's GPU encodes `codec`: one small picture is encoded to find out, once in a process."""
    name = NVENC_ENCODERS.get(codec)
    if name is None:
        return False
    try:
        encoder = av.CodecContext.create(name, "w")
        assert isinstance(encoder, av.VideoCodecContext)
        encoder.width = encoder.height = _TRIAL_PX
        encoder.pix_fmt, encoder.time_base = "nv12", Fraction(1, 30)
        trial = av.VideoFrame(_TRIAL_PX, _TRIAL_PX, "nv12")
        trial.pts, trial.time_base = 0, Fraction(1, 30)
        return len([*encoder.encode(trial), *encoder.encode(None)]) == 1
    except (av.error.FFmpegError, ValueError):  # no driver, no NVENC on the card, or an FFmpeg without it
        return False


class NvencFrames:
    """Hands NV12 pictures in a GPU's memory to NVENC as they are. Of the thread that draws, whose context it shares."""

    def __init__(self, device: torch.device) -> None:
        self._context = CudaContext(device.index, primary_ctx=False, current_ctx=True)

    def picture(self, planes: Planes, done: torch.cuda.Event) -> Picture:
        """The picture for the encoder; `planes` are views of interleaved chroma, and `done` says when they are drawn.

        Waits for `done`: NVENC reads on a stream of its own.
        """
        done.synchronize()
        height, width = planes.u.shape
        uv = planes.u.as_strided((height, width, 2), (planes.u.stride(0), 2, 1))
        frame = av.VideoFrame.from_dlpack(
            (planes.y, uv), "nv12", primary_ctx=False, current_ctx=True, cuda_context=self._context
        )
        tag_frame(frame)
        return Picture(frame)
