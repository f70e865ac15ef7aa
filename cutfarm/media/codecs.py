"""Which codecs are written, and with which settings; plain data, so that planning a job loads no codec."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from cutfarm.errors import RequestError

Codec = Literal["h264", "h265", "ffv1"]  #: `ffv1` is lossless, in Matroska with FLAC

CODECS: tuple[Codec, ...] = ("h264", "h265", "ffv1")
ENCODERS = {"h264": "libx264", "h265": "libx265", "ffv1": "ffv1"}
NVENC_ENCODERS: dict[Codec, str] = {"h264": "h264_nvenc", "h265": "hevc_nvenc"}  #: on the GPUs that have them
LEAST_SIDE_PX: dict[Codec, int] = {"h264": 2, "h265": 16, "ffv1": 4}  #: of what their encoders take
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")

_GOP_SECONDS = 2
_NVENC_PRESETS = dict(zip(PRESETS, ("p1", "p2", "p3", "p4", "p4", "p5", "p6", "p7", "p7"), strict=True))


def parse_codec(text: str) -> Codec:
    """A codec by its name. Raises RequestError."""
    for codec in CODECS:
        if codec == text:
            return codec
    raise RequestError(f"codec {text!r} is not one of {', '.join(CODECS)}")


def container_suffix(codec: Codec) -> str:
    """The file name's ending for a codec: lossless video goes into Matroska, the rest into mp4."""
    return ".mkv" if codec == "ffv1" else ".mp4"


def gop_frames(codec: Codec, fps: Fraction) -> int:
    """Frames from one key frame to the next where nothing in the picture asks for an earlier one."""
    return 1 if codec == "ffv1" else max(round(fps * _GOP_SECONDS), 1)


def encoder_options(codec: Codec, fps: Fraction, preset: str, crf: int) -> dict[str, str]:
    """FFmpeg's options: closed GOPs, so that files of the same settings can be joined packet by packet."""
    gop = str(gop_frames(codec, fps))
    if codec == "ffv1":
        return {"level": "3", "g": gop, "slicecrc": "1"}
    options = {"preset": preset, "crf": str(crf), "g": gop, "forced-idr": "1", "a53cc": "0"}
    if codec == "h265":
        return options | {"x265-params": "open-gop=0:log-level=error:info=0"}
    return options | {"x264-params": "open-gop=0"}


def nvenc_options(codec: Codec, fps: Fraction, preset: str, crf: int) -> dict[str, str]:
    """The same for NVENC: its preset of about the same standing, `crf` as its constant quality, no reordered frames."""
    quality = {"rc": "vbr", "cq": str(crf), "b": "0", "preset": _NVENC_PRESETS[preset], "tune": "hq"}
    return quality | {"g": str(gop_frames(codec, fps)), "bf": "0", "forced-idr": "1", "no-scenecut": "1"}
