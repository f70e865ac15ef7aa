"""A draft that holds an element of every kind that is heard, and the media that it plays.

`python -m benchmarks.every_sound FOLDER` writes both, ready for `cutfarm render --audio-only FOLDER`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.every_sound_media import LENGTH_S, write_sounds
from benchmarks.raw_draft import SECOND_US, Raw, RawDraft

ECHO, CHURCH, RADIO, VOCODER, CHIPMUNK, ROBOT = (
    "回音",
    "空灵感",
    "低保真",
    "合成器",
    "花栗鼠",
    "机器人",
)
_SEPARATED = {"choice": 1, "removed_sounds": [], "time_range": {"start": 0, "duration": LENGTH_S * SECOND_US}}
_CURVE = [{"x": 0.0, "y": 0.5}, {"x": 0.3, "y": 1.6}, {"x": 0.7, "y": 0.8}, {"x": 1.0, "y": 1.0}]


def every_sound() -> Raw:
    """The draft's JSON: twelve seconds."""
    draft = RawDraft("outer")
    _film_track(draft)
    _overlay_track(draft)
    _compound_track(draft)
    _plain_track(draft)
    _pace_track(draft)
    _pitched_track(draft)
    _placed_track(draft)
    _effect_track(draft)
    _produced_track(draft)
    _odd_track(draft)
    song = _audio(draft, "song.mp3")
    draft.track("audio", [draft.segment(song, 0, 12, source_s=0)], attribute=1)
    return draft.whole(12)


def sound_track(draft: RawDraft) -> None:
    """A track of ten seconds of one file, for the draft of `benchmarks.every_element`."""
    song = _audio(draft, "song.wav")
    segments = [
        draft.segment(song, 0, 2, _fade(draft, 0.5, 0.8), source_s=0, common_keyframes=[_volumes(0.2, 1.2)]),
        draft.segment(song, 2, 2, _speed(draft, 1.25), source_s=1, source_length_s=2.5),
        draft.segment(song, 4, 1, _effect(draft, ECHO), source_s=0, volume=0.7),
        draft.segment(song, 5, 1, _shift(draft, 3.0), _mapping(draft, 2), source_s=2),
        draft.segment(song, 6, 2, _panning(draft, -0.5), _loudness(draft), source_s=3, reverse=True),
        draft.segment(song, 8, 2, _curve(draft), source_s=1, is_tone_modify=True),
    ]
    draft.track("audio", segments)


def _film_track(draft: RawDraft) -> None:
    """The sound of clips, at their speeds."""
    film = draft.video("assets/film.mp4")
    silent = draft.video("assets/film.mp4", has_audio=False)
    segments = [
        draft.segment(film, 0, 3, _fade(draft, 0.4, 0.6), source_s=0, common_keyframes=[_volumes(0.1, 0.9)]),
        draft.segment(film, 3, 2, _speed(draft, 2.0), source_s=1, source_length_s=4),
        draft.segment(film, 5, 2, source_s=0.5, reverse=True),
        draft.segment(film, 7, 2, _curve(draft), source_s=0, volume=0.5),
        draft.segment(silent, 9, 3, source_s=0),
    ]
    draft.track("video", segments, flag=0)


def _overlay_track(draft: RawDraft) -> None:
    film = draft.video("assets/film.mp4")
    echoing = draft.segment(film, 1, 2, _effect(draft, ECHO), source_s=1, volume=0.8)
    loud = draft.segment(film, 4, 3, _loudness(draft), source_s=0, common_keyframes=[_volumes(1.0, 0.0)])
    draft.track("video", [echoing, loud], flag=2)


def _compound_track(draft: RawDraft) -> None:
    """Compound clips: nested, faster, backwards, with effects and a loudness of their own, by a curve, and silent."""
    inmost = RawDraft("inmost")
    inmost.track("audio", [inmost.segment(_audio(inmost, "speech.wav"), 0, 3, _shift(inmost, -4.0), source_s=1)])
    inner = RawDraft("inner")
    inner.track("video", [inner.segment(inner.video("assets/film.mp4"), 0, 4, source_s=1, volume=0.7)])
    nested = inner.material("drafts", type="combination", name="inmost", draft=inmost.whole(3))
    stub = inner.video("")
    inner.track("video", [inner.segment(stub, 0.5, 3, nested, source_s=0, volume=0.8)], flag=2)
    held = draft.material("drafts", type="combination", name="inner", draft=inner.whole(4))
    canvas, silent = draft.video(""), draft.video("", has_audio=False)
    segments = [
        draft.segment(canvas, 0, 2, held, _fade(draft, 0.3, 0.3), source_s=0.5, common_keyframes=[_volumes(1.0, 0.3)]),
        draft.segment(canvas, 2, 2, held, _speed(draft, 1.5), source_s=0, source_length_s=3),
        draft.segment(canvas, 4, 2, held, source_s=1, reverse=True, is_tone_modify=True),
        draft.segment(canvas, 6, 2, held, _effect(draft, CHURCH), _loudness(draft), source_s=0),
        draft.segment(canvas, 8, 2, held, _curve(draft), _panning(draft, 0.4), source_s=1, is_tone_modify=True),
        draft.segment(silent, 10, 2, held, source_s=0),
    ]
    draft.track("video", segments, flag=2)


