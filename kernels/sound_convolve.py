"""Convolution with long responses, a block of samples at a time, by FFT of equal parts. Samples are float32."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.sound import Samples

Spectra = NDArray[np.complex64]


def spectra_of(response: Samples, block: int) -> Spectra:
    """A response (C, n) in parts of `block`, each as the spectrum of 2·`block` samples: (parts, C, block + 1)."""
    channels, count = response.shape
    parts = -(-count // block)
    padded = np.zeros((channels, parts * block), np.float32)
    padded[:, :count] = response
    by_part = padded.reshape(channels, parts, block).transpose(1, 0, 2)
    return np.fft.rfft(by_part, 2 * block).astype(np.complex64, copy=False)


class Convolver:
    """y = x ∗ response, each channel with its own: blocks in, blocks out, the first sample without delay."""

    def __init__(self, response: Spectra) -> None:
        self._response = response
        channels, bins = response.shape[1:]
        self._block = bins - 1
        self._heard = np.zeros_like(response)
        self._newest = 0
        self._last = np.zeros((channels, self._block), np.float32)

    def convolved(self, samples: Samples) -> Samples:
        """The next block of y for the next block of x, both (C, block)."""
        self._heard[self._newest] = np.fft.rfft(np.concatenate((self._last, samples), 1))
        self._last = samples
        parts = self._response.shape[0]
        total = np.zeros_like(self._response[0])
        for part in range(parts):
            total += self._response[part] * self._heard[(self._newest - part) % parts]
        self._newest = (self._newest + 1) % parts
        return np.fft.irfft(total)[:, self._block :].astype(np.float32, copy=False)
