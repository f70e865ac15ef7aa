"""Sound of a file as a stream of samples."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from fractions import Fraction
from typing import Self

import av.error
import numpy as np

from cutfarm.media import audio_filter
from cutfarm.media.audio_decode import SoundDecoder
from cutfarm.media.audio_filter import Samples
from cutfarm.media.pieces import Pieces
from cutfarm.timeline.time import round_half_up

_US = 1_000_000


class Reading(ABC):
    """A file's sound at the rate and speed of a mix: sample n of its grid is the media at n / `rate_hz` × `speed`.

    Raises AssetMissing or AssetUnreadable when opened.
    """

    def __init__(
        self, path: str, rate_hz: int = 44_100, *, start_us: Fraction | int = 0, speed: Fraction | int = 1
    ) -> None:
        self._decoder = SoundDecoder(path)
        self._rate_hz = rate_hz
        self._speed = Fraction(speed)
        self._stream = Pieces(self._played(self._place(start_us)) if self._decoder.is_audible else iter(()))

    @abstractmethod
    def _played(self, start: int) -> Iterator[Samples]:
        """What is heard from sample `start` of the grid on, (1, n) or (2, n)."""

    @property
    def has_sound(self) -> bool:
        """Whether the file has a sound stream at all."""
        return self._decoder.has_sound

    @property
    def channels(self) -> int:
        """1 of a file in mono, which is heard on both sides at its level, else 2."""
        return self._decoder.channels

    @property
    def damage(self) -> str:
        """What was wrong with the stream so far; empty while nothing was."""
        return self._decoder.damage

    @property
    def end_us(self) -> Fraction | None:
        """Media time from which on there is nothing more in the file; None while that is not known."""
        end = self._decoder.end
        return None if end is None else Fraction(end * _US, self._decoder.rate_hz)

    def read(self, count: int) -> Samples:
        """The next `count` samples, float32 (2, count), full scale ±1, left then right; the caller's own to change."""
        return self._stream.read(count)

    def close(self) -> None:
        """Let go of the file."""
        self._stream = Pieces(iter(()))
        self._decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _place(self, time_us: Fraction | int) -> int:
        """The sample of the grid that is nearest to a media time."""
        return round_half_up(Fraction(time_us) * self._rate_hz / (self._speed * _US))

    def _from(self, place: int, count: int | None = None) -> Iterator[Samples]:
        """The grid's samples from `place` on, (1, n) or (2, n): `count` of them and a little more, or all there are."""
        ratio = audio_filter.resampling_ratio(self._decoder.rate_hz * self._speed, self._rate_hz)
        reach = audio_filter.resampling_reach(ratio)
        first = audio_filter.start_on_grid(int(place / ratio) - reach, ratio)
        end = None if count is None else int((place + count) / ratio) + 2 * reach
        skip = place - round(first * ratio)
        for samples in audio_filter.resampled(self._recorded(first, end, 2 * reach), ratio):
            if skip < samples.shape[1]:
                yield samples[:, skip:]
            skip = max(skip - samples.shape[1], 0)

    def _recorded(self, first: int, end: int | None, tail: int) -> Iterator[Samples]:
        """The file's own samples from `first` up to `end` or its end, and `tail` samples of silence."""
        for samples in self._decoder.samples(first):
            if end is not None and first + samples.shape[1] >= end:
                yield samples[:, : end - first]
                break
            yield samples
            first += samples.shape[1]
        yield np.zeros((self._decoder.channels, tail), np.float32)


class SoundReader(Reading):
    """A file's sound from a media time on, at the rate and speed asked for; the pitch follows the speed.

    Sample n is the media at `start_us` + n / `rate_hz` × `speed`, exact to the nearest sample; what the encoder put in
    front is left out; silence before media time 0, in gaps and after the end. A file without sound reads as silence and
    says so in `has_sound`.
    Raises AssetMissing or AssetUnreadable when opened.
    """

    def _played(self, start: int) -> Iterator[Samples]:
        try:
            yield from self._from(start)
        except av.error.FFmpegError:
            self._decoder.note("its end cannot be converted")
