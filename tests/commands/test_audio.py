"""`cutfarm render` with sound alone, without sound, and with sound of every kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.commands.drafts import Draft, Ran, draft_of, segment, write
from tests.media.test_audio import noise, write_wav


def with_noise() -> Draft:
    """The film, which has no sound, and a second of noise from 0.5 s on."""
    draft = draft_of("film.mp4")
    draft["tracks"].append({"type": "audio", "segments": [segment("noise", 0.5, 1)]})
    audio = {"id": "noise", "type": "extract_music", "name": "noise", "path": "noise.wav", "duration": 2_000_000}
    draft["materials"]["audios"] = [audio]
    return draft


@pytest.fixture
def heard(folder: Path) -> Path:
    write_wav(folder / "noise.wav", noise(88_200), 44_100)
    write(folder, with_noise())
    return folder


def streams(path: Path) -> list[tuple[str, int]]:
    """Codec and rate of the sound, codec and 0 of the pictures."""
    with av.open(str(path)) as file:
        return [(stream.codec_context.name, getattr(stream, "sample_rate", 0) or 0) for stream in file.streams]


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [
        ("a.m4a", "aac", 44_100),
        ("a.MP3", "mp3float", 44_100),
        ("a.wav", "pcm_s24le", 44_100),
        ("a.flac", "flac", 44_100),
        ("a.ogg", "opus", 48_000),
        ("a.opus", "opus", 48_000),
        ("a.mka", "flac", 44_100),
    ],
)
def test_the_ending_decides_the_codec(
    cutfarm: Callable[..., Ran], heard: Path, out: Path, name: str, codec: str, rate_hz: int
) -> None:
    code, said, fault = cutfarm("render", heard, "-o", out / name, "--audio-only", "--strict", "exact")
    assert (code, fault) == (0, "")
    assert "2.000 s of sound" in said
    assert streams(out / name) == [(codec, rate_hz)]
    assert [path.name for path in out.iterdir()] == [name]


def test_sound_alone_takes_a_range_a_report_a_cache_and_a_profile(
    cutfarm: Callable[..., Ran], heard: Path, out: Path, tmp_path: Path
) -> None:
    options = ("--audio-only", "--range", "0.5:1.5", "--audio-bitrate", "128", "--cache", tmp_path / "cache")
    files = ("--report", out / "report.json", "--profile", out / "profile.json")
    for name in ("a.m4a", "b.m4a"):
        code, _, fault = cutfarm("render", heard, "-o", out / name, *options, *files)
        assert (code, fault) == (0, "")
    assert (out / "a.m4a").read_bytes() == (out / "b.m4a").read_bytes()
    with av.open(str(out / "a.m4a")) as file:
        assert file.streams.audio[0].duration == 44_100
    assert json.loads((out / "report.json").read_text()) == []
    assert json.loads((out / "profile.json").read_text())


def test_nothing_to_hear_is_reported(cutfarm: Callable[..., Ran], folder: Path, out: Path) -> None:
    code, _, said = cutfarm("render", folder, "-o", out / "a.wav", "--audio-only", "--report", out / "report.json")
    assert code == 0
    assert "nothing to hear" in said
    [entry] = json.loads((out / "report.json").read_text())
    assert (entry["fidelity"], entry["what"]) == ("close", "sound")
    code, _, said = cutfarm("render", folder, "-o", out / "b.wav", "--audio-only", "--strict", "exact")
    assert (code, said) == (2, "cutfarm: not exact: There is nothing to hear: the file is silent.\n")


def test_a_video_without_a_track_and_with_others(cutfarm: Callable[..., Ran], heard: Path, out: Path) -> None:
    wishes = {
        "none.mp4": ["--no-audio"],
        "aac.mp4": ["--audio-rate", "48000"],
        "opus.mp4": ["--audio-codec", "opus"],
        "flac.mkv": ["--lossless", "--audio-rate", "48000"],
    }
    for name, options in wishes.items():
        assert cutfarm("render", heard, "-o", out / name, "--range", "0:0.5", *options)[0] == 0
    assert streams(out / "none.mp4") == [("h264", 0)]
    assert streams(out / "aac.mp4") == [("h264", 0), ("aac", 48_000)]
    assert streams(out / "opus.mp4") == [("h264", 0), ("opus", 48_000)]
    assert streams(out / "flac.mkv") == [("ffv1", 0), ("flac", 48_000)]


def test_a_video_without_sound_has_a_silent_track(cutfarm: Callable[..., Ran], folder: Path, out: Path) -> None:
    assert cutfarm("render", folder, "-o", out / "a.mp4", "--strict", "exact")[0] == 0
    assert streams(out / "a.mp4") == [("h264", 0), ("aac", 44_100)]


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("a.m4a", ["--audio-only", "--no-audio"], "no audio and audio only leave nothing to write"),
        ("a.mp4", ["--audio-only"], "sound is written to .m4a, .mka, .mp3, .wav, .flac, .ogg, .opus, not to .mp4"),
        ("a", ["--audio-only"], "not to no ending"),
        ("a.mp3", ["--audio-only", "--audio-codec", "opus"], ".mp3 holds mp3, not opus"),
        ("a.m4a", [], "a file of codec h264 must end in .mp4, not .m4a"),
        ("a.mp4", ["--audio-bitrate", "64"], "aac takes 128 to 320 kb/s, not 64"),
        ("a.mp4", ["--audio-codec", "opus", "--audio-rate", "44100"], "opus is written at 48000 Hz, not at 44100"),
        ("a.mp4", ["--audio-codec", "vorbis"], "audio codec 'vorbis' is not one of aac, opus, mp3, flac, pcm"),
        ("a.mp4", ["--no-audio", "--audio-rate", "48000"], "no audio leaves no choice"),
        ("a.wav", ["--audio-only", "--audio-bitrate", "192"], "pcm is lossless and has no bit rate to choose"),
    ],
)
def test_what_does_not_go_together_is_one_sentence(
    cutfarm: Callable[..., Ran], heard: Path, out: Path, name: str, options: list[str], words: str
) -> None:
    code, _, said = cutfarm("render", heard, "-o", out / name, *options)
    assert code == 2
    assert words in said
    assert said.count("\n") == 1
    assert list(out.iterdir()) == []
