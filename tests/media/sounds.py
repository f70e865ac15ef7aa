"""Sound files for tests: samples to write, encoders, damage, and where one sound lies in another."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from cutfarm.media.audio import SoundReader

Samples = NDArray[np.float32]
_PART = 4_608


def bursts(count: int, rate_hz: int, channels: int = 2) -> Samples:
    """Faint noise and, four times a second, a short tone of changing pitch: no part of it is like another."""
    found = np.random.default_rng(1).standard_normal((channels, count)) * 0.02
    length = rate_hz // 50
    at = np.arange(length) / rate_hz
    for number, start in enumerate(range(rate_hz // 8, count - length, rate_hz // 4)):
        tone = np.sin(2 * np.pi * (600 + number * 37 % 1_100) * at) * np.hanning(length)
        found[:, start : start + length] += 0.7 * tone
    return found.astype(np.float32)


def encode(
    path: Path,
    codec: str,
    samples: Samples | NDArray[np.float64],
    rate_hz: int,
    *,
    layout: str = "stereo",
    options: Mapping[str, str] | None = None,
    container: Mapping[str, str] | None = None,
) -> Path:
    """Write float (C, n) with one of FFmpeg's encoders; the name's ending says in what container."""
    with av.open(str(path), "w", options=dict(container or {})) as out:
        stream = out.add_stream(codec, rate=rate_hz, layout=layout, options=dict(options or {}))
        assert isinstance(stream, AudioStream)
        wanted = stream.codec_context.format.name
        converter = av.AudioResampler(format=wanted, layout=layout, rate=rate_hz)
        for start in range(0, samples.shape[1], _PART):
            frame = _frame(samples[:, start : start + _PART], layout)
            frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), start
            for converted in converter.resample(frame):
                out.mux(stream.encode(converted))
        out.mux(stream.encode(None))
    return path


def _frame(samples: Any, layout: str) -> av.AudioFrame:
    interleaved = np.ascontiguousarray(samples.T).reshape(1, -1)
    return av.AudioFrame.from_ndarray(
        interleaved, format="dbl" if samples.dtype == np.float64 else "flt", layout=layout
    )


def remuxed(source: Path, path: Path, *, container: Mapping[str, str] | None = None, extradata: bytes = b"") -> Path:
    """The sound of `source` in another container, as it is."""
    with av.open(str(source)) as old, av.open(str(path), "w", options=dict(container or {})) as new:
        stream = new.add_stream_from_template(old.streams.audio[0])
        if extradata:
            stream.codec_context.extradata = extradata
        for packet in old.demux(old.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    return path


def damaged(path: Path, target: Path, share: float, count: int, *, seed: int | None = None) -> Path:
    """A copy whose `count` bytes from `share` of its length on are nought, or by chance."""
    raw = bytearray(path.read_bytes())
    start, chance = int(len(raw) * share), random.Random(seed)
    for place in range(start, start + count):
        raw[place] = 0 if seed is None else chance.randrange(256)
    target.write_bytes(raw)
    return target


def read(path: Path, count: int, rate_hz: int, first: int = 0) -> tuple[Samples, str]:
    """Samples of a file at the rate, from sample `first` on, and what is wrong with it."""
    with SoundReader(str(path), rate_hz, start_us=Fraction(first * 1_000_000, rate_hz)) as reader:
        return reader.read(count), reader.damage


def lag(heard: Samples, source: Samples) -> tuple[int, float]:
    """By how many samples the one array (n,) is later than the other, and how alike they are then: 1 is the same."""
    length = 1 << (2 * max(len(heard), len(source)) - 1).bit_length()
    spectrum = np.fft.rfft(heard, length) * np.conj(np.fft.rfft(source, length))
    alike = np.fft.irfft(spectrum, length)
    best = int(np.argmax(alike))
    size = float(np.linalg.norm(heard) * np.linalg.norm(source))
    return (best - length if best > length // 2 else best), float(alike[best]) / max(size, 1e-9)
