"""Drafts for `benchmarks.sound`, and their songs, which PyAV encodes once into benchmarks/media: some 17 MB."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

SONG_S = 80  #: length of a song; 60 s of it at a speed of 1.25 take 75
_SECOND = 1_000_000
_FADES_S = 2.0, 3.0
_KEY_EVERY_S = 5.0
_KEYED = 0.3, 0.12, 0.2, 0.05, 0.25  # gains of the keyframes in turn: eight tracks of them stay below full scale
_NOTES_HZ = 110.0, 130.8, 146.8, 164.8, 196.0, 220.0, 246.9, 261.6
_PCM = {"mp3": "libmp3lame", "m4a": "aac"}

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of an audio track."""

    song: Path
    start_s: float
    length_s: float
    keys: tuple[tuple[float, float], ...] = ()  #: (seconds after the start, gain)
    fades_s: tuple[float, float] = (0.0, 0.0)
    speed: float = 1.0
    fields: Mapping[str, Any] = field(default_factory=dict)  #: of the segment
    materials: Mapping[str, Node] = field(default_factory=dict)  #: by bucket


def make_songs(folder: Path, *, seconds: int = SONG_S) -> tuple[Path, ...]:
    """Eight stereo songs, those that lack made first: four mp3 of 44.1 kHz, two m4a of 44.1 kHz, two of 48 kHz."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = [("mp3", 44_100)] * 4 + [("m4a", 44_100)] * 2 + [("m4a", 48_000)] * 2
    return tuple(
        _song(folder / f"song{number}-{seconds}s.{suffix}", note_hz, rate_hz, seconds)
        for number, ((suffix, rate_hz), note_hz) in enumerate(zip(kinds, _NOTES_HZ, strict=True), 1)
    )


def eight_tracks(songs: Sequence[Path], length_s: float) -> list[list[Part]]:
    """One song a track, each with fades at both ends and a volume keyframe every five seconds."""
    return [[_keyed_part(song, 0.0, length_s, turn)] for turn, song in enumerate(songs[:8])]


def twenty_tracks(songs: Sequence[Path], length_s: float) -> list[list[Part]]:
    """Songs of a minute, one after the other, without a gap, on each of twenty tracks; fades and keyframes on all."""
    minutes = np.arange(0.0, length_s, 60.0).tolist()
    return [
        [
            _keyed_part(songs[(track + turn) % len(songs)], start_s, min(60.0, length_s - start_s), track + turn)
            for turn, start_s in enumerate(minutes)
        ]
        for track in range(20)
    ]


def treatments(song: Path, length_s: float) -> dict[str, Part]:
    """A song by what is done to it, and without anything; `song` lasts 1.25 times as long at least."""
    curve = [{"x": 0.0, "y": 0.5}, {"x": 0.3, "y": 1.6}, {"x": 0.7, "y": 0.8}, {"x": 1.0, "y": 1.0}]
    bent = {"mode": 1, "speed": 1.0, "curve_speed": {"speed_points": curve}}
    pitch = {"enable_pitch_shift": True, "semitones": 4.0, "cents": 0}
    varied = Part(song, 0, length_s, speed=1.25, fields={"is_tone_modify": True})
    return {
        "plain": Part(song, 0, length_s),
        "stretched × 1.25": Part(song, 0, length_s, speed=1.25),
        "faster × 1.25, pitch follows": varied,
        "speed curve": Part(song, 0, length_s, materials={"speeds": bent}),
        "reversed": Part(song, 0, length_s, fields={"reverse": True}),
        "pitch + 4": Part(song, 0, length_s, materials={"audio_pitch_shifts": pitch}),
        "effect: echo": Part(song, 0, length_s, materials={"audio_effects": _effect("回音")}),
        "effect: low fidelity": Part(song, 0, length_s, materials={"audio_effects": _effect("低保真")}),
        "effect: synthesizer": Part(song, 0, length_s, materials={"audio_effects": _effect("合成器")}),
    }


def write_draft(tracks: Sequence[Sequence[Part]], folder: Path) -> Path:
    """Write a draft of audio tracks into `folder`, which is made; returns its file."""
    materials: dict[str, list[Node]] = {"audios": []}
    written = [
        {
            "type": "audio",
            "segments": [_segment(part, f"{number}-{place}", materials) for place, part in enumerate(row)],
        }
        for number, row in enumerate(tracks)
    ]
    length_s = max(part.start_s + part.length_s for row in tracks for part in row)
    draft = {
        "canvas_config": {"width": 640, "height": 360},
        "fps": 30,
        "duration": _us(length_s),
        "tracks": written,
        "materials": materials,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "draft_content.json"
    path.write_text(json.dumps(draft), "utf-8")
    return path


def _keyed_part(song: Path, start_s: float, length_s: float, turn: int) -> Part:
    places = np.arange(0.0, length_s, _KEY_EVERY_S).tolist()
    keys = tuple((at_s, _KEYED[(number + turn) % len(_KEYED)]) for number, at_s in enumerate(places))
    return Part(song, start_s, length_s, keys, _FADES_S)


def _segment(part: Part, number: str, materials: dict[str, list[Node]]) -> Node:
    song = {"id": f"song-{number}", "type": "music", "name": part.song.name, "path": str(part.song)}
    materials["audios"].append(song | {"duration": _us(SONG_S)})
    further: dict[str, Node] = {"speeds": {"mode": 0, "speed": part.speed}, **part.materials}
    if any(part.fades_s):
        ends = zip(("fade_in_duration", "fade_out_duration"), map(_us, part.fades_s), strict=True)
        further["audio_fades"] = {"fade_type": 0, **dict(ends)}
    for bucket, node in further.items():
        materials.setdefault(bucket, []).append({"id": f"{bucket}-{number}", **node})
    keys = [{"curveType": "Line", "time_offset": _us(at_s), "values": [gain]} for at_s, gain in part.keys]
    return {
        "id": f"segment-{number}",
        "material_id": song["id"],
        "target_timerange": {"start": _us(part.start_s), "duration": _us(part.length_s)},
        "source_timerange": {"start": 0, "duration": _us(part.length_s * part.speed)},
        "speed": part.speed,
        "volume": 1.0,
        "extra_material_refs": [f"{bucket}-{number}" for bucket in further],
        "common_keyframes": [{"property_type": "KFTypeVolume", "keyframe_list": keys}] if keys else [],
        **part.fields,
    }


def _effect(name: str) -> Node:
    return {"type": "audio_effect", "name": name, "category_id": "sound_effect"}


def _us(seconds: float) -> int:
    return round(seconds * _SECOND)


def _song(path: Path, note_hz: float, rate_hz: int, seconds: int) -> Path:
    """An unfinished file does not stay."""
    if path.exists():
        return path
    unfinished = path.with_stem(f"unfinished-{path.stem}")
    with av.open(str(unfinished), "w") as out:
        stream = out.add_stream(_PCM[path.suffix[1:]], rate=rate_hz, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        stream.bit_rate = 192_000
        for second in range(seconds):
            frame = av.AudioFrame.from_ndarray(_second(second, note_hz, rate_hz), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, second * rate_hz, Fraction(1, rate_hz)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    unfinished.rename(path)
    return path


def _second(second: int, note_hz: float, rate_hz: int) -> NDArray[np.float32]:
    """Struck notes with overtones, and a brush of noise: what a codec finds in music. (2, rate_hz)."""
    at_s = np.arange(rate_hz) / rate_hz
    noise = np.random.default_rng(second).standard_normal((2, rate_hz)) * np.exp(-30 * (at_s * 4 % 1))
    struck = np.exp(-4 * (at_s * 2 % 1))
    pitch_hz = note_hz * (1, 1.25, 1.5, 1.125)[second % 4]
    tone = sum(np.sin(2 * np.pi * pitch_hz * n * at_s + n) / n for n in range(1, 9))
    sides = np.stack([tone * struck, tone * np.roll(struck, rate_hz // 8)])
    return (0.25 * sides + 0.06 * noise).clip(-1, 1).astype(np.float32)
