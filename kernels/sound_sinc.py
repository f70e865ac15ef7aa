"""Sound read at places between its samples: windowed sincs after Kaiser, for any pace along the sound.

A stretch of sound is low-passed and brought to twice its rate by one product of spectra, then read by a short kernel;
where many samples pass for one that is read, it is thinned out before. Aliases and images lie below −100 dB; up to
0.9 of the lower Nyquist frequency the response is flat within 0.01 dB.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, exp, log

import numpy as np

from kernels.sound import Doubles, Samples

_BETA = 11.2  # of Kaiser's window: stop bands below −110 dB
_CUTOFF = 0.955  # of the lower Nyquist frequency: the pass band ends at 0.91, the stop band begins at 1
_REACH = 80  # samples on either side that the low-pass takes in, at pace 1
_PACES = 100  # steps of pace, e-fold; the low-pass is as narrow as the next step needs
_TAPS = 16  # of the kernel, in half samples
_PHASES = 1024  # linear interpolation between them is off by −118 dB
_THIN_TAPS = 16  # of the filter before thinning out, in samples that are left

_Key = tuple[int, float]


def pace_step(pace: float) -> float:
    """The least pace ≥ max(`pace`, 1) of a fixed row of paces, 1 % apart: what `read_at` has filters for."""
    return exp(max(ceil(_PACES * log(max(pace, 1.0)) - 1e-6), 0) / _PACES)


def reach(pace: float) -> int:
    """Samples on either side of a place that bear on what is read there."""
    thinned = _thinning(pace)
    low_pass = _half_length(pace / thinned) + _TAPS
    return thinned * (low_pass + _THIN_TAPS if thinned > 1 else low_pass)


def read_at(samples: Samples, places: Doubles, pace: float) -> Samples:
    """`samples` (2, n) at `places` (k,), rising float64, with nothing above 1 / `pace` of the Nyquist frequency.

    `places` counts samples from the first one on and keeps `reach(pace)` away from both ends; `pace` is of `pace_step`
    and at least the largest step between places, else what lies between Nyquist frequencies aliases.
    """
    thinned = _thinning(pace)
    if thinned > 1:
        samples = _thinned(samples, thinned)
        places = (places - (thinned * _THIN_TAPS - 1) / 2) / thinned
    size = _fast_size(samples.shape[1])
    spectrum = np.fft.rfft(samples, size)
    spectrum *= _low_pass((size, pace / thinned))
    doubled = np.fft.irfft(np.concatenate((spectrum, np.zeros((2, size // 2), np.complex64)), 1), 2 * size)
    return _between(np.asarray(doubled, np.float32), places * 2.0)


def _between(doubled: Samples, places: Doubles) -> Samples:
    whole = np.floor(places)
    phase = (places - whole) * _PHASES
    row = phase.astype(np.intp)
    weights = np.take(_STEPS, row, axis=0)
    weights *= (phase - row).astype(np.float32)[:, None]
    weights += np.take(_KERNEL, row, axis=0)
    around = np.lib.stride_tricks.sliding_window_view(doubled, _TAPS, axis=1)
    first = whole.astype(np.intp) - (_TAPS // 2 - 1)
    read: Samples = np.einsum("cnt,nt->cn", around[:, first], weights)
    return read


def _thinning(pace: float) -> int:
    """One sample in so many is enough: what is left then holds twice what is kept of it, or more."""
    return max(int(pace / 2.0 + 1e-9), 1)


def _thinned(samples: Samples, every: int) -> Samples:
    """One sample in `every`; the first stands for the place (`_THIN_TAPS` · every − 1) / 2."""
    rows = samples.shape[1] // every
    pieces = samples[:, : rows * every].reshape(2, rows, every) @ _thin_filter(every)
    thinned = np.zeros((2, rows - _THIN_TAPS + 1), np.float32)
    for tap in range(_THIN_TAPS):
        thinned += pieces[:, tap : tap + thinned.shape[1], tap]
    return thinned


@lru_cache(8)
def _thin_filter(every: int) -> Samples:
    length = every * _THIN_TAPS
    at = (np.arange(length) - (length - 1) / 2) / every
    taps = np.sinc(at) * np.kaiser(length, _BETA)
    return np.ascontiguousarray((taps / taps.sum()).reshape(_THIN_TAPS, every).T, np.float32)


@lru_cache(32)
def _low_pass(key: _Key) -> Samples:
    """Gains of the bins of `size` samples; twice as many samples come out, so they are doubled."""
    size, pace = key
    half = 2 * _half_length(pace)
    at = np.arange(-half, half + 1)
    taps = np.sinc(at * (_CUTOFF / pace / 2)) * np.kaiser(2 * half + 1, _BETA)
    around_zero = np.zeros(2 * size)
    around_zero[at] = taps * (2.0 / taps.sum())
    return np.fft.rfft(around_zero).real[: size // 2 + 1].astype(np.float32)


def _half_length(pace: float) -> int:
    return ceil(_REACH * pace)


def _fast_size(count: int) -> int:
    """The next 2ⁿ or 3 · 2ⁿ."""
    power = 1 << max(count - 1, 255).bit_length()
    return power * 3 // 4 if count <= power * 3 // 4 else power


def _kernel() -> Doubles:
    """Taps (phase, tap) of `_PHASES` + 1 phases, for what is far below the Nyquist frequency."""
    phases = np.arange(_PHASES + 1)[:, None] / _PHASES
    at = np.arange(_TAPS) - (_TAPS // 2 - 1) - phases
    window = np.i0(_BETA * np.sqrt(np.maximum(1.0 - np.square(at / (_TAPS / 2)), 0.0)))
    taps = np.sinc(at) * window
    kernel: Doubles = taps / taps.sum(1, keepdims=True)
    return kernel


_TABLE = _kernel()
_KERNEL = _TABLE[:-1].astype(np.float32)
_STEPS = np.diff(_TABLE, axis=0).astype(np.float32)
