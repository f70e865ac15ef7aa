"""Long windowed spectra: framing, peaks, bands, envelopes. For pitch and time; shorter frames are in `sound_frames`.

Spectra are complex64 (2, `BINS`) of one frame, powers float32 (`BINS`,) of both channels together. Hann windows are
laid on before the spectrum and after it, so that frames `HOP` apart add up to what they were cut from.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.sound import Samples

FRAME = 4096  #: samples, 93 ms at 44.1 kHz: partials 33 Hz apart stay apart
HOP = FRAME // 4  #: samples between frames
BINS = FRAME // 2 + 1

Spectra = NDArray[np.complex64]
Indices = NDArray[np.intp]

_WINDOW = (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
_OUT = _WINDOW / np.float32(1.5)  # squared windows a quarter apart sum to 1.5
_TONAL = 4.0  # power of a partial to the mean around it
_AROUND = 4  # bins on either side that count as around
_MEAN = np.full(2 * _AROUND + 1, 1.0 / (2 * _AROUND + 1), np.float32)
_FIRST_BAND, _BANDS = 8, 24  # bins of the lowest band; bands up to the Nyquist frequency, even in octaves above it

_COARSE = 4  # bins that share a value of the envelope, 43 Hz
_CEPSTRUM = (BINS - 1) // _COARSE * 2
_SHORTEST, _LONGEST = 56, 440  # samples: periods of voices that are told apart, 100 to 790 Hz at 44.1 kHz
_UNVOICED = 160  # samples, taken for the period where no period stands out
_VOICED = np.float32(0.06)  # of the log spectrum, nepers: the ripple that a period makes
_KEPT = 0.6  # of the period: quefrencies that belong to the envelope
_ROUNDS = 12  # of smoothing what peaks over the envelope
_MOST = np.float32(3.5)  # nepers that a warp raises or lowers, 30 dB


def spectra(frames: Samples) -> Spectra:
    """The spectra (…, `BINS`) of windowed frames (…, `FRAME`)."""
    return np.asarray(np.fft.rfft(frames * _WINDOW), np.complex64)


def pieces(frames: Spectra) -> Samples:
    """The samples (…, `FRAME`) of spectra, windowed again: to be added up, `HOP` apart."""
    return np.asarray(np.fft.irfft(frames), np.float32) * _OUT


def power(frame: Spectra) -> Samples:
    """The power of each bin, both channels together."""
    summed: Samples = (np.square(frame.real) + np.square(frame.imag)).sum(0)
    return summed


def peaks(powers: Samples) -> Indices:
    """The bins that are above two neighbours on either side, rising; empty in silence."""
    inner = powers[2:-2]
    above = (inner > powers[1:-3]) & (inner > powers[3:-1]) & (inner >= powers[:-4]) & (inner >= powers[4:])
    return np.flatnonzero(above) + 2


def widths(at: Indices) -> Indices:
    """How many bins belong to each peak, from 0 on: the borders lie halfway between peaks."""
    borders = (at[1:] + at[:-1] + 1) // 2
    return np.diff(borders, prepend=0, append=BINS)


def are_tonal(powers: Samples, at: Indices) -> NDArray[np.bool_]:
    """Which peaks stand out from what is around them, as the partials of tones do, and peaks of noise do not."""
    mean = np.convolve(powers, _MEAN, mode="same")[at]
    tonal: NDArray[np.bool_] = powers[at] > _TONAL * mean
    return tonal


def band_sums(values: Samples) -> Samples:
    """Sums of (`BINS`,) values over the bands."""
    summed: Samples = np.add.reduceat(values, _BAND_STARTS)
    return summed


def over_bins(values: Samples) -> Samples:
    """Values of the bands at every bin, on straight lines between the middles of the bands."""
    return np.asarray(np.interp(_EVERY_BIN, _BAND_MIDDLES, values), np.float32)


def warp_gain(powers: Samples, ratio: float) -> Samples:
    """Gains (`BINS`,) that move the envelope of a spectrum to `ratio` times its frequencies.

    Partials stay where they are, and the power in all is the same."""
    envelope = _envelope(powers)
    moved = np.interp(_COARSE_BINS / ratio, _COARSE_BINS, envelope)
    nepers = np.clip(moved - envelope, -_MOST, _MOST)
    gain = np.asarray(np.exp(np.interp(_EVERY_BIN, _COARSE_BINS, nepers)), np.float32)
    before, after = float(powers.sum()), float((powers * np.square(gain)).sum())
    return gain * np.float32(np.sqrt(before / after)) if after > 0 else gain


def _envelope(powers: Samples) -> Samples:
    """The true envelope (Röbel and Rodet, 2005) on a coarse grid, nepers: the smoothest line over all partials."""
    most = powers[:-1].reshape(-1, _COARSE).max(1)
    most = np.append(most, powers[-1])
    target = 0.5 * np.log(most + np.float32(1e-9) * most.max() + np.float32(1e-20))
    envelope, kept = target, _liftering(_period(np.asarray(np.fft.irfft(target), np.float32)))
    for _ in range(_ROUNDS):
        envelope = np.fft.rfft(np.fft.irfft(np.maximum(target, envelope)) * kept).real
    return np.asarray(envelope, np.float32)


def _period(cepstrum: Samples) -> int:
    """Samples of the period that the harmonics tell."""
    among = cepstrum[_SHORTEST:_LONGEST]
    at = int(among.argmax())
    return _SHORTEST + at if among[at] > _VOICED else _UNVOICED


def _liftering(period: int) -> Samples:
    """Gains of quefrencies that leave no harmonics, with a soft end, so that the envelope does not ring."""
    quefrency = np.minimum(np.arange(_CEPSTRUM), _CEPSTRUM - np.arange(_CEPSTRUM))
    end = np.clip((_KEPT * period - quefrency) / (0.3 * period), 0.0, 1.0)
    return np.square(np.sin(end * np.pi / 2)).astype(np.float32)


_EVERY_BIN = np.arange(BINS)
_COARSE_BINS = np.arange(_CEPSTRUM // 2 + 1) * _COARSE + (_COARSE - 1) / 2
_BAND_STARTS = np.append(0, np.round(np.geomspace(_FIRST_BAND, BINS - 1, _BANDS)).astype(np.intp)[:-1])
_BAND_MIDDLES = (_BAND_STARTS + np.append(_BAND_STARTS[1:], BINS)) / 2
