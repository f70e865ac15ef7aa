"""Where sounds set in: clicks, drums, plucked notes; to a few samples."""

from __future__ import annotations

import numpy as np

from kernels.sound import Samples

_HOP = 32  # samples an energy is of, 0.7 ms
_RISE = 4.0  # energy of 1.5 ms to the most of the 20 ms before, 6 dB
_BEFORE = 28  # hops of those 20 ms: what comes back 50 times a second and more is a tone
_REST = 7  # hops, 5 ms: onsets that are nearer are one
_LOUD_FOR = 512  # hops, 0.4 s: what is 30 dB below the loudest of them is no onset
_QUIET = 1e-3
_SILENCE = 1e-8  # energy of 1.5 ms: −98 dB
_SHARE = 0.1  # of the most power that the place of an onset has
_SEARCHED = 4  # hops in which the place of a rise is looked for
_CONTEXT = _LOUD_FOR + _BEFORE

REACH = _SEARCHED * _HOP + 2  #: samples from an onset on that must be known before it is found


class OnsetFinder:
    """Onsets of a sound that comes in pieces, whose lengths bear on nothing; its first sample lies at the place `first`.

    Two measures of power count, either alone: the sound's own, and that of its curvature, in which a click stands out
    from low tones.
    """

    def __init__(self, first: int) -> None:
        self._first = first  # the place of the first power held
        self._seam = np.zeros((2, 2), np.float32)
        self._powers = np.zeros((2, 0), np.float32)
        self._energies = np.zeros((2, _CONTEXT), np.float32)
        self._last = first - _REST * _HOP

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
        found = [self._place(hop, measure) for hop, measure in _rises(energies, count)]
        self._energies = energies[:, count : count + _CONTEXT]
        self._powers = self._powers[:, count * _HOP :]
        self._first += count * _HOP
        return [place for place in found if self._is_apart(place)]

    def _place(self, hop: int, measure: int) -> int:
        around = self._powers[measure, hop * _HOP : (hop + _SEARCHED) * _HOP]
        return self._first + hop * _HOP + int(np.argmax(around >= _SHARE * around.max()))

    def _is_apart(self, place: int) -> bool:
        if place - self._last < _REST * _HOP:
            return False
        self._last = place
        return True


def _powers(samples: Samples) -> Samples:
    """The power (2, n − 2) of samples and of what they differ from their neighbours' mean, both channels together.

    The first of the three samples gives the place: what sets in is seen one sample early, never late.
    """
    own, after = samples[:, 1:-1], samples[:, 2:]
    bend = own - 0.5 * (after + samples[:, :-2])
    return np.stack((np.square(after).sum(0), np.square(bend).sum(0)))


def _rises(energies: Samples, count: int) -> list[tuple[int, int]]:
    """Hop and measure of each rise in the `count` hops before the last energy."""
    pairs = energies[:, 1:] + energies[:, :-1]
    now = pairs[:, -count:]
    before = np.lib.stride_tricks.sliding_window_view(pairs[:, :-2], _BEFORE, axis=1)[:, -count:].max(2)
    loudest = pairs
    for reach in (1 << power for power in range(_LOUD_FOR.bit_length() - 1)):
        loudest = np.maximum(loudest[:, reach:], loudest[:, :-reach])
    rise = now / (_RISE * before + _QUIET * loudest[:, -count:] + _SILENCE)
    hops = np.flatnonzero((rise > 1.0).any(0))
    return [(int(hop), int(rise[:, hop].argmax())) for hop in hops]
