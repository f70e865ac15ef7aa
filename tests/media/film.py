"""Test films: every frame says its own number, and can be read back at any size."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

BITS = 10
BLACK, WHITE, GREY = 16, 235, 100
_CONTRAST = 60


def numbered(number: int, width_px: int, height_px: int) -> Picture:
    """A luma plane (H, W): the upper quarter shows `number` bit by bit, the quarter below its complement."""
    luma = np.full((height_px, width_px), GREY, np.uint8)
    edges = [round(bit * width_px / BITS) for bit in range(BITS + 1)]
    quarter = height_px // 4
    for bit in range(BITS):
        is_set = bool(number >> bit & 1)
        columns = slice(edges[bit], edges[bit + 1])
        luma[:quarter, columns] = WHITE if is_set else BLACK
        luma[quarter : 2 * quarter, columns] = BLACK if is_set else WHITE
    return luma


def number_in(luma: Picture) -> int:
    """The number that a luma plane (H, W) shows. Raises ValueError where two pictures are mixed or none is there."""
    height, width = luma.shape
    quarter, number = height // 4, 0
    for bit in range(BITS):
        left, right = bit * width / BITS, (bit + 1) * width / BITS
        columns = slice(round(left + (right - left) / 4), max(round(right - (right - left) / 4), round(left) + 1))
        upper = luma[quarter // 4 : quarter - quarter // 4, columns].mean()
        lower = luma[quarter + quarter // 4 : 2 * quarter - quarter // 4, columns].mean()
        if abs(upper - lower) < _CONTRAST:
            raise ValueError(f"bit {bit} is not clear: {upper:.0f} over {lower:.0f}")
        number |= int(upper > lower) << bit
    return number


def grey_frame(luma: Picture, pixel_format: str = "yuv420p") -> av.VideoFrame:
    """A frame without colour."""
    chroma = np.full((-(-luma.shape[0] // 2), -(-luma.shape[1] // 2)), 128, np.uint8)
    frame = av.VideoFrame(luma.shape[1], luma.shape[0], "yuv420p")
    for plane, samples in zip(frame.planes, (luma, chroma, chroma), strict=True):
        padded = np.zeros((samples.shape[0], plane.line_size), np.uint8)
        padded[:, : samples.shape[1]] = samples
        plane.update(padded.tobytes())
    return frame if pixel_format == "yuv420p" else frame.reformat(format=pixel_format)


def write_film(
    path: Path,
    times_s: Sequence[Fraction],
    *,
    size_px: tuple[int, int] = (160, 96),
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
    pixel_format: str = "yuv420p",
    tick_s: Fraction = Fraction(1, 90_000),
    fps: Fraction = Fraction(30),
    sound_s: float = 0.0,
    clicks_s: Sequence[float] = (),
    pixel_aspect: Fraction = Fraction(1),
) -> Path:
    """A film whose frame n shows the number n from `times_s[n]` on, beside `sound_s` seconds of silence with clicks."""
    with av.open(str(path), "w") as out:
        default = {"preset": "ultrafast", "crf": "18"} if codec == "libx264" else {}
        stream = out.add_stream(codec, rate=fps, options={**default, **(options or {})})
        stream.width, stream.height, stream.pix_fmt = *size_px, pixel_format
        stream.codec_context.time_base = tick_s
        stream.codec_context.thread_count = 1
        stream.codec_context.sample_aspect_ratio = pixel_aspect
        sound = out.add_stream("aac", rate=44_100, layout="mono") if sound_s else None
        for number, time_s in enumerate(times_s):
            frame = grey_frame(numbered(number, *size_px), pixel_format)
            frame.pts, frame.time_base = round(time_s / tick_s), tick_s
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        if sound is not None:
            samples = np.zeros((1, round(sound_s * 44_100)), np.float32)
            for click_s in clicks_s:
                samples[:, round(click_s * 44_100)] = 0.9
            silence = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
            silence.sample_rate, silence.pts, silence.time_base = 44_100, 0, Fraction(1, 44_100)
            out.mux(sound.encode(silence))
            out.mux(sound.encode(None))
    return path


def displayed_by(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """The mp4 file with its first track displayed by x' = a·x + c·y, y' = b·x + d·y (ISO/IEC 14496-12 §8.3.2)."""
    raw = bytearray(path.read_bytes())
    header = raw.index(b"tkhd") + 4
    assert raw[header] == 0, "a track header of version 0"
    a, b, c, d = (value << 16 for value in matrix)
    raw[header + 40 : header + 76] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(raw)
    return path


def at_rate(count: int, fps: Fraction | int = 30, start_s: Fraction = Fraction(0)) -> list[Fraction]:
    """Times of `count` frames at a constant rate."""
    return [start_s + number / Fraction(fps) for number in range(count)]
