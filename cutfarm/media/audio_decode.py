"""A file's sound as it was recorded: decoded samples laid on media time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import cast

import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.codec import CodecContext
from av.packet import Packet

from cutfarm.errors import AssetUnreadable
from cutfarm.media import audio_raw
from cutfarm.media.audio_channels import heard
from cutfarm.media.audio_open import RATES_HZ, counts_every_sample, is_counted, open_sound, origin_s
from kernels.sound import Samples

_PREROLL_S = Fraction(1, 2)  # decoders settle, bit reservoirs fill
_SEEK_FROM_S = 2  # nearer starts are decoded from the file's start
_JITTER_S = 0.005  # recorders' stamps waver; a shorter gap than this is none
_SILENCE = 32_768  # samples of silence handed on at once
#: Codecs whose decoders make up noise, each sample of it by all before: what is heard would hang on where they began.
_NOISY = frozenset({"aac", "aac_latm", "ac3", "eac3", "opus", "libopus"})
_STRETCH_S = 5  # of such a file that one decoder decodes; each begins afresh
_SETTLING = 8  # packets before a stretch that its decoder hears first
_SETTLING_S = Fraction(3, 2)  # in which there are as many at least
_RUN = 8_192  # samples that are turned into an array at a time: more is decoded in vain where a segment ends


class SoundDecoder:
    """A file's sound at its own rate, laid on media time: whole, without gaps, from any sample on."""

    def __init__(self, path: str) -> None:
        self.name = Path(path).name
        self.damage = ""
        self.end: int | None = None  #: media sample from which on there is nothing, once that is known
        self._path = path
        self._reached = 0  # the end of the last frame that was seen, be it before what was asked for
        self._grid: int | None = None
        self._raw: audio_raw.RawPlaces | None = None
        self._container, self._stream = open_sound(path)
        self._is_fresh = True
        self.has_sound = self._stream is not None
        self.rate_hz = self._stream.rate if self._stream else 0
        self.channels = 1 if self._stream and self._stream.channels == 1 else 2
        if self._stream is None:
            return
        if not self.rate_hz:
            self._container.close()
            raise AssetUnreadable(f"the sound of {self.name} cannot be decoded")
        if self.rate_hz not in RATES_HZ:
            self.note(f"a sample rate of {self.rate_hz} Hz is none of sound")
            self._stream = None
        elif is_counted(self._container, self._stream):
            self._raw = audio_raw.RawPlaces(path, self._container.format.name, self.rate_hz)

    @property
    def is_audible(self) -> bool:
        """Whether there is sound to decode."""
        return self._stream is not None

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def samples(self, first: int) -> Iterator[Samples]:
        """(C, n) arrays from sample `first` of media time to the end of the file, silence where there is nothing.

        May be asked for again, for another place; what was asked for before is then not read on.
        """
        yield from self._silence(first, 0)
        cursor = max(first, 0)
        for place, frames in self._runs(cursor):
            yield from self._silence(cursor, place)
            samples, fault = heard(frames, self.channels)
            if fault:
                self.note(fault)
            ahead = max(cursor - place, 0)
            if ahead < samples.shape[1]:
                yield samples[:, ahead:]
                cursor = place + samples.shape[1]
        self.end = self._reached or cursor

    def _silence(self, start: int, end: int) -> Iterator[Samples]:
        for place in range(start, end, _SILENCE):
            yield np.zeros((self.channels, min(_SILENCE, end - place)), np.float32)

    def _runs(self, first: int) -> Iterator[tuple[int, list[AudioFrame]]]:
        """Frames of one kind that follow each other without a gap, by the first one's place; none ends by `first`."""
        if self._stream is None:
            return
        located = self._timed(self._stream, first) if self._raw is None else self._counted(self._raw, first)
        run: list[AudioFrame] = []
        start = end = 0
        kind = None
        for place, frame in located:
            count = frame.samples
            self._reached = max(self._reached, place + count)
            if place + count <= first:
                continue
            its_kind = frame.format.name, frame.layout.name
            if run and (place != end or end - start >= _RUN or its_kind != kind):
                yield start, run
                run = []
            if not run:
                start, kind = place, its_kind
            end = place + count
            run.append(frame)
        if run:
            yield start, run

    def _rewind(self) -> AudioStream:
        """The stream from its start on; the file is opened anew, for what a seek to a start leaves out varies."""
        if not self._is_fresh:
            self._container.close()
            self._container, self._stream = open_sound(self._path)
            self._is_fresh = True
        assert self._stream is not None, "a file that had sound has it still"
        return self._stream

    def _timed(self, stream: AudioStream, first: int) -> Iterator[tuple[int, AudioFrame]]:
        """Decoded frames and their place; where a seek lands too late, again from the file's start."""
        if first >= _SEEK_FROM_S * self.rate_hz and self._seek(stream, first):
            found = self._laid_out(self._stream or stream, self._grid)
            start = next(found, None)
            if start is not None and start[0] <= first:
                yield start
                yield from found
                return
        yield from self._laid_out(self._rewind(), None)

    def _seek(self, stream: AudioStream, first: int) -> bool:
        if self._grid is None and self._tick_s(stream) * self.rate_hz > 1:
            stream = self._rewind()
            placed = next(self._laid_out(stream, None), None)
            self._grid = None if placed is None else placed[0] + placed[1].samples
        seconds = Fraction(first, self.rate_hz) - _PREROLL_S + origin_s(self._container, stream)
        if stream.codec_context.name in _NOISY:
            seconds = Fraction(seconds // _STRETCH_S * _STRETCH_S - _SETTLING_S)
            if seconds <= 0:
                return False
        self._is_fresh = False
        try:
            self._container.seek(int(seconds / self._tick_s(stream)), stream=stream)
        except av.error.FFmpegError:
            return False
        return True

    def _laid_out(self, stream: AudioStream, grid: int | None) -> Iterator[tuple[int, AudioFrame]]:
        """Frames at the places that their stamps say. `grid`: where frames of equal length may start."""
        tick = float(self._tick_s(stream) * self.rate_hz)
        origin = float(origin_s(self._container, stream) * self.rate_hz)
        tolerance = max(2.0 * tick, _JITTER_S * self.rate_hz)
        may_have_gaps = counts_every_sample(self._container)
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
                    if stamp < place - self.rate_hz:
                        self.note("its times begin anew")
                    elif stamp > place and not may_have_gaps:
                        self.note("some of it is missing")
                    place = _snapped(stamp, tick, place, frame.samples)
            yield place, frame
            place += frame.samples

    def _counted(self, raw: audio_raw.RawPlaces, first: int) -> Iterator[tuple[int, AudioFrame]]:
        """Frames of a file without times, at the places that their number says."""
        mark = None
        if first >= _SEEK_FROM_S * self.rate_hz:
            settling = first - int(_PREROLL_S * self.rate_hz)
            if raw.known_samples < settling:
                self._learn(raw, settling)
            mark = raw.mark_before(settling)
        stream, settling = self._from_mark(raw, mark), 0 if mark is None else settling
        origin = round(origin_s(self._container, stream) * self.rate_hz)
        tick = float(self._tick_s(stream) * self.rate_hz)
        for packet in self._packets(stream):
            if not packet.size:
                continue
            start, end, is_lossy = raw.place(packet)
            if end - origin <= settling or start == end:
                continue
            if is_lossy:
                self.note("some of it is missing")
            place = start - origin
            for frame in self._decoded(packet):
                if frame.pts is not None and packet.pts is not None:
                    yield place + round((frame.pts - packet.pts) * tick), frame
                else:
                    yield place, frame
                place += frame.samples

    def _learn(self, raw: audio_raw.RawPlaces, until: int) -> None:
        """Count packets, undecoded, up to sample `until`."""
        stream = self._from_mark(raw, raw.mark_before(until))
        for packet in self._packets(stream):
            if packet.size and raw.place(packet)[0] > until:
                return

    def _from_mark(self, raw: audio_raw.RawPlaces, mark: audio_raw.Mark | None) -> AudioStream:
        raw.restart(mark)
        if mark is not None and self._stream is not None:
            self._is_fresh = False
            try:
                self._container.seek(mark.byte, stream=self._stream, unsupported_byte_offset=True)
                return self._stream
            except av.error.FFmpegError:
                raw.restart(None)
        return self._rewind()

    def _frames(self, stream: AudioStream) -> Iterator[AudioFrame]:
        if stream.codec_context.name in _NOISY:
            yield from self._in_stretches(stream)
            return
        for packet in self._packets(stream):
            yield from self._decoded(packet)

    def _in_stretches(self, stream: AudioStream) -> Iterator[AudioFrame]:
        """Frames by decoders that begin at fixed places of the file, wherever reading began."""
        decoder: AudioCodecContext | None = None
        before: deque[Packet[AudioStream]] = deque(maxlen=_SETTLING)
        number, tick_s = 0, float(self._tick_s(stream))
        for packet in self._packets(stream):
            its_number = number if packet.pts is None else max(int(packet.pts * tick_s // _STRETCH_S), 0)
            if before and its_number != number:
                decoder = cast(AudioCodecContext, CodecContext.create(stream.codec_context.name, "r"))
                decoder.extradata = stream.codec_context.extradata
                for settling in before:
                    self._decoded(settling, decoder)
            number = its_number
            yield from self._decoded(packet, decoder)
            if packet.size:
                before.append(packet)

    def _packets(self, stream: AudioStream) -> Iterator[Packet[AudioStream]]:
        self._is_fresh = False
        try:
            yield from self._container.demux(stream)
        except av.error.FFmpegError:
            self.note("its end cannot be read")

    def _decoded(self, packet: Packet[AudioStream], decoder: AudioCodecContext | None = None) -> list[AudioFrame]:
        """The frames of a packet by `decoder`, else by the stream's own."""
        if packet.is_corrupt:
            self.note("some of its packets are damaged")
        try:
            frames = packet.decode() if decoder is None else decoder.decode(packet if packet.size else None)
        except av.error.FFmpegError:
            self.note("some of its packets cannot be decoded")
            return []
        if len(frames) == 1 and frames[0].sample_rate == self.rate_hz and frames[0].samples:
            return frames
        return [frame for frame in frames if self._is_usable(frame)]

    def _is_usable(self, frame: AudioFrame) -> bool:
        if frame.sample_rate == self.rate_hz:
            return frame.samples > 0
        self.note(f"its rate changes to {frame.sample_rate} Hz")
        return False

    def note(self, fault: str) -> None:
        """Keep what is wrong with the file, unless something else was before."""
        self.damage = self.damage or fault

    def _tick_s(self, stream: AudioStream) -> Fraction:
        return Fraction(stream.time_base or Fraction(1, self.rate_hz))


def _snapped(stamp: float, tick: float, grid: int | None, frame_samples: int) -> int:
    """The sample that `stamp` means: the one on the grid of frames, if that is as near as the stamps are fine."""
    if grid is not None and tick > 1:
        on_grid = grid + round((stamp - grid) / frame_samples) * frame_samples
        if abs(on_grid - stamp) <= tick:
            return on_grid
    return round(stamp)
