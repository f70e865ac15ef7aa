"""Cutting a job into chunks of about equal cost, on hard cuts where one is near."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from cutfarm.timeline.layers import LayerStack

_LAYER_COST = 0.35  # of an encoded frame: one more picture to decode and lay over the others
_SNAP = 0.2  # a border moves to a change of layers within this part of a chunk


def plan_chunks(stack: LayerStack, frames: range, count: int) -> tuple[range, ...]:
    """Split `frames` into at most `count` runs that cover them in order without gap or overlap.

    Every chunk starts a closed GOP, so a border on a hard cut costs nothing that the encoder would not spend anyway.
    """
    count = max(1, min(count, len(frames)))
    spans = _cost_spans(stack, frames)
    total = sum(cost for _, cost in spans)
    near_frames = int(len(frames) / count * _SNAP)
    borders = [frames.start]
    for index in range(1, count):
        ideal = _frame_at_cost(spans, total * index / count)
        borders.append(_snapped(ideal, [span.start for span, _ in spans], near_frames))
    borders = sorted({*borders, frames.stop})
    return tuple(range(first, last) for first, last in pairwise(borders))


def chunk_count(frame_count: int, fps: Fraction, workers: int, seconds: float = 10.0) -> int:
    """How many chunks suit a job: about `seconds` each, at least one for every worker once there is work for it."""
    wanted = max(round(frame_count / float(fps) / seconds), 1)
    most = max(int(frame_count / float(fps) / 2.0), 1)
    return min(max(wanted, workers), most)


def _cost_spans(stack: LayerStack, frames: range) -> list[tuple[range, float]]:
    """Runs of frames with the same layers, and what each run costs."""
    edges = sorted({frames.start, frames.stop, *(edge for edge in stack.changes() if edge in frames)})
    spans = [range(first, last) for first, last in pairwise(edges)]
    return [(span, len(span) * (1.0 + _LAYER_COST * max(stack.depth(span.start) - 1, 0))) for span in spans]


def _frame_at_cost(spans: Sequence[tuple[range, float]], wanted: float) -> int:
    for span, cost in spans:
        if wanted <= cost:
            return span.start + round(len(span) * wanted / cost)
        wanted -= cost
    return spans[-1][0].stop


def _snapped(frame: int, edges: Sequence[int], near_frames: int) -> int:
    place = bisect_left(edges, frame)
    nearest = min(edges[max(place - 1, 0) : place + 1], key=lambda edge: abs(edge - frame), default=frame)
    return nearest if abs(nearest - frame) <= near_frames else frame
