"""HDR and wide-gamut frames brought to BT.709 inside a filter graph, in float, by the curves of `hdr`."""

from __future__ import annotations

import tempfile
from functools import cache
from typing import Literal

import av
import numpy as np

from cutfarm.media.colour import Light
from cutfarm.media.hdr import Floats, rendering

FORMAT = "gbrpf32le"  #: what goes in and comes out: R'G'B', full range

WHITE_FOR_YUV = 255 * 256 / 65535  #: what swscale takes for white of FORMAT when it turns it into YUV

_Curve = Literal["first", "gain", "second", "last"]
_Node = av.filter.context.FilterContext
#: Filter and words that say of frames what `add_tone` has made of them.
TAGS = ("setparams", "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=limited")


def white_in_rgb(pixel_format: str) -> float:
    """What swscale makes of white when it turns `pixel_format` into RGB of 16 bits or floats, of which 1 is the most.

    It shifts code values of RGB up by whole bits, and reckons from YUV as if it had 8 bits.
    """
    form = av.VideoFormat(pixel_format)
    bits = form.components[0].bits if form.is_rgb else 8
    return ((1 << bits) - 1 << 16 - bits) / 65535 if bits <= 16 else 1.0


def add_tone(graph: av.filter.Graph, node: _Node, light: Light, given_white: float, wanted_white: float) -> _Node:
    """Append to `node`, which gives frames of FORMAT, what brings `light` to BT.709; returns the last filter.

    The whites are the values that stand for code value 1 in what goes in and in what comes out.
    """
    steps = rendering(light)
    node = _then(node, _curve(graph, light, "first", given_white))
    if steps.gain is not None:
        node = _with_gain(graph, node, light)
        node = _then(node, _curve(graph, light, "second"))
    node = _then(node, _mixer(graph, steps.matrix.tolist()))
    return _then(node, _curve(graph, light, "last", wanted_white))


def _with_gain(graph: av.filter.Graph, node: _Node, light: Light) -> _Node:
    """All three channels times the curve `gain` at their common luminance."""
    fork = graph.add("split")
    product = graph.add("blend", "c0_mode=multiply:c1_mode=multiply:c2_mode=multiply")  # and alpha as it is
    luminance = _mixer(graph, [list(rendering(light).luminance)] * 3)
    node.link_to(fork)
    fork.link_to(product, 0, 0)
    fork.link_to(luminance, 1, 0)
    _then(luminance, _curve(graph, light, "gain")).link_to(product, 0, 1)
    return product


def _then(node: _Node, following: _Node) -> _Node:
    node.link_to(following)
    return following


def _mixer(graph: av.filter.Graph, matrix: list[list[float]]) -> _Node:
    weights = (
        f"{to}{of}={weight:.9f}"
        for to, row in zip("rgb", matrix, strict=True)
        for of, weight in zip("rgb", row, strict=True)
    )
    return graph.add("colorchannelmixer", ":".join(weights))


def _curve(graph: av.filter.Graph, light: Light, curve: _Curve, white: float = 1.0) -> _Node:
    with tempfile.NamedTemporaryFile(suffix=".cube") as file:  # read while the filter is made
        file.write(_cube(light, curve, white))
        file.flush()
        return graph.add("lut1d", file=file.name, interp="linear")


@cache
def _cube(light: Light, curve: _Curve, white: float) -> bytes:
    """A sampled curve as an Iridas .cube file, its code values scaled to `white`."""
    samples: Floats | None = getattr(rendering(light), curve)
    assert samples is not None
    if curve == "first":
        given = np.linspace(0.0, 1.0, len(samples))
        samples = np.interp(given / white, given, samples)
    elif curve == "last":
        samples = samples * white
    lines = [f"{text} {text} {text}\n" for text in (f"{sample:.9f}" for sample in samples.tolist())]
    return "".join([f"LUT_1D_SIZE {len(lines)}\n", *lines]).encode()
