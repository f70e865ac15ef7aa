"""Echoes: sound that comes again, and again from there."""

from __future__ import annotations

import math

import numpy as np

from cutfarm.render.sound.effects.op import Op, Params, Setting, in_blocks, number
from cutfarm.render.sound.stream import Stream
from kernels.sound import Samples
from kernels.sound_delay import recirculated

_LONGEST_S = 2.0
_MOST_FEEDBACK = 0.95


def _time_s(params: Params) -> float:
    return number(params, "time", 0.3, 0.005, _LONGEST_S)


def _feedback(params: Params, default: float) -> float:
    return number(params, "feedback", default, 0.0, _MOST_FEEDBACK)


def _comb_hz(params: Params) -> float:
    return number(params, "hz", 110.0, 20.0, 2000.0)


def delay(source: Stream, params: Params, setting: Setting) -> Stream:
    """Echoes `time` (0.3 s, 0.005…2) apart, the first of gain `mix` (0.4), each next `feedback` (0.4, ≤ 0.95) of it.

    The sound itself keeps √(1 − mix²), so that the whole is about as loud as before.
    """
    return _echoing(source, params, setting, crossed=False)


def pingpong(source: Stream, params: Params, setting: Setting) -> Stream:
    """Echoes as of `delay`, of both channels' mean, on the left first and from side to side."""
    return _echoing(source, params, setting, crossed=True)


def comb(source: Stream, params: Params, setting: Setting) -> Stream:
    """y[n] = g·x[n] + `feedback`·y[n − rate/`hz`]: rings at `hz` (110, 20…2000) and its multiples.

    `feedback` is 0.7, at most 0.95. g = √(1 − feedback²) keeps noise as loud. The period is a whole number of samples.
    """
    feedback = _feedback(params, 0.7)
    line = np.zeros((2, round(setting.rate_hz / _comb_hz(params))), np.float32)
    gain = np.float32(math.sqrt(1 - feedback * feedback))

    def work(samples: Samples, _: int) -> Samples:
        nonlocal line
        ringing = recirculated(line, samples * gain, feedback)
        period = line.shape[1]
        line = ringing[:, -period:]
        return ringing[:, period:]

    return in_blocks(source, work)


def _echoing(source: Stream, params: Params, setting: Setting, crossed: bool) -> Stream:
    feedback = _feedback(params, 0.4)
    mix = number(params, "mix", 0.4, 0.0, 1.0)
    dry_gain, wet_gain = np.float32(math.sqrt(1 - mix * mix)), np.float32(mix)
    line = np.zeros((2, round(_time_s(params) * setting.rate_hz)), np.float32)

    def work(samples: Samples, _: int) -> Samples:
        nonlocal line
        sent = samples
        if crossed:
            sent = np.stack((samples.mean(0), np.zeros_like(samples[0])))
        ringing = recirculated(line, sent, feedback, crossed)
        line = ringing[:, samples.shape[1] :]
        return samples * dry_gain + ringing[:, : samples.shape[1]] * wet_gain

    return in_blocks(source, work)


def echo_tail_s(params: Params) -> float:
    """Seconds until the echoes of `delay` and `pingpong` have fallen to −60 dB."""
    return _time_s(params) * (1 + _falls_to_60_db(_feedback(params, 0.4)))


def comb_tail_s(params: Params) -> float:
    """Seconds until `comb` has fallen to −60 dB."""
    return _falls_to_60_db(_feedback(params, 0.7)) / _comb_hz(params)


def _falls_to_60_db(feedback: float) -> float:
    return math.log(1e-3) / math.log(feedback) if feedback > 0 else 0.0


DELAYS: dict[str, Op] = {"delay": delay, "pingpong": pingpong, "comb": comb}
