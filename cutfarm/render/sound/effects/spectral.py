"""Operations on a sound's pitch and pace as a whole, with the vocoders and the doublers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cutfarm.media.pieces import Pieces
from cutfarm.render.sound.effects.doubled import DOUBLED
from cutfarm.render.sound.effects.op import BLOCK, Op, Params, Setting, number
from cutfarm.render.sound.effects.vocoders import VOCODERS
from cutfarm.render.sound.stream import Stream
from cutfarm.render.sound.timing import LEAD, PitchShifted, Varied
from kernels.sound import Doubles, Samples

_SLOWEST = 0.05


def pitch(source: Stream, params: Params, _: Setting) -> Stream:
    """The pitch `semis` 0 (−24…24) higher and the formants `formant` (−24…24) higher, in semitones.

    Both are against the source. Formants that are not given go with the pitch, as on a tape.
    """
    semitones = number(params, "semis", 0.0, -24.0, 24.0)
    formants = number(params, "formant", semitones, -24.0, 24.0)
    return PitchShifted(source, semitones, None if formants == semitones else formants)


def slowdown(source: Stream, params: Params, setting: Setting) -> Stream:
    """A pace that falls evenly over the segment from `from` 1 to `to` 0.75 (0.05…1), and the pitch with it.

    No pace is above 1, so that nothing is heard before its time; what the segment has no time for is not heard.
    """
    start = number(params, "from", 1.0, _SLOWEST, 1.0)
    end = number(params, "to", 0.75, _SLOWEST, 1.0)
    length = max(setting.length, 1)

    def at(n: Doubles) -> Doubles:
        inside = np.minimum(n, length)
        place: Doubles = start * inside + (end - start) / (2.0 * length) * np.square(inside) + end * (n - inside)
        return place

    return Varied(_led(source), at)


SPECTRAL: dict[str, Op] = {"pitch": pitch, "slowdown": slowdown, **VOCODERS, **DOUBLED}


def _led(source: Stream) -> Stream:
    """The source after as much silence as a tape begins with."""

    def pieces() -> Iterator[Samples]:
        yield np.zeros((2, LEAD), np.float32)
        while True:
            yield source.read(BLOCK)

    return Pieces(pieces())
