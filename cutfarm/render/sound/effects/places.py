"""Where a sound is heard between left and right."""

from __future__ import annotations

import math

import numpy as np

from cutfarm.render.sound.effects.op import Op, Params, Setting, around, in_blocks, number
from cutfarm.render.sound.stream import Stream
from kernels.sound import Samples


def autopan(source: Stream, params: Params, setting: Setting) -> Stream:
    """The sound wanders right and left around `center` (0, −1 left … 1 right), `rate` (0.2, 0.01…20) times a second.

    `depth` (1, 0…1) is how far. Gains are √2·cos and √2·sin of the angle: power stays, and in the middle both are 1.
    """
    rate = number(params, "rate", 0.2, 0.01, 20.0)
    depth = number(params, "depth", 1.0, 0.0, 1.0)
    center = number(params, "center", 0.0, -1.0, 1.0)

    def work(samples: Samples, first: int) -> Samples:
        turns = np.arange(first, first + samples.shape[1]) * (rate / setting.rate_hz)
        place = np.clip(center + depth * np.sin(2 * np.pi * turns), -1.0, 1.0)
        angle = (place + 1) * (np.pi / 4)
        return samples * (math.sqrt(2) * np.stack((np.cos(angle), np.sin(angle)))).astype(np.float32)

    return in_blocks(source, work)


def haas(source: Stream, params: Params, setting: Setting) -> Stream:
    """The right channel comes `ms` (12, 0…40) later than the left one: wide, and heard on the left."""
    late = round(number(params, "ms", 12.0, 0.0, 40.0) / 1000 * setting.rate_hz)

    def work(window: Samples, _: int) -> Samples:
        return np.stack((window[0, late:], window[1, : window.shape[1] - late]))

    return around(source, late, 0, work)


PLACES: dict[str, Op] = {"autopan": autopan, "haas": haas}
