"""Beds of noise by name: what is heard behind a sound. Each gives a place's samples, (2, count), of RMS 1 at length."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kernels import sound_wave
from kernels.sound import Doubles
from kernels.sound_babble import babble
from kernels.sound_drops import EVEN, MOSTLY_FAINT, drops, rung
from kernels.sound_noise import Place, coloured, wandering
from kernels.sound_passing import birds, passing

Bed = Callable[[Place], Doubles]


def white(place: Place) -> Doubles:
    """As strong at every frequency."""
    return _sides(place, np.ones_like(place.bin_hz))


def hiss(place: Place) -> Doubles:
    """Of tape: more of it the higher, from 500 Hz to 13 kHz."""
    hz = place.bin_hz
    return _sides(place, _band(hz, 500.0, 13_000.0) * (1.0 + hz / 3000.0) ** 0.5)


def hum(place: Place) -> Doubles:
    """Of the mains: 50 Hz and its harmonics, the second the strongest, over a little hiss."""
    table = sound_wave.period(np.array([0.5, 1.0, 0.35, 0.5, 0.2, 0.3, 0.12, 0.15, 0.08, 0.1, 0.05, 0.06]))
    tone = sound_wave.tone(table, 50.0, place.rate_hz, place.first, place.count)
    swell = _swell(place, 0.8, 0.15)
    return _blended((1.0, np.stack((tone, tone)) * swell), (0.06, hiss(place)))


def vinyl(place: Place) -> Doubles:
    """A rumble, the groove's hiss, crackles, and now and then a pop."""
    crackles = _rung_at(place, (2200.0, 3400.0, 5200.0), 0.0025, 0.003)
    pops = _rung_at(place, (420.0, 700.0), 0.012, 0.015)
    return _blended(
        (0.5, _sides(place.salted(1), _band(place.bin_hz, 18.0, 45.0, 2.0))),
        (0.5, _sides(place.salted(2), _band(place.bin_hz, 700.0, 8000.0))),
        (0.5, drops(place.salted(3), 150.0, crackles, MOSTLY_FAINT)),
        (0.15, drops(place.salted(4), 1.4, pops, EVEN)),
    )


def rain(place: Place) -> Doubles:
    """Dense drops, near ones that ring, and the hiss of all the others."""
    near = _rung_at(place, (1300.0, 1900.0, 2600.0, 3300.0), 0.02, 0.02)
    far = _rung_at(place, (3200.0, 4600.0, 6400.0), 0.002, 0.003)
    return _blended(
        (0.75, _sides(place.salted(1), _band(place.bin_hz, 900.0, 9000.0)) * _swell(place, 0.7, 0.25)),
        (0.55, drops(place.salted(2), 900.0, far, MOSTLY_FAINT)),
        (0.35, drops(place.salted(3), 22.0, near, EVEN)),
    )


def wind(place: Place) -> Doubles:
    """A band that wanders between some 250 and 900 Hz, in gusts, with a whistle above and a rumble below."""
    turns = wandering(place.seed + 1, place.frame_seconds * 0.6)
    hz = place.bin_hz[None] + 1.0
    centre = 450.0 * 2.0 ** (0.9 * turns)[:, None]
    howl = np.exp(-np.square(np.log2(hz / centre) / 0.45))
    whistle = 0.25 * np.exp(-np.square(np.log2(hz / (2.6 * centre)) / 0.06))
    gusts = _swell(place, 0.5, 0.85)
    return _blended(
        (0.9, _sides(place.salted(2), howl + whistle) * gusts),
        (0.4, _sides(place.salted(3), _band(place.bin_hz, 25.0, 140.0)) * gusts),
    )


def crowd(place: Place) -> Doubles:
    """Many people who speak at once, near ones before a murmur."""
    murmur = _band(place.bin_hz, 180.0, 900.0, 1.5) + 0.12 * _band(place.bin_hz, 1000.0, 3500.0)
    return _blended((0.9, babble(place.salted(1))), (0.45, _sides(place.salted(2), murmur) * _swell(place, 2.5, 0.4)))


def traffic(place: Place) -> Doubles:
    """The rumble of a road, and cars that pass from side to side."""
    cars = _sides(place.salted(1), _band(place.bin_hz, 90.0, 900.0, 1.2)) * passing(place.salted(2))
    return _blended((0.8, cars), (0.6, _sides(place.salted(3), _band(place.bin_hz, 25.0, 110.0, 1.5))))


