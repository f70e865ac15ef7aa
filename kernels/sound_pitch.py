"""The pitch of voices: YIN (de Cheveigné and Kawahara, 2002) on many frames at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.sound import Doubles, Samples

HOP = 256  #: samples between frames
_DECIMATION = 4  # pitch is looked for at a quarter of the rate, some 12 kHz
_TAPS = 52  # of the low-pass before it
_CUTOFF = 0.16  # of the decimated rate: some 1.9 kHz, where voices have their strongest harmonics
_SUMMED = 320  # decimated samples that are compared, 27 ms
_LONGEST = 192  # decimated lag: 62 Hz at 48 kHz, 57 Hz at 44.1 kHz
_SHORTEST = 14  # 860 Hz at 48 kHz, 790 Hz at 44.1 kHz
_FRAME = _SUMMED + _LONGEST
REACH = _DECIMATION * (_FRAME - 1) + _TAPS  #: samples a frame is made of
_USUAL_LAG = 80  # decimated, about 150 Hz
MIDDLE = _DECIMATION * (_SUMMED + _USUAL_LAG) // 2 + _TAPS // 2  #: the sample of a frame that it stands for
_QUIET = 1e-6  # mean square, −60 dB: nobody hears a pitch there
_VOICED = 0.3  # most aperiodicity, 0…1, that is still a voice
_SURE = 0.12  # aperiodicity that ends the search for a better lag
_NEIGHBOURS = 5  # frames whose median counts
_MARGIN = 0.06  # how much worse than the best lag a shorter one may be


def pitch_hz(samples: Samples, rate_hz: int) -> Doubles:
    """The pitch of every frame, (count,), 0 where there is none.

    `samples` are (2, `REACH` + (count − 1) · `HOP`); frame k stands for the sample `MIDDLE` + k · `HOP`. The
    channels' differences are added, so that a phase between them does not matter.
    """
    frames = _frames(samples)
    squares = np.square(frames)
    difference = _difference(frames, squares)
    level = squares[..., :_SUMMED].mean(-1).mean(0)
    lags = np.arange(1, _LONGEST)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    aperiodic = np.ones_like(difference)
    np.divide(difference[:, 1:], mean, out=aperiodic[:, 1:], where=mean > 1e-12)
    lag = _lag(aperiodic)
    rows = np.arange(len(lag))
    period = _DECIMATION * (lag + _vertex(difference, rows, lag))
    return np.where((aperiodic[rows, lag] < _VOICED) & (level > _QUIET), rate_hz / period, 0.0)


class PitchTrack:
    """The pitches of a sound that comes in pieces; frame k stands for the sample k · `HOP`."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._sound = np.zeros((2, MIDDLE), np.float32)
        self._unsettled = np.zeros(2)

    def push(self, samples: Samples) -> Doubles:
        """The pitches of the frames that the next `samples` (2, n) let be settled, each after those given before."""
        self._sound = np.concatenate((self._sound, samples), 1)
        count = (self._sound.shape[1] - REACH) // HOP + 1
        if count > 0:
            found = pitch_hz(self._sound[:, : REACH + (count - 1) * HOP], self._rate_hz)
            self._sound = self._sound[:, count * HOP :].copy()
            self._unsettled = np.concatenate((self._unsettled, found))
        if len(self._unsettled) < _NEIGHBOURS:
            return np.zeros(0)
        fresh = settled(self._unsettled)
        self._unsettled = self._unsettled[len(fresh) :]
        return fresh


def settled(pitches: Doubles) -> Doubles:
    """The median of every five neighbours (n,) → (n − 4,), among those that have a pitch; 0 where most have none."""
    five = np.sort(np.lib.stride_tricks.sliding_window_view(pitches, _NEIGHBOURS), axis=1)
    voiced = np.count_nonzero(five, axis=1)
    middle = np.minimum(_NEIGHBOURS - voiced + voiced // 2, _NEIGHBOURS - 1)
    return np.where(voiced > _NEIGHBOURS // 2, five[np.arange(len(five)), middle], 0.0)


def _frames(samples: Samples) -> Doubles:
    reached = np.lib.stride_tricks.sliding_window_view(samples, _TAPS, axis=1)[:, ::_DECIMATION]
    low = reached.astype(np.float64) @ _LOW_PASS
    frames: Doubles = np.lib.stride_tricks.sliding_window_view(low, _FRAME, axis=1)[:, :: HOP // _DECIMATION]
    return frames


def _difference(frames: Doubles, squares: Doubles) -> Doubles:
    """Sums of squared differences at every lag, (count, `_LONGEST`), of both channels."""
    head = np.fft.rfft(frames[..., :_SUMMED], _FRAME)
    alike = np.fft.irfft(np.conj(head) * np.fft.rfft(frames, _FRAME), _FRAME)[..., :_LONGEST]
    sums = np.concatenate((np.zeros((*squares.shape[:2], 1)), np.cumsum(squares, axis=2)), axis=2)
    energies = sums[..., _SUMMED : _SUMMED + _LONGEST] - sums[..., :_LONGEST]
    summed: Doubles = (energies[..., :1] + energies - 2.0 * alike).sum(0)
    return np.maximum(summed, 0.0)


def _lag(aperiodic: Doubles) -> NDArray[np.intp]:
    """The shortest lag that is a dip and nearly as good as the best one."""
    inner = aperiodic[:, _SHORTEST : _LONGEST - 1]
    dips = (inner <= aperiodic[:, _SHORTEST - 1 : _LONGEST - 2]) & (inner <= aperiodic[:, _SHORTEST + 1 : _LONGEST])
    best = np.where(dips, inner, np.inf).min(1, keepdims=True)
    fit = dips & (inner <= np.maximum(best + _MARGIN, _SURE))
    lag: NDArray[np.intp] = _SHORTEST + np.argmax(fit, axis=1)
    return lag


def _vertex(values: Doubles, rows: NDArray[np.intp], at: NDArray[np.intp]) -> Doubles:
    """Where the parabola through three neighbours is lowest, −0.5…0.5 from the middle one."""
    before, here, after = values[rows, at - 1], values[rows, at], values[rows, at + 1]
    bend = before - 2.0 * here + after
    vertex = np.divide(before - after, 2.0 * bend, out=np.zeros_like(bend), where=bend > 1e-12)
    return np.clip(vertex, -0.5, 0.5)


def _low_pass() -> Doubles:
    at = np.arange(_TAPS) - (_TAPS - 1) / 2
    taps = np.sinc(2 * _CUTOFF / _DECIMATION * at) * np.blackman(_TAPS + 2)[1:-1]
    low_pass: Doubles = taps / taps.sum()
    return low_pass


_LOW_PASS = _low_pass()
