"""What swings: the pitch, the phase or the level of a sound, slowly enough to be heard as movement."""

from __future__ import annotations

import math

import numpy as np

from cutfarm.render.sound.effects.op import Op, Params, Setting, around, in_blocks, number
from cutfarm.render.sound.stream import Stream
from kernels.sound import Doubles, Samples
from kernels.sound_delay import REACH, read_between
from kernels.sound_recursion import first_order

_SEMITONE = 2 ** (1 / 12) - 1
_CHORUS_MIX = 0.5
_CHORUS_SWING_S = 0.003  # each way, at depth 1
_CHORUS_DELAYS_S = (0.017, 0.023)
_CHORUS_TURNS = ((0.0, 0.5), (0.25, 0.75))  # of the delays' swings: on the left, on the right
_PHASER_LOW_HZ, _PHASER_HIGH_HZ = 300.0, 2400.0
_PHASER_STAGES = 4


def _turns(first: int, count: int, rate: float, rate_hz: int) -> Doubles:
    """Phase of an oscillator of `rate` Hz at the samples from `first` on, in turns from 0."""
    return np.arange(first, first + count, dtype=np.float64) * (rate / rate_hz)


def _sine(first: int, count: int, rate: float, setting: Setting, turn: float = 0.0) -> Doubles:
    sine: Doubles = np.sin(2 * np.pi * (_turns(first, count, rate, setting.rate_hz) + turn))
    return sine


def vibrato(source: Stream, params: Params, setting: Setting) -> Stream:
    """The pitch swings by `depth` (0.5, 0…2) semitones each way, `rate` (5, 0.1…20) times a second.

    The sound is read up to rate⁻¹·depth·10 ms early and late, so that on the whole it stays in its place.
    """
    rate = number(params, "rate", 5.0, 0.1, 20.0)
    return _swinging(source, rate, number(params, "depth", 0.5, 0.0, 2.0) * _SEMITONE, setting)


def wow(source: Stream, params: Params, setting: Setting) -> Stream:
    """The speed swings as a tape's: by the share `depth` (0.005, 0…0.1), `rate` (0.6, 0.05…20) times a second."""
    rate = number(params, "rate", 0.6, 0.05, 20.0)
    return _swinging(source, rate, number(params, "depth", 0.005, 0.0, 0.1), setting)


def _swinging(source: Stream, rate: float, speed_share: float, setting: Setting) -> Stream:
    swing = speed_share / (2 * math.pi * rate) * setting.rate_hz
    reach = math.ceil(swing) + REACH

    def work(window: Samples, first: int) -> Samples:
        count = window.shape[1] - 2 * reach
        return read_between(window, np.arange(reach, reach + count) + swing * _sine(first, count, rate, setting))

    return around(source, reach, reach, work)


def chorus(source: Stream, params: Params, setting: Setting) -> Stream:
    """Two voices a channel come some 20 ms late and swing by `depth` (0.3, 0…1) · 3 ms, at `rate` (1, 0.05…10) Hz.

    The two channels swing a quarter turn apart. The sound itself keeps 0.87, the voices have 0.5.
    """
    rate = number(params, "rate", 1.0, 0.05, 10.0)
    swing = number(params, "depth", 0.3, 0.0, 1.0) * _CHORUS_SWING_S * setting.rate_hz
    late = [delay * setting.rate_hz for delay in _CHORUS_DELAYS_S]
    before = math.ceil(max(late) + swing) + REACH
    dry_gain, voice_gain = np.float32(math.sqrt(1 - _CHORUS_MIX**2)), np.float32(_CHORUS_MIX / math.sqrt(2))

    def work(window: Samples, first: int) -> Samples:
        count = window.shape[1] - before
        mix = window[:, before:] * dry_gain
        place = np.arange(before, before + count)
        for channel, turns in enumerate(_CHORUS_TURNS):
            for delay, turn in zip(late, turns, strict=True):
                at = place - delay + swing * _sine(first, count, rate, setting, turn)
                mix[channel] += read_between(window[channel : channel + 1], at)[0] * voice_gain
        return mix

    return around(source, before, 0, work)


def tremolo(source: Stream, params: Params, setting: Setting) -> Stream:
    """The gain swings from 1 down to 1 − `depth` (0.5, 0…1) and back, `rate` (5, 0.05…50) times a second."""
    rate = number(params, "rate", 5.0, 0.05, 50.0)
    depth = number(params, "depth", 0.5, 0.0, 1.0)

    def work(samples: Samples, first: int) -> Samples:
        swing = 0.5 + 0.5 * _sine(first, samples.shape[1], rate, setting, -0.25)
        return samples * (1.0 - depth * swing).astype(np.float32)

    return in_blocks(source, work)


def ringmod(source: Stream, params: Params, setting: Setting) -> Stream:
    """x[n]·sin(2π·`hz`·n/rate), hz 30, 0.1…10 000."""
    hz = number(params, "hz", 30.0, 0.1, 10_000.0)
    return in_blocks(
        source,
        lambda samples, first: samples * _sine(first, samples.shape[1], hz, setting).astype(np.float32),
    )


def phaser(source: Stream, params: Params, setting: Setting) -> Stream:
    """Two notches that wander between some 120 Hz and 5.8 kHz, `rate` (0.5, 0.02…10) times a second.

    They come of four all-pass filters of the first order, whose turning point swings from 300 to 2400 Hz and back;
    `depth` (0.8, 0…1) is how deep they cut: half of it passes through the filters, the rest goes by.
    """
    rate = number(params, "rate", 0.5, 0.02, 10.0)
    share = number(params, "depth", 0.8, 0.0, 1.0) / 2
    low, high = math.log(_PHASER_LOW_HZ), math.log(_PHASER_HIGH_HZ)
    last_inputs, last_outputs = np.zeros((_PHASER_STAGES, 2)), np.zeros((_PHASER_STAGES, 2))

    def work(samples: Samples, first: int) -> Samples:
        swing = 0.5 + 0.5 * _sine(first, samples.shape[1], rate, setting, -0.25)
        slope = np.tan(np.exp(low + (high - low) * swing) * (np.pi / setting.rate_hz))
        pole = (1 - slope) / (1 + slope)
        passed = samples.astype(np.float64)
        for stage in range(_PHASER_STAGES):
            earlier = np.concatenate((last_inputs[stage][:, None], passed[:, :-1]), 1)
            last_inputs[stage] = passed[:, -1]
            passed = first_order(earlier - pole * passed, pole, last_outputs[stage])
            last_outputs[stage] = passed[:, -1]
        return ((1 - share) * samples + share * passed).astype(np.float32)

    return in_blocks(source, work)


MODULATIONS: dict[str, Op] = {
    "vibrato": vibrato,
    "wow": wow,
    "chorus": chorus,
    "tremolo": tremolo,
    "ringmod": ringmod,
    "phaser": phaser,
}
