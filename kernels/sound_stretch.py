"""A phase vocoder whose frames may come from any places of a sound, and still join.

After Laroche and Dolson (1999): the phases of a frame go on from those of the frame before, by what the sound itself
turned within one hop before the frame's place, and the bins around a peak turn as one. Both channels turn alike, so
that what is between them stays.
"""

from __future__ import annotations

import numpy as np

from kernels import sound_spectrum as spectrum
from kernels.sound import Samples
from kernels.sound_spectrum import FRAME, HOP, Spectra

_LOSS_DB = 4.0  # what frames lose that turn against each other by a quarter, as noise does: measured on noise
_DROWNS = np.float32(4.0)  # power of an onset's frame to a tone's
_SILENT = 1e-30  # a product of two bins: of less than that no angle can be told, and complex division overflows
_SWIFTNESS = np.float32(0.5)  # how far that estimate goes to a new frame's

TAKEN = FRAME + HOP  #: samples that a frame is made of: from `FRAME` / 2 + `HOP` before its place to `FRAME` / 2 after


class Vocoder:
    """Frames out of frames, in order; where each place lies one hop after the last, the sound passes as it is.

    `warp` moves the envelope of the spectrum to so many times its frequencies, and leaves the partials.
    """

    def __init__(self, warp: float = 1.0) -> None:
        self._warp = warp
        self._last: Spectra | None = None
        self._alike = np.ones(len(spectrum.band_sums(np.zeros(spectrum.BINS, np.float32))), np.float32)

    def piece(self, samples: Samples, onset: Samples | None = None) -> Samples:
        """Samples (2, `FRAME`) to be added, one hop after the last, of `samples` (2, `TAKEN`) around a place.

        With `onset`, the samples (2, `FRAME`) around one that the frames from here on follow at pace 1, the frame takes
        all phases from the sound, so that the onset is whole; save those of tones that are not drowned, which go on.
        """
        here, before = spectrum.spectra(np.stack((samples[:, HOP:], samples[:, :FRAME])))
        powers = spectrum.power(here)
        turned = here
        if self._last is not None:
            turned = here * _turns(before, self._last, powers, onset)
            gain = self._gain(turned * np.conj(self._last), here * np.conj(before), onset is not None)
        else:
            gain = np.ones(spectrum.BINS, np.float32)
        self._last = turned
        if self._warp != 1.0:
            gain = gain * spectrum.warp_gain(powers, self._warp)
        return spectrum.pieces(turned * gain)

    def _gain(self, made: Spectra, meant: Spectra, is_fresh: bool) -> Samples:
        """What makes up for frames that do not add up: the products with the frame before are alike if they do."""
        both = (made * np.conj(meant)).sum(0)
        weight = spectrum.band_sums(np.abs(both))
        alike = np.divide(spectrum.band_sums(both.real), weight, out=np.ones_like(weight), where=weight > 0)
        if is_fresh:
            alike = np.ones_like(weight)
        self._alike += _SWIFTNESS * (alike - self._alike)
        return spectrum.over_bins(10.0 ** (_LOSS_DB / 20.0 * (1.0 - np.clip(self._alike, 0.0, 1.0))))


def _turns(before: Spectra, last: Spectra, powers: Samples, onset: Samples | None) -> Spectra:
    """By what each bin is turned, (`BINS`,), all of absolute value 1."""
    at = spectrum.peaks(powers)
    if len(at) == 0:
        return np.ones(spectrum.BINS, np.complex64)
    sums = (last[:, at] * np.conj(before[:, at])).sum(0)
    sizes = np.abs(sums)
    turns = np.divide(sums, sizes, out=np.ones_like(sums), where=sizes > _SILENT)
    if onset is not None:
        to_come = spectrum.power(spectrum.spectra(onset))
        goes_on = spectrum.are_tonal(powers, at) & (to_come[at] < _DROWNS * powers[at])
        turns[~goes_on] = 1.0
    return np.repeat(turns, spectrum.widths(at))
