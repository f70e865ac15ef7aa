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
from cutfarm.media.recolour import Filters, add_recolour, chained
from cutfarm.media.sites import LEFT, Sites, before_turns
from cutfarm.media.tone import FORMAT, TAGS, WHITE_FOR_YUV, add_tone, white_in_rgb

_GRAPHS_KEPT = 4
_SCALER = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"  # the same as for whole frames
_PLAIN_SCALER = "bicubic"  # where no matrix is involved: a fifth faster, one sample in twenty is a level off
_Node = av.filter.context.FilterContext
_TURNS: tuple[Filters, ...] = (
    (),
    (("transpose", "cclock"),),
    (("hflip", ""), ("vflip", "")),
    (("transpose", "clock"),),
)
_CANVAS = "out_color_matrix=bt709:out_range=limited"
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


class Kind(NamedTuple):
    """What all frames have in common that one graph takes."""

    width_px: int
    height_px: int
    pixel_format: str
    colour: SourceColour

    @classmethod
    def of(cls, frame: av.VideoFrame) -> Kind:
        """The kind that `frame` is of."""
        return cls(frame.width, frame.height, frame.format.name, source_colour(frame))

    @property
    def halved(self) -> tuple[bool, bool]:
        """Whether a chroma sample stands for two columns, and for two rows, or more."""
        form = av.VideoFormat(self.pixel_format)
        return form.chroma_width(2) == 1, form.chroma_height(2) == 1

    @property
    def is_deep(self) -> bool:
        """Whether samples have more than 8 bits."""
        return av.VideoFormat(self.pixel_format).components[0].bits > 8

    def add_buffer(self, graph: av.filter.Graph) -> _Node:
        """Add to `graph` the place where its frames go in."""
        form = av.VideoFormat(self.pixel_format)
        return graph.add_buffer(width=self.width_px, height=self.height_px, format=form, time_base=_TICK)


class _Key(NamedTuple):
    kind: Kind
    cut: Cut
    quarter_turns: int


@dataclass(frozen=True, slots=True)
class _Pipe:
    graph: av.filter.Graph  # the contexts do not keep it alive
    source: _Node
    sink: _Node


class PartScaler:
    """Scales parts of frames; one filter graph for each kind of frame and part, the latest few kept."""

    def __init__(self) -> None:
        avoid_gathers()
        self._pipes: OrderedDict[_Key, _Pipe] = OrderedDict()

    def scale(self, frame: av.VideoFrame, cut: Cut, quarter_turns: int = 0) -> av.VideoFrame:
        """`cut` of `frame` as yuv420p, BT.709 limited range, turned counter-clockwise. Raises RenderError."""
        key = _Key(Kind.of(frame), cut, quarter_turns)
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

    def whole(self, frame: av.VideoFrame, size_px: tuple[int, int], quarter_turns: int = 0) -> av.VideoFrame:
        """The whole of `frame` as `scale` gives it, of any size. Raises RenderError."""
        return self.scale(frame, _whole(Kind.of(frame), size_px, quarter_turns), quarter_turns)


def _whole(kind: Kind, size_px: tuple[int, int], quarter_turns: int) -> Cut:
    """What brings a picture from its own size to another.

    A chroma sample stands for two columns: where a picture keeps an odd width, swscale would spread it thinner.
    """
    own_px, halved = (kind.width_px, kind.height_px), kind.halved
    if quarter_turns % 2:
        own_px, halved = own_px[::-1], halved[::-1]
    sides = tuple(zip(own_px, size_px, halved, strict=True))
    # No border can be added beside half a chroma sample: 4:2:2 with both sides odd drifts by half a pixel.
    is_whole = not any(own % 2 and is_halved for own, _, is_halved in sides)
    more_x, more_y = (own % 2 if is_whole and own == wanted else 0 for own, wanted, _ in sides)
    part, scaled_px = Part(0, 0, own_px[0] + more_x, own_px[1] + more_y), (size_px[0] + more_x, size_px[1] + more_y)
    return Cut(part, scaled_px, Part(0, 0, *size_px) if more_x or more_y else None)


def add_scale(graph: av.filter.Graph, node: _Node, kind: Kind, size_px: tuple[int, int], sites: Sites = LEFT) -> _Node:
    """Append to `node`, which gives frames of `kind`, what makes them yuv420p, BT.709 limited range, of `size_px`.

    Returns the last filter. HDR and wide gamuts are brought to BT.709 after scaling. Chroma comes to lie at `sites`.
    """
    colour, size = kind.colour, f"{size_px[0]}:{size_px[1]}"
    to_canvas = ("scale", f"{size}:flags={_SCALER}:in_range=full:{_CANVAS}:{_placed('out', sites)}")
    if colour.light is not None:
        node = add_rgb(graph, node, kind, size_px, FORMAT, WHITE_FOR_YUV)
        return chained(graph, node, to_canvas, ("format", "yuv420p"), TAGS)
    if av.VideoFormat(kind.pixel_format).is_rgb:
        return chained(graph, node, to_canvas, ("format", "yuv420p"))

    def scaled(pixel_format: str) -> Filters:
        return _scaled(kind, size_px, pixel_format, sites)

    if colour.is_canvas:
        return chained(graph, node, *scaled("yuv420p"))
    if size_px[0] % 2 or size_px[1] % 2:  # which no quicker filter takes
        node = add_rgb(graph, node, kind, size_px, "gbrp", 1.0)
        return chained(graph, node, to_canvas, ("format", "yuv420p"))
    return add_recolour(graph, node, colour, scaled, is_deep=kind.is_deep)


