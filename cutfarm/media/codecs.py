"""Which codecs are written, and with which settings; plain data, so that planning a job loads no codec."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from cutfarm.errors import RequestError

Codec = Literal["h264", "h265", "ffv1"]  #: `ffv1` is lossless, in Matroska with FLAC

CODECS: tuple[Codec, ...] = ("h264", "h265", "ffv1")
ENCODERS = {"h264": "libx264", "h265": "libx265", "ffv1": "ffv1"}
NVENC_ENCODERS: dict[Codec, str] = {"h264": "h264_nvenc", "h265": "hevc_nvenc"}  #: on the GPUs that have them
LEAST_SIDE_PX: dict[Codec, int] = {"h264": 2, "h265": 16, "ffv1": 4}  #: of what their encoders take
PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")

SoundCodec = Literal["aac", "opus", "mp3", "flac", "pcm"]
SOUND_CODECS: tuple[SoundCodec, ...] = ("aac", "opus", "mp3", "flac", "pcm")
LOSSLESS_BITS = 24  #: a sample of FLAC and PCM; what its rounding adds, −144 dB, needs no dither
#: What each container of sound takes, its usual codec first; `.m4a` is mp4 and `.mka` Matroska, as they go to videos.
SOUND_CONTAINERS: dict[str, tuple[SoundCodec, ...]] = {
    ".m4a": ("aac", "opus", "mp3", "flac"),
    ".mka": ("flac", "aac", "opus", "mp3"),
    ".mp3": ("mp3",),
    ".wav": ("pcm",),
    ".flac": ("flac",),
    ".ogg": ("opus",),
    ".opus": ("opus",),
}
_CONTAINER_NAMES = {".m4a": "mp4", ".mka": "Matroska"}
_OWN_CONTAINER: dict[SoundCodec, str] = {"aac": ".m4a", "opus": ".ogg", "mp3": ".mp3", "flac": ".flac", "pcm": ".wav"}
_SOUND_RATES_HZ: dict[SoundCodec, tuple[int, ...]] = {"opus": (48_000,)}
_ANY_SOUND_RATE_HZ = (44_100, 48_000)
_KBPS: dict[SoundCodec, range] = {"aac": range(128, 321), "opus": range(64, 257), "mp3": range(128, 321)}
_USUAL_KBPS: dict[SoundCodec, int] = {"aac": 192, "opus": 160, "mp3": 192}
_MP3_KBPS = (128, 160, 192, 224, 256, 320)  # what ISO/IEC 11172-3 has a number for

_GOP_SECONDS = 2
_NVENC_PRESETS = dict(zip(PRESETS, ("p1", "p2", "p3", "p4", "p4", "p5", "p6", "p7", "p7"), strict=True))


def parse_codec(text: str) -> Codec:
    """A codec by its name. Raises RequestError."""
    for codec in CODECS:
        if codec == text:
            return codec
    raise RequestError(f"codec {text!r} is not one of {', '.join(CODECS)}")


def parse_sound_codec(text: str) -> SoundCodec:
    """A codec of sound by its name. Raises RequestError."""
    for codec in SOUND_CODECS:
        if codec == text:
            return codec
    raise RequestError(f"audio codec {text!r} is not one of {', '.join(SOUND_CODECS)}")


def container_suffix(codec: Codec) -> str:
    """The file name's ending for a codec: lossless video goes into Matroska, the rest into mp4."""
    return ".mkv" if codec == "ffv1" else ".mp4"


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """How stereo sound is written."""

    codec: SoundCodec = "aac"
    rate_hz: int = 44_100
    bit_rate: int = 192_000  #: bits a second; 0 where nothing is lost
    suffix: str = ".m4a"  #: its container, by the file's ending: one of `SOUND_CONTAINERS`


def sound_format(
    suffix: str, codec: SoundCodec | None = None, rate_hz: int | None = None, kbps: int | None = None
) -> SoundFormat:
    """The sound of a file that ends in `suffix`; None leaves the usual: 44.1 kHz, 48 for Opus, 192 kb/s, 160 for Opus.

    Raises RequestError for what does not go together.
    """
    taken = SOUND_CONTAINERS.get(suffix)
    if taken is None:
        raise RequestError(f"sound is written to {', '.join(SOUND_CONTAINERS)}, not to {suffix or 'no ending'}")
    chosen = codec or taken[0]
    if chosen not in taken:
        raise RequestError(f"{_CONTAINER_NAMES.get(suffix, suffix)} holds {' or '.join(taken)}, not {chosen}")
    rates_hz = _SOUND_RATES_HZ.get(chosen, _ANY_SOUND_RATE_HZ)
    if rate_hz is not None and rate_hz not in rates_hz:
        raise RequestError(f"{chosen} is written at {' or '.join(map(str, rates_hz))} Hz, not at {rate_hz}")
    return SoundFormat(chosen, rate_hz or rates_hz[0], _bit_rate(chosen, kbps), suffix)


def own_sound_container(codec: SoundCodec | None) -> str:
    """The usual ending of a file of that codec's sound and nothing else; AAC's where none is named."""
    return _OWN_CONTAINER[codec or "aac"]


def sound_container(codec: Codec) -> str:
    """The ending of sound on its way into a video of `codec`: the same container, which alone keeps its times whole."""
    return ".mka" if codec == "ffv1" else ".m4a"


def _bit_rate(codec: SoundCodec, kbps: int | None) -> int:
    """Bits a second. Raises RequestError."""
    if codec not in _KBPS:
        if kbps is not None:
            raise RequestError(f"{codec} is lossless and has no bit rate to choose")
        return 0
    chosen, allowed = kbps if kbps is not None else _USUAL_KBPS[codec], _KBPS[codec]
    if chosen not in allowed:
        raise RequestError(f"{codec} takes {allowed[0]} to {allowed[-1]} kb/s, not {chosen}")
    if codec == "mp3" and chosen not in _MP3_KBPS:
        raise RequestError(f"mp3 takes {', '.join(map(str, _MP3_KBPS))} kb/s, not {chosen}")
    return chosen * 1000


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
