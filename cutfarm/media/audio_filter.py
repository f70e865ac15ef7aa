"""FFmpeg's sound filters over streams of arrays: conversion and resampling.

A stream is an iterable of float32 (C, n) arrays, C = 1 or 2, full scale ±1, of any n.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction

import av
import av.error
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from cutfarm.media.audio_channels import samples_of

Samples = NDArray[np.float32]

LAYOUTS = {1: "mono", 2: "stereo"}
_BATCH = 16_384  # samples in or out a push, so that the cost of a call does not count
_GROWTH = 4
_EXACT_TERMS = 1_000_000
_LONGEST_PERIOD = 48_000  # samples that may be decoded in vain so that a reading starts on the grid
_STARTS_TRIED = 8_192
# Alias and images below −110 dB, flat within 0.02 dB up to 0.9 of the lower Nyquist frequency.
_RESAMPLE = "filter_size=128:cutoff=0.95:kaiser_beta=11:exact_rational=1:linear_interp=1"
_RESAMPLE_REACH = 64
_CUTOFF = Fraction(19, 20)


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


def frame_of_samples(samples: Samples, rate_hz: int, first_sample: int) -> AudioFrame:
    """Float32 (C, n) as a planar frame that starts at `first_sample`."""
    frame = AudioFrame.from_ndarray(samples, format="fltp", layout=LAYOUTS[samples.shape[0]])
    frame.sample_rate = rate_hz
    frame.time_base = Fraction(1, rate_hz)
    frame.pts = first_sample
    return frame


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
    resample = ("aresample", f"{ratio.numerator}:{_RESAMPLE}:phase_shift={phase_bits}")
    filters = [resample, ("aformat", "sample_fmts=fltp")]
    chain: FilterChain | None = None
    first = 0
    for batch in _batched(stream, max(int(_BATCH / max(float(ratio), 1.0)), 1)):
        if chain is None:
            chain = FilterChain(ratio.denominator, "fltp", LAYOUTS[batch.shape[0]], filters)
        yield from chain.push(frame_of_samples(batch, ratio.denominator, first))
        first += batch.shape[1]
    if chain is not None:
        yield from chain.push(None)


def resampling_reach(ratio: Fraction) -> int:
    """Input samples on either side that bear on a sample out."""
    return math.ceil(_RESAMPLE_REACH / min(ratio * _CUTOFF, Fraction(1))) + 1


def start_on_grid(latest: int, ratio: Fraction) -> int:
    """The input sample, at `latest` or a little before, from which on samples out lie on the grid of sample 0.

    Where `ratio` is of long numbers it is one that lies within 1e-4 samples of that grid.
    """
    period = ratio.denominator
    if period <= _LONGEST_PERIOD:
        return latest // period * period
    steps = np.arange(_STARTS_TRIED, dtype=np.int64)
    beside = (latest * ratio.numerator % period - steps * ratio.numerator) % period
    return latest - int(np.minimum(beside, period - beside).argmin())


def _batched(stream: Iterable[Samples], length: int) -> Iterator[Samples]:
    """Arrays of about `length` samples, later of up to `_GROWTH` times as many: so a short segment has few in vain."""
    held: list[Samples] = []
    count, longest = 0, _GROWTH * length
    for samples in stream:
        start = 0
        while start < samples.shape[1]:
            part = samples[:, start : start + 2 * length]
            start += part.shape[1]
            held.append(part)
            count += part.shape[1]
            if count >= length:
                yield held[0] if len(held) == 1 else np.concatenate(held, 1)
                held, count = [], 0
                length = min(2 * length, longest)
    if count:
        yield np.concatenate(held, 1)
