"""How loud a sound is as a whole, and the gain that brings it to a loudness."""

from __future__ import annotations

import math
from collections.abc import Iterable

from cutfarm.media.audio_filter import LAYOUTS, FilterChain, frame_of_samples
from kernels.sound import Samples
from kernels.sound_loudness import Biquad, LoudnessMeter, k_weighting

MOST_GAIN_DB = 30.0  #: above this a sound is its own noise


def integrated_lufs(stream: Iterable[Samples], rate_hz: int) -> float:
    """Integrated loudness by ITU-R BS.1770-4, read to the end of `stream`; −inf for silence and for no sound.

    The stream gives float32 (C, n), C = 1 or 2 throughout, full scale ±1, any n; memory is bounded by the longest of
    these. Below 400 ms the whole sound is one block. The rate is above 4 kHz.
    """
    meter = LoudnessMeter(rate_hz)
    chain: FilterChain | None = None
    first = 0
    for samples in stream:
        if not samples.shape[1]:
            continue
        if chain is None:
            chain = _weighting(rate_hz, samples.shape[0])
        for weighted in chain.push(frame_of_samples(samples, rate_hz, first)):
            meter.add(weighted)
        first += samples.shape[1]
    if chain is not None:
        for weighted in chain.push(None):
            meter.add(weighted)
    return meter.integrated_lufs()


def gain_to(target_lufs: float, measured_lufs: float) -> float:
    """The factor that brings a sound of `measured_lufs` to `target_lufs`, at most 30 dB; 1 for silence."""
    if math.isinf(measured_lufs):
        return 1.0
    return float(10 ** (min(target_lufs - measured_lufs, MOST_GAIN_DB) / 20))


def _weighting(rate_hz: int, channels: int) -> FilterChain:
    filters = [("biquad", _arguments(biquad)) for biquad in k_weighting(rate_hz)]
    return FilterChain(rate_hz, "fltp", LAYOUTS[channels], [*filters, ("aformat", "sample_fmts=fltp")])


def _arguments(biquad: Biquad) -> str:
    over, under = biquad
    named = zip(("b0", "b1", "b2", "a0", "a1", "a2"), (*over, *under), strict=True)
    return ":".join([*(f"{name}={float(value)!r}" for name, value in named), "precision=f64"])
