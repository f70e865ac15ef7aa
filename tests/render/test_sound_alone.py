"""Jobs of sound without pictures, and of pictures without sound."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from cutfarm.errors import DraftBelowFidelity, EncodeError, RequestError
from cutfarm.media.codecs import SoundFormat
from cutfarm.render import soundtrack
from cutfarm.render.cache import RenderCache
from cutfarm.render.job import plan_job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.sound.mix import Mix
from cutfarm.render.spec import Asset
from cutfarm.render.stitch import deliver
from cutfarm.timeline.model import Canvas, Timeline
from cutfarm.timeline.report import Entry, Fidelity, Report
from tests.media.film import at_rate, write_film
from tests.media.test_audio import read
from tests.media.test_sound_writer import in_24_bits
from tests.render.sound.test_mix import RATE, SECOND, noise, picture, sound, timeline, write_wav

Assets = dict[str, Asset]


@pytest.fixture
def files(tmp_path: Path) -> Assets:
    """A film of two seconds without sound, and noise of three."""
    film = write_film(tmp_path / "film.mp4", at_rate(60), options={"g": "12"})
    return {"film": Asset(str(film)), "noise": write_wav(tmp_path / "noise.wav", noise(RATE * 3))}


@pytest.fixture
def draft() -> Timeline:
    """Two seconds of the film, and noise from 0.3 s on."""
    shown = timeline(picture("film", 0, 2 * SECOND, has_audio=False), sound("noise", 300_000, 1_700_000))
    return replace(shown, canvas=Canvas(160, 96))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def rendered(draft: Timeline, files: Assets, path: Path, **wishes: object) -> Report:
    options = RenderOptions(**wishes)  # type: ignore[arg-type]
    return render_job(plan_job(draft, files, options), options, path)


class TestSoundAlone:
    def test_it_is_the_mix_and_as_long_as_the_video(self, draft: Timeline, files: Assets, out: Path) -> None:
        rate = Fraction(30_000, 1_001)
        done: list[int] = []
        options = RenderOptions(audio_only=True, audio_codec="flac", fps=rate)
        job = plan_job(draft, {"noise": files["noise"]}, options)  # the film is not even there
        report = render_job(job, options, out / "a.flac", on_frames=done.append)
        count = round(60 / rate * RATE)
        wanted = in_24_bits(np.concatenate(list(Mix(draft, files, RATE, 0, count)), 1))
        assert wanted.any()
        np.testing.assert_array_equal(read(out / "a.flac", count), wanted)
        with av.open(str(out / "a.flac")) as file:
            assert file.streams.audio[0].duration == count
        assert (sum(done), len(report)) == (60, 0)
        assert [path.name for path in out.iterdir()] == ["a.flac"]
        assert job.chunks(4) == ()

    def test_a_range_is_its_part_of_the_whole(self, draft: Timeline, files: Assets, out: Path) -> None:
        rendered(draft, files, out / "a.wav", audio_only=True, audio_codec="pcm")
        rendered(draft, files, out / "b.wav", audio_only=True, audio_codec="pcm", range_s=(0.5, 1.5))
        whole = read(out / "a.wav", 2 * RATE)
        np.testing.assert_array_equal(read(out / "b.wav", RATE + 99)[:, :RATE], whole[:, RATE // 2 : RATE * 3 // 2])

    def test_it_has_the_rate_asked_for(self, draft: Timeline, files: Assets, out: Path) -> None:
        rendered(draft, files, out / "a.mp3", audio_only=True, audio_codec="mp3", audio_rate_hz=48_000, audio_kbps=320)
        with av.open(str(out / "a.mp3")) as file:
            assert file.streams.audio[0].rate == 48_000
            assert sum(frame.samples for frame in file.decode(audio=0)) == 96_000
        assert (out / "a.mp3").stat().st_size * 8 / 2 == pytest.approx(320_000, rel=0.1)

    @pytest.mark.parametrize("range_s", [None, (0.0, 0.2)])
    def test_nothing_to_hear_is_silence_and_said(
        self, range_s: tuple[float, float] | None, draft: Timeline, files: Assets, out: Path
    ) -> None:
        silent = draft if range_s else replace(draft, tracks=draft.tracks[:1])
        report = rendered(silent, files, out / "a.m4a", audio_only=True, range_s=range_s)
        assert [(entry.fidelity, entry.what) for entry in report] == [(Fidelity.CLOSE, "sound")]
        assert "nothing to hear" in report.entries[0].message
        assert np.abs(read(out / "a.m4a", RATE // 5)).max() < 1e-4
        with pytest.raises(DraftBelowFidelity, match="nothing to hear"):
            plan_job(silent, files, RenderOptions(audio_only=True, range_s=range_s, strict=Fidelity.EXACT))

    def test_what_is_seen_alone_is_not_reported(self, draft: Timeline, files: Assets) -> None:
        film, heard = (track.segments[0].id for track in draft.tracks)
        entries = [Entry(Fidelity.UNSUPPORTED, "mask", f"about {id_}", id_) for id_ in ("", film, heard)]
        reported = replace(draft, report=Report(tuple(entries)))
        job = plan_job(reported, files, RenderOptions(audio_only=True))
        assert [entry.segment_id for entry in job.timeline.report] == ["", heard]
        photo = timeline(picture("photo", 0, SECOND, kind="photo"), sound("noise", 0, SECOND))
        words = Report((Entry(Fidelity.UNSUPPORTED, "mask", "no mask", "photo@0"),))
        with pytest.raises(DraftBelowFidelity, match="no mask"):
            plan_job(replace(photo, report=words), files, RenderOptions(strict=Fidelity.CLOSE))

    def test_a_canvas_that_no_encoder_takes_is_no_matter(self, draft: Timeline, files: Assets) -> None:
        huge = replace(draft, canvas=Canvas(20_000, 20_000))
        assert plan_job(huge, files, RenderOptions(audio_only=True)).suffix == ".m4a"
        with pytest.raises(RequestError, match="8192"):
            plan_job(huge, files, RenderOptions())

    def test_it_is_found_in_the_cache_by_all_that_it_is(
        self, draft: Timeline, files: Assets, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made: list[SoundFormat] = []
        write = soundtrack.write_sound
        monkeypatch.setattr(
            soundtrack, "write_sound", lambda spec, *a, **kw: made.append(spec.format) or write(spec, *a, **kw)
        )
        wishes = [{"audio_codec": "flac"}, {"audio_codec": "flac"}, {}, {"audio_kbps": 256}, {"audio_suffix": ".mka"}]
        for number, wish in enumerate(wishes):
            options = RenderOptions(audio_only=True, **wish)  # type: ignore[arg-type]
            cache = RenderCache(tmp_path / "cache")
            job = plan_job(draft, cache.assets(files), options)
            render_job(job, options, out / f"{number}{job.suffix}", cache=cache)
        assert [(f.codec, f.suffix) for f in made] == [
            ("flac", ".flac"),
            ("aac", ".m4a"),
            ("aac", ".m4a"),
            ("flac", ".mka"),
        ]
        assert (out / "0.flac").read_bytes() == (out / "1.flac").read_bytes()
        (out / "1.flac").write_bytes(b"the user's own affair")
        again = RenderOptions(audio_only=True, audio_codec="flac")
        cache = RenderCache(tmp_path / "cache")
        render_job(plan_job(draft, cache.assets(files), again), again, out / "2.flac", cache=cache)
        assert len(made) == 4
        assert (out / "2.flac").read_bytes() == (out / "0.flac").read_bytes()

    def test_a_file_without_sound_is_not_delivered(self, files: Assets, out: Path) -> None:
        with pytest.raises(EncodeError, match="lost its sound"):
            deliver(Path(files["film"].path), out / "a.mp4")
        assert list(out.iterdir()) == []


class TestVideo:
    def test_without_audio_there_is_no_track(self, draft: Timeline, files: Assets, out: Path) -> None:
        assert plan_job(draft, files, RenderOptions(no_audio=True)).sound is None
        rendered(draft, files, out / "a.mp4", no_audio=True)
        with av.open(str(out / "a.mp4")) as file:
            assert [stream.type for stream in file.streams] == ["video"]
            assert sum(1 for _ in file.decode(video=0)) == 60

    def test_without_anything_to_hear_the_track_is_silent(self, draft: Timeline, files: Assets, out: Path) -> None:
        report = rendered(replace(draft, tracks=draft.tracks[:1]), files, out / "a.mp4")
        assert len(report) == 0
        with av.open(str(out / "a.mp4")) as file:
            assert file.streams.audio[0].duration == 2 * RATE
        assert np.abs(read(out / "a.mp4", 2 * RATE)).max() < 1e-4

    @pytest.mark.parametrize(
        ("name", "wishes", "codec", "rate_hz"),
        [
            ("a.mp4", {}, "aac", 44_100),
            ("a.mp4", {"audio_rate_hz": 48_000}, "aac", 48_000),
            ("a.mp4", {"audio_codec": "opus"}, "opus", 48_000),
            ("a.mp4", {"audio_codec": "mp3"}, "mp3float", 44_100),
            ("a.mp4", {"audio_codec": "flac"}, "flac", 44_100),
            ("a.mkv", {"codec": "ffv1"}, "flac", 44_100),
            ("a.mkv", {"codec": "ffv1", "audio_codec": "opus"}, "opus", 48_000),
        ],
        ids=str,
    )
    def test_its_sound_is_as_asked(
        self, name: str, wishes: dict[str, str], codec: str, rate_hz: int, draft: Timeline, files: Assets, out: Path
    ) -> None:
        rendered(draft, files, out / name, **wishes)
        with av.open(str(out / name)) as file:
            stream = file.streams.audio[0]
            assert (stream.codec_context.name, stream.rate) == (codec, rate_hz)
        wanted = np.concatenate(list(Mix(draft, files, rate_hz, 0, 2 * rate_hz)), 1)
        got = read(out / name, 2 * rate_hz, rate_hz)
        assert np.corrcoef(got[0], wanted[0])[0, 1] > 0.7  # of white noise

    @pytest.mark.parametrize(
        ("wishes", "words"),
        [
            ({"no_audio": True, "audio_only": True}, "leave nothing to write"),
            ({"no_audio": True, "audio_codec": "aac"}, "no choice of an audio codec"),
            ({"no_audio": True, "audio_kbps": 192}, "no choice of an audio codec"),
            ({"audio_only": True, "passthrough": True}, "audio only has none"),
            ({"audio_codec": "pcm"}, "mp4 holds aac or opus or mp3 or flac, not pcm"),
            ({"audio_codec": "opus", "audio_rate_hz": 44_100}, "opus is written at 48000 Hz"),
            ({"audio_kbps": 64}, "aac takes 128 to 320 kb/s, not 64"),
            ({"codec": "ffv1", "audio_kbps": 192}, "flac is lossless"),
            ({"audio_only": True, "audio_suffix": ".avi"}, "not to .avi"),
            ({"audio_only": True, "audio_suffix": ".mp3", "audio_codec": "aac"}, ".mp3 holds mp3"),
            ({"audio_suffix": ".mp3"}, "that is for audio only"),
        ],
        ids=str,
    )
    def test_what_does_not_go_together_is_refused(self, wishes: dict[str, object], words: str) -> None:
        with pytest.raises(RequestError, match=words):
            RenderOptions(**wishes)  # type: ignore[arg-type]
