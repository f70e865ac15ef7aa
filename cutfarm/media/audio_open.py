"""Opening a file for its sound alone: which stream is heard, and what of the rest need not be read."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from av.audio.stream import AudioStream
from av.codec import Codec, codecs_available
from av.codec.codec import UnknownCodecError
from av.stream import Discard, Disposition

from cutfarm.errors import AssetUnreadable
from cutfarm.media import audio_raw
from cutfarm.media.container import is_mp4, open_media

if TYPE_CHECKING:
    from av.container import InputContainer

RATES_HZ = range(1_000, 768_001)  #: sample rates that are heard: beyond them lie faulty headers and no recordings

_READ_BYTES = 8_192  # at a time: between two packets of sound lie pictures
_MADE_FOR_PCM = ("wav", "w64", "aiff")
_ZERO_BASED = "mov,mp4,m4a,3gp,3g2,mj2"
_CHECKED = {"flac": {"err_detect": "crccheck+explode"}}  # codecs whose check sums tell what is damaged


def open_sound(path: str) -> tuple[InputContainer, AudioStream | None]:
    """A file and the stream of it that is heard: the first one marked as default, else the first one.

    A stream that cannot be decoded is passed over where another can. Raises AssetMissing or AssetUnreadable.
    """
    container = open_media(path, _hints(path))
    if container.format.name == "aac":
        # FFmpeg's parser of raw AAC loses where in the file its frames lie.
        container.close()
        container = open_media(path, {"fflags": "noparse+nofillin"})
    sounds = [stream for stream in container.streams if stream.type == "audio"]
    usable = [stream for stream in sounds if isinstance(stream, AudioStream) and stream.codec_context is not None]
    if sounds and not usable:
        container.close()
        raise AssetUnreadable(f"the sound of {Path(path).name} is of a kind that cannot be decoded")
    default = (stream for stream in usable if stream.disposition & Disposition.default)
    heard = next(default, usable[0] if usable else None)
    for other in container.streams:
        if other is not heard:
            other.discard = Discard.all
    if heard is not None:
        heard.codec_context.options = _CHECKED.get(heard.codec_context.name, {})
    return container, heard


def origin_s(container: InputContainer, stream: AudioStream) -> Fraction:
    """The stamp that is media time 0: the file's first, save where a sound file counts from zero by its format."""
    own_s = (stream.start_time or 0) * (stream.time_base or Fraction(0))
    if container.format.name == _ZERO_BASED and not container.streams.video:
        entries = stream.index_entries
        # Without a list of edits, what is left out in front (iTunSMPB) is no time that passes.
        return own_s if len(entries) and entries[0].timestamp == 0 else Fraction(0)
    start_s = Fraction(container.start_time or 0, 1_000_000)
    return own_s if abs(own_s - start_s) * 1_000_000 <= 1 else start_s


def is_counted(container: InputContainer, stream: AudioStream) -> bool:
    """Whether where a packet lies in time is told by those before it alone: FFmpeg reckons times of others, or guesses.

    So are raw streams, and compressed sound in containers that were made for PCM.
    """
    if container.format.name in _MADE_FOR_PCM:
        return not stream.codec_context.name.startswith("pcm_")
    return container.format.name in audio_raw.FORMATS


def counts_every_sample(container: InputContainer) -> bool:
    """Whether the container's index says where each sample lies, so that a gap is meant and no damage."""
    return container.format.name == _ZERO_BASED


def _hints(path: str) -> dict[str, str]:
    """What spares reading and decoding pictures; outside of MP4 FFmpeg looks at them to learn where a file starts."""
    hints = {"blocksize": str(_READ_BYTES)}
    return hints | {"codec_whitelist": _sound_decoders()} if is_mp4(path) else hints


@cache
def _sound_decoders() -> str:
    return ",".join(sorted(name for name in codecs_available if _is_sound_decoder(name)))


def _is_sound_decoder(name: str) -> bool:
    try:
        return Codec(name, "r").type == "audio"
    except UnknownCodecError:
        return False
