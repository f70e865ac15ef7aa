"""Sound at another pace than its file's: places on a tape decide what is heard when, and nothing ever drifts."""

from __future__ import annotations

from collections.abc import Callable
from math import floor

import numpy as np

from cutfarm.render.sound.route import Onset, Route
from cutfarm.render.sound.stream import Stream
from cutfarm.render.sound.window import Window
from kernels import sound_sinc as sinc
from kernels.sound import Doubles, Samples
from kernels.sound_onsets import OnsetFinder
from kernels.sound_spectrum import FRAME, HOP
from kernels.sound_stretch import TAKEN, Vocoder

LEAD = 8192  #: samples of a tape before place 0

Places = Callable[[Doubles], Doubles]  #: places on the tape, in its samples, of output samples n ≥ 0; both (k,), rising

_BLOCK = 1024  # samples that share a low-pass, or fade from one to the next
_RAMP = (np.arange(_BLOCK, dtype=np.float32) + 0.5) / _BLOCK


_HALF = FRAME // 2
_ATTACK = 24  # samples before an onset that belong to it
_RING = 480  # samples from an onset on that belong to it
_HEARD = 16384  # samples of the tape that are searched for onsets at a time
_KEPT = 12 * FRAME  # samples of the tape before a place of the map that frames may still reach


