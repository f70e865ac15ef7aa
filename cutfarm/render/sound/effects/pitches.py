"""Operations that set the pitch of a voice anew, period by period: autotune, one note, out of tune."""

from __future__ import annotations

import math

import numpy as np

from cutfarm.render.sound.effects.op import Op, Params, Setting, in_blocks, number
from cutfarm.render.sound.stream import Stream
from kernels.sound import Doubles
from kernels.sound_chance import uniform
from kernels.sound_pitch import HOP
from kernels.sound_psola import Repitched, Wanted

_SCALES = {"chromatic": tuple(range(12)), "major": (0, 2, 4, 5, 7, 9, 11)}  # semitones above C
_A4 = 69  # note number of 440 Hz
_LOYALTY = 0.2  # semitones by which another note must be nearer for the one sung to be left at once
_PATIENCE = 12  # frames, some 65 ms, after which any nearer note is taken
_WANDERS_PER_S = 3.0


def autotune(source: Stream, params: Params, setting: Setting) -> Stream:
    """A voice on the notes of a scale: `strength` 1 (0…1) of the way, `scale` chromatic | major (C major), A = 440 Hz.

    The way is gone at once, so that at 1 notes change in steps. What has no pitch passes as it is.
    """
    return _repitched(source, setting, _Tuned(params).wanted)


def flatten_pitch(source: Stream, params: Params, setting: Setting) -> Stream:
    """A voice on one note of `hz` 110 (50…500) whatever it sings."""
    hz = number(params, "hz", 110.0, 50.0, 500.0)
    return _repitched(source, setting, lambda _, pitches: np.where(pitches > 0, hz, 0.0))


def detune_random(source: Stream, params: Params, setting: Setting) -> Stream:
    """A voice that wanders out of tune by at most `semis` 2 (0…12) up or down, about three times a second."""
    semitones = number(params, "semis", 2.0, 0.0, 12.0)

    def wanted(first: int, pitches: Doubles) -> Doubles:
        seconds = np.arange(first, first + len(pitches), dtype=np.float64) * (HOP / setting.rate_hz)
        bent: Doubles = pitches * 2.0 ** (semitones / 12.0 * _wandering(setting.seed, seconds * _WANDERS_PER_S))
        return bent

    return _repitched(source, setting, wanted)


PITCHES: dict[str, Op] = {"autotune": autotune, "flatten_pitch": flatten_pitch, "detune_random": detune_random}


class _Tuned:
    """The notes that a voice is heard to sing."""

    def __init__(self, params: Params) -> None:
        self._strength = number(params, "strength", 1.0, 0.0, 1.0)
        scale = _SCALES.get(str(params.get("scale")), _SCALES["chromatic"])
        self._notes = np.array([octave * 12 + step for octave in range(11) for step in scale], np.float64)
        self._sung: float | None = None
        self._frames_off = 0

    def wanted(self, _first: int, pitches: Doubles) -> Doubles:
        """Pitches (n,) in Hz at, or on the way to, the notes nearest to those given."""
        tuned = np.zeros_like(pitches)
        for frame, pitch in enumerate(pitches.tolist()):
            if not pitch:
                self._sung = None
                continue
            place = 12.0 * math.log2(pitch / 440.0) + _A4
            place += self._strength * (self._note(place) - place)
            tuned[frame] = 440.0 * 2.0 ** ((place - _A4) / 12.0)
        return tuned

    def _note(self, place: float) -> float:
        nearest = float(self._notes[np.argmin(np.abs(self._notes - place))])
        if self._sung is None or abs(nearest - place) + _LOYALTY < abs(self._sung - place):
            self._sung = nearest
        self._frames_off = 0 if nearest == self._sung else self._frames_off + 1
        if self._frames_off > _PATIENCE:
            self._sung, self._frames_off = nearest, 0
        return self._sung


def _repitched(source: Stream, setting: Setting, wanted: Wanted) -> Stream:
    voice = Repitched(setting.rate_hz, wanted)
    return in_blocks(source, lambda samples, _: voice.push(samples))


def _wandering(seed: int, at: Doubles) -> Doubles:
    """Chance −1…1 at whole places of `at` (n,), ascending, and smooth ways between them."""
    whole = np.floor(at).astype(np.int64)
    first = int(whole[0]) if len(whole) else 0
    knots = 2.0 * uniform(seed, first, int(whole[-1]) - first + 2 if len(whole) else 2) - 1.0
    share = at - whole
    left, right = knots[whole - first], knots[whole - first + 1]
    wandering: Doubles = left + (right - left) * share * share * (3.0 - 2.0 * share)
    return wandering
