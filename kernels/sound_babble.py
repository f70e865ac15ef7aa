"""The babble of many people: pulses of voices through vowels that change with every syllable."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kernels.sound import Doubles
from kernels.sound_chance import uniform
from kernels.sound_drops import struck
from kernels.sound_noise import Place

_VOICES = 14
_SYLLABLE_S = 0.21
_SPOKEN = 0.7  # of the syllables; the rest are pauses
_LOWEST_HZ, _OCTAVES = 95.0, 1.4  # of the people's own pitches
_GLIDE = 0.35  # octaves between a voice's syllables
_PULSES = 64  # at most a syllable
_CHANCES = 4  # numbers a syllable: whether, how high, which vowel, how strong
_VOWELS = ((730, 1090, 2440), (530, 1840, 2480), (300, 2250, 3000), (570, 840, 2410), (320, 870, 2240))  # Hz, a e i o u
_WIDTHS_HZ = (90.0, 110.0, 170.0)
_LEVELS = (1.0, 0.35, 0.1)  # before lips, which make more of what is high
_TRACTS = (1.0, 1.17)  # formants of men, of women
_RESPONSE_S = 0.02
_SOFT_LOUD = (0.4, 1.0)  # strengths, evenly spread


def babble(place: Place) -> Doubles:
    """Some fourteen people who speak at once, from left to right: (2, count), its RMS about 1 over some seconds."""
    sounds = _vowels(place.rate_hz)
    heard = [_pulses(place, voice) for voice in range(_VOICES)]
    at, kind, sides = (np.concatenate(parts, -1) for parts in zip(*heard, strict=True))
    return struck(place, at, kind, sides * _gain(place.rate_hz), sounds)


def _pulses(place: Place, voice: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Doubles]:
    """When the pulses of one voice fall, their vowels, and their gains (2, m) left and right."""
    person = uniform(place.seed, -(voice + 1) * _CHANCES, _CHANCES)
    syllable = _SYLLABLE_S * (0.85 + 0.3 * person[3]) * place.rate_hz
    shift = person[2] * syllable
    first = int((place.first - shift) // syllable) - 1
    count = int((place.first + place.count - shift) // syllable) - first + 1
    spoken = place.salted(voice + 1)
    chance = uniform(spoken.seed, first * _CHANCES, count * _CHANCES).reshape(count, _CHANCES)
    own_hz = _LOWEST_HZ * 2.0 ** (_OCTAVES * person[0])
    period = place.rate_hz / (own_hz * 2.0 ** (_GLIDE * (chance[:, 1] - 0.5)))
    number = np.arange(_PULSES)
    since = period[:, None] * number * (0.95 + 0.1 * number / _PULSES)  # a syllable's pitch falls
    share = since / syllable
    at = np.rint(shift + (first + np.arange(count))[:, None] * syllable + since).astype(np.int64)
    soft, loud = _SOFT_LOUD
    strength = (soft + (loud - soft) * chance[:, 3])[:, None] * np.sin(np.pi * share)
    sounds = (chance[:, 0] < _SPOKEN)[:, None] & (share < 1.0)
    tract = int(own_hz > 165.0) * len(_VOWELS)
    vowel = np.broadcast_to((chance[:, 2] * len(_VOWELS)).astype(np.int64)[:, None] + tract, at.shape)
    angle = person[1] * (np.pi / 2)
    sides = np.outer((np.cos(angle), np.sin(angle)), strength[sounds])
    return at[sounds], vowel[sounds], sides


def _gain(rate_hz: int) -> float:
    """For an RMS of 1 if pulses add up by their energies."""
    soft, loud = _SOFT_LOUD
    strength = (soft * soft + soft * loud + loud * loud) / 3.0
    mean_hz = _LOWEST_HZ * (2.0**_OCTAVES - 1.0) / (_OCTAVES * np.log(2.0))
    power = _VOICES * mean_hz / rate_hz * _SPOKEN * strength / 2.0 / 2.0  # of the sine's arch, and of two sides
    return float(power**-0.5)


def _vowels(rate_hz: int) -> Doubles:
    """What a pulse sounds like in each vowel and tract, (kinds, n), energy 1."""
    seconds = np.arange(int(_RESPONSE_S * rate_hz)) / rate_hz
    sounds = np.zeros((len(_TRACTS) * len(_VOWELS), len(seconds)))
    for row, sound in enumerate(sounds):
        tract, vowel = _TRACTS[row // len(_VOWELS)], _VOWELS[row % len(_VOWELS)]
        for hz, width, level in zip(vowel, _WIDTHS_HZ, _LEVELS, strict=True):
            sound += level * np.exp(-np.pi * width * seconds) * np.sin(2.0 * np.pi * hz * tract * seconds)
    fall = np.minimum((_RESPONSE_S - seconds) / (0.2 * _RESPONSE_S), 1.0)
    sounds = np.diff(sounds * fall, prepend=0.0, append=0.0)
    energies: Doubles = np.square(sounds).sum(1, keepdims=True)
    return sounds / np.sqrt(energies)
