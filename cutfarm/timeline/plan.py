"""Cutting a job into chunks, on hard cuts and on frames where the encoder would begin a closed GOP anyway."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

from cutfarm.timeline.layers import LayerStack

_LAYER_COST = 0.35  # of an encoded frame: one more picture to decode and lay over the others
_SNAP = 0.2  # a border moves to a hard cut within this part of a chunk
_LEAST_S, _MOST_S = 2, 10  # of a chunk whose size is free
_GRID_S = 4  # long enough to be worth opening files for, short enough that an edit touches little
_GRID_SNAP = 0.25


def plan_chunks(stack: LayerStack, frames: range, count: int, gop: int | None = None) -> tuple[range, ...]:
    """Split `frames` into at most `count` runs of about equal cost that cover them in order without gap or overlap.

    A border moves to a hard cut that is near, else to a frame where a GOP of `gop` frames would begin if that is near.
    """
    count = max(1, min(count, len(frames)))
    costs, marks = _Costs(stack, frames), _Marks(stack, frames, gop)
    near_frames = int(len(frames) / count * _SNAP)
    borders = {frames.start, frames.stop}
    for index in range(1, count):
        ideal = costs.frame_at(costs.total * index / count)
        moved = marks.near(ideal, near_frames)
        borders.add(moved if abs(moved - ideal) <= near_frames else ideal)
    return _runs(borders)


def plan_shrinking(stack: LayerStack, frames: range, workers: int, gop: int) -> tuple[range, ...]:
    """Split `frames` into runs that become shorter towards the end, so that `workers` finish at about the same time.

    Each run is the 2·workers-th part of what is left (guided self-scheduling: Polychronopoulos and Kuck, 1987), from
    2 to 10 s, and ends on a hard cut or after whole GOPs. One worker has nobody to wait for and gets one run; where
    there is no more than two of the shortest runs for each worker, each gets one.
    """
    least, most = max(round(_LEAST_S * stack.fps), gop), round(_MOST_S * stack.fps)
    if workers == 1 or len(frames) <= 2 * workers * least:
        return plan_chunks(stack, frames, min(workers, len(frames) // least), gop)
    costs, marks = _Costs(stack, frames), _Marks(stack, frames, gop)
    borders = [frames.start]
    while frames.stop - borders[-1] >= 2 * least:
        start = borders[-1]
        spent = costs.before(start)
        length = costs.frame_at(spent + (costs.total - spent) / (2 * workers)) - start
        length = min(max(length, least), most)
        border = marks.near(start + length, int(length * _SNAP))
        if frames.stop - border < least // 2:
            break
        borders.append(border)
    return _runs({*borders, frames.stop})


def plan_grid(stack: LayerStack, frames: range, gop: int) -> tuple[range, ...]:
    """Split `frames` on a grid of whole GOPs, about 4 s each, that is the same for every range of the timeline.

    A border moves to a hard cut up to 1 s away. It depends on nothing else, so that an edit changes no border but
    those beside the cuts that it moves.
    """
    block = gop * max(round(_GRID_S * stack.fps / gop), 1)
    marks = _Marks(stack, range(frames.start - block, frames.stop + block), None)
    borders = {frames.start, frames.stop}
    for ideal in range(frames.start // block * block, frames.stop + block, block):
        border = marks.near(ideal, int(block * _GRID_SNAP))
        if frames.start < border < frames.stop:
            borders.add(border)
    return _runs(borders)


def chunk_count(frame_count: int, fps: Fraction, workers: int, seconds: float = 10.0) -> int:
    """How many chunks suit a job: about `seconds` each, at least one for every worker once there is work for it."""
    wanted = max(round(frame_count / float(fps) / seconds), 1)
    most = max(int(frame_count / float(fps) / _LEAST_S), 1)
    return min(max(wanted, workers), most)


class _Costs:
    """What frames cost, in frames of one layer: the same within each run of frames with the same layers."""

    def __init__(self, stack: LayerStack, frames: range) -> None:
        changes = stack.changes()
        inside = changes[bisect_right(changes, frames.start) : bisect_left(changes, frames.stop)]
        self._edges = [frames.start, *inside, frames.stop]
        each = [1.0 + _LAYER_COST * max(stack.depth(edge) - 1, 0) for edge in self._edges[:-1]]
        spans = zip(pairwise(self._edges), each, strict=True)
        self._sums = list(accumulate(((stop - start) * cost for (start, stop), cost in spans), initial=0.0))
        self._each = [*each, 1.0]

    @property
    def total(self) -> float:
        """The cost of all frames."""
        return self._sums[-1]

    def before(self, frame: int) -> float:
        """The cost of the frames before `frame`."""
        place = bisect_right(self._edges, frame) - 1
        return self._sums[place] + (frame - self._edges[place]) * self._each[place]

    def frame_at(self, cost: float) -> int:
        """The frame before which `cost` is spent."""
        place = max(bisect_left(self._sums, cost) - 1, 0)
        return min(self._edges[place] + round((cost - self._sums[place]) / self._each[place]), self._edges[-1])


class _Marks:
    """Frames that suit a border: hard cuts, and the GOPs that an encoder begins at each of them."""

    def __init__(self, stack: LayerStack, frames: range, gop: int | None) -> None:
        cuts = stack.cuts()
        self._cuts = cuts[bisect_right(cuts, frames.start) : bisect_left(cuts, frames.stop)]
        self._starts = (frames.start, *self._cuts, frames.stop)
        self._gop = gop

    def near(self, frame: int, near_frames: int) -> int:
        """The hard cut nearest to `frame` if it is at most `near_frames` away, else the nearest beginning of a GOP."""
        cut = _nearest(self._cuts, frame)
        return cut if cut is not None and abs(cut - frame) <= near_frames else self._gop_near(frame)

    def _gop_near(self, frame: int) -> int:
        if self._gop is None:
            return frame
        place = max(bisect_right(self._starts, frame) - 1, 0)
        first = self._starts[place]
        earlier = first + (frame - first) // self._gop * self._gop
        later = min([earlier + self._gop, *self._starts[place + 1 : place + 2]])
        return min((earlier, later), key=lambda start: abs(start - frame))


def _nearest(frames: Sequence[int], frame: int) -> int | None:
    place = bisect_left(frames, frame)
    return min(frames[max(place - 1, 0) : place + 1], key=lambda other: abs(other - frame), default=None)


def _runs(borders: set[int]) -> tuple[range, ...]:
    return tuple(range(first, last) for first, last in pairwise(sorted(borders)))