def _attack(length: int) -> Samples:
    """The share (`_ATTACK` + `length`,) of an onset in what is around it."""
    rise = np.sin(np.linspace(0.0, np.pi / 2, _ATTACK)) ** 2
    fall = np.cos(np.linspace(0.0, np.pi / 2, length)) ** 2
    fall[: length // 2] = 1.0
    return np.concatenate((rise, fall)).astype(np.float32)


_WHOLE = _attack(_RING)


class _Blocks:
    """A stream that is made in blocks on a grid of its own, so that the cutting of reads bears on nothing."""

    def __init__(self) -> None:
        self._left = np.zeros((2, 0), np.float32)

    def read(self, count: int) -> Samples:
        """The next `count` samples."""
        pieces, held = [self._left], self._left.shape[1]
        while held < count:
            pieces.append(self._next())
            held += pieces[-1].shape[1]
        joined = np.concatenate(pieces, 1)
        self._left = joined[:, count:].copy()
        return joined[:, :count].copy()

    def _next(self) -> Samples:
        raise NotImplementedError


class Varied(_Blocks):
    """A tape at any pace, forwards; its pitch follows.

    Output sample n is the tape at the place `at(n)`; `at` rises by 0.01 to 1000 a sample. The tape's first sample lies
    `lead` samples before place 0. Aliases lie below −100 dB where the pace is even; where it varies, a block of 1024
    samples is low-passed for the greatest pace in it and beside it.
    """

    def __init__(self, tape: Stream, at: Places, *, lead: int = LEAD) -> None:
        super().__init__()
        self._tape, self._at = Window(tape, lead), at
        self._block = 0
        self._places, pace = self._look(0)
        self._ahead, next_pace = self._look(1)
        self._pace_before, self._pace, self._pace_after = pace, pace, next_pace

    def _look(self, block: int) -> tuple[Doubles, float]:
        """Where a block's samples lie, and its greatest pace."""
        places = self._at(np.arange(block * _BLOCK, (block + 1) * _BLOCK + 1, dtype=np.float64))
        return places[:-1], sinc.pace_step(float(np.diff(places).max()))

    def _next(self) -> Samples:
        begin, end = max(self._pace_before, self._pace), max(self._pace, self._pace_after)
        samples = self._at_pace(begin)
        if begin != end:
            samples += (self._at_pace(end) - samples) * _RAMP
        self._advance()
        return samples

    def _at_pace(self, pace: float) -> Samples:
        reach = sinc.reach(pace)
        first = floor(self._places[0]) - reach
        samples = self._tape.between(first, floor(self._places[-1]) + reach + 2)
        return sinc.read_at(samples, self._places - first, pace)

    def _advance(self) -> None:
        self._block += 1
        self._pace_before, self._pace = self._pace, self._pace_after
        self._places = self._ahead
        self._ahead, self._pace_after = self._look(self._block + 1)
        reach = sinc.reach(max(self._pace_before, self._pace, self._pace_after))
        self._tape.let_go(floor(self._places[0]) - reach)


class Stretched(_Blocks):
    """A tape at any pace, forwards, at its own pitch.

    Output sample n is what lies around the place `at(n)` of the tape; `at` rises by 0.01 to 1000 a sample. The tape's
    first sample lies `lead` samples before place 0. A phase vocoder with frames of 93 ms at 44.1 kHz; where the pace is
    1 from the start on, the sound passes as it is.

    Onsets are found on the tape, and each is heard once, whole, at the sample whose place it is; the sound around it
    goes at pace 1 for up to a frame, and catches up with `at` before and after. Where onsets crowd, within a frame of
    each other on the tape or in the output, each is copied over the stretched sound for 10 ms, or until the next one.
    Within 5 ms of each other on the tape they are one; in a row of clicks nearer than 20 ms the first three are onsets
    and the rest is a tone.
    """

    def __init__(self, tape: Stream, at: Places, *, lead: int = LEAD, warp: float = 1.0) -> None:
        super().__init__()
        self._tape, self._route, self._vocoder = Window(tape, lead), Route(at), Vocoder(warp)
        self._finder, self._heard = OnsetFinder(-lead), -lead
        self._onsets: list[Onset] = []
        self._copies: list[tuple[Onset, Samples]] = []
        self._followed: Onset | None = None
        self._sums = np.zeros((2, FRAME), np.float32)
        self._late, self._is_plain = -round(self._route.at(0)), True  # so far the sound passes, so many samples late
        self._centre = -HOP  # output sample around which the next frame lies: the first that reaches beyond 0

    def _next(self) -> Samples:
        while self._centre < _HALF:
            self._add_frame()
        self._add_frame()
        done = self._sums[:, :HOP].copy()
        first = self._centre - HOP - _HALF
        for onset, samples in self._copies:
            if not onset.is_whole:
                _lay_over(done, samples, onset.sample - _ATTACK - first)
        return done

    def _add_frame(self) -> None:
        centre = self._centre
        self._find_onsets(centre)
        place, followed = self._route.place(centre)
        self._sums[:, :-HOP] = self._sums[:, HOP:]
        self._sums[:, -HOP:] = 0.0
        onset = None
        if followed is not None and followed is not self._followed:
            onset = self._tape.between(followed.place - _HALF, followed.place + _HALF)
        late = centre - place
        self._is_plain = self._is_plain and late == self._late
        self._late = late
        samples = self._samples_around(place, None if followed is None and not self._is_plain else late)
        self._sums += self._vocoder.piece(samples, onset)
        self._followed = followed
        self._centre += HOP

    def _samples_around(self, place: int, late: int | None) -> Samples:
        """What a frame is made of: only with onsets that are to be `late` samples late, as the one that it follows."""
        first = place - _HALF - HOP
        samples = self._tape.between(first, first + TAKEN)
        for onset in self._onsets:
            if late is None or abs(onset.sample - onset.place - late) > 1:
                _hush(samples, onset.place - _ATTACK - first)
        return samples

    def _find_onsets(self, centre: int) -> None:
        until, here = self._route.horizon(centre), round(self._route.at(centre))
        while self._heard < until:
            found = self._finder.push(self._tape.between(self._heard, self._heard + _HEARD))
            self._heard += _HEARD
            for place in found:
                self._note(self._route.add(place))
            self._tape.let_go(min(self._heard - _HEARD, here - _KEPT))
        self._route.forget(centre)
        self._onsets = [onset for onset in self._onsets if onset.place > here - _KEPT]
        self._copies = [(onset, samples) for onset, samples in self._copies if onset.sample > centre - 2 * FRAME]

    def _note(self, onset: Onset) -> None:
        self._onsets.append(onset)
        if self._copies:
            before, samples = self._copies[-1]
            ring = max(min(onset.sample - before.sample - _ATTACK, _RING), _ATTACK)
            self._copies[-1] = before, samples[:, : _ATTACK + ring]
        self._copies.append((onset, self._tape.between(onset.place - _ATTACK, onset.place + _RING)))


def _hush(samples: Samples, first: int) -> None:
    """Take an onset that lies at `first` out of `samples` (2, n), in place."""
    low, high = max(first, 0), min(first + len(_WHOLE), samples.shape[1])
    if low < high:
        samples[:, low:high] *= 1.0 - _WHOLE[low - first : high - first]


def _lay_over(samples: Samples, onset: Samples, first: int) -> None:
    """Put an onset in the place of what `samples` (2, n) hold from `first` on, in place."""
    low, high = max(first, 0), min(first + onset.shape[1], samples.shape[1])
    if low < high:
        share = _attack(onset.shape[1] - _ATTACK)[low - first : high - first]
        samples[:, low:high] += (onset[:, low - first : high - first] - samples[:, low:high]) * share


class PitchShifted:
    """A sound at another pitch, of the same length and timing: output sample n is input sample n.

    The pitch moves by `semitones`, what shapes the voice (the envelope of the spectrum, its formants) by
    `formant_semitones`, both against the source; None moves the formants as the pitch, as a tape that runs faster does,
    and 0 leaves them where they are.
    """

    def __init__(self, source: Stream, semitones: float, formant_semitones: float | None) -> None:
        factor = 2.0 ** (semitones / 12.0)
        warp = 1.0 if formant_semitones is None else 2.0 ** ((formant_semitones - semitones) / 12.0)
        self._shifted: Stream = source
        if factor != 1.0 or warp != 1.0:
            self._shifted = Stretched(source, lambda samples: samples / factor, lead=0, warp=warp)
        if factor != 1.0:
            self._shifted = Varied(self._shifted, lambda samples: samples * factor, lead=0)

    def read(self, count: int) -> Samples:
        """The next `count` samples."""
        return self._shifted.read(count)
