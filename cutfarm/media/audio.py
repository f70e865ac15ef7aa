"""Sound of a file as a stream of samples."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import Self

import av
import av.error
import numpy as np

from cutfarm.media import audio_filter
from cutfarm.media.audio_decode import SoundDecoder
from cutfarm.media.audio_filter import Samples
from cutfarm.media.container import reason
from cutfarm.timeline.time import round_half_up

_US = 1_000_000


class SoundReader:
    """A file's sound from a media time on, at the rate, speed and pitch asked for.

    Sample n is the media at `start_us` + n / `rate_hz` × `speed`, exact to the nearest sample; what the encoder put in
    front is left out; silence before media time 0, in gaps and after the end. With `keep_pitch` a speed other than 1
    stretches time, else the pitch follows. A file without sound reads as silence and says so in `has_sound`.
    Raises AssetMissing or AssetUnreadable when opened.
    """

    def __init__(
        self,
        path: str,
        rate_hz: int = 44_100,
        *,
        start_us: Fraction | int = 0,
        speed: Fraction = Fraction(1),
        keep_pitch: bool = True,
    ) -> None:
        self._decoder = SoundDecoder(path)
        self._held: deque[Samples] = deque()
        self._held_count = 0
        self._stream: Iterator[Samples] = iter(())
        if self._decoder.has_sound:
            stretch = keep_pitch and speed != 1
            self._stream = self._resampled(rate_hz, Fraction(start_us), Fraction(1) if stretch else speed)
            if stretch:
                self._stream = audio_filter.stretched(self._stream, rate_hz, speed)

    @property
    def has_sound(self) -> bool:
        """Whether the file has a sound stream at all."""
        return self._decoder.has_sound

    @property
    def channels(self) -> int:
        """1 for a file that is the same on both sides, else 2."""
        return self._decoder.channels

    @property
    def damage(self) -> str:
        """What was wrong with the stream so far, in FFmpeg's words; empty while nothing was."""
        return self._decoder.damage

    def read(self, count: int) -> Samples:
        """The next `count` samples, float32 (2, count), full scale ±1, left then right."""
        while self._held_count < count:
            try:
                samples = next(self._stream, None)
            except av.error.FFmpegError as error:
                self._decoder.damage = self._decoder.damage or reason(error)
                self._stream, samples = iter(()), None
            if samples is None:
                samples = np.zeros((1, count - self._held_count), np.float32)
            self._held.append(samples)
            self._held_count += samples.shape[1]
        taken = np.empty((2, count), np.float32)
        filled = 0
        while filled < count:
            head = self._held.popleft()
            part = head[:, : count - filled]
            taken[:, filled : filled + part.shape[1]] = part
            filled += part.shape[1]
            if part.shape[1] < head.shape[1]:
                self._held.appendleft(head[:, part.shape[1] :])
        self._held_count -= count
        return taken

    def close(self) -> None:
        """Let go of the file."""
        self._stream = iter(())
        self._held.clear()
        self._held_count = 0
        self._decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _resampled(self, rate_hz: int, start_us: Fraction, speed: Fraction) -> Iterator[Samples]:
        """From the sample nearest to `start_us`, on the grid that has a sample at media time 0."""
        ratio = audio_filter.resampling_ratio(self._decoder.rate_hz * speed, rate_hz)
        wanted = round_half_up(start_us * rate_hz / (speed * _US))
        reach = audio_filter.resampling_reach(ratio)
        # Only whole periods of the ratio keep the grid; a period longer than a second is not worth decoding.
        period = ratio.denominator if ratio.denominator <= self._decoder.rate_hz else 1
        first = (int(wanted / ratio) - reach) // period * period
        skip = wanted - round(first * ratio)
        for samples in audio_filter.resampled(self._with_tail(first, 2 * reach), ratio):
            if skip < samples.shape[1]:
                yield samples[:, skip:]
            skip = max(skip - samples.shape[1], 0)

    def _with_tail(self, first: int, count: int) -> Iterator[Samples]:
        yield from self._decoder.samples(first)
        yield np.zeros((self._decoder.channels, count), np.float32)
