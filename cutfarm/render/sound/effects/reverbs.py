"""The sound of a room: convolution with noise that dies away."""

from __future__ import annotations

import functools
import math

import numpy as np

from cutfarm.render.sound.effects.op import Op, Params, Setting, in_blocks, number
from cutfarm.render.sound.stream import Stream
from kernels.sound import Doubles, Samples
from kernels.sound_chance import normal
from kernels.sound_convolve import Convolver, Spectra, spectra_of

_BLOCK = 8192
_SEEDS = (0x1EF7, 0x719487)  # one room for all segments: a sentence cut in two stays in one place
_HOP = 256
_DAMPED_HZ = 5000.0  # where damping has half its effect
_MOST_DAMPING = 6.0
_60_DB = math.log(1000.0)


def reverb(source: Stream, params: Params, setting: Setting) -> Stream:
    """A room whose sound falls by 60 dB in 0.3 + 4·`room` seconds (room 0.5, 0…1), high frequencies sooner by `damp`.

    `damp` 0.5, 0…1: at 5 kHz the fall is 1 + 3·damp times as fast, at the top up to 1 + 6·damp times. The room has
    `wet` (0.3, 0…1) of the sound, which itself keeps √(1 − wet²): white noise stays as loud as it was.
    """
    wet = number(params, "wet", 0.3, 0.0, 1.0)
    dry_gain, wet_gain = np.float32(math.sqrt(1 - wet * wet)), np.float32(wet)
    convolver = Convolver(_room(reverb_tail_s(params), number(params, "damp", 0.5, 0.0, 1.0), setting.rate_hz))

    def work(samples: Samples, _: int) -> Samples:
        return samples * dry_gain + convolver.convolved(samples) * wet_gain

    return in_blocks(source, work, _BLOCK)


def reverb_tail_s(params: Params) -> float:
    """T60: seconds in which the room's sound falls by 60 dB."""
    return 0.3 + 4 * number(params, "room", 0.5, 0.0, 1.0)


def response(t60_s: float, damp: float, rate_hz: int) -> Samples:
    """What the room answers to a click on either side: float32 (2, n), energy 1 each, unlike one another.

    Normal noise whose every frequency f falls on its own, by 60 dB in `t60_s` / (1 + damp·6·f²/(f² + (5 kHz)²)).
    """
    frames = math.ceil(t60_s * rate_hz / _HOP) + 1
    hz = np.fft.rfftfreq(2 * _HOP, 1 / rate_hz)
    fall = 1 + damp * _MOST_DAMPING * hz**2 / (hz**2 + _DAMPED_HZ**2)
    seconds = np.arange(frames) * _HOP / rate_hz
    gains = np.exp(seconds[:, None] * (-_60_DB / t60_s) * fall)
    both = np.stack([_shaped(normal(seed, 0, (frames + 1) * _HOP), gains) for seed in _SEEDS])
    answer: Samples = (both / np.sqrt((both**2).sum(1, keepdims=True))).astype(np.float32)
    return answer


def _shaped(noise: Doubles, gains: Doubles) -> Doubles:
    """`noise` in overlapping frames of 2·`_HOP`, each frame's spectrum times its gains (frames, bins)."""
    window = np.sin((np.arange(2 * _HOP) + 0.5) * (np.pi / (2 * _HOP)))
    frames = np.lib.stride_tricks.sliding_window_view(noise, 2 * _HOP)[::_HOP] * window
    shaped = np.fft.irfft(np.fft.rfft(frames) * gains) * window
    whole: Doubles = np.zeros_like(noise)
    whole[:-_HOP] += shaped[:, :_HOP].reshape(-1)
    whole[_HOP:] += shaped[:, _HOP:].reshape(-1)
    return whole[_HOP:-_HOP]


@functools.lru_cache(maxsize=4)
def _room(t60_s: float, damp: float, rate_hz: int) -> Spectra:
    return spectra_of(response(t60_s, damp, rate_hz), _BLOCK)


REVERBS: dict[str, Op] = {"reverb": reverb}