def _scaled(kind: Kind, size_px: tuple[int, int], pixel_format: str, sites: Sites) -> Filters:
    """Filters that bring YUV of `kind` to a size and a format of YUV, its colour as it is and its chroma at `sites`."""
    scaler = _PLAIN_SCALER if kind.pixel_format == "yuv420p" else _SCALER
    colour = f"color_matrix={kind.colour.matrix_name}", f"range={kind.colour.range_name}"
    same = ":".join(f"{side}_{word}" for side in ("in", "out") for word in colour)

    def step(given: Sites, wanted: Sites, form: str) -> Filters:
        places = f"{_placed('in', given)}:{_placed('out', wanted)}"
        return ("scale", f"{size_px[0]}:{size_px[1]}:flags={scaler}:{same}:{places}"), ("format", form)

    if not pixel_format.startswith("yuv420p"):
        return step(LEFT, LEFT, pixel_format)
    if sites == LEFT or size_px != (kind.width_px, kind.height_px) or kind.halved != (True, True):
        return step(LEFT, sites, pixel_format)
    # From 4:2:0 to 4:2:0 of the same size swscale moves no chroma, except between these two formats.
    return *step(LEFT, LEFT, "nv12"), *step(LEFT, sites, "nv21"), *step(sites, sites, pixel_format)


def _placed(side: str, sites: Sites) -> str:
    """Words that tell the scaler where chroma lies in what it is given, "in", or in what it gives, "out"."""
    if sites == LEFT:
        return f"{side}_chroma_loc=left"  # by its name, which the scaler ignores where chroma is not subsampled
    return f"{side}_h_chr_pos={sites.across}:{side}_v_chr_pos={sites.down}"


def add_rgb(
    graph: av.filter.Graph, node: _Node, kind: Kind, size_px: tuple[int, int], pixel_format: str, white: float
) -> _Node:
    """Append to `node`, which gives frames of `kind`, what makes them R'G'B' of BT.709 of `size_px`, full range.

    `pixel_format` is tone.FORMAT, or the same with alpha. White is `white` where primaries or transfer change, else it
    is `tone.white_in_rgb` of the kind's own format. Returns the last filter.
    """
    scale = f"{size_px[0]}:{size_px[1]}:flags={_SCALER}:{_given(kind)}:out_range=full"
    node = chained(graph, node, ("scale", scale), ("format", pixel_format))
    light = kind.colour.light
    return node if light is None else add_tone(graph, node, light, white_in_rgb(kind.pixel_format), white)


def _given(kind: Kind) -> str:
    # A graph does not hand on where the chroma sites of its frames lie.
    return f"in_color_matrix={kind.colour.matrix_name}:in_range={kind.colour.range_name}:{_placed('in', LEFT)}"


def _pipe(key: _Key) -> _Pipe:
    graph = av.filter.Graph()
    graph.threads = 1
    kind, (width_px, height_px) = key.kind, key.cut.size_px
    if key.quarter_turns % 2:
        width_px, height_px = height_px, width_px
    part, sites = _unturned(key), before_turns(key.quarter_turns, width_px, height_px)
    source = kind.add_buffer(graph)
    node = chained(graph, source, *_crop(kind, part))
    cropped = kind._replace(width_px=part.width_px, height_px=part.height_px)
    node = add_scale(graph, node, cropped, (width_px, height_px), sites)
    sink = chained(graph, node, *_TURNS[key.quarter_turns], *_window(key), ("buffersink", ""))
    graph.configure()
    return _Pipe(graph, source, sink)


def _crop(kind: Kind, part: Part) -> list[tuple[str, str]]:
    before_x, before_y = max(-part.left_px, 0), max(-part.top_px, 0)
    after_x, after_y = max(part.right_px - kind.width_px, 0), max(part.bottom_px - kind.height_px, 0)
    cut = f"{part.width_px}:{part.height_px}:{part.left_px + before_x}:{part.top_px + before_y}:exact=1"
    return [*_smeared(kind, (before_x, after_x, before_y, after_y)), ("crop", cut)]


def _smeared(kind: Kind, borders: tuple[int, int, int, int]) -> list[tuple[str, str]]:
    """Filters that repeat a frame's outermost pixels to its left, right, top and bottom."""
    filters = []
    (left, right, top, bottom), width_px, height_px = borders, kind.width_px, kind.height_px
    while left or right or top or bottom:
        # The filter fills no border that is wider than what it grows from.
        step = (min(left, width_px), min(right, width_px), min(top, height_px), min(bottom, height_px))
        left, right, top, bottom = left - step[0], right - step[1], top - step[2], bottom - step[3]
        width_px, height_px = width_px + step[0] + step[1], height_px + step[2] + step[3]
        filters.append(("pad", f"{width_px}:{height_px}:{step[0]}:{step[2]}"))
        filters.append(("fillborders", ":".join(str(border) for border in step) + ":smear"))
    return filters


def _window(key: _Key) -> list[tuple[str, str]]:
    window = key.cut.window
    if window is None:
        return []
    return [("crop", f"{window.width_px}:{window.height_px}:{window.left_px}:{window.top_px}:exact=1")]


def _unturned(key: _Key) -> Part:
    """The part wanted, counted in the frame's own pixels."""
    part, width_px, height_px = key.cut.part, key.kind.width_px, key.kind.height_px
    left, top, right, bottom = part.left_px, part.top_px, part.right_px, part.bottom_px
    match key.quarter_turns:
        case 1:
            return Part(width_px - bottom, left, width_px - top, right)
        case 2:
            return Part(width_px - right, height_px - bottom, width_px - left, height_px - top)
        case 3:
            return Part(top, height_px - right, bottom, height_px - left)
    return part
