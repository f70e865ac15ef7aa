"""Voices to try operations on: pulses through formants, and what is found in them again."""

from __future__ import annotations

import numpy as np

from kernels.sound import Doubles, Samples
from kernels.sound_pitch import HOP, REACH, pitch_hz, settled
from tests.render.sound.effects.listening import RATE_HZ

FORMANTS_HZ = (700.0, 1220.0, 2600.0)
_WIDTHS_HZ = (80.0, 90.0, 120.0)


def vowel(pitches_hz: Doubles, rate_hz: int = RATE_HZ, formants_hz: tuple[float, ...] = FORMANTS_HZ) -> Samples:
    """An a whose pitch is `pitches_hz` at every sample, the same on both sides, peak 0.5: float32 (2, n)."""
    count = len(pitches_hz)
    turns = np.cumsum(pitches_hz / rate_hz)
    hits = np.flatnonzero(np.diff(np.floor(turns)) > 0) + 1
    since = (turns[hits] % 1.0) * rate_hz / pitches_hz[hits]
    pulses = np.bincount(hits, 1.0 - since, count) + np.bincount(hits - 1, since, count)
    seconds = np.arange(int(0.05 * rate_hz)) / rate_hz
    response = sum(
        0.7**number * np.exp(-np.pi * width * seconds) * np.sin(2 * np.pi * hz * seconds)
        for number, (hz, width) in enumerate(zip(formants_hz, _WIDTHS_HZ, strict=True))
    )
    size = count + len(seconds)
    sound = np.fft.irfft(np.fft.rfft(pulses, size) * np.fft.rfft(response, size), size)[:count]
    sound *= 0.5 / np.abs(sound).max()
    return np.stack((sound, sound)).astype(np.float32)


def steady(hz: float, seconds: float, rate_hz: int = RATE_HZ) -> Samples:
    return vowel(np.full(int(seconds * rate_hz), hz), rate_hz)


def pitches(samples: Samples, rate_hz: int = RATE_HZ) -> Doubles:
    """The pitch of every frame that lies whole in the sound, 0 where there is none."""
    count = (samples.shape[1] - REACH) // HOP + 1
    return settled(pitch_hz(samples[:, : REACH + (count - 1) * HOP], rate_hz))


def cents(pitch_hz: Doubles | float, wanted_hz: Doubles | float) -> Doubles:
    return np.asarray(1200.0 * np.log2(np.asarray(pitch_hz) / wanted_hz))


def peak_hz(samples: Samples, low_hz: float, high_hz: float, rate_hz: int = RATE_HZ) -> float:
    """Where between two frequencies the left channel's spectrum, smoothed over its harmonics, is strongest."""
    window = np.hanning(samples.shape[1])
    power = np.abs(np.fft.rfft(samples[0] * window)) ** 2
    smooth = np.hanning(int(400.0 / rate_hz * samples.shape[1]))
    power = np.convolve(power, smooth, mode="same")
    hz = np.fft.rfftfreq(samples.shape[1], 1.0 / rate_hz)
    inside = (hz >= low_hz) & (hz <= high_hz)
    return float(hz[inside][np.argmax(power[inside])])
