"""The sound of a timeline: the sum of its voices, held below full scale, cut to any range."""

from __future__ import annotations

from collections.abc import Iterator

from cutfarm.render.sound.sums import BLOCK, Sums
from cutfarm.render.spec import Assets
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.report import Report
from kernels.sound import Samples
from kernels.sound_limiter import CONTEXT_BLOCKS, limited


class Mix:
    """A range of a timeline's sound, to be iterated once; `report` is whole when the iteration is.

    `first` is its first sample, `total` the number of them.
    """

    def __init__(self, timeline: Timeline, assets: Assets, rate_hz: int, first: int, total: int) -> None:
        self._sums = Sums(timeline, assets, rate_hz)
        self._first, self._total = first, total

    @property
    def report(self) -> Report:
        """What was found so far."""
        return self._sums.report

    def __iter__(self) -> Iterator[Samples]:
        """Float32 (2, n), full scale ±1, nowhere beyond; any cutting into ranges gives the same samples."""
        first_block, end_block = self._first // BLOCK, -(-(self._first + self._total) // BLOCK)
        blocks = limited(self._sums.blocks(first_block - CONTEXT_BLOCKS, end_block + CONTEXT_BLOCKS))
        for block, mixed in enumerate(blocks, first_block):
            low = max(self._first - block * BLOCK, 0)
            high = min(self._first + self._total - block * BLOCK, BLOCK)
            yield mixed[:, low:high]
