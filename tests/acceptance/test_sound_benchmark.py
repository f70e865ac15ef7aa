"""The drafts of `benchmarks.sound` are what they say, and short ones run through."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import pytest

from benchmarks.measure import run
from benchmarks.sound import ffmpeg_command
from benchmarks.sound_drafts import SONG_S, Part, eight_tracks, make_songs, treatments, twenty_tracks, write_draft
from benchmarks.sound_steps import difference_db, mixing_steps
from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.render.sound.mix import Mix
from cutfarm.timeline.model import Fade, SoundSegment, Timeline
from cutfarm.timeline.report import Fidelity

SECOND = 1_000_000


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return make_songs(tmp_path_factory.mktemp("songs"), seconds=8)


def sounds(timeline: Timeline) -> list[list[SoundSegment]]:
    return [[part for part in track.segments if isinstance(part, SoundSegment)] for track in timeline.tracks]


def read(tracks: list[list[Part]], folder: Path) -> Timeline:
    with loaded(str(write_draft(tracks, folder)), LoadOptions()) as (timeline, _):
        return timeline


def test_songs_are_made_once_and_last_as_long_as_they_say(songs: tuple[Path, ...]) -> None:
    assert make_songs(songs[0].parent, seconds=8) == songs
    assert len(list(songs[0].parent.iterdir())) == len(songs) == 8
    for song in songs:
        with av.open(str(song)) as file:
            stream = file.streams.audio[0]
            assert stream.codec_context.channels == 2
            assert float(file.duration or 0) / SECOND == pytest.approx(8, abs=0.1)


def test_eight_tracks_have_fades_and_keyframes_and_nothing_inexact(songs: tuple[Path, ...], tmp_path: Path) -> None:
    timeline = read(eight_tracks(songs, 60.0), tmp_path / "draft")
    assert timeline.duration_us == 60 * SECOND
    assert [len(track) for track in sounds(timeline)] == [1] * 8
    for [segment] in sounds(timeline):
        assert segment.fade == Fade(2 * SECOND, 3 * SECOND)
        assert [key.at_us for key in segment.curves[0].keys] == [5 * SECOND * number for number in range(12)]
    assert timeline.report.worst is Fidelity.EXACT


def test_twenty_tracks_are_full_from_end_to_end(songs: tuple[Path, ...], tmp_path: Path) -> None:
    timeline = read(twenty_tracks(songs, 150.0), tmp_path / "draft")
    assert len(timeline.tracks) == 20
    for track in sounds(timeline):
        assert [segment.target.start_us for segment in track] == [0, 60 * SECOND, 120 * SECOND]
        assert track[-1].target.end_us == 150 * SECOND
        assert all(segment.fade.in_us and segment.curves for segment in track)


def test_each_treatment_is_read_as_it_is_named(songs: tuple[Path, ...], tmp_path: Path) -> None:
    parts = treatments(songs[0], 60.0)
    assert max(part.length_s * part.speed for part in parts.values()) <= SONG_S
    found = {}
    for name, part in parts.items():
        [[segment]] = sounds(read([[part]], tmp_path / name))
        found[name] = segment
        assert segment.target.duration_us == 60 * SECOND
    assert found["plain"].rate == 1
    assert (found["stretched × 1.25"].rate, found["stretched × 1.25"].keep_pitch) == (1.25, True)
    assert not found["faster × 1.25, pitch follows"].keep_pitch
    assert len(found["speed curve"].speed_points) == 4
    assert found["reversed"].is_reversed
    assert found["pitch + 4"].treatment.pitch_semitones == 4
    effects = [name for name in parts if name.startswith("effect")]
    assert len(effects) == 3
    assert all(len(found[name].treatment.effects) == 1 for name in effects)


@pytest.mark.parametrize("name", list(treatments(Path("song.mp3"), 6.0)))
def test_each_treatment_is_heard(songs: tuple[Path, ...], tmp_path: Path, name: str) -> None:
    draft = write_draft([[treatments(songs[0], 6.0)[name]]], tmp_path / "draft")
    with loaded(str(draft), LoadOptions()) as (timeline, assets):
        mix = Mix(timeline, assets, 44_100, 0, 6 * 44_100)
        assert max(float(abs(block).max()) for block in mix) > 0.05
        assert not [entry for entry in mix.report if entry.fidelity is Fidelity.UNSUPPORTED]


def test_the_steps_of_a_mix(songs: tuple[Path, ...], tmp_path: Path) -> None:
    steps = mixing_steps(write_draft(eight_tracks(songs, 2.0), tmp_path / "draft"), 1)
    assert list(steps) == ["decode", "resample and copy", "gains and sum", "limiter", "encode"]
    assert 0 < sum(steps.values()) < 20


def test_ffmpeg_is_given_the_same_mix(songs: tuple[Path, ...], tmp_path: Path) -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not on the PATH")
    from cutfarm.media.codecs import SoundFormat
    from cutfarm.render.sound.written import mix_sound

    tracks = eight_tracks(songs, 7.0)
    ours, theirs = tmp_path / "ours.flac", tmp_path / "theirs.flac"
    with loaded(str(write_draft(tracks, tmp_path / "draft")), LoadOptions()) as (timeline, assets):
        mix_sound(timeline, assets, str(ours), total_samples=7 * 44_100, sound=SoundFormat("flac"))
    run(ffmpeg_command(tracks, theirs))
    assert difference_db(ours, theirs, 7) < -40  # ffmpeg's volume stands still for 1024 samples at a time
