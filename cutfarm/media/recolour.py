"""YUV of another matrix or range in the canvas's colour, inside a filter graph, every sample within one level.

Greys are the same in all matrices, so chroma is converted at its own sites and stays sharp. Luma takes its share of the
chroma beside it, so it is converted in 4:4:4. swscale would go through packed RGB, which takes ten times as long and
blurs chroma; libavfilter's `colorspace` alone is faster still, but off by up to 16 levels beside coloured edges.
"""

from __future__ import annotations

from collections.abc import Callable

import av

from cutfarm.media.colour import SWS_BT709, SourceColour
from cutfarm.media.tone import TAGS

Filters = tuple[tuple[str, str], ...]
_Node = av.filter.context.FilterContext
_SPACES = {1: "bt709", 4: "fcc", 5: "smpte170m", 7: "smpte240m", 9: "bt2020nc"}  # of swscale's numbers
_LIGHT = "iprimaries=bt709:itrc=bt709:space=bt709:primaries=bt709:trc=bt709:range=tv"  # is left as it is
_MERGED = "map0s=0:map0p=0:map1s=1:map1p=0:map2s=2:map2p=0:format=yuv420p"


def add_recolour(
    graph: av.filter.Graph,
    node: _Node,
    colour: SourceColour,
    scaled: Callable[[str], Filters],
    *,
    is_deep: bool = False,
) -> _Node:
    """Append to `node` what makes its frames yuv420p, BT.709 limited range; returns the last filter.

    `scaled` gives the filters that bring the frames to a size of even sides and to a pixel format but leave them in
    `colour`, which is SDR. Where `is_deep`, samples are kept in 10 bits until the end.
    """
    depth = "10le" if is_deep else ""
    to_canvas = f"ispace={_SPACES[colour.matrix]}:irange={'pc' if colour.is_full else 'tv'}:{_LIGHT}"
    in_colour = {
        name: (*scaled(name + depth), ("colorspace", f"{to_canvas}:format={name}"), ("format", name))
        for name in ("yuv420p", "yuv444p")
    }
    if colour.matrix == SWS_BT709:
        return chained(graph, node, *in_colour["yuv420p"], TAGS)
    fork = graph.add("split")
    node.link_to(fork)
    merged = graph.add("mergeplanes", _MERGED)
    luma = _branch(graph, fork, 0, (*in_colour["yuv444p"], ("extractplanes", "y")))
    chroma = _branch(graph, fork, 1, (*in_colour["yuv420p"], ("extractplanes", "u+v")))
    luma.link_to(merged, 0, 0)
    chroma.link_to(merged, 0, 1)
    chroma.link_to(merged, 1, 2)
    return chained(graph, merged, TAGS)


def chained(graph: av.filter.Graph, node: _Node, *filters: tuple[str, str]) -> _Node:
    """Append filters to `node`, each by its name and words; returns the last."""
    for name, words in filters:
        following = graph.add(name, words)
        node.link_to(following)
        node = following
    return node


def _branch(graph: av.filter.Graph, fork: _Node, number: int, filters: Filters) -> _Node:
    first = graph.add(*filters[0])
    fork.link_to(first, number, 0)
    return chained(graph, first, *filters[1:])
