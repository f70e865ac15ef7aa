"""Frames of another size than a file's first, brought to its size."""

from __future__ import annotations

from collections import OrderedDict
from fractions import Fraction
from typing import cast

import av
import av.error

from cutfarm.errors import RenderError
from cutfarm.media.container import reason
from cutfarm.media.resample import Kind, add_scale

_KINDS_KEPT = 2
_HARDLY_PX = 2  # a bar no wider than this is the rounding of a size, not another shape


class Fitter:
    """Fits frames into a box, keeping their shape, on black.

    A clip's place is laid out by the file's first frame. A recorder that changes the resolution keeps the shape, and
    the picture fills the box as before; where it turns the camera, nothing is stretched and nothing lost.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._size_px = (width_px, height_px)
        self._graphs: OrderedDict[Kind, av.filter.Graph] = OrderedDict()

    def fits(self, frame: av.VideoFrame) -> bool:
        """Whether `frame` is as large as the box."""
        return (frame.width, frame.height) == self._size_px

    def fitted(self, frame: av.VideoFrame) -> av.VideoFrame:
        """`frame` if it is as large as the box, else yuv420p of that size, BT.709 limited. Raises RenderError."""
        if self.fits(frame):
            return frame
        kind = Kind.of(frame)
        try:
            graph = self._graphs.get(kind) or self._graphs.setdefault(kind, _graph(kind, self._size_px))
            while len(self._graphs) > _KINDS_KEPT:
                self._graphs.popitem(last=False)
            graph.push(frame)
            return cast("av.VideoFrame", graph.pull())
        except av.error.FFmpegError as error:
            raise RenderError(f"a frame of another size could not be fitted ({reason(error)})") from error


def _graph(kind: Kind, box_px: tuple[int, int]) -> av.filter.Graph:
    width_px, height_px = contained((kind.width_px, kind.height_px), box_px)
    left_px, top_px = ((box_px[0] - width_px) // 4 * 2, (box_px[1] - height_px) // 4 * 2)
    graph = av.filter.Graph()
    graph.threads = 1
    source = kind.add_buffer(graph)
    bars, sink = graph.add("pad", f"{box_px[0]}:{box_px[1]}:{left_px}:{top_px}:black"), graph.add("buffersink")
    add_scale(graph, source, kind, (width_px, height_px)).link_to(bars)
    bars.link_to(sink)
    graph.configure()
    return graph


def contained(size_px: tuple[int, int], box_px: tuple[int, int]) -> tuple[int, int]:
    """The largest even size of the shape of `size_px` inside the box; the box itself where hardly a bar would stay."""
    scale = min(Fraction(box) / own for box, own in zip(box_px, size_px, strict=True))
    width_px, height_px = (max(round(own * scale / 2) * 2, 2) for own in size_px)
    if abs(box_px[0] - width_px) <= _HARDLY_PX and abs(box_px[1] - height_px) <= _HARDLY_PX:
        return box_px
    return min(width_px, box_px[0]), min(height_px, box_px[1])
