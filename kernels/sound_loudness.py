"""Loudness and true peak as ITU-R BS.1770-4 defines them."""

from __future__ import annotations

import math

import numpy as np

from kernels.sound import Doubles, Samples

OVERSAMPLING = 8  #: instants a sample at which a true peak is looked for
#: What the largest of these instants is, at least, of a true peak: a sound that has nothing above half its sample rate
#: falls from its largest value no faster than a cosine at that frequency.
LEAST_OF_PEAK = math.cos(math.pi / 2 / OVERSAMPLING)
PEAK_CONTEXT = 256  #: samples on either side of an instant that bear on its value

_CHUNK = 4096  # samples oversampled at a time; with the context on both sides a length that FFTs like


def hop_peaks(samples: Samples, hop: int) -> Doubles:
    """The largest magnitude of any channel in every `hop` samples, between the samples too; (n / hop,).

    `samples` (C, n + 2 × PEAK_CONTEXT) starts and ends with that many of context. `hop` divides n and 4096.
    Interpolated by an FFT whose input is faded out over the context: a sinc of 512 samples under a raised cosine.
    """
    count = samples.shape[1] - 2 * PEAK_CONTEXT
    chunks = -(-count // _CHUNK)
    padded = np.pad(samples, ((0, 0), (0, chunks * _CHUNK - count)))
    length = _CHUNK + 2 * PEAK_CONTEXT
    windows = np.lib.stride_tricks.sliding_window_view(padded, length, 1)[:, ::_CHUNK] * _window()
    spectra = np.fft.rfft(windows)
    spectra[..., -1] *= 0.5
    waves = np.fft.irfft(spectra, length * OVERSAMPLING)
    inner = waves[..., PEAK_CONTEXT * OVERSAMPLING : (PEAK_CONTEXT + _CHUNK) * OVERSAMPLING]
    by_hop = inner.reshape(samples.shape[0], -1, hop * OVERSAMPLING)
    peaks: Doubles = np.maximum(by_hop.max((0, 2)), -by_hop.min((0, 2))).astype(np.float64) * OVERSAMPLING
    return peaks[: count // hop]


def _window() -> Samples:
    rise = np.sin(np.arange(0.5, PEAK_CONTEXT) * (np.pi / 2 / PEAK_CONTEXT)) ** 2
    return np.concatenate((rise, np.ones(_CHUNK), rise[::-1])).astype(np.float32)
