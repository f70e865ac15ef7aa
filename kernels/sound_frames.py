"""Sound as short spectra on one grid, and back. Spectra are complex128 (C, frames, bins)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.sound import Doubles, Samples

FRAME = 1024  #: samples a spectrum is made of, 21 ms
HOP = FRAME // 4  #: samples between spectra
REACH = FRAME - HOP  #: samples that a block needs known on either side of it
BINS = FRAME // 2 + 1

Spectra = NDArray[np.complex128]

_HANN: Doubles = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / FRAME)
_SUM = 1.5  # of squared windows at every sample
CHANCE_GAIN = (np.mean(np.square(_HANN)) / _SUM) ** -0.5  #: keeps the power where phases are set by chance


def spectra(window: Samples | Doubles) -> Spectra:
    """The n + 3 spectra of (C, `REACH` + n · `HOP` + `REACH`) samples.

    The first stands for the sample one hop before the middle n hops begin.
    """
    frames = np.lib.stride_tricks.sliding_window_view(window.astype(np.float64), FRAME, axis=-1)[..., ::HOP, :]
    return np.fft.rfft(frames * _HANN)


def joined(frames: Spectra) -> Samples:
    """The samples in the middle of what `spectra` took, float32 (C, n · `HOP`)."""
    pieces = np.fft.irfft(frames) * (_HANN / _SUM)
    channels, count = pieces.shape[:2]
    parts = pieces.reshape(channels, count, FRAME // HOP, HOP)
    hops = sum(parts[:, 3 - part : count - part, part] for part in range(FRAME // HOP))
    return np.asarray(hops).reshape(channels, -1).astype(np.float32)
