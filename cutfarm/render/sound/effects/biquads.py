"""Second-order filters: their coefficients, and their run by libavfilter in float64."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cutfarm.media.audio_filter import FilterChain, frame_of_samples
from cutfarm.render.sound.effects.op import in_blocks
from cutfarm.render.sound.stream import Stream
from kernels.sound import Samples

BUTTERWORTH_Q = math.sqrt(0.5)
_LOWEST_HZ = 5.0
_NEAREST_NYQUIST = 0.98  # of half the rate: beyond it the bilinear transform leaves no filter


@dataclass(frozen=True, slots=True)
class Biquad:
    """y[n] = b0·x[n] + b1·x[n−1] + b2·x[n−2] − a1·y[n−1] − a2·y[n−2].

    The formulas of every constructor are those of R. Bristow-Johnson's “Audio EQ Cookbook”. Frequencies are held
    between 5 Hz and just below half the rate.
    """

    b0: float
    b1: float
    b2: float
    a1: float
    a2: float

    @classmethod
    def lowpass(cls, hz: float, rate_hz: int, q: float = BUTTERWORTH_Q) -> Biquad:
        """Passes what is below `hz`; −3 dB there at the default `q`."""
        cosine, alpha = _angle(hz, rate_hz, q)
        side = (1 - cosine) / 2
        return cls._over(1 + alpha, side, 2 * side, side, -2 * cosine, 1 - alpha)

    @classmethod
    def highpass(cls, hz: float, rate_hz: int, q: float = BUTTERWORTH_Q) -> Biquad:
        """Passes what is above `hz`; −3 dB there at the default `q`."""
        cosine, alpha = _angle(hz, rate_hz, q)
        side = (1 + cosine) / 2
        return cls._over(1 + alpha, side, -2 * side, side, -2 * cosine, 1 - alpha)

    @classmethod
    def peak(cls, hz: float, rate_hz: int, gain_db: float, q: float) -> Biquad:
        """A bell of `gain_db` around `hz`, as wide as hz/q between its half-gain points."""
        cosine, alpha = _angle(hz, rate_hz, q)
        root = 10 ** (gain_db / 40)
        return cls._over(
            1 + alpha / root, 1 + alpha * root, -2 * cosine, 1 - alpha * root, -2 * cosine, 1 - alpha / root
        )

    @classmethod
    def lowshelf(cls, hz: float, rate_hz: int, gain_db: float) -> Biquad:
        """`gain_db` below `hz`, half of it there, as steep as a shelf can be without overshoot (S = 1)."""
        return cls._shelf(hz, rate_hz, gain_db, 1.0)

    @classmethod
    def highshelf(cls, hz: float, rate_hz: int, gain_db: float) -> Biquad:
        """`gain_db` above `hz`, half of it there, as steep as a shelf can be without overshoot (S = 1)."""
        return cls._shelf(hz, rate_hz, gain_db, -1.0)

    @classmethod
    def _shelf(cls, hz: float, rate_hz: int, gain_db: float, side: float) -> Biquad:
        cosine, alpha = _angle(hz, rate_hz, BUTTERWORTH_Q)
        root = 10 ** (gain_db / 40)
        bend, turned = 2 * math.sqrt(root) * alpha, side * cosine
        more, less = root + 1, root - 1
        return cls._over(
            more + less * turned + bend,
            root * (more - less * turned + bend),
            side * 2 * root * (less - more * turned),
            root * (more - less * turned - bend),
            side * -2 * (less + more * turned),
            more + less * turned - bend,
        )

    @classmethod
    def _over(cls, a0: float, b0: float, b1: float, b2: float, a1: float, a2: float) -> Biquad:
        return cls(b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0)

    @property
    def filter(self) -> tuple[str, str]:
        """libavfilter's name and arguments."""
        taps = f"b0={self.b0!r}:b1={self.b1!r}:b2={self.b2!r}:a0=1:a1={self.a1!r}:a2={self.a2!r}"
        return "biquad", f"{taps}:precision=f64"


def through(source: Stream, filters: Sequence[tuple[str, str]], rate_hz: int) -> Stream:
    """The sound through filters of libavfilter, named and with their arguments, that give a sample for each sample."""
    chain = FilterChain(rate_hz, "fltp", "stereo", [*filters, ("aformat", "sample_fmts=fltp")])

    def work(samples: Samples, first: int) -> Samples:
        return np.concatenate(list(chain.push(frame_of_samples(samples, rate_hz, first))), 1)

    return in_blocks(source, work)


def _angle(hz: float, rate_hz: int, q: float) -> tuple[float, float]:
    held = min(max(hz, _LOWEST_HZ), _NEAREST_NYQUIST * rate_hz / 2)
    angle = 2 * math.pi * held / rate_hz
    return math.cos(angle), math.sin(angle) / (2 * q)
