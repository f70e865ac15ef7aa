"""Where sounds set in: clicks, drums, plucked notes; to a few samples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from kernels.sound import Samples

_HOP = 32  # samples an energy is of, 0.7 ms
_RISE = 4.0  # energy of 1.5 ms to the most of the 20 ms before, 6 dB
_BEFORE = 28  # hops of those 20 ms: what comes back 50 times a second and more is a tone
_SHARP_RISE = 100.0  # energy of 1.5 ms to the most of the 4 ms before, 20 dB: a click soon after another
_SHARP_BEFORE = 6  # hops of those 4 ms
_ROW = 3  # so many onsets within the next time are all that a row of clicks has: the others are a tone
_ROW_TIME = 2700  # samples, 61 ms
_REST = 7  # hops, 5 ms: onsets that are nearer are one
_LOUD_FOR = 512  # hops, 0.4 s: what is 30 dB below the loudest of them is no onset
_QUIET = 1e-3
_SILENCE = 1e-8  # energy of 1.5 ms: −98 dB
_SHARE = 0.02  # of the most power that the place of an onset has
_CREST = 4.0 / (2 * _HOP)  # of power over the energy of 1.5 ms, in what an onset stands out from
_SEARCHED = 16  # hops in which the place of a rise is looked for: filters ring that long before a click
_CONTEXT = _LOUD_FOR + _BEFORE

REACH = _SEARCHED * _HOP + 2  #: samples from an onset on that must be known before it is found


class _Rise(NamedTuple):
    hop: int
    measure: int
    background: float  # the power it stands out from
    is_sharp: bool  # it is one by the last 4 ms alone


class OnsetFinder:
    """Onsets of a sound that comes in pieces, whose lengths bear on nothing; its first sample lies at `first`.

    Two measures of power count, either alone: the sound's own, and that of its curvature, in which a click stands out
    from low tones.
    """

    def __init__(self, first: int) -> None:
        self._first = first  # the place of the first power held
        self._seam = np.zeros((2, 2), np.float32)
        self._powers = np.zeros((2, 0), np.float32)
        self._energies = np.zeros((2, _CONTEXT), np.float32)
        self._latest = [first - _ROW_TIME] * _ROW

    def push(self, samples: Samples) -> list[int]:
        """The places of onsets that the next `samples` (2, n) let be found, rising."""
        joined = np.concatenate((self._seam, samples), 1)
        self._seam = joined[:, -2:]
        self._powers = np.concatenate((self._powers, _powers(joined)), 1)
        count = self._powers.shape[1] // _HOP - _SEARCHED + 1
        if count <= 0:
            return []
        whole = self._powers[:, : (count + 1) * _HOP].reshape(2, count + 1, _HOP)
        energies = np.concatenate((self._energies, whole.sum(2)), 1)
        found = [(self._place(rise), rise.is_sharp) for rise in _rises(energies, count)]
        self._energies = energies[:, count : count + _CONTEXT]
        self._powers = self._powers[:, count * _HOP :]
        self._first += count * _HOP
        return [place for place, is_sharp in found if self._is_onset(place, is_sharp)]

    def _place(self, rise: _Rise) -> int:
        first = rise.hop * _HOP
        around = self._powers[rise.measure, first : first + _SEARCHED * _HOP]
        least = max(_SHARE * float(around.max()), rise.background)
        return self._first + first + int(np.argmax(around >= least))

    def _is_onset(self, place: int, is_sharp: bool) -> bool:
        if place - self._latest[-1] < _REST * _HOP:
            return False
        is_one_of_many = is_sharp and place - self._latest[0] < _ROW_TIME
        self._latest = [*self._latest[1:], place]
        return not is_one_of_many


def _powers(samples: Samples) -> Samples:
    """The power (2, n − 2) of samples and of what they differ from their neighbours' mean, both channels together.

    The first of the three samples gives the place: what sets in is seen one sample early, never late.
    """
    own, after = samples[:, 1:-1], samples[:, 2:]
    bend = own - 0.5 * (after + samples[:, :-2])
    return np.stack((np.square(after).sum(0), np.square(bend).sum(0)))


def _rises(energies: Samples, count: int) -> list[_Rise]:
    """Each rise in the `count` hops before the last energy."""
    pairs = energies[:, 1:] + energies[:, :-1]
    now, past = pairs[:, -count:], pairs[:, :-2]
    before = np.lib.stride_tricks.sliding_window_view(past, _BEFORE, axis=1)[:, -count:].max(2)
    shortly = np.lib.stride_tricks.sliding_window_view(past, _SHARP_BEFORE, axis=1)[:, -count:].max(2)
    loudest = pairs
    for reach in (1 << power for power in range(_LOUD_FOR.bit_length() - 1)):
        loudest = np.maximum(loudest[:, reach:], loudest[:, :-reach])
    least = _QUIET * loudest[:, -count:] + _SILENCE
    rise, sharp_rise = now / (_RISE * before + least), now / (_SHARP_RISE * shortly + least)
    hops = np.flatnonzero((np.maximum(rise, sharp_rise) > 1.0).any(0))
    is_sharp = (rise[:, hops] <= 1.0).all(0)
    measures = np.where(is_sharp, sharp_rise[:, hops].argmax(0), rise[:, hops].argmax(0))
    background = np.where(is_sharp, shortly[measures, hops], before[measures, hops]) * _CREST
    rises = zip(hops.tolist(), measures.tolist(), background.tolist(), is_sharp.tolist(), strict=True)
    return [_Rise(*rise) for rise in rises]
