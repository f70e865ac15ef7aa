"""Decoded frames as arrays of one or two channels: sample formats, and every layout brought down to stereo."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from av import AudioLayout, AudioResampler
from av.audio.frame import AudioFrame

from kernels.sound import Samples

MOST = (
    64.0  #: the loudest sample that is passed on, +36 dB: more is no recording, and would overflow when it is filtered
)

# How numpy reads a sample format, and the power of two that is its full scale.
_FORMATS: dict[str, tuple[type[np.number], int]] = {
    "u8": (np.uint8, 7),
    "s16": (np.int16, 15),
    "s32": (np.int32, 31),
    "s64": (np.int64, 63),
    "flt": (np.float32, 0),
    "dbl": (np.float64, 0),
}
_PLANES_LISTED = 8  # of so many PyAV does not find the end, and reads on
_MAY_BE_ANYTHING = ("flt", "dbl")
_HALF = 0.5**0.5  # 3 dB down
# Left and right by ITU-R BS.775-4 annex 4, table 2; a lone surround channel counts as two, each 3 dB down.
_TO_STEREO = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_HALF, _HALF),
    "BC": (0.5, 0.5),
    "FLC": (1.0, 0.0),
    "FRC": (0.0, 1.0),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
    "LFE": (0.0, 0.0),
    "LFE2": (0.0, 0.0),
    "AMBI0": (1.0, 1.0),  # of a sound field: what comes from everywhere
}


def samples_of(frames: Sequence[AudioFrame]) -> Samples:
    """The channels of frames of one kind, end to end, as float32 (C, n), full scale ±1; memory of their own.

    Integers are divided by a power of two, as in swresample.
    """
    if frames[0].format.is_planar and frames[0].layout.nb_channels >= _PLANES_LISTED:
        frames = _interleaved(frames)
    sample_format, channels = frames[0].format, frames[0].layout.nb_channels
    dtype, bits = _FORMATS[sample_format.packed.name]
    samples = np.empty((channels, sum([frame.samples for frame in frames])), np.float32)
    filled = 0
    for frame in frames:
        count = frame.samples
        place = samples[:, filled : filled + count]
        if sample_format.is_planar:
            for row, plane in enumerate(frame.planes):
                place[row] = np.frombuffer(memoryview(plane), dtype, count)
        else:
            place[:] = np.frombuffer(memoryview(frame.planes[0]), dtype, count * channels).reshape(count, channels).T
        filled += count
    if dtype is np.uint8:
        samples -= 128.0
    if bits:
        samples *= 0.5**bits
    return samples


def _interleaved(frames: Sequence[AudioFrame]) -> list[AudioFrame]:
    converter = AudioResampler(format=frames[0].format.packed)
    return [packed for frame in frames for packed in converter.resample(frame)]


def heard(frames: Sequence[AudioFrame], channels: int) -> tuple[Samples, str]:
    """Frames of one kind as float32 (`channels`, n), and what is wrong with them, if anything.

    What is no number, or none in single precision, becomes silence; what is beyond ±MOST is held there.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        samples, fault = samples_of(frames), ""
        if frames[0].format.packed.name in _MAY_BE_ANYTHING and not (samples.min() >= -MOST and samples.max() <= MOST):
            fault = _mend(samples)
    return in_channels(samples, frames[0].layout.name, channels), fault


def _mend(samples: Samples) -> str:
    is_number = np.isfinite(samples)
    samples[~is_number] = 0.0
    np.clip(samples, -MOST, MOST, out=samples)
    return "some of its samples are beyond all measure" if is_number.all() else "some of its samples are no numbers"


def in_channels(samples: Samples, layout: str, channels: int) -> Samples:
    """(C, n) of FFmpeg's channel layout `layout` as mono or stereo.

    By ITU-R BS.775 without a gain to make room, and without the effects channel (LFE): L' = L + √½·C + √½·Ls. One
    channel is heard on both sides at its level. Of channels without names the first two are heard. Mono of more
    channels, which only a file has that begins in mono, is the mean of both sides.
    """
    if samples.shape[0] > 2:
        samples = _mixed_down(samples, layout)
    if samples.shape[0] == channels:
        return samples
    if channels == 2:
        return np.repeat(samples, 2, 0)
    return (samples[:1] + samples[1:]) * np.float32(0.5)


def _mixed_down(samples: Samples, layout: str) -> Samples:
    mixed = np.zeros((2, samples.shape[1]), np.float32)
    for channel, sides in zip(samples, gains_of(layout), strict=True):
        for side, gain in zip(mixed, sides, strict=True):
            if gain:
                side += channel * np.float32(gain)
    return mixed


@cache
def gains_of(layout: str) -> tuple[tuple[float, float], ...]:
    """For each channel of a layout of FFmpeg's, how loud it is left and right."""
    names = [channel.name for channel in AudioLayout(layout).channels]
    if not any(name[0] in "FBSTWDA" for name in names):
        return ((1.0, 0.0), (0.0, 1.0), *((0.0, 0.0) for _ in names[2:]))
    return tuple(_TO_STEREO.get(name) or _around(name) for name in names)


def _around(name: str) -> tuple[float, float]:
    """A channel beside, behind, above or below: 3 dB down on its side, a middle one shared by both."""
    if name.startswith(("AMBI", "NONE", "UNUSED", "UNK")):
        return 0.0, 0.0
    if name.endswith(("L", "R")):
        return (_HALF, 0.0) if name.endswith("L") else (0.0, _HALF)
    return 0.5, 0.5