def _plain_track(draft: RawDraft) -> None:
    """Files of several kinds at their own speed: fades that meet, volumes by straight and by eased keys."""
    materials = [
        _audio(draft, "song.mp3", "music"),
        _audio(draft, "music.m4a", "extract_music"),
        _audio(draft, "voice.opus", "sound"),
        _audio(draft, "speech.wav", "text_to_audio"),
        _audio(draft, "surround.wav", "record"),
    ]
    fades = [_fade(draft, 1.4, 1.4), _fade(draft, 5.0, 0.0), _fade(draft, 0.0, 0.7)]
    segments = [
        draft.segment(materials[0], 0, 2, fades[0], source_s=1),
        draft.segment(materials[1], 2, 2, fades[1], source_s=0.5),
        draft.segment(materials[2], 4, 2, fades[2], source_s=0, volume=2.0),
        draft.segment(materials[3], 6, 3, source_s=0, common_keyframes=[_volumes(0.0, 1.5)]),
        draft.segment(materials[4], 9.5, 2.5, source_s=0, common_keyframes=[_eased_volumes()]),
    ]
    draft.track("audio", segments)


def _pace_track(draft: RawDraft) -> None:
    """Speeds, curves and reversals whose pitch follows, which need no stretching."""
    song, speech = _audio(draft, "song.mp3"), _audio(draft, "speech.wav")
    follows: Raw = {"is_tone_modify": True}
    segments = [
        draft.segment(song, 0, 2, _speed(draft, 1.6), source_s=0, source_length_s=3.2, **follows),
        draft.segment(song, 2, 2, _speed(draft, 0.6), source_s=1, source_length_s=1.2, **follows),
        draft.segment(speech, 4, 2, source_s=1, reverse=True),
        draft.segment(song, 6, 2, _speed(draft, 1.2), source_s=1, source_length_s=2.4, reverse=True, **follows),
        draft.segment(speech, 8, 2, _curve(draft), source_s=0, **follows),
        draft.segment(song, 10, 2, _curve(draft), source_s=2, reverse=True, **follows),
    ]
    draft.track("audio", segments)


def _pitched_track(draft: RawDraft) -> None:
    """Speeds, curves and reversals at the sound's own pitch, and shifts of it."""
    speech, song = _audio(draft, "speech.wav"), _audio(draft, "music.m4a")
    segments = [
        draft.segment(speech, 0, 2, _speed(draft, 1.3), source_s=0, source_length_s=2.6),
        draft.segment(song, 2, 2, _speed(draft, 0.7), source_s=0, source_length_s=1.4),
        draft.segment(speech, 4, 2, _curve(draft), source_s=1),
        draft.segment(song, 6, 2, _speed(draft, 1.5), source_s=0, source_length_s=3, reverse=True),
        draft.segment(speech, 8, 2, _shift(draft, 5.0), source_s=0),
        draft.segment(song, 10, 2, _shift(draft, -3.5), _speed(draft, 1.1), source_s=0, source_length_s=2.2),
    ]
    draft.track("audio", segments)


def _placed_track(draft: RawDraft) -> None:
    """Left and right: channel mappings, places that stand still and that move; loudness by both of its lists."""
    song, speech = _audio(draft, "song.mp3"), _audio(draft, "speech.wav")
    segments = [
        draft.segment(song, n, 1, _mapping(draft, n + 1), _panning(draft, 0.3 * n - 0.5), source_s=n) for n in range(4)
    ]
    moved = _keys("KFTypeAudioPanning", (0.0, -1.0), (1.0, 1.0), (1.8, 0.0))
    balance = draft.material("audio_balances", enable_balance=True, average_loudness=-20.0, target_loudness=-16.0)
    segments += [
        draft.segment(speech, 4, 2, source_s=0, common_keyframes=[moved]),
        draft.segment(song, 6, 2, source_s=1, common_keyframes=[moved]),
        draft.segment(speech, 8, 2, _loudness(draft), source_s=0),
        draft.segment(song, 10, 2, balance, source_s=0),
    ]
    draft.track("audio", segments)


def _effect_track(draft: RawDraft) -> None:
    """Effects of different families, at other than full strength, one after another, that ring on into a gap."""
    speech, song = _audio(draft, "speech.wav"), _audio(draft, "song.mp3")
    half = [{"name": "强弱", "value": 0.5, "parameterIndex": 0}]
    segments = [
        draft.segment(speech, 0, 1, _effect(draft, ECHO), source_s=0),
        draft.segment(speech, 2, 1.5, _effect(draft, CHURCH), source_s=1),
        draft.segment(song, 4, 1.5, _effect(draft, RADIO, audio_adjust_params=half), source_s=0),
        draft.segment(speech, 5.5, 1.5, _effect(draft, VOCODER), source_s=0),
        draft.segment(speech, 7, 1.5, _effect(draft, CHIPMUNK), source_s=0),
        draft.segment(speech, 8.5, 1.5, _effect(draft, RADIO), _effect(draft, ROBOT), _effect(draft, ECHO), source_s=2),
        draft.segment(song, 10, 1.5, _effect(draft, "不存在的效果"), _effect(draft, CHURCH), source_s=2),
    ]
    draft.track("audio", segments)


