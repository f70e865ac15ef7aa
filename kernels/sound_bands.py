"""Bands of the ear over the bins of short spectra."""

from __future__ import annotations

import numpy as np

from kernels.sound import Doubles
from kernels.sound_frames import BINS, FRAME

_LOWEST_HZ = 90.0
_HIGHEST_HZ = 10_000.0


def bin_hz(rate_hz: int) -> Doubles:
    """The frequency of every bin, (`BINS`,)."""
    return np.arange(BINS, dtype=np.float64) * (rate_hz / FRAME)


def band_shares(bands: int, rate_hz: int) -> Doubles:
    """How much of every bin belongs to each of `bands` bands, (`BINS`, `bands`); a bin's shares add up to 1.

    The middles are evenly spaced on the ERB scale of Glasberg and Moore (1990) from 90 Hz to 10 kHz; the bands are
    triangles between their neighbours' middles, and the outermost ones take the rest.
    """
    middles = np.linspace(_erbs(_LOWEST_HZ), _erbs(_HIGHEST_HZ), bands)
    places = np.interp(_erbs(bin_hz(rate_hz)), middles, np.arange(bands))
    shares: Doubles = np.maximum(1.0 - np.abs(places[:, None] - np.arange(bands)), 0.0)
    return shares


def _erbs(hz: Doubles | float) -> Doubles:
    erbs: Doubles = 21.4 * np.log10(1.0 + 0.00437 * np.asarray(hz))
    return erbs
