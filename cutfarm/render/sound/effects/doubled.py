"""More voices beside one: copies a little higher, lower and later, to the left and to the right."""

from __future__ import annotations

import math

import numpy as np

from cutfarm.render.sound.effects.op import Op, Params, Setting, Tee, around, mixed, number
from cutfarm.render.sound.stream import Stream
from cutfarm.render.sound.timing import PitchShifted
from kernels.sound import Doubles, Samples
from kernels.sound_delay import REACH, read_between

_MICRO = 1.0  # semitones: less is a choir on one note, from here on it is an interval
_SPREAD = 0.08  # semitones between the voices of an interval
_NEAREST_S, _APART_S = 0.011, 0.007  # how late the first copy is, and each one after it
_TURN_S = 0.03  # of delay that a copy runs through before it starts anew
_CROSSFADE = 0.25  # of the way through it
_MOST_VOICES = 8
_SIDE = 0.95  # of a copy's amplitude on its own side


def doubler(source: Stream, params: Params, setting: Setting) -> Stream:
    """Copies of a voice: `voices` 2 (1…8) of them, the odd ones on the left and the even ones on the right.

    `semis` 0.2 (−24…24): less than 1 is how far the copies lie around the voice, half of them above it and half below;
    from 1 on all sing that interval, formants as they are. `mix` 0.5 (0…1) is the copies' amplitude; the voice keeps
    √(1 − mix²), so that the whole is about as loud as before.
    """
    semitones = number(params, "semis", 0.2, -24.0, 24.0)
    voices = round(number(params, "voices", 2, 1, _MOST_VOICES))
    mix = number(params, "mix", 0.5, 0.0, 1.0)
    tee = Tee(source)
    copied: Stream = tee.second
    spread = semitones
    if abs(semitones) >= _MICRO:
        copied = PitchShifted(copied, semitones, 0.0)
        spread = _SPREAD
    return mixed(tee.first, _copies(copied, spread, voices, setting.rate_hz), math.sqrt(1.0 - mix * mix), mix)


DOUBLED: dict[str, Op] = {"doubler": doubler}


def _copies(source: Stream, spread: float, voices: int, rate_hz: int) -> Stream:
    """`voices` copies, together about as loud as the source; each takes the channel of its side."""
    latest = _NEAREST_S + (voices - 1) * _APART_S + 2 * _TURN_S
    before = math.ceil(latest * rate_hz) + REACH
    detuned = [spread * (1 - 2 * (voice % 2)) * (1 - voice // 2 * 2 / (voices + 1)) for voice in range(voices)]

    def work(window: Samples, first: int) -> Samples:
        count = window.shape[1] - before - REACH
        at = np.arange(first, first + count, dtype=np.float64)
        heard = np.zeros((2, count), np.float32)
        for voice, semitones in enumerate(detuned):
            near = voice % 2
            late_s = _NEAREST_S + voice * _APART_S
            copy = _bent(window[near : near + 1], before - first, at, semitones, late_s * rate_hz, rate_hz)
            heard[near] += _SIDE * copy
            heard[1 - near] += math.sqrt(1.0 - _SIDE * _SIDE) * copy
        return heard * np.float32(math.sqrt(2.0 / max(voices, 2)))

    return around(source, before, REACH, work)


def _bent(channel: Samples, offset: int, at: Doubles, semitones: float, late: float, rate_hz: int) -> Samples:
    """The channel (1, m) at another pitch, some `late` samples late, (n,) for the samples `at`.

    It is read through a delay that shrinks, or grows, steadily by `_TURN_S`, and then fades over to where it began.
    """
    turn = _TURN_S * rate_hz
    turns = at * ((1.0 - 2.0 ** (semitones / 12.0)) / turn)
    share = turns - np.floor(turns)
    fresh = np.clip(share / _CROSSFADE, 0.0, 1.0)
    delay = late + share * turn
    heard = read_between(channel, at - delay + offset)[0] * np.sin(fresh * (np.pi / 2))
    fading = np.flatnonzero(fresh < 1.0)
    if len(fading):
        old = read_between(channel, (at - delay + offset - turn)[fading])[0]
        heard[fading] += old * np.cos(fresh[fading] * (np.pi / 2))
    return np.asarray(heard, np.float32)
