"""What an operation on sound is, how it reads its parameters, and the streams that operations are built on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cutfarm.media.pieces import Pieces, Queue
from cutfarm.render.sound.stream import Stream
from kernels.sound import Samples

BLOCK = 4096  #: samples an operation takes at a time, whatever is read from it

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an operation plays.

    `rate_hz` is the mix's; `seed` comes of the segment's and the effect's ids and is all that chance may depend on,
    together with a sample's place; `length` counts the segment's samples.
    """

    rate_hz: int
    seed: int
    length: int


#: Takes sound in and gives sound out, output sample n standing for input sample n. Parameters that it does not know are
#: ignored, missing ones have defaults, those out of range are held at its edge.
Op = Callable[[Stream, Params, Setting], Stream]


def number(params: Params, name: str, default: float, low: float, high: float) -> float:
    """A parameter held to [`low`, `high`]; `default` where it is missing or no finite number."""
    value = params.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return default
    return min(max(float(value), low), high)


def in_blocks(source: Stream, work: Callable[[Samples, int], Samples], block: int = BLOCK) -> Stream:
    """`work` done on `block` samples at a time: it gets the samples, its own to change, and the first one's index.

    What it gives may be of any length, so that it may hold back and catch up; the blocks lie on one grid, so reads
    do not bear on the samples.
    """

    def pieces() -> Iterator[Samples]:
        first = 0
        while True:
            yield work(source.read(block), first)
            first += block

    return Pieces(pieces())


def around(source: Stream, before: int, after: int, work: Callable[[Samples, int], Samples]) -> Stream:
    """`work` done on windows of `before` + `BLOCK` + `after` samples, of which it gives those in the middle.

    It gets the window, its own to change, and the index of the middle's first sample. Before the source is silence.
    """

    def pieces() -> Iterator[Samples]:
        held = np.concatenate((np.zeros((2, before), np.float32), source.read(after)), 1)
        first = 0
        while True:
            window = np.concatenate((held, source.read(BLOCK)), 1)
            held = window[:, BLOCK:].copy()
            yield work(window, first)
            first += BLOCK

    return Pieces(pieces())


def mixed(dry: Stream, wet: Stream, dry_gain: float, wet_gain: float) -> Stream:
    """The weighted sum of two streams, sample by sample."""
    return in_blocks(
        dry, lambda samples, _: samples * np.float32(dry_gain) + wet.read(samples.shape[1]) * np.float32(wet_gain)
    )


class Tee:
    """A source that two read, each from its start and at its own pace; what one is ahead of the other is held."""

    def __init__(self, source: Stream) -> None:
        self._source = source
        self.first = _Branch(self)
        self.second = _Branch(self)

    def pull(self, count: int, branch: _Branch) -> Samples:
        """`count` new samples of the source for `branch`, kept for the other one."""
        samples = self._source.read(count)
        other = self.second if branch is self.first else self.first
        other.queue.add(samples)
        return samples


class _Branch:
    def __init__(self, tee: Tee) -> None:
        self._tee = tee
        self.queue = Queue()

    def read(self, count: int) -> Samples:
        """The next `count` samples, float32 (2, count); the caller's own to change."""
        held = min(count, self.queue.count)
        taken = self.queue.take(held)
        return taken if held == count else np.concatenate((taken, self._tee.pull(count - held, self)), 1)
