"""Delay lines: those that feed themselves, and reading between samples."""

from __future__ import annotations

import numpy as np

from kernels.sound import Doubles, Samples

REACH = 8  #: samples on either side of a place that bear on what is read there
_PHASES = 4096  # so fine that the nearest one serves: 75 dB below a sine of 10 kHz
_BETA = 7.0
_SILENT = 1e-20  # what circulates below this would fade into numbers that processors are slow at


def recirculated(held: Samples, samples: Samples, feedback: float, crossed: bool = False) -> Samples:
    """y[n] = x[n] + feedback·y[n − D], after `held`, the last D samples of y: (2, D + n), the held ones first.

    `crossed`: each channel feeds the other one.
    """
    delay, count = held.shape[1], samples.shape[1]
    line = np.concatenate((held, samples), 1)
    back = line[::-1] if crossed else line
    gain = np.float32(feedback)
    for start in range(delay, delay + count, delay):
        stop = min(start + delay, delay + count)
        line[:, start:stop] += gain * back[:, start - delay : stop - delay]
    line[np.abs(line) < _SILENT] = 0.0
    return line


def read_between(samples: Samples, at: Doubles) -> Samples:
    """`samples` (C, m) at the places `at` (n,), in samples and fractions, float32 (C, n), by windowed sincs.

    Each place lies at least `REACH` from both ends. A sine up to 0.35 of the rate comes out within −70 dB of itself;
    it is meant for places that move on at about one sample a sample, since nothing is filtered for a faster pace.
    """
    whole = np.floor(at).astype(np.int64)
    taps = np.take(_TABLE, np.rint((at - whole) * _PHASES).astype(np.int64), axis=0)
    around = np.lib.stride_tricks.sliding_window_view(samples, 2 * REACH, axis=1)[:, whole - (REACH - 1)]
    between: Samples = np.einsum("cnk,nk->cn", around, taps)
    return between


def _table() -> Samples:
    fraction = np.arange(_PHASES + 1)[:, None] / _PHASES
    distance = np.arange(2 * REACH) - (REACH - 1) - fraction
    window = np.i0(_BETA * np.sqrt(np.maximum(1 - (distance / REACH) ** 2, 0))) / np.i0(_BETA)
    taps = np.sinc(distance) * window
    table: Samples = (taps / taps.sum(1, keepdims=True)).astype(np.float32)
    return table


_TABLE = _table()