def fire(place: Place) -> Doubles:
    """A flickering roar, a little hiss, and crackles of wood."""
    crackles = _rung_at(place, (900.0, 1700.0, 2900.0, 4300.0), 0.005, 0.006)
    return _blended(
        (0.7, _sides(place.salted(1), _band(place.bin_hz, 40.0, 260.0, 1.2)) * _swell(place, 7.0, 0.8)),
        (0.25, _sides(place.salted(2), _band(place.bin_hz, 600.0, 5000.0)) * _swell(place.salted(9), 5.0, 0.6)),
        (0.55, drops(place.salted(3), 40.0, crackles, MOSTLY_FAINT)),
    )


def forest(place: Place) -> Doubles:
    """Leaves in a light wind, and birds."""
    leaves = _sides(place.salted(1), _band(place.bin_hz, 900.0, 5500.0)) * _swell(place, 0.35, 0.8)
    air = _sides(place.salted(2), _band(place.bin_hz, 120.0, 500.0))
    return _blended((0.6, leaves), (0.3, air), (0.75, birds(place.salted(3))))


def drone(place: Place) -> Doubles:
    """A low chord of fifths whose strings beat, in slow swells, over a dark noise."""
    table = sound_wave.period(1.0 / np.arange(1.0, 13.0) ** 1.6)
    chord = (
        0.7 * _detuned(place, table, 55.0),
        0.5 * _detuned(place, table, 82.4),
        0.4 * _detuned(place, table, 110.3),
    )
    swollen = [string * _swell(place.salted(number), 0.3, 0.7) for number, string in enumerate(chord, 1)]
    dark = _sides(place.salted(7), _band(place.bin_hz, 40.0, 220.0, 1.5))
    return _blended((0.9, np.sum(swollen, 0) / np.sqrt(0.7**2 + 0.5**2 + 0.4**2)), (0.35, dark))


def synth(place: Place) -> Doubles:
    """A soft chord of saws, A minor with its seventh."""
    strings = []
    for number, hz in enumerate((220.0, 261.63, 329.63, 392.0), 1):
        harmonics = np.arange(1.0, 24.0)
        table = sound_wave.period(1.0 / harmonics / (1.0 + np.square(harmonics * hz / 1500.0)))
        strings.append(_detuned(place, table, hz) * _swell(place.salted(number), 0.4, 0.6))
    return _blended((1.0, np.sum(strings, 0) / 2.0))


BEDS: dict[str, Bed] = {
    bed.__name__: bed for bed in (white, hiss, hum, vinyl, rain, wind, crowd, traffic, fire, forest, drone, synth)
}


def _band(hz: Doubles, low: float, high: float, order: float = 1.0) -> Doubles:
    """Amplitudes that fall by 6 dB · `order` an octave outside of `low` … `high`."""
    rising = (hz / low) ** (2.0 * order)
    return np.sqrt(rising / (1.0 + rising) / (1.0 + (hz / high) ** (2.0 * order)))


def _sides(place: Place, shape: Doubles) -> Doubles:
    return np.stack((coloured(place.salted(101), shape), coloured(place.salted(102), shape)))


def _swell(place: Place, per_s: float, depth: float) -> Doubles:
    """Gains whose squares wander between 1 − `depth` and 1 + `depth`, 1 on average, the same on both sides."""
    return np.sqrt(1.0 + depth * wandering(place.seed + 7, place.seconds * per_s))


def _detuned(place: Place, table: Doubles, hz: float) -> Doubles:
    """A tone that beats: a little lower on the left, a little higher on the right, and as it is on both."""
    low, mid, high = (
        sound_wave.tone(table, hz * 2.0 ** (cents / 1200.0), place.rate_hz, place.first, place.count)
        for cents in (-5.0, 0.0, 5.0)
    )
    sides: Doubles = np.stack((low + 0.6 * mid, high + 0.6 * mid)) / np.sqrt(1.0 + 0.6**2)
    return sides


def _rung_at(place: Place, pitches_hz: tuple[float, ...], decay_s: float, length_s: float) -> Doubles:
    return np.stack([rung(hz, decay_s, place.rate_hz, length_s) for hz in pitches_hz])


def _blended(*parts: tuple[float, Doubles]) -> Doubles:
    """Independent sounds of RMS 1 in the given proportions, of RMS 1."""
    whole = np.sqrt(sum(share * share for share, _ in parts))
    return np.asarray(sum(share / whole * sound for share, sound in parts))
