"""A part of a decoded frame, scaled and brought to the canvas's colour in one pass of swscale."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, cast

import av
import av.error

from cutfarm.errors import RenderError
from cutfarm.media.colour import SourceColour, source_colour
from cutfarm.media.container import reason

_GRAPHS_KEPT = 4
_SCALER = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"  # the same as for whole frames
_TICK = Fraction(1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a frame, in its own pixels: even on all sides, and it may reach beyond the frame.

    What lies beyond repeats the frame's outermost pixels.
    """

    left_px: int
    top_px: int
    right_px: int
    bottom_px: int

    @property
    def width_px(self) -> int:
        """Columns."""
        return self.right_px - self.left_px

    @property
    def height_px(self) -> int:
        """Rows."""
        return self.bottom_px - self.top_px


class _Key(NamedTuple):
    width_px: int
    height_px: int
    pixel_format: str
    colour: SourceColour
    part: Part
    size_px: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Pipe:
    graph: av.filter.Graph  # the contexts do not keep it alive
    source: av.filter.context.FilterContext
    sink: av.filter.context.FilterContext


class PartScaler:
    """Scales parts of frames; one filter graph for each kind of frame and part, the latest few kept."""

    def __init__(self) -> None:
        self._pipes: OrderedDict[_Key, _Pipe] = OrderedDict()

    def scale(self, frame: av.VideoFrame, part: Part, width_px: int, height_px: int) -> av.VideoFrame:
        """`part` of `frame` as yuv420p, BT.709 limited range, width_px × height_px. Raises RenderError."""
        colour = source_colour(frame)
        key = _Key(frame.width, frame.height, frame.format.name, colour, part, (width_px, height_px))
        pipe = self._pipes.get(key)
        try:
            if pipe is None:
                pipe = self._pipes[key] = _pipe(key)
                if len(self._pipes) > _GRAPHS_KEPT:
                    self._pipes.popitem(last=False)
            self._pipes.move_to_end(key)
            pipe.source.push(frame)
            return cast("av.VideoFrame", pipe.sink.pull())
        except av.error.FFmpegError as error:
            raise RenderError(f"a frame could not be scaled ({reason(error)})") from error


def _pipe(key: _Key) -> _Pipe:
    graph = av.filter.Graph()
    graph.threads = 1
    kind = av.VideoFormat(key.pixel_format)
    nodes = [graph.add_buffer(width=key.width_px, height=key.height_px, format=kind, time_base=_TICK)]
    nodes += [graph.add(name, words) for name, words in _filters(key)]
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return _Pipe(graph, nodes[0], nodes[-1])


def _filters(key: _Key) -> list[tuple[str, str]]:
    part = key.part
    before_x, before_y = max(-part.left_px, 0), max(-part.top_px, 0)
    after_x, after_y = max(part.right_px - key.width_px, 0), max(part.bottom_px - key.height_px, 0)
    filters = []
    if before_x or before_y or after_x or after_y:
        size = f"{key.width_px + before_x + after_x}:{key.height_px + before_y + after_y}"
        filters.append(("pad", f"{size}:{before_x}:{before_y}"))
        filters.append(("fillborders", f"{before_x}:{after_x}:{before_y}:{after_y}:smear"))
    cut = f"{part.width_px}:{part.height_px}:{part.left_px + before_x}:{part.top_px + before_y}:exact=1"
    colour = f"in_color_matrix={key.colour.matrix_name}:in_range={key.colour.range_name}"
    scale = f"{key.size_px[0]}:{key.size_px[1]}:flags={_SCALER}:{colour}:out_color_matrix=bt709:out_range=limited"
    return [*filters, ("crop", cut), ("scale", scale), ("format", "yuv420p")]
