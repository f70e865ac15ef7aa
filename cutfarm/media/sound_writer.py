"""The file that a mix is written to."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Self

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from cutfarm.errors import EncodeError
from cutfarm.media import audio_filter
from cutfarm.media.audio_filter import Samples
from cutfarm.media.codecs import LOSSLESS_BITS, SoundCodec, SoundFormat
from cutfarm.media.container import reason

_Encoder = Literal["aac", "libopus", "libmp3lame", "flac", "pcm_s24le"]

_MUXERS = {
    ".m4a": "mp4",
    ".mka": "matroska",
    ".mp3": "mp3",
    ".wav": "wav",
    ".flac": "flac",
    ".ogg": "ogg",
    ".opus": "ogg",
}
#: FFmpeg's encoder of each codec and the samples that it takes.
_ENCODERS: dict[SoundCodec, tuple[_Encoder, str]] = {
    "aac": ("aac", "fltp"),
    "opus": ("libopus", "flt"),
    "mp3": ("libmp3lame", "fltp"),
    "flac": ("flac", "s32"),
    "pcm": ("pcm_s24le", "s32"),
}


class SoundWriter:
    """Writes stereo sound as `sound` says; a player hears its first sample at 0, whatever the encoder puts in front.

    The length is exact in .wav, .flac, .mp3, .ogg and .opus, and of FLAC, Opus and MP3 in Matroska. In mp4 the length
    that the file declares is exact; a decoder that does not heed it gives up to one frame of silence more, as any does
    of AAC in Matroska. As a context manager it removes the file when the body fails. Raises EncodeError.
    """

    def __init__(self, path: str, sound: SoundFormat) -> None:
        self._path = Path(path)
        self._sound = sound
        self.samples = 0
        encoder, self._sample_format = _ENCODERS[sound.codec]
        try:
            self._container = av.open(path, "w", format=_MUXERS[sound.suffix], options=_muxer_options(sound))
            self._stream = self._container.add_stream(
                encoder, sound.rate_hz, layout="stereo", format=self._sample_format
            )
            if sound.bit_rate:
                self._stream.bit_rate = sound.bit_rate
            if sound.codec == "aac":
                # Above 64 kb/s FFmpeg's manual calls this search the better one, and it is far faster.
                self._stream.options = {"aac_coder": "fast"}
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise EncodeError(f"the sound file {self._path.name} cannot be written ({reason(error)})") from error

    def write(self, samples: Samples) -> None:
        """Append float32 (2, n), full scale ±1; what is beyond is clipped."""
        rate_hz = self._sound.rate_hz
        match self._sample_format:
            case "s32":
                frame = AudioFrame.from_ndarray(_interleaved(_whole(samples)), format="s32", layout="stereo")
            case "flt":
                frame = AudioFrame.from_ndarray(_interleaved(samples), format="flt", layout="stereo")
            case _:
                frame = audio_filter.frame_of_samples(samples, rate_hz, 0)
        frame.sample_rate = rate_hz
        frame.time_base = Fraction(1, rate_hz)
        frame.pts = self.samples
        self.samples += samples.shape[1]
        self._encode(frame)

    def close(self) -> None:
        """Write what the encoder still holds, and the file's index."""
        self._encode(None)
        try:
            self._container.close()
        except (av.error.FFmpegError, OSError) as error:
            raise EncodeError(f"the sound file {self._path.name} cannot be finished ({reason(error)})") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            try:
                self.close()
            except EncodeError:
                self._path.unlink(missing_ok=True)
                raise
            return
        with suppress(av.error.FFmpegError, OSError):
            self._container.close()
        self._path.unlink(missing_ok=True)

    def _encode(self, frame: AudioFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                # LAME may end with a packet that lies behind the end: how much to leave out is said of the last alone.
                is_behind = packet.size > 0 and packet.pts is not None and packet.pts >= self.samples
                if not is_behind:
                    self._container.mux(packet)
        except (av.error.FFmpegError, OSError) as error:
            raise EncodeError(f"the sound cannot be encoded into {self._path.name} ({reason(error)})") from error


def _muxer_options(sound: SoundFormat) -> dict[str, str]:
    match sound.suffix:
        case ".m4a":  # an edit list counts in the movie's ticks: with one tick a sample it ends where the sound does
            return {"movie_timescale": str(sound.rate_hz), "movflags": "+faststart"}
        case ".wav":  # from 4 GB on its lengths need 64 bits
            return {"rf64": "auto"}
        case _:
            return {}


def _whole(samples: Samples) -> NDArray[np.int32]:
    """The nearest 24-bit numbers, in the upper bits of 32."""
    full = 1 << (LOSSLESS_BITS - 1)
    return np.clip(np.round(samples.astype(np.float64) * full), -full, full - 1).astype(np.int32) << 8


def _interleaved(samples: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(samples.T).reshape(1, -1)
