"""What is heard of each track and of all together, as one value a column: memory does not grow with the length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import islice, tee
from operator import add

import numpy as np
from numpy.typing import NDArray

from cutfarm.render.sound.sums import BLOCK, Sums
from cutfarm.render.spec import Assets
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.report import Report
from kernels.sound import Doubles, Samples
from kernels.sound_limiter import CONTEXT_BLOCKS, limited

_LIMITED = 1e-3  # of full scale: what is turned down by less is not seen
_NEAR = 64  # samples around a limited one, so that crossings of zero are no gaps
_LOUD = 0.25  # where a ratio of samples tells the limiter's gain

Progress = Callable[[int, int], None]  #: samples done, samples in all


class Envelope:
    """Lowest, highest and mean square of the samples in each column, for the left and the right channel.

    The columns are equal parts of `total` samples, at most one to a sample.
    """

    def __init__(self, total: int, columns: int) -> None:
        self.edges = np.arange(min(columns, total) + 1, dtype=np.int64) * total // min(columns, total)
        shape = 2, len(self.edges) - 1
        self.low, self.high = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        self._energy = np.zeros(shape, np.float64)

    @property
    def peak(self) -> Samples:
        """Largest magnitude (2, columns)."""
        return np.maximum(self.high, -self.low)

    @property
    def rms(self) -> Doubles:
        """Root of the mean square (2, columns)."""
        return np.sqrt(self._energy / np.diff(self.edges))

    def add(self, samples: Samples, place: int) -> None:
        """Take in `samples` (2, n), n ≥ 1, the first of which is sample `place`."""
        columns, starts = self.columns(place, samples.shape[1])
        high, low, energy = self.high[:, columns], self.low[:, columns], self._energy[:, columns]
        np.maximum(high, np.maximum.reduceat(samples, starts, 1), out=high)
        np.minimum(low, np.minimum.reduceat(samples, starts, 1), out=low)
        energy += np.add.reduceat(samples.astype(np.float64) ** 2, starts, 1)

    def columns(self, place: int, count: int) -> tuple[slice, NDArray[np.int64]]:
        """The columns that `count` samples from `place` on lie in, and which of these samples is the first in each."""
        first, last = (int(np.searchsorted(self.edges, at, side="right")) - 1 for at in (place, place + count - 1))
        return slice(first, last + 1), np.maximum(self.edges[first : last + 1] - place, 0)


class Limiting:
    """Where the limiter turned the sum of all tracks down, and by how much."""

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope
        self.columns = np.zeros(envelope.low.shape[1], np.bool_)  #: whether anything in the column was limited
        self.samples = 0  #: how many samples were
        self.gain = 1.0  #: the lowest

    def add(self, mixed: Samples, summed: Samples, place: int) -> None:
        """Compare the mix and the plain sum (2, n) from sample `place` on."""
        changed = np.abs(mixed - summed).max(0) > _LIMITED
        if not changed.any():
            return
        changed = np.convolve(changed, np.ones(2 * _NEAR + 1))[_NEAR:-_NEAR] > 0.5
        columns, starts = self._envelope.columns(place, mixed.shape[1])
        self.columns[columns] |= np.logical_or.reduceat(changed, starts)
        self.samples += int(changed.sum())
        loud = changed & (np.abs(summed) > _LOUD)
        if loud.any():
            self.gain = min(self.gain, float((mixed[loud] / summed[loud]).min()))


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a timeline that is listened to, in samples of its rate."""

    first: int
    total: int  #: at least 1
    rate_hz: int


@dataclass(frozen=True, slots=True)
class Listened:
    """All that a picture of the sound needs to know of the samples."""

    mix: Envelope
    tracks: Mapping[int, Envelope]  #: by the track's place in the timeline, before the limiter
    limiting: Limiting
    report: Report  #: what could not be heard as the draft means it


def listen(
    timeline: Timeline,
    assets: Assets,
    span: Span,
    heard: Sequence[int],
    columns: int,
    on_progress: Progress | None = None,
) -> Listened:
    """Hear the tracks at the places `heard`, each file once, and their mix. Raises AssetMissing."""
    sums = [Sums(replace(timeline, tracks=(timeline.tracks[place],)), assets, span.rate_hz) for place in heard]
    tracks = {place: Envelope(span.total, columns) for place in heard}
    whole = Envelope(span.total, columns)
    limiting = Limiting(whole)
    first_block, end_block = span.first // BLOCK, -(-(span.first + span.total) // BLOCK)
    blocks = _summed(sums, tracks, range(first_block - CONTEXT_BLOCKS, end_block + CONTEXT_BLOCKS), span)
    ahead, plain = tee(blocks)
    both = zip(limited(ahead), islice(plain, CONTEXT_BLOCKS, None), strict=False)
    for block, (mixed, summed) in enumerate(both, first_block):
        part, place = _within(span, block)
        whole.add(mixed[:, part], place)
        limiting.add(mixed[:, part], summed[:, part], place)
        if on_progress is not None:
            on_progress(place + part.stop - part.start, span.total)
    return Listened(whole, tracks, limiting, reduce(add, (one.report for one in sums), Report()))


def _summed(sums: Sequence[Sums], tracks: Mapping[int, Envelope], numbers: range, span: Span) -> Iterator[Samples]:
    """The sum of all tracks, block by block; what of it lies in the span has been put into their envelopes."""
    alone = [one.blocks(numbers.start, numbers.stop) for one in sums]
    for number in numbers:
        total = np.zeros((2, BLOCK), np.float32)
        part, place = _within(span, number)
        for blocks, envelope in zip(alone, tracks.values(), strict=True):
            samples = next(blocks)
            total += samples
            if part.start < part.stop:
                envelope.add(samples[:, part], place)
        yield total


def _within(span: Span, block: int) -> tuple[slice, int]:
    """What of a block lies in the span, and at which of the span's samples that begins."""
    start = block * BLOCK
    low = min(max(span.first - start, 0), BLOCK)
    high = max(min(span.first + span.total - start, BLOCK), low)
    return slice(low, high), start + low - span.first
