"""A decoded frame, or a part of it, scaled and brought to the canvas's colour in one pass of swscale."""

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
from cutfarm.media.processor import avoid_gathers

_GRAPHS_KEPT = 4
_SCALER = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"  # the same as for whole frames
_PLAIN_SCALER = "bicubic"  # where no matrix is involved: a fifth faster, one sample in twenty is a level off
_TURNS: tuple[tuple[tuple[str, str], ...], ...] = (
    (),
    (("transpose", "cclock"),),
    (("hflip", ""), ("vflip", "")),
    (("transpose", "clock"),),
)
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


@dataclass(frozen=True, slots=True)
class Cut:
    """What is wanted of a frame, all as it is shown, after its quarter turns."""

    part: Part  #: scaled …
    size_px: tuple[int, int]  #: … to this width and height, both even,
    window: Part | None = None  #: of which this is kept, counted in the scaled part; None keeps all


class _Key(NamedTuple):
    width_px: int
    height_px: int
    pixel_format: str
    colour: SourceColour
    cut: Cut
    quarter_turns: int


@dataclass(frozen=True, slots=True)
class _Pipe:
    graph: av.filter.Graph  # the contexts do not keep it alive
    source: av.filter.context.FilterContext
    sink: av.filter.context.FilterContext


class PartScaler:
    """Scales parts of frames; one filter graph for each kind of frame and part, the latest few kept."""

    def __init__(self) -> None:
        avoid_gathers()
        self._pipes: OrderedDict[_Key, _Pipe] = OrderedDict()

    def scale(self, frame: av.VideoFrame, cut: Cut, quarter_turns: int = 0) -> av.VideoFrame:
        """`cut` of `frame` as yuv420p, BT.709 limited range, turned counter-clockwise. Raises RenderError."""
        key = _Key(frame.width, frame.height, frame.format.name, source_colour(frame), cut, quarter_turns)
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
    part, (width_px, height_px), window = _unturned(key), key.cut.size_px, key.cut.window
    if key.quarter_turns % 2:
        width_px, height_px = height_px, width_px
    before_x, before_y = max(-part.left_px, 0), max(-part.top_px, 0)
    after_x, after_y = max(part.right_px - key.width_px, 0), max(part.bottom_px - key.height_px, 0)
    filters = []
    if before_x or before_y or after_x or after_y:
        size = f"{key.width_px + before_x + after_x}:{key.height_px + before_y + after_y}"
        filters.append(("pad", f"{size}:{before_x}:{before_y}"))
        filters.append(("fillborders", f"{before_x}:{after_x}:{before_y}:{after_y}:smear"))
    cut = f"{part.width_px}:{part.height_px}:{part.left_px + before_x}:{part.top_px + before_y}:exact=1"
    colour = f"in_color_matrix={key.colour.matrix_name}:in_range={key.colour.range_name}"
    # A graph does not hand on where the chroma sites of its frames lie.
    sites = "in_chroma_loc=left:out_chroma_loc=left"
    is_plain = key.pixel_format == "yuv420p" and key.colour.is_canvas
    scaler = _PLAIN_SCALER if is_plain else _SCALER
    scale = f"{width_px}:{height_px}:flags={scaler}:{colour}:out_color_matrix=bt709:out_range=limited:{sites}"
    filters += [("crop", cut), ("scale", scale), ("format", "yuv420p"), *_TURNS[key.quarter_turns]]
    if window is not None:
        kept = f"{window.width_px}:{window.height_px}:{window.left_px}:{window.top_px}:exact=1"
        filters.append(("crop", kept))
    return filters


def _unturned(key: _Key) -> Part:
    """The part wanted, counted in the frame's own pixels."""
    part = key.cut.part
    left, top, right, bottom = part.left_px, part.top_px, part.right_px, part.bottom_px
    match key.quarter_turns:
        case 1:
            return Part(key.width_px - bottom, left, key.width_px - top, right)
        case 2:
            return Part(key.width_px - right, key.height_px - bottom, key.width_px - left, key.height_px - top)
        case 3:
            return Part(top, key.height_px - right, bottom, key.height_px - left)
    return part
