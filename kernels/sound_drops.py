"""Many short sounds at places set by chance: crackles, drops, syllables' pulses; each a function of seed and place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kernels.sound import Doubles
from kernels.sound_chance import uniform
from kernels.sound_noise import Place

_CHANCES = 5  # numbers a slot: whether, where, how strong, which sound, from which side


@dataclass(frozen=True, slots=True)
class Strengths:
    """How strong sounds are: the strengths for even chance in [0, 1), (n,) → (n,), and their mean square."""

    of: Callable[[Doubles], Doubles]
    mean_square: float


_CUT = 0.95  # of an exponential's chance: nothing is more than 3 times as strong as the mean
EVEN = Strengths(lambda chance: chance, 1.0 / 3.0)
MOSTLY_FAINT = Strengths(
    lambda chance: -np.log1p(-_CUT * chance),
    (2.0 - (1.0 - _CUT) * (np.log(1.0 - _CUT) ** 2 - 2.0 * np.log(1.0 - _CUT) + 2.0)) / _CUT,
)


def drops(place: Place, per_s: float, sounds: Doubles, strengths: Strengths) -> Doubles:
    """Some `per_s` times a second one of `sounds` (kinds, n), anywhere between left and right: (2, count), RMS 1.

    Half of them are upside down.
    """
    slot = max(int(0.5 * place.rate_hz / per_s), 1)
    likely = per_s * slot / place.rate_hz
    kinds, length = sounds.shape
    first_slot = (place.first - length) // slot
    count = (place.first + place.count) // slot - first_slot + 1
    chance = uniform(place.seed, first_slot * _CHANCES, count * _CHANCES).reshape(count, _CHANCES)
    slots = np.arange(first_slot, first_slot + count)
    happens = chance[:, 0] < likely
    at = (slots * slot + (chance[:, 1] * slot).astype(np.int64))[happens]
    strength = (strengths.of(chance[:, 2]) * np.where(chance[:, 2] * 4096 % 1.0 < 0.5, 1.0, -1.0))[happens]
    kind = (chance[:, 3] * kinds).astype(np.int64)[happens]
    angle = chance[happens, 4] * (np.pi / 2)
    energy = np.square(sounds).sum() / kinds
    power = per_s / place.rate_hz * strengths.mean_square * energy / 2.0
    strength = strength / np.sqrt(power)
    sides = np.stack((strength * np.cos(angle), strength * np.sin(angle)))
    return struck(place, at, kind, sides, sounds)


def struck(place: Place, at: NDArray[np.int64], kind: NDArray[np.int64], sides: Doubles, sounds: Doubles) -> Doubles:
    """`sounds[kind]` begun at the samples `at` (m,), with the gains `sides` (2, m): (2, count). By FFT."""
    kinds, length = sounds.shape
    span = length + place.count
    inside = (at >= place.first - length) & (at < place.first + place.count)
    where = kind[inside] * span + at[inside] - (place.first - length)
    lanes = np.stack([np.bincount(where, gains, kinds * span) for gains in sides[:, inside]])
    size = _quick_size(span + length)
    heard = np.fft.rfft(lanes.reshape(2, kinds, span), size) * np.fft.rfft(sounds, size)
    return np.fft.irfft(heard.sum(1), size)[:, length:span]


def rung(hz: float, decay_s: float, rate_hz: int, length_s: float) -> Doubles:
    """A tone of `hz` that falls by 60 dB in `decay_s`, (n,) of `length_s`, its energy 1."""
    seconds = np.arange(int(length_s * rate_hz)) / rate_hz
    sound = np.sin(2 * np.pi * hz * seconds) * 10.0 ** (-3.0 * seconds / decay_s)
    sound *= np.minimum((length_s - seconds) / (0.1 * length_s), 1.0)
    energy: Doubles = np.square(sound).sum()
    return sound / np.sqrt(energy)


def _quick_size(count: int) -> int:
    """The least 2^k or 1.25·2^k or 1.5·2^k that is not less."""
    size = 1 << (count - 1).bit_length()
    return next((size * part // 8 for part in (5, 6) if size * part // 8 >= count), size)
