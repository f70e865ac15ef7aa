"""Filters that favour some frequencies: passes, shelves, equaliser."""

from __future__ import annotations

from cutfarm.render.sound.effects.biquads import Biquad, through
from cutfarm.render.sound.effects.op import Op, Params, Setting, number
from cutfarm.render.sound.stream import Stream

_TOP_HZ = 96_000.0  # any frequency is held below half the rate by the filter itself
_MOST_DB = 40.0
_EQ_LOW_HZ, _EQ_HIGH_HZ, _EQ_Q = 200.0, 6000.0, 1.0


def _hz(params: Params, name: str, default: float) -> float:
    return number(params, name, default, 0.0, _TOP_HZ)


def _db(params: Params, name: str) -> float:
    return number(params, name, 0.0, -_MOST_DB, _MOST_DB)


def _filtered(source: Stream, setting: Setting, *biquads: Biquad) -> Stream:
    return through(source, [biquad.filter for biquad in biquads], setting.rate_hz)


def lowpass(source: Stream, params: Params, setting: Setting) -> Stream:
    """Butterworth of the second order: −3 dB at `hz` (1000), 12 dB an octave above it."""
    return _filtered(source, setting, Biquad.lowpass(_hz(params, "hz", 1000.0), setting.rate_hz))


def highpass(source: Stream, params: Params, setting: Setting) -> Stream:
    """Butterworth of the second order: −3 dB at `hz` (100), 12 dB an octave below it."""
    return _filtered(source, setting, Biquad.highpass(_hz(params, "hz", 100.0), setting.rate_hz))


def bandpass(source: Stream, params: Params, setting: Setting) -> Stream:
    """High pass at `lo` (300) and low pass at `hi` (3400), both twice: −6 dB at the edges, 24 dB an octave beyond."""
    high = Biquad.highpass(_hz(params, "lo", 300.0), setting.rate_hz)
    low = Biquad.lowpass(_hz(params, "hi", 3400.0), setting.rate_hz)
    return _filtered(source, setting, high, low, high, low)


def lowshelf(source: Stream, params: Params, setting: Setting) -> Stream:
    """`db` (0, at most ±40) below `hz` (150)."""
    return _filtered(source, setting, Biquad.lowshelf(_hz(params, "hz", 150.0), setting.rate_hz, _db(params, "db")))


def highshelf(source: Stream, params: Params, setting: Setting) -> Stream:
    """`db` (0, at most ±40) above `hz` (6000)."""
    return _filtered(source, setting, Biquad.highshelf(_hz(params, "hz", 6000.0), setting.rate_hz, _db(params, "db")))


def eq(source: Stream, params: Params, setting: Setting) -> Stream:
    """Three bands in dB: `low` (0) below 200 Hz, `mid` (0) around `mid_hz` (1000), `high` (0) above 6 kHz."""
    low = Biquad.lowshelf(_EQ_LOW_HZ, setting.rate_hz, _db(params, "low"))
    mid = Biquad.peak(_hz(params, "mid_hz", 1000.0), setting.rate_hz, _db(params, "mid"), _EQ_Q)
    high = Biquad.highshelf(_EQ_HIGH_HZ, setting.rate_hz, _db(params, "high"))
    return _filtered(source, setting, low, mid, high)


FILTERS: dict[str, Op] = {
    "lowpass": lowpass,
    "highpass": highpass,
    "bandpass": bandpass,
    "lowshelf": lowshelf,
    "highshelf": highshelf,
    "eq": eq,
}
