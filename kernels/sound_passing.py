"""What comes by and goes: cars on a road, calls of birds; each a function of seed and place."""

from __future__ import annotations

import numpy as np

from kernels.sound import Doubles
from kernels.sound_chance import uniform
from kernels.sound_noise import Place

_CAR_S = 4.0  # seconds for each car
_CARS_AROUND = 3  # slots before and after whose cars can still be heard
_SHORTEST_S, _LONGEST_S = 0.5, 1.2  # for which a car is about as loud as at its nearest, half of it

_CALL_S = 0.9  # seconds for each call that may come
_CALLED = 0.55  # of them
_CHIRPS = (2, 6)
_CHIRP_S = (0.05, 0.12)
_CALL_HZ = (2400.0, 5600.0)
_CHANCES = 8


def passing(place: Place) -> Doubles:
    """The gains of cars that pass from side to side, one in about four seconds: (2, count), mean square 1."""
    seconds = place.seconds
    first = int(seconds[0] // _CAR_S) - _CARS_AROUND
    last = int(seconds[-1] // _CAR_S) + _CARS_AROUND
    power = np.zeros((2, place.count))
    for slot, chance in enumerate(uniform(place.seed, first * 3, (last - first + 1) * 3).reshape(-1, 3), first):
        half_s = _SHORTEST_S + (_LONGEST_S - _SHORTEST_S) * chance[1]
        away = (seconds - (slot + chance[0]) * _CAR_S) / half_s
        near = np.maximum(_nearness(away) - _nearness(_CAR_S * _CARS_AROUND / half_s), 0.0)
        right = 0.5 + 0.45 * np.tanh(away) * (1.0 if chance[2] < 0.5 else -1.0)
        power += near * np.stack((1.0 - right, right))
    mean = (_SHORTEST_S + _LONGEST_S) / 2.0 * (np.pi / 2.0) / _CAR_S / 2.0
    gains: Doubles = np.sqrt(power / mean)
    return gains


def _nearness(away: Doubles | float) -> Doubles:
    nearness: Doubles = np.square(1.0 / (1.0 + np.square(away)))
    return nearness


def birds(place: Place) -> Doubles:
    """Calls of a few gliding chirps each, about every second and a half: (2, count), RMS about 1 at length."""
    sound = np.zeros((2, place.count))
    first = int(place.first / place.rate_hz // _CALL_S) - 1
    last = int((place.first + place.count) / place.rate_hz // _CALL_S)
    chances = uniform(place.seed, first * _CHANCES, (last - first + 1) * _CHANCES).reshape(-1, _CHANCES)
    for slot, chance in enumerate(chances, first):
        if chance[0] < _CALLED:
            _add_call(sound, place, slot * _CALL_S, chance)
    heard: Doubles = sound / np.sqrt(_mean_square())
    return heard


def _add_call(sound: Doubles, place: Place, start_s: float, chance: Doubles) -> None:
    fewest, most = _CHIRPS
    count = fewest + int(chance[1] * (most - fewest + 1))
    long_s = _CHIRP_S[0] + (_CHIRP_S[1] - _CHIRP_S[0]) * chance[2]
    low, high = _CALL_HZ
    from_hz = low * (high / low) ** chance[3]
    glide = 0.7 * (chance[4] - 0.5)  # octaves a chirp
    angle = chance[5] * (np.pi / 2)
    sides = np.array((np.cos(angle), np.sin(angle)))[:, None] * (0.4 + 0.6 * chance[6])
    for number in range(count):
        at_s = start_s + number * long_s * 1.3
        begin = max(int(np.ceil(at_s * place.rate_hz)), place.first)
        end = min(int((at_s + long_s) * place.rate_hz), place.first + place.count)
        if end <= begin:
            continue
        share = (np.arange(begin, end) / place.rate_hz - at_s) / long_s
        octaves = glide * share
        turns = from_hz * long_s * (2.0**octaves - 1.0) / (glide * np.log(2.0)) if glide else from_hz * long_s * share
        chirp = np.sin(2.0 * np.pi * turns) * np.square(np.sin(np.pi * share))
        sound[:, begin - place.first : end - place.first] += sides * chirp


def _mean_square() -> float:
    """Of the calls as they are made, over a long time, a side."""
    chirps = (_CHIRPS[0] + _CHIRPS[1]) / 2.0
    long_s = (_CHIRP_S[0] + _CHIRP_S[1]) / 2.0
    strength = (0.4**2 + 0.4 * 1.0 + 1.0) / 3.0
    return _CALLED * chirps * long_s / _CALL_S * strength * (3.0 / 16.0) / 2.0
