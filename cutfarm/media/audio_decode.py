"""A file's sound as it was recorded: decoded samples laid on media time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec import Codec, codecs_available
from av.codec.codec import UnknownCodecError
from av.stream import Discard

from cutfarm.errors import AssetUnreadable
from cutfarm.media import audio_filter
from cutfarm.media.audio_filter import Samples
from cutfarm.media.container import is_mp4, open_media, reason

_PREROLL_S = Fraction(1, 2)  # decoders settle, bit reservoirs fill
_SEEK_FROM_S = Fraction(2)  # nearer starts are decoded from the file's start
_JITTER_S = 0.005  # recorders' stamps waver; a shorter gap than this is none
_SILENCE = 32_768  # samples of silence handed on at once
_RUN = 8_192  # samples that are turned into an array at a time: more is decoded in vain where a segment ends
_READ_BYTES = 8_192  # at a time: between two packets of sound lie pictures
_ZERO_BASED = "mov,mp4,m4a,3gp,3g2,mj2"


class SoundDecoder:
    """A file's sound at its own rate, laid on media time: whole, without gaps, from any sample on."""

    def __init__(self, path: str) -> None:
        self.name = Path(path).name
        self.damage = ""
        self._path = path
        self._converters: dict[tuple[str, str], audio_filter.FilterChain] = {}
        self._open()
        self.has_sound = self._stream is not None
        self.rate_hz = self._stream.rate if self._stream else 0
        self.channels = 1 if self._stream and self._stream.channels == 1 else 2
        if self._stream and not self.rate_hz:
            self._container.close()
            raise AssetUnreadable(f"the sound of {self.name} cannot be decoded")

    def _open(self) -> None:
        self._container = open_media(self._path, _hints(self._path))
        best = self._container.streams.best("audio")
        self._stream = best if isinstance(best, AudioStream) else None
        if self._stream is not None and getattr(self._stream, "codec_context", None) is None:
            self._container.close()
            raise AssetUnreadable(f"the sound of {self.name} is of a kind that cannot be decoded")
        for other in self._container.streams:
            if other is not self._stream:
                other.discard = Discard.all

    def close(self) -> None:
        """Let go of the file."""
        self._converters.clear()
        self._container.close()

    def samples(self, first: int) -> Iterator[Samples]:
        """(C, n) arrays from sample `first` of media time to the end of the file, silence where there is nothing."""
        cursor = first
        for place, frames in self._runs(first):
            for gap in range(cursor, place, _SILENCE):
                yield np.zeros((self.channels, min(_SILENCE, place - gap)), np.float32)
            samples = self._converted(frames)
            ahead = max(cursor - place, 0)
            if ahead < samples.shape[1]:
                yield samples[:, ahead:]
                cursor = place + samples.shape[1]

    def _runs(self, first: int) -> Iterator[tuple[int, list[AudioFrame]]]:
        """Frames of one kind that follow each other without a gap, by the first one's place; none ends by `first`."""
        run: list[AudioFrame] = []
        start = end = 0
        for place, frame in self._placed(first):
            if place + frame.samples <= first:
                continue
            if run and (place != end or end - start >= _RUN or _kind(frame) != _kind(run[0])):
                yield start, run
                run = []
            start = start if run else place
            end = place + frame.samples
            run.append(frame)
        if run:
            yield start, run

    def _placed(self, first: int) -> Iterator[tuple[int, AudioFrame]]:
        """Decoded frames and their place; where a seek lands too late, again from the file's start."""
        if self._stream is None:
            return
        if first < _SEEK_FROM_S * self.rate_hz or not self._seek(self._stream, first):
            yield from self._laid_out(self._stream, None)
            return
        grid = self._grid
        found = self._laid_out(self._stream, grid)
        start = next(found, None)
        if start is not None and start[0] <= first:
            yield start
            yield from found
            return
        self._container.close()
        self._open()
        if self._stream is not None:
            yield from self._laid_out(self._stream, None)

    def _seek(self, stream: AudioStream, first: int) -> bool:
        self._grid = self._frame_grid(stream)
        seconds = Fraction(first, self.rate_hz) - _PREROLL_S + self._origin_s(stream)
        try:
            self._container.seek(int(seconds / self._tick_s(stream)), stream=stream)
        except av.error.FFmpegError:
            return False
        return True

    def _frame_grid(self, stream: AudioStream) -> int | None:
        """Where frames of equal length may start, by the first one; asked where stamps are coarser than samples."""
        if self._tick_s(stream) * self.rate_hz <= 1:
            return None
        placed = next(self._laid_out(stream, None), None)
        return None if placed is None else placed[0] + placed[1].samples

    def _laid_out(self, stream: AudioStream, grid: int | None) -> Iterator[tuple[int, AudioFrame]]:
        tick, origin = float(self._tick_s(stream) * self.rate_hz), float(self._origin_s(stream) * self.rate_hz)
        tolerance = max(2.0 * tick, _JITTER_S * self.rate_hz)
        place, is_first = 0, True
        for frame, after in pairwise(chain(self._frames(stream), (None,))):
            if frame is None:
                return
            stamp = place if frame.pts is None else frame.pts * tick - origin
            if is_first:
                place, is_first = _snapped(stamp, tick, grid, frame.samples), False
            elif abs(stamp - place) > tolerance:
                # One stamp alone may be wrong, as Vorbis has them where its blocks change length.
                end = place + frame.samples
                end_stamp = None if after is None or after.pts is None else after.pts * tick - origin
                if end_stamp is None or abs(end_stamp - end) > tolerance:
                    place = round(stamp)
            yield place, frame
            place += frame.samples

    def _frames(self, stream: AudioStream) -> Iterator[AudioFrame]:
        packets = self._container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError as error:
                self.damage = self.damage or reason(error)
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except av.error.FFmpegError as error:
                self.damage = self.damage or reason(error)
                continue
            for frame in frames:
                if isinstance(frame, AudioFrame) and self._usable(frame):
                    yield frame

    def _usable(self, frame: AudioFrame) -> bool:
        if frame.sample_rate == self.rate_hz:
            return frame.samples > 0
        self.damage = self.damage or f"its rate changes to {frame.sample_rate} Hz"
        return False

    def _converted(self, frames: list[AudioFrame]) -> Samples:
        if audio_filter.is_plain(frames[0], self.channels):
            return audio_filter.samples_of(frames)
        kind = _kind(frames[0])
        if kind not in self._converters:
            self._converters[kind] = audio_filter.converter(frames[0], self.channels)
        chain = self._converters[kind]
        return np.concatenate([samples for frame in frames for samples in chain.push(frame)], 1)

    def _tick_s(self, stream: AudioStream) -> Fraction:
        return Fraction(stream.time_base or Fraction(1, self.rate_hz))

    def _origin_s(self, stream: AudioStream) -> Fraction:
        """The stamp that is media time 0: the file's first, save where a sound file counts from zero by its format."""
        if self._container.format.name == _ZERO_BASED and not self._container.streams.video:
            return Fraction(0)
        start_s = Fraction(self._container.start_time or 0, 1_000_000)
        own_s = (stream.start_time or 0) * self._tick_s(stream)
        return own_s if abs(own_s - start_s) * 1_000_000 <= 1 else start_s


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


def _snapped(stamp: float, tick: float, grid: int | None, frame_samples: int) -> int:
    """The sample that `stamp` means: the one on the grid of frames, if that is as near as the stamps are fine."""
    if grid is not None:
        on_grid = grid + round((stamp - grid) / frame_samples) * frame_samples
        if abs(on_grid - stamp) <= tick:
            return on_grid
    return round(stamp)


def _kind(frame: AudioFrame) -> tuple[str, str]:
    return frame.format.name, frame.layout.name
