"""Operations on the level of every sample: compressor, distortion, coarse steps in level and time."""

from __future__ import annotations

import math

import numpy as np

from cutfarm.render.sound.effects.biquads import Biquad, through
from cutfarm.render.sound.effects.op import Op, Params, Setting, around, in_blocks, number
from cutfarm.render.sound.stream import Stream
from kernels.sound import Samples
from kernels.sound_halfband import HALF, doubled, halved

_THRESHOLD_DB, _RATIO, _ATTACK_MS, _RELEASE_MS = -18.0, 4, 5, 80
_SPEECH_RMS = 0.1  # −20 dBFS: the level at which distortion neither raises nor lowers the loudness
_DC_HZ = 15.0


def comp(source: Stream, params: Params, setting: Setting) -> Stream:  # noqa: ARG001 - it has no parameters
    """A compressor: above −18 dB RMS four decibels in give one out; 5 ms to go down, 80 ms to come back.

    The louder channel governs both. No gain is added below the threshold.
    """
    threshold = 10 ** (_THRESHOLD_DB / 20)
    arguments = f"threshold={threshold}:ratio={_RATIO}:attack={_ATTACK_MS}:release={_RELEASE_MS}"
    return through(source, [("acompressor", f"{arguments}:knee=1:link=maximum:detection=rms")], setting.rate_hz)


def distortion(source: Stream, params: Params, setting: Setting) -> Stream:
    """tanh of the sound raised by `db` (12, 0…60), at twice the rate so that little folds back, without its DC.

    Speech at −20 dBFS RMS comes out as loud as it went in.
    """
    gain = 10 ** (number(params, "db", 12.0, 0.0, 60.0) / 20)
    makeup = _SPEECH_RMS / _rms_of_tanh(gain * _SPEECH_RMS)

    def work(window: Samples, _: int) -> Samples:
        bent = np.tanh(doubled(window) * np.float32(gain))
        return halved(bent) * np.float32(makeup)

    bent = around(source, 2 * HALF, 2 * HALF, work)
    return through(bent, [Biquad.highpass(_DC_HZ, setting.rate_hz).filter], setting.rate_hz)


def bitcrush(source: Stream, params: Params, setting: Setting) -> Stream:  # noqa: ARG001 - the rate is of no matter
    """Levels rounded to those of `bits` (8, 1…24) bits a sample; silence stays silence."""
    steps = np.float32(2.0 ** (number(params, "bits", 8.0, 1.0, 24.0) - 1.0))
    return in_blocks(source, lambda samples, _: np.rint(samples * steps) / steps)


def resample(source: Stream, params: Params, setting: Setting) -> Stream:
    """One sample at a time is held, `sr` (8000, from 500 to the mix's rate) times a second, and nothing smooths it."""
    rate_hz = setting.rate_hz
    held_hz = round(number(params, "sr", 8000.0, 500.0, float(rate_hz)))
    longest = -(-rate_hz // held_hz)

    def work(window: Samples, first: int) -> Samples:
        place = np.arange(first, first + window.shape[1] - longest, dtype=np.int64)
        taken = -((-(place * held_hz // rate_hz) * rate_hz) // held_hz)
        return window[:, taken - first + longest]

    return around(source, longest, 0, work)


def _rms_of_tanh(rms: float) -> float:
    """RMS of tanh of a normally distributed sound of level `rms`."""
    deviation = np.linspace(-8.0, 8.0, 2001)
    weight = np.exp(-0.5 * deviation**2)
    return math.sqrt(float(np.sum(weight * np.tanh(deviation * rms) ** 2) / np.sum(weight)))


DYNAMICS: dict[str, Op] = {
    "comp": comp,
    "distortion": distortion,
    "bitcrush": bitcrush,
    "resample": resample,
}
