"""Small synthetic films, a picture and a tune: drawn with Skia, so that the demo needs no file of anybody's."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import skia
from numpy.typing import NDArray

_WIDTH_PX, _HEIGHT_PX, _FPS = 1280, 720, 30
_RATE_HZ = 44_100
_CHORDS_HZ = ((220.0, 261.6, 329.6), (174.6, 220.0, 261.6), (196.0, 246.9, 293.7), (164.8, 196.0, 246.9))

Scene = Callable[[skia.Canvas, float], None]


def _sky(canvas: skia.Canvas, top: int, bottom: int) -> None:
    points = [skia.Point(0, 0), skia.Point(0, _HEIGHT_PX)]
    shader = skia.GradientShader.MakeLinear(points=points, colors=[top, bottom])
    canvas.drawPaint(skia.Paint(Shader=shader))


def _ridge(canvas: skia.Canvas, base: float, height: float, period: float, shift: float, colour: int) -> None:
    """A row of hills or waves whose crest swings `height` px about `base`."""
    path = skia.Path()
    path.moveTo(0, _HEIGHT_PX)
    for x in range(0, _WIDTH_PX + 8, 8):
        swing = math.sin(2 * math.pi * (x / period + shift)) + 0.4 * math.sin(2 * math.pi * (2.3 * x / period - shift))
        path.lineTo(x, base - height * swing)
    path.lineTo(_WIDTH_PX, _HEIGHT_PX)
    path.close()
    canvas.drawPath(path, skia.Paint(Color=colour, AntiAlias=True))


def _glow(canvas: skia.Canvas, x: float, y: float, radius: float, inner: int, outer: int) -> None:
    shader = skia.GradientShader.MakeRadial(center=skia.Point(x, y), radius=radius, colors=[inner, outer])
    canvas.drawCircle(x, y, radius, skia.Paint(Shader=shader, AntiAlias=True))


def _dawn(canvas: skia.Canvas, time_s: float) -> None:
    _sky(canvas, 0xFF24344D, 0xFFF2A65A)
    height = 470 - 45 * time_s
    _glow(canvas, 420 + 25 * time_s, height, 210, 0xFFFFF3C4, 0x00FFC56B)
    _ridge(canvas, 470, 46, 760, 0.02 * time_s, 0xFF5B4A6B)
    _ridge(canvas, 560, 38, 540, 0.3 + 0.05 * time_s, 0xFF3A3352)
    _ridge(canvas, 640, 26, 380, 0.6 + 0.1 * time_s, 0xFF221F38)


def _waves(canvas: skia.Canvas, time_s: float) -> None:
    _sky(canvas, 0xFF9AD5E8, 0xFFE9F6F2)
    _glow(canvas, 960, 170, 130, 0xFFFFFFFF, 0x00FFFFFF)
    for row, colour in enumerate((0xFF5FB6C9, 0xFF3E98B4, 0xFF25799B, 0xFF145A7D)):
        _ridge(canvas, 380 + 85 * row, 20 + 5 * row, 420 + 70 * row, (0.12 + 0.09 * row) * time_s + 0.27 * row, colour)


def _lanterns(canvas: skia.Canvas, time_s: float) -> None:
    _sky(canvas, 0xFF0B1030, 0xFF2C1B4B)
    for number in range(26):
        spread = number * 0.618034 % 1.0
        x = _WIDTH_PX * spread + 30 * math.sin(time_s + number)
        y = (_HEIGHT_PX + 80) * ((number * 0.37 - 0.06 * time_s * (1 + spread)) % 1.0) - 40
        radius = 26 + 40 * (number * 0.271 % 1.0)
        _glow(canvas, x, y, radius, 0xFFFFD58A, 0x00FF8A3C)


def _valley(canvas: skia.Canvas, time_s: float) -> None:
    _sky(canvas, 0xFF3B6EA8, 0xFFF5E6C8)
    _glow(canvas, 900, 210, 120, 0xFFFFFBE6, 0x00FFE9A8)
    _ridge(canvas, 380, 90, 900, 0.1 + time_s, 0xFF7C97A8)
    _ridge(canvas, 480, 70, 640, 0.45, 0xFF4F7A6B)
    _ridge(canvas, 590, 40, 820, 0.8, 0xFF2F5D46)


SCENES: dict[str, Scene] = {"dawn": _dawn, "waves": _waves, "lanterns": _lanterns}  #: by the clip's name


def write_clip(path: Path, scene: Scene, seconds: int) -> Path:
    """A 1280 × 720 film of `scene` with a soft tone of its own."""
    canvas, pixels = _canvas()
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=_FPS, options={"preset": "ultrafast", "crf": "20"})
        video.width, video.height, video.pix_fmt = _WIDTH_PX, _HEIGHT_PX, "yuv420p"
        sound = out.add_stream("aac", rate=_RATE_HZ, layout="stereo")
        for number in range(seconds * _FPS):
            scene(canvas, number / _FPS)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
            frame.pts, frame.time_base = number, Fraction(1, _FPS)
            out.mux(video.encode(frame))
        out.mux(video.encode())
        _mux_sound(out, sound, 0.12 * _noise(seconds))
    return path


def write_photo(path: Path) -> Path:
    """A still landscape."""
    canvas, pixels = _canvas()
    _valley(canvas, 0.0)
    skia.Image.fromarray(pixels, colorType=skia.kRGBA_8888_ColorType).save(str(path), skia.kPNG)
    return path


def write_music(path: Path, seconds: int) -> Path:
    """Four slow chords, over and over, each struck anew every second."""
    time_s = np.arange(seconds * _RATE_HZ) / _RATE_HZ
    wave = np.zeros_like(time_s)
    for second in range(seconds):
        local_s = np.clip(time_s - second, 0.0, None)
        envelope = np.where(time_s >= second, np.minimum(local_s * 40, 1.0) * np.exp(-2.2 * local_s), 0.0)
        for pitch_hz in _CHORDS_HZ[second // 2 % len(_CHORDS_HZ)]:
            wave += 0.11 * envelope * np.sin(2 * np.pi * pitch_hz * time_s)
    with av.open(str(path), "w") as out:
        _mux_sound(out, out.add_stream("aac", rate=_RATE_HZ, layout="stereo"), wave)
    return path


def _canvas() -> tuple[skia.Canvas, NDArray[np.uint8]]:
    pixels = np.zeros((_HEIGHT_PX, _WIDTH_PX, 4), dtype=np.uint8)
    surface = skia.Surface(pixels)
    return surface.getCanvas(), pixels


def _noise(seconds: int) -> NDArray[np.float64]:
    """Wind: noise from a fixed seed, smoothed, swelling and falling."""
    samples = np.random.default_rng(7).standard_normal(seconds * _RATE_HZ)
    smooth = np.convolve(samples, np.ones(64) / 8.0, mode="same")
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * np.arange(samples.size) / (_RATE_HZ * 2.5))
    return np.asarray(smooth * swell / np.abs(smooth).max())


def _mux_sound(out: av.container.OutputContainer, stream: av.AudioStream, wave: NDArray[np.float64]) -> None:
    for start in range(0, wave.size, _RATE_HZ):
        block = wave[start : start + _RATE_HZ].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([block, block]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = _RATE_HZ, start, Fraction(1, _RATE_HZ)
        out.mux(stream.encode(frame))
    out.mux(stream.encode())
