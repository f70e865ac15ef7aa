"""A sound at another pitch with formants of its own, as loud as before."""

from __future__ import annotations

import numpy as np

from cutfarm.render.sound.effects.op import in_blocks
from cutfarm.render.sound.stream import Stream
from cutfarm.render.sound.timing import PitchShifted


def shifted(source: Stream, semitones: float, formant_semitones: float, rate_hz: int) -> Stream:
    """The source with its pitch and its formants that much higher, both against the source.

    Harmonics that lie twice as close under the same formants have twice the power; the gain takes that back.
    """
    if formant_semitones == semitones:
        return source if semitones == 0 else PitchShifted(source, semitones, None, rate_hz)
    gain = np.float32(2.0 ** ((semitones - formant_semitones) / 24.0))
    return in_blocks(PitchShifted(source, semitones, formant_semitones, rate_hz), lambda samples, _: samples * gain)
