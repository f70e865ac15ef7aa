"""Sound files made by formula, for the draft of `benchmarks.every_sound`: layouts, rates and codecs of every kind."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

LENGTH_S = 6
SHORT_S = 1.5  #: of the file that ends before its clip does

Doubles = NDArray[np.float64]

#: Name: codec, layout, rate.
_FILES = {
    "speech.wav": ("pcm_s16le", "mono", 22_050),
    "song.mp3": ("libmp3lame", "stereo", 44_100),
    "music.m4a": ("aac", "stereo", 48_000),
    "voice.opus": ("libopus", "mono", 48_000),
    "surround.wav": ("pcm_f32le", "5.1", 48_000),
    "vocals.wav": ("pcm_s16le", "mono", 44_100),
    "short.wav": ("pcm_s16le", "stereo", 44_100),
}
_SYLLABLES = 4.0  # a second
_HARMONICS = 24
_FORMANTS_HZ = ((700, 1200), (400, 2000), (300, 2500), (500, 900))  # a, e, i, o
_PICTURE_PX, _FPS = (64, 36), 15
# A decoder of AAC makes up noise by a count that goes on from where it began: no two starts give the same bits.
_OPTIONS = {"aac": {"aac_pns": "0"}}


def write_sounds(assets: Path) -> None:
    """Write all files into `assets`."""
    write_tone(assets / "song.wav")
    for number, (name, (codec, layout, rate_hz)) in enumerate(_FILES.items()):
        channels = av.AudioLayout(layout).nb_channels
        seconds = SHORT_S if name == "short.wav" else LENGTH_S
        voice = 0.4 * speech(seconds, rate_hz, 110.0 + 30 * number)
        late = np.stack([np.roll(voice, rate_hz // 5 * side) for side in range(channels)])
        with av.open(str(assets / name), "w") as out:
            _mux(out, codec, layout, late, rate_hz)
    _write_film(assets / "film.mp4")


def write_tone(path: Path) -> None:
    """Ten seconds of 330 Hz in mono, 16-bit WAV."""
    wave = np.sin(np.arange(10 * 44_100) * (2 * math.pi * 330 / 44_100)) * (6_000 / 32_768)
    with av.open(str(path), "w") as out:
        _mux(out, "pcm_s16le", "mono", wave[None], 44_100)


def speech(seconds: float, rate_hz: int, pitch_hz: float = 140.0) -> Doubles:
    """Something like speech, (n,), peak below 1: vowels of a gliding pitch, each after a hiss; a breath each second."""
    at_s = np.arange(round(seconds * rate_hz)) / rate_hz
    turn, into = (at_s * _SYLLABLES).astype(int) % len(_FORMANTS_HZ), at_s * _SYLLABLES % 1
    phase = 2 * np.pi * pitch_hz * (at_s + 0.02 * np.sin(2 * np.pi * 1.3 * at_s))
    voiced = np.zeros_like(at_s)
    for number in range(1, _HARMONICS + 1):
        gains = np.array([_resonance(number * pitch_hz, formants_hz) / number for formants_hz in _FORMANTS_HZ])
        voiced += gains[turn] * np.sin(number * phase)
    hiss = np.random.default_rng(round(pitch_hz)).normal(0.0, 0.15, at_s.size) * np.exp(-12 * into)
    spoken = voiced * np.sin(np.pi * into) ** 2 + hiss
    made: Doubles = 0.8 * np.tanh(spoken) * (at_s % 1 < 0.9)
    return made


def _resonance(hz: float, formants_hz: tuple[int, int]) -> float:
    return sum(1 / (1 + ((hz - formant_hz) / 120.0) ** 2) for formant_hz in formants_hz) + 0.15


def _mux(out: av.container.OutputContainer, codec: str, layout: str, samples: Doubles, rate_hz: int) -> None:
    """(C, n) as a stream of its own."""
    stream = out.add_stream(codec, rate=rate_hz, layout=layout, options=_OPTIONS.get(codec))
    assert isinstance(stream, av.AudioStream)
    for frame in _frames(stream, samples, rate_hz):
        out.mux(stream.encode(frame))
    out.mux(stream.encode())


def _frames(stream: av.AudioStream, samples: Doubles, rate_hz: int) -> list[av.AudioFrame]:
    layout = stream.codec_context.layout.name
    made = []
    for first in range(0, samples.shape[1], rate_hz):
        part = np.ascontiguousarray(samples[:, first : first + rate_hz], np.float32)
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, first, Fraction(1, rate_hz)
        made.append(frame)
    return made


def _write_film(path: Path) -> None:
    """Small grey pictures with a sound in stereo, which is what matters of it."""
    with av.open(str(path), "w") as out:
        pictures = out.add_stream("libx264", rate=_FPS, options={"preset": "ultrafast"})
        pictures.width, pictures.height, pictures.pix_fmt = *_PICTURE_PX, "yuv420p"
        sound = out.add_stream("aac", rate=44_100, layout="stereo", options=_OPTIONS["aac"])
        for number in range(LENGTH_S * _FPS):
            grey = np.full((_PICTURE_PX[1], _PICTURE_PX[0]), 40 + number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, _FPS)
            out.mux(pictures.encode(frame))
        out.mux(pictures.encode())
        voice = 0.4 * speech(LENGTH_S, 44_100, 200.0)
        for part in _frames(sound, np.stack([voice, np.roll(voice, 9_000)]), 44_100):
            out.mux(sound.encode(part))
        out.mux(sound.encode())
