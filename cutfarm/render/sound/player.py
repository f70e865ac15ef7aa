"""A voice being heard: its file at its pace and pitch, treated and levelled, sample after sample."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from cutfarm.media.audio import SoundReader
from cutfarm.render.sound.levels import Level
from cutfarm.render.sound.stream import Stream, Tape
from cutfarm.render.sound.treatment import Place, is_stateless, treated
from cutfarm.render.sound.voices import Voice
from cutfarm.timeline.time import US_PER_SECOND
from kernels.sound import Doubles, Samples

Normalise = Callable[[Level], float]  #: the gain that brings a level to the loudness that its draft asks for


class Player:
    """An open voice, read forwards: from sample `start` on, or from its own start where that bears on all the rest.

    Raises AssetUnreadable.
    """

    def __init__(self, voice: Voice, path: str, rate_hz: int, start: int, normalise: Normalise) -> None:
        self.voice = voice
        levels = voice.levels
        is_plain = voice.is_evenly_read and all(is_stateless(level.segment) for level in levels)
        self._place = max(voice.first, start) if is_plain else voice.first
        self.tape, stream = _opened(voice, path, rate_hz, self._place)
        if not is_plain:
            stream = _Ending(stream, voice.end - voice.first)
        place = Place(self._place, voice.end - voice.first, rate_hz, self.tape.channels == 1)
        for level in levels:
            stream = treated(stream, level, place, normalise(level))
        self._stream = stream

    def add_to(self, total: Samples, start: int) -> None:
        """Add what is heard in the block (2, n) that starts at sample `start`; blocks come in order."""
        block = total.shape[1]
        while self._place < start:
            self._place += self._stream.read(min(block - self._place % block, start - self._place)).shape[1]
        end = min(self.voice.rings_until, start + block)
        total[:, self._place - start : end - start] += self._stream.read(end - self._place)
        self._place = end

    def close(self) -> None:
        """Let go of the file."""
        self.tape.close()


def _opened(voice: Voice, path: str, rate_hz: int, first: int) -> tuple[Tape, Stream]:
    """The file, and its sound from sample `first` on at its pace."""
    start_us, pace = voice.file_us(first, rate_hz), voice.clock.pace
    if voice.is_evenly_read and pace is not None:
        tape = _tape(voice, path, rate_hz, start_us, abs(pace))
        return tape, tape
    from cutfarm.render.sound.timing import LEAD, Stretched, Varied

    sign = -1 if voice.clock.is_backwards else 1
    tape = _tape(voice, path, rate_hz, start_us - Fraction(sign * LEAD * US_PER_SECOND, rate_hz), Fraction(1))
    places = _places(voice, first, rate_hz)
    return tape, Stretched(tape, places) if voice.keep_pitch else Varied(tape, places)


def _tape(voice: Voice, path: str, rate_hz: int, start_us: Fraction, speed: Fraction) -> Tape:
    if not voice.clock.is_backwards:
        return SoundReader(path, rate_hz, start_us=start_us, speed=speed)
    from cutfarm.media.backward_sound import BackwardSoundReader

    return BackwardSoundReader(path, rate_hz, start_us=start_us, speed=speed)


def _places(voice: Voice, first: int, rate_hz: int) -> Callable[[Doubles], Doubles]:
    """Samples of the file since that of sample `first`, of the samples after it."""
    clock, us_per_sample = voice.clock, US_PER_SECOND / rate_hz
    start_us = float(clock.all_at(np.array([first * us_per_sample]))[0])

    def at(samples: Doubles) -> Doubles:
        return np.abs(clock.all_at((samples + first) * us_per_sample) - start_us) / us_per_sample

    return at


class _Ending:
    """A stream that is silent after its first `length` samples."""

    def __init__(self, source: Stream, length: int) -> None:
        self._source, self._left = source, length

    def read(self, count: int) -> Samples:
        samples = self._source.read(min(count, self._left))
        self._left -= samples.shape[1]
        if samples.shape[1] == count:
            return samples
        return np.concatenate((samples, np.zeros((2, count - samples.shape[1]), np.float32)), 1)
