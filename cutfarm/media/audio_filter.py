"""FFmpeg's sound filters over streams of arrays: conversion, resampling, change of tempo.

A stream is an iterable of float32 (C, n) arrays, C = 1 or 2, full scale ±1, of any n.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import av
import av.error
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

Samples = NDArray[np.float32]

LAYOUTS = {1: "mono", 2: "stereo"}
_BATCH = 16_384  # samples a push, so that the cost of a call does not count
_EXACT_TERMS = 1_000_000
# Of the sample formats that need no filter: how numpy reads them, and their full scale.
_PLAIN = {"flt": (np.float32, 1), "s16": (np.int16, 1 << 15), "s32": (np.int32, 1 << 31)}
# Alias and images below −110 dB, flat within 0.02 dB up to 0.9 of the lower Nyquist frequency.
_RESAMPLE = "filter_size=128:cutoff=0.95:kaiser_beta=11:exact_rational=1:linear_interp=1"
_RESAMPLE_REACH = 64


class FilterChain:
    """A chain of filters that takes frames of one kind and gives planar float32."""

    def __init__(self, rate_hz: int, sample_format: str, layout: str, filters: Iterable[tuple[str, str]]) -> None:
        graph = av.filter.Graph()
        graph.threads = 1
        self._source = graph.add_abuffer(sample_rate=rate_hz, format=sample_format, layout=layout)
        last = self._source
        for name, arguments in filters:
            node = graph.add(name, arguments)
            last.link_to(node)
            last = node
        self._sink = graph.add("abuffersink")
        last.link_to(self._sink)
        graph.configure(auto_buffer=False)
        self._graph = graph

    def push(self, frame: AudioFrame | None) -> Iterator[Samples]:
        """What the chain gives for one more frame; None ends the stream. Raises FFmpegError."""
        self._source.push(frame)
        while True:
            try:
                given = self._sink.pull()
            except (BlockingIOError, EOFError):
                return
            if not isinstance(given, AudioFrame):
                raise TypeError(f"{given!r} is not a frame of sound")
            yield samples_of([given])


def samples_of(frames: Sequence[AudioFrame]) -> Samples:
    """The channels of frames of one kind, end to end, as float32 (C, n), full scale ±1; memory of their own.

    16- and 32-bit integers and floats, as `is_plain` says; full scale is the power of two, as in swresample.
    """
    sample_format, channels = frames[0].format, frames[0].layout.nb_channels
    dtype, full_scale = _PLAIN[sample_format.packed.name]
    samples = np.empty((channels, sum(frame.samples for frame in frames)), np.float32)
    filled = 0
    for frame in frames:
        count = frame.samples
        place = samples[:, filled : filled + count]
        if sample_format.is_planar:
            for row, plane in zip(place, frame.planes, strict=True):
                row[:] = np.frombuffer(memoryview(plane), dtype, count)
        else:
            place[:] = np.frombuffer(memoryview(frame.planes[0]), dtype, count * channels).reshape(count, channels).T
        filled += count
    if full_scale != 1:
        samples *= 1.0 / full_scale
    return samples


def is_plain(frame: AudioFrame, channels: int) -> bool:
    """Whether `samples_of` gives the frame's `channels` channels as they are."""
    return frame.layout.nb_channels == channels and frame.format.packed.name in _PLAIN


def frame_of_samples(samples: Samples, rate_hz: int, first_sample: int) -> AudioFrame:
    """Float32 (C, n) as a planar frame that starts at `first_sample`."""
    frame = AudioFrame.from_ndarray(samples, format="fltp", layout=LAYOUTS[samples.shape[0]])
    frame.sample_rate = rate_hz
    frame.time_base = Fraction(1, rate_hz)
    frame.pts = first_sample
    return frame


def converter(frame: AudioFrame, channels: int) -> FilterChain:
    """Brings frames like `frame` to planar float32 with `channels` channels at their own rate, sample by sample.

    More than two channels are mixed down with swresample's matrix; where the file does not say which channel is which,
    the first two are taken.
    """
    layout = frame.layout.name
    end = ("aformat", f"sample_fmts=fltp:channel_layouts={LAYOUTS[channels]}")
    try:
        return FilterChain(frame.sample_rate, frame.format.name, layout, [end])
    except (av.error.FFmpegError, ValueError):
        first_two = ("pan", "stereo|c0=c0|c1=c1")
        return FilterChain(frame.sample_rate, frame.format.name, layout, [first_two, end])


def resampling_ratio(from_hz: Fraction, to_hz: int) -> Fraction:
    """Samples out per sample in, as a fraction short enough for swresample; off by less than 1e-9 of itself."""
    exact = Fraction(to_hz) / from_hz
    if exact >= 1:
        return 1 / (1 / exact).limit_denominator(_EXACT_TERMS)
    return exact.limit_denominator(_EXACT_TERMS)


def resampled(stream: Iterable[Samples], ratio: Fraction) -> Iterator[Samples]:
    """`ratio` samples for every sample: the first of both coincide, what is above the lower Nyquist frequency is gone.

    The rates themselves are of no matter to swresample, so the ratio's own terms stand for them.
    """
    if ratio == 1:
        yield from stream
        return
    # The longer the filter, the smoother it is: fewer phases then serve as well, and its table does not grow.
    phase_bits = max(10 - int(math.log2(max(1.0 / float(ratio), 1.0))), 2)
    filters = [("aresample", f"{ratio.numerator}:{_RESAMPLE}:phase_shift={phase_bits}")]
    yield from _filtered(stream, ratio.denominator, filters)


def resampling_reach(ratio: Fraction) -> int:
    """Input samples on either side that bear on a sample out."""
    return math.ceil(_RESAMPLE_REACH / min(ratio, Fraction(1))) + 1


def stretched(stream: Iterable[Samples], rate_hz: int, tempo: Fraction) -> Iterator[Samples]:
    """The stream `tempo` times as fast at its own pitch, by overlap of windows of some 46 ms.

    Lengths and places hold on the whole without drift, but one onset may lie up to a window off.
    """
    stages = max(1, math.ceil(abs(math.log2(tempo))))
    step = float(tempo) ** (1.0 / stages)
    yield from _filtered(stream, rate_hz, [("atempo", f"{step!r}")] * stages)


def _filtered(stream: Iterable[Samples], rate_hz: int, filters: list[tuple[str, str]]) -> Iterator[Samples]:
    chain: FilterChain | None = None
    first = 0
    for batch in _batched(stream):
        if chain is None:
            end = ("aformat", "sample_fmts=fltp")
            chain = FilterChain(rate_hz, "fltp", LAYOUTS[batch.shape[0]], [*filters, end])
        yield from chain.push(frame_of_samples(batch, rate_hz, first))
        first += batch.shape[1]
    if chain is not None:
        yield from chain.push(None)


def _batched(stream: Iterable[Samples]) -> Iterator[Samples]:
    held: list[Samples] = []
    count = 0
    for samples in stream:
        held.append(samples)
        count += samples.shape[1]
        if count >= _BATCH:
            yield np.concatenate(held, 1)
            held, count = [], 0
    if count:
        yield np.concatenate(held, 1)
