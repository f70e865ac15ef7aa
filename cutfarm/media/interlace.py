"""Interlaced frames made whole: each line that the later field brought is interpolated for the time of the earlier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import cast

import av
import av.error

from cutfarm.errors import RenderError
from cutfarm.media.container import reason
from cutfarm.media.faults import TimedFrame

_TICK = Fraction(1, 1_000_000)


def with_neighbours(frames: Iterator[TimedFrame], *, is_start: bool) -> Iterator[TimedFrame]:
    """Each frame with those beside it; the file's first and last stand beside themselves.

    Where `frames` do not begin with the file, the first serves as a neighbour alone: so what is handed out does not
    depend on where decoding began.
    """
    before: TimedFrame | None = None
    current: TimedFrame | None = None
    for after in frames:
        if current is not None and (before is not None or is_start):
            yield replace(current, before=(before or current).frame, after=after.frame)
        before, current = current, after
    if current is not None and (before is not None or is_start):
        yield replace(current, before=(before or current).frame, after=current.frame)


class Deinterlacer:
    """Makes interlaced frames progressive by libav's bwdif; the result depends on a frame and its neighbours alone."""

    def __init__(self) -> None:
        self._graph: tuple[tuple[int, int, str], av.filter.Graph] | None = None
        self._pushed: tuple[av.VideoFrame, ...] = ()  # the last three
        self._made: tuple[av.VideoFrame, av.VideoFrame] | None = None

    def progressive(self, shown: TimedFrame) -> av.VideoFrame:
        """`shown` at the time of its first field; its own frame if it is progressive. Raises RenderError."""
        frame = shown.frame
        if not frame.interlaced_frame:
            return frame
        if self._made is None or self._made[0] is not frame:
            beside = (
                one if one is not None and _kind(one) == _kind(frame) else frame for one in (shown.before, shown.after)
            )
            before, after = beside
            self._made = (frame, self._filtered((before, frame, after)))
        return self._made[1]

    def _filtered(self, three: tuple[av.VideoFrame, av.VideoFrame, av.VideoFrame]) -> av.VideoFrame:
        kind = _kind(three[1])
        if kind[2] == "cuda":
            raise RenderError("an interlaced frame in a GPU's memory cannot be made progressive")
        try:
            if self._graph is None or self._graph[0] != kind:
                self._graph, self._pushed = (kind, _graph(kind)), ()
            graph = self._graph[1]
            # The filter knows the last three frames that it was given, and nothing else.
            follows = len(self._pushed) == 3 and all(
                one is other for one, other in zip(self._pushed[1:], three[:2], strict=True)
            )
            for frame in three[2:] if follows else three:
                graph.push(frame)
            self._pushed = three
            return _last(graph)
        except av.error.FFmpegError as error:
            self._graph = None
            raise RenderError(f"an interlaced frame could not be made progressive ({reason(error)})") from error


def _last(graph: av.filter.Graph) -> av.VideoFrame:
    """The newest picture that the filter has made."""
    made = graph.pull()
    while True:
        try:
            made = graph.pull()
        except av.error.BlockingIOError:
            return cast("av.VideoFrame", made)


def _kind(frame: av.VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name


def _graph(kind: tuple[int, int, str]) -> av.filter.Graph:
    graph = av.filter.Graph()
    graph.threads = 1
    graph.link_nodes(
        graph.add_buffer(width=kind[0], height=kind[1], format=av.VideoFormat(kind[2]), time_base=_TICK),
        graph.add("bwdif", "mode=send_frame:parity=auto:deint=all"),
        graph.add("buffersink"),
    ).configure()
    return graph
