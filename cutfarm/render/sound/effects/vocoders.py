"""Operations that keep how loud a voice is in each band and give it another voice: a carrier's, or a breath's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cutfarm.render.sound.effects.op import Op, Params, Setting, around, number
from cutfarm.render.sound.stream import Stream
from kernels import sound_wave
from kernels.sound import Doubles, Samples
from kernels.sound_bands import band_shares, bin_hz
from kernels.sound_chance import normal, uniform
from kernels.sound_frames import BINS, CHANCE_GAIN, HOP, REACH, Spectra, joined, spectra

_FLOOR = 1e-4  # of a carrier's mean power a band: less than that is not made louder
_TINY = 1e-12
_BREATH_FROM_HZ, _BREATH_TO_HZ = 3500.0, 7000.0  # where a pitched carrier turns to noise, so that an s can be heard
_ORGAN_RANKS = {1: 1.0, 2: 1.0, 3: 0.6, 4: 0.8, 6: 0.4, 8: 0.6, 10: 0.2, 12: 0.3, 16: 0.4}  # drawbars, 16′ to 1′
_SMOOTHING: Doubles = np.hanning(13)[1:-1]  # bins, some 300 Hz at half: more than the harmonics of a voice lie apart


@dataclass(frozen=True, slots=True)
class _Carrier:
    """How a harmonic's amplitude falls, and how far the bands are levelled: 1 all alike, 0 as they are."""

    amplitude: Callable[[int], float]
    levelled: float


_CARRIERS = {
    "saw": _Carrier(lambda harmonic: 1.0 / harmonic, 1.0),
    "triangle": _Carrier(lambda harmonic: harmonic % 2 * (2 - harmonic % 4) / harmonic**2, 0.5),
    "organ": _Carrier(lambda harmonic: _organ_amplitude(harmonic), 0.5),
}


def vocoder(source: Stream, params: Params, setting: Setting) -> Stream:
    """A carrier that speaks: `carrier` saw | organ | triangle | noise, on the note `hz` 110 (30…1000).

    `bands` 16 (4…40) is how finely it follows the voice; each channel has its own. It is as loud as the voice. Pitched
    carriers turn to noise above some 5 kHz.
    """
    shares = band_shares(round(number(params, "bands", 16, 4, 40)), setting.rate_hz)
    hz = number(params, "hz", 110.0, 30.0, 1000.0)
    kind = str(params.get("carrier"))
    carrier = None if kind == "noise" else _CARRIERS.get(kind, _CARRIERS["saw"])
    levelled = 1.0 if carrier is None else carrier.levelled
    sounding = _noise(setting) if carrier is None else _tone(carrier, hz, setting)

    def work(window: Samples, first: int) -> Samples:
        voice = spectra(window)
        spoken = sounding(first - REACH, window.shape[1])
        wanted = _power(voice) @ shares
        power = _power(spoken) @ shares
        power = (power + _FLOOR * power.mean(-1, keepdims=True) + _TINY) ** levelled
        spoken = spoken * (np.sqrt(wanted / power) @ shares.T)
        loudness = wanted.sum(-1) / (_power(spoken).sum(-1) + _TINY)
        return joined(spoken * np.sqrt(loudness)[..., None])

    return around(source, REACH, REACH, work)


def noise_vocode(source: Stream, params: Params, setting: Setting) -> Stream:
    """A whisper: the loudness of every part of the spectrum is kept, its phases are set by chance.

    Harmonics are smoothed into what lies between them. `mix` 1 (0…1) is the whisper's part, the rest is the voice.
    """
    mix = number(params, "mix", 1.0, 0.0, 1.0)

    def work(window: Samples, first: int) -> Samples:
        voice = spectra(window)
        count = voice.shape[1]
        turns = uniform(setting.seed, (first // HOP - 1) * BINS, count * BINS).reshape(count, BINS)
        loudness = np.sqrt(_smoothed(_power(voice)))
        breath = joined(loudness * np.exp(2j * np.pi * turns) * CHANCE_GAIN)
        return np.float32(1.0 - mix) * window[:, REACH:-REACH] + np.float32(mix) * breath

    return around(source, REACH, REACH, work)


VOCODERS: dict[str, Op] = {"vocoder": vocoder, "noise_vocode": noise_vocode}

#: Gives the spectra (1, frames, bins) of the samples from the given one on, that many.
_Sounding = Callable[[int, int], Spectra]


def _noise(setting: Setting) -> _Sounding:
    return lambda first, count: spectra(normal(setting.seed, first, count)[None])


def _tone(carrier: _Carrier, hz: float, setting: Setting) -> _Sounding:
    harmonics = np.arange(1, math.ceil(setting.rate_hz / 2 / hz))
    amplitudes = np.array([carrier.amplitude(int(harmonic)) for harmonic in harmonics])
    table = sound_wave.period(amplitudes)
    heard = np.square(amplitudes) / np.square(amplitudes).sum()
    near = (harmonics * hz > _BREATH_FROM_HZ / 2) & (harmonics * hz < _BREATH_FROM_HZ)
    density = heard[near].sum() / (_BREATH_FROM_HZ / 2) * setting.rate_hz / 2  # of noise as strong as the tone is there
    share = np.clip((bin_hz(setting.rate_hz) - _BREATH_FROM_HZ) / (_BREATH_TO_HZ - _BREATH_FROM_HZ), 0.0, 1.0)
    noise = _noise(setting)

    def sounding(first: int, count: int) -> Spectra:
        tone = spectra(sound_wave.tone(table, hz, setting.rate_hz, first, count)[None])
        spoken: Spectra = tone * np.sqrt(1.0 - share) + noise(first, count) * np.sqrt(share * density)
        return spoken

    return sounding


def _organ_amplitude(harmonic: int) -> float:
    """Of all ranks whose own harmonics fall on it; a rank's harmonics fall by their number's square."""
    return sum(level * (rank / harmonic) ** 2 for rank, level in _ORGAN_RANKS.items() if harmonic % rank == 0)


def _power(frames: Spectra) -> Doubles:
    return np.square(frames.real) + np.square(frames.imag)


def _smoothed(power: Doubles) -> Doubles:
    reach = len(_SMOOTHING) // 2
    wide = np.pad(power, ((0, 0), (0, 0), (reach, reach)), mode="reflect")
    taps = _SMOOTHING / _SMOOTHING.sum()
    bins = power.shape[-1]
    smoothed = sum(tap * wide[..., shift : shift + bins] for shift, tap in enumerate(taps))
    return np.asarray(smoothed)
