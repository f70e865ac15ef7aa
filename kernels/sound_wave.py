"""Steady tones: one period as a table, read at any pitch."""

from __future__ import annotations

import numpy as np

from kernels.sound import Doubles

_SIZE = 32_768  # samples of a table; straight lines between them bend the hundredth harmonic by less than −80 dB


def period(amplitudes: Doubles) -> Doubles:
    """One period of a tone whose harmonic k, from 1 on, has `amplitudes[k − 1]`, with an RMS of 1; closed, (m + 1,)."""
    spectrum = np.zeros(_SIZE // 2 + 1, np.complex128)
    spectrum[1 : len(amplitudes) + 1] = amplitudes * -1j
    table = np.fft.irfft(spectrum)
    table /= np.sqrt(np.mean(np.square(table)))
    return np.append(table, table[0])


def tone(table: Doubles, hz: float, rate_hz: int, first: int, count: int) -> Doubles:
    """The samples `first` … `first + count − 1`, of any sign, of a tone of `hz` that starts at 0."""
    places = np.arange(first, first + count) * (hz / rate_hz)
    places -= np.floor(places)
    places *= _SIZE
    whole = places.astype(np.int64)
    share = places - whole
    left = table[whole]
    return left + share * (table[whole + 1] - left)
