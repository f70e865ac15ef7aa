"""A bed of noise behind a sound."""

from __future__ import annotations

import zlib

import numpy as np

from cutfarm.render.sound.effects.beds import BEDS
from cutfarm.render.sound.effects.op import Op, Params, Setting, in_blocks, number
from cutfarm.render.sound.stream import Stream
from kernels.sound import Samples, fade_gain
from kernels.sound_noise import STEP, Place

_BLOCK = 8 * STEP
_EDGE_S = 0.01  # so that a bed does not click where it begins and ends


def noise(source: Stream, params: Params, setting: Setting) -> Stream:
    """The sound, and behind it a bed for as long as its segment lasts.

    `kind` is white | hiss (where missing or unknown) | hum | vinyl | rain | wind | crowd | traffic | fire | forest |
    drone | synth; `level` 0.05 (0…1) is the bed's RMS, full scale being 1.
    """
    kind = str(params.get("kind"))
    bed = BEDS.get(kind, BEDS["hiss"])
    level = number(params, "level", 0.05, 0.0, 1.0)
    seed = setting.seed + zlib.crc32(bed.__name__.encode())
    edge = _EDGE_S * setting.rate_hz

    def work(samples: Samples, first: int) -> Samples:
        if level == 0 or first >= setting.length:
            return samples
        at = np.arange(first, first + samples.shape[1], dtype=np.float64)
        gain = level * fade_gain(at, setting.length, edge, edge)
        samples += (gain * bed(Place(seed, setting.rate_hz, first, samples.shape[1]))).astype(np.float32)
        return samples

    return in_blocks(source, work, _BLOCK)


NOISES: dict[str, Op] = {"noise": noise}
