"""Loudness and true peak as ITU-R BS.1770-4 defines them."""

from __future__ import annotations

import math
from array import array

import numpy as np

from kernels.sound import Doubles, Samples

HOP_HZ = 10  #: hops a second; a gating block is four of them, 400 ms
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0

OVERSAMPLING = 8  #: instants a sample at which a true peak is looked for
PEAK_CONTEXT = 256  #: samples on either side of an instant that bear on its value

_CHUNK = 4096  # samples oversampled at a time; with the context on both sides a length that FFTs like

_HOPS_A_BLOCK = 4
_OFFSET_LUFS = -0.691
_TABLED_HZ = 48_000
# The numerators and denominators of the standard's tables 1 and 2.
_SHELF = (1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585)
_HIGH_PASS = (1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)
# The coefficients of a polynomial in z⁻¹ times this are those in s = (1 − z⁻¹) / (1 + z⁻¹), and back, but for a factor.
_BILINEAR = np.array([[1.0, 1.0, 1.0], [2.0, 0.0, -2.0], [1.0, -1.0, 1.0]])

Biquad = tuple[Doubles, Doubles]  #: (b0, b1, b2), (1, a1, a2)


def k_weighting(rate_hz: int) -> tuple[Biquad, Biquad]:
    """The two filters in series that sound of any rate above 4 kHz takes before its power counts.

    The standard tables them for 48 kHz. The analogue filter of which such a table is the bilinear transform is taken
    anew at `rate_hz`, warped so that its corner keeps its frequency.
    """
    return _at_rate(*_SHELF, rate_hz), _at_rate(*_HIGH_PASS, rate_hz)


def _at_rate(numerator: tuple[float, ...], denominator: tuple[float, ...], rate_hz: int) -> Biquad:
    over, under = _BILINEAR @ numerator, _BILINEAR @ denominator
    corner = math.sqrt(under[0] / under[2])
    warp = corner / math.tan(math.atan(corner) * _TABLED_HZ / rate_hz)
    powers = warp ** np.arange(3)
    over, under = _BILINEAR @ (over * powers), _BILINEAR @ (under * powers)
    return over / under[0], under / under[0]


class LoudnessMeter:
    """Integrated loudness of a sound that comes in pieces; it keeps eight bytes a hop, 288 kB an hour."""

    def __init__(self, rate_hz: int) -> None:
        self._hop = round(rate_hz / HOP_HZ)
        self._powers: array[float] = array("d")  # of whole hops, the channels summed
        self._rest: Doubles = np.zeros(0)  # squares of a hop that has begun

    def add(self, weighted: Samples) -> None:
        """The next samples (C, n), 1 or 2 channels of full scale ±1, through `k_weighting`; n may be anything."""
        squares = np.concatenate((self._rest, np.square(weighted, dtype=np.float64).sum(0)))
        whole = len(squares) // self._hop * self._hop
        self._powers.extend(squares[:whole].reshape(-1, self._hop).mean(1))
        self._rest = squares[whole:]

    def integrated_lufs(self) -> float:
        """Loudness of all that was added; −inf where no block is above −70 LUFS.

        What is left after the last whole hop does not count. A sound of less than 400 ms, which the standard does not
        measure, counts as one block of its own length.
        """
        blocks = self._block_powers()
        loud = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
        if not len(loud):
            return -math.inf
        gate = loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)
        return _OFFSET_LUFS + 10 * math.log10(loud[loud > gate].mean())

    def _block_powers(self) -> Doubles:
        powers = np.array(self._powers)
        if len(powers) >= _HOPS_A_BLOCK:
            blocks: Doubles = np.lib.stride_tricks.sliding_window_view(powers, _HOPS_A_BLOCK).mean(1)
            return blocks
        samples = len(powers) * self._hop + len(self._rest)
        return np.array([(powers.sum() * self._hop + self._rest.sum()) / max(samples, 1)])


def _power(lufs: float) -> float:
    return 10 ** ((lufs - _OFFSET_LUFS) / 10)


def true_peak_dbtp(samples: Samples) -> float:
    """The largest magnitude of any channel of `samples` (C, n), between the samples too, in dB of full scale.

    Before and after is silence. A tone at half the sample rate may read 0.17 dB too low, one at a quarter 0.04 dB: from
    its peak on it falls as a cosine, and it is looked at eight times a sample. −inf for silence.
    """
    edge = 2 * PEAK_CONTEXT
    padded = np.pad(samples, ((0, 0), (edge, edge + -samples.shape[1] % _CHUNK)))
    starts = range(0, padded.shape[1] - edge, _CHUNK)
    peak = max(hop_peaks(padded[:, start : start + _CHUNK + edge], PEAK_CONTEXT).max() for start in starts)
    return 20 * math.log10(peak) if peak > 0 else -math.inf


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