def _produced_track(draft: RawDraft) -> None:
    """What models of the application's made a file of, which is there or not."""
    song = _audio(draft, "song.mp3")
    there, gone = ({"production_path": f"assets/{name}.wav"} for name in ("vocals", "nowhere"))
    beauty = _audio(draft, "speech.wav", intensifies_audio_path="assets/vocals.wav")
    segments = [
        draft.segment(song, 0, 2, draft.material("vocal_separations", **_SEPARATED, **there), source_s=0),
        draft.segment(song, 2, 2, draft.material("vocal_separations", **_SEPARATED, **gone), source_s=0),
        draft.segment(song, 4, 2, draft.material("realtime_denoises", is_denoise=True, denoise_rate=0.85), source_s=1),
        draft.segment(beauty, 6, 2, source_s=1, intensifies_audio=True),
        draft.segment(song, 8, 2, _effect(draft, ROBOT, **there), _speed(draft, 1.2), source_s=0, source_length_s=2.4),
    ]
    draft.track("audio", segments)


def _odd_track(draft: RawDraft) -> None:
    """Clips that go on past the end of their file, or start there; fades longer than the clip."""
    short = _audio(draft, "short.wav")
    segments = [
        draft.segment(short, 0.5, 3, source_s=0),
        draft.segment(short, 4, 2, _fade(draft, 9.0, 9.0), source_s=0.2),
        draft.segment(short, 6, 2, _effect(draft, ECHO), source_s=5),
        draft.segment(short, 8, 0.01, source_s=0.1),
    ]
    draft.track("audio", segments)


def _audio(draft: RawDraft, name: str, kind: str = "music", **values: Any) -> str:
    more = {"name": name, "duration": LENGTH_S * SECOND_US, **values}
    return draft.material("audios", type=kind, path=f"assets/{name}", **more)


def _fade(draft: RawDraft, in_s: float, out_s: float) -> str:
    ends = {"fade_in_duration": round(in_s * SECOND_US), "fade_out_duration": round(out_s * SECOND_US)}
    return draft.material("audio_fades", type="audio_fade", fade_type=0, **ends)


def _speed(draft: RawDraft, speed: float) -> str:
    return draft.material("speeds", type="speed", mode=0, speed=speed)


def _curve(draft: RawDraft) -> str:
    return draft.material("speeds", type="speed", mode=1, speed=1.0, curve_speed={"speed_points": _CURVE})


def _shift(draft: RawDraft, semitones: float) -> str:
    return draft.material("audio_pitch_shifts", enable_pitch_shift=True, semitones=semitones, cents=0.0)


def _mapping(draft: RawDraft, number: int) -> str:
    return draft.material("sound_channel_mappings", audio_channel_mapping=number, is_config_open=True)


def _panning(draft: RawDraft, value: float) -> str:
    return draft.material("audio_pannings", enable_panning=True, panning_value=value)


def _loudness(draft: RawDraft) -> str:
    return draft.material("loudnesses", enable=True, target_loudness=-18.0)


def _effect(draft: RawDraft, name: str, **values: Any) -> str:
    return draft.material("audio_effects", type="audio_effect", name=name, category_id="sound_effect", **values)


def _volumes(first: float, last: float) -> Raw:
    return _keys("KFTypeVolume", (0.2, first), (1.1, last))


def _eased_volumes() -> Raw:
    keys = _keys("KFTypeVolume", (0.2, 0.1), (1.8, 1.2))
    leaving = {"right_control": {"x": 500_000, "y": 1.0}, "curveType": "FreeCurveInOut"}
    arriving = {"left_control": {"x": -600_000, "y": 0.0}, "curveType": "FreeCurveInOut"}
    for key, handle in zip(keys["keyframe_list"], (leaving, arriving), strict=True):
        key |= handle
    return keys


def _keys(name: str, *points: tuple[float, float]) -> Raw:
    listed = [
        {"time_offset": round(at_s * SECOND_US), "values": [value], "curveType": "Line"} for at_s, value in points
    ]
    return {"property_type": name, "material_id": "", "keyframe_list": listed}


def write_folder(folder: Path) -> Path:
    """Write the draft and its media into `folder`, which is made; returns the folder."""
    assets = folder / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    (folder / "draft_content.json").write_text(json.dumps(every_sound(), ensure_ascii=False), encoding="utf-8")
    write_sounds(assets)
    return folder


def main() -> None:
    """Write the folder that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    print(write_folder(parser.parse_args().folder))


if __name__ == "__main__":
    main()
