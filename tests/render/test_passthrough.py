"""Copied spans: which they are, that each of their frames is the source's own, and that all others are encoded."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from cutfarm.errors import AssetUnreadable, Cancelled
from cutfarm.render.job import Job, plan_job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.segment import render_chunk
from cutfarm.timeline.model import Curve, Keyframe, Transform
from cutfarm.timeline.report import Report
from cutfarm.timeline.treatment import SoundEffect, SoundTreatment
from tests.media.film import at_rate, displayed_by, write_film
from tests.media.sources import CLOSED, SIZE, digests, ffmpeg, source
from tests.render.scene import SECOND, assets, caption, clip, compound, numbers_in, solid, timeline

COPY = RenderOptions(passthrough=True, preset="ultrafast", crf=10)


def job_of(*tracks: object, options: RenderOptions = COPY, **more: object) -> Job:
    whole = timeline(*tracks, canvas_px=SIZE, **more)  # type: ignore[arg-type]
    return plan_job(whole, assets(whole), options)


def copied(job: Job) -> list[tuple[int, int]]:
    """First and last but one frame of each run."""
    return [(run.frames.start, run.frames.stop) for run in job.copied]


def reasons(job: Job) -> list[str]:
    return [
        entry.message
        for entry in job.timeline.report
        if "copied from" in entry.message and "Frames" not in entry.message
    ]


def rendered(job: Job, tmp_path: Path) -> tuple[Path, Report]:
    out = tmp_path / "out.mp4"
    report = render_job(job, COPY, out, chunks=1)
    return out, report


def check(job: Job, path: Path, sources: dict[int, Path]) -> None:
    """All times are n/fps, and frame n of each copied run is the frame of `sources` that lies where the run begins."""
    shown = digests(path)
    assert [time_s for time_s, _ in shown] == [Fraction(n, 30) for n in range(len(job.frames))]
    for run, (offset, film) in zip(job.copied, sources.items(), strict=True):
        own = [digest for _, digest in digests(film)][offset : offset + len(run.frames)]
        first = run.frames.start - job.frames.start
        assert [digest for _, digest in shown[first : first + len(run.frames)]] == own


class TestWholeClips:
    @pytest.mark.parametrize("x264", CLOSED.values(), ids=CLOSED)
    def test_every_frame_is_the_sources_own(self, x264: str, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4", x264)
        job = job_of([clip(film, 0, 2)])
        assert copied(job) == [(0, 60)]
        out, report = rendered(job, tmp_path)
        check(job, out, {0: film})
        assert [entry.message for entry in report] == [
            "Frames 0 to 59 (0.000 s to 2.000 s) are copied from film.mp4, not encoded again."
        ]
        assert reasons(job) == []

    @pytest.mark.parametrize("name", ["film.mkv", "film.mov"])
    def test_containers(self, name: str, tmp_path: Path) -> None:
        film = tmp_path / name
        ffmpeg("-i", source(tmp_path / "film.mp4"), "-c", "copy", film)
        job = job_of([clip(film, 0, 2)])
        assert copied(job) == [(0, 60)]
        check(job, rendered(job, tmp_path)[0], {0: film})

    def test_sound_that_begins_before_the_picture(self, tmp_path: Path) -> None:
        late = [time_s + Fraction(1, 10) for time_s in at_rate(60)]
        film = source(tmp_path / "film.mp4", times_s=late, sound_s=2.0)
        job = job_of([clip(film, 0, 2)])
        assert copied(job) == [(3, 60)]  # frames 0 to 2 hold the first one
        out, _ = rendered(job, tmp_path)
        check(job, out, {0: film})
        assert numbers_in(out) == [0, 0, 0, *range(57)]

    def test_lengths_that_were_rounded(self, tmp_path: Path) -> None:
        """A draft's source and target differ by a microsecond where both were rounded."""
        film = source(tmp_path / "film.mp4", count=300)
        for rate in (Fraction(9_999_999, 10_000_000), Fraction(10_000_001, 10_000_000)):
            assert copied(job_of([clip(film, 0, 10, rate=rate)])) == [(0, 300)]
        slow = job_of([clip(film, 0, 10, rate=Fraction(997, 1000))])
        assert copied(slow) == []

    def test_a_film_that_begins_late(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4", times_s=at_rate(60, start_s=Fraction(3)))
        job = job_of([clip(film, 0, 2)])
        assert copied(job) == [(0, 60)]
        check(job, rendered(job, tmp_path)[0], {0: film})

    def test_an_edit_list(self, tmp_path: Path) -> None:
        film = tmp_path / "cut.mp4"
        ffmpeg("-ss", "0.5", "-i", source(tmp_path / "film.mp4"), "-c", "copy", film)
        job = job_of([clip(film, 0, 1.5)])
        assert copied(job) == [(9, 45)]
        out, _ = rendered(job, tmp_path)
        check(job, out, {9: film})
        assert numbers_in(out) == list(range(15, 60))


class TestParts:
    def test_a_cut_in_the_middle_of_gops(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4", "bframes=3:b-adapt=0:b-pyramid=normal")
        job = job_of([clip(film, 0, 1.5, source_s=5 / 30)])
        assert copied(job) == [(7, 44)]  # two whole GOPs, and of the third what needs no later frame
        out, _ = rendered(job, tmp_path)
        check(job, out, {12: film})
        assert numbers_in(out) == list(range(5, 50))

    def test_clips_with_different_parameter_sets(self, tmp_path: Path) -> None:
        films = [source(tmp_path / f"{n}.mp4", x264) for n, x264 in enumerate(CLOSED.values())]
        clips = [clip(film, n, 1, source_s=7 / 30) for n, film in enumerate(films)]
        job = job_of(clips)
        assert len(job.copied) == len(films)
        out, _ = rendered(job, tmp_path)
        shown = digests(out)
        for n, (film, run) in enumerate(zip(films, job.copied, strict=True)):
            assert run.frames.start == 30 * n + 5
            own = [digest for _, digest in digests(film)][12 : 12 + len(run.frames)]
            assert [digest for _, digest in shown[run.frames.start : run.frames.stop]] == own
        assert [time_s for time_s, _ in shown] == [Fraction(n, 30) for n in range(30 * len(films))]
        assert numbers_in(out) == [*range(7, 37)] * len(films)

    def test_a_caption_over_a_part(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4", count=120)
        job = job_of([clip(film, 0, 4)], [caption("x", 1.0, 1.0)])
        assert copied(job) == [(0, 29), (60, 120)]
        out, _ = rendered(job, tmp_path)
        check(job, out, {0: film, 60: film})

    def test_a_range(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4", count=120)
        job = job_of([clip(film, 0, 4)], options=replace(COPY, range_s=(1.0, 3.0)))
        assert copied(job) == [(36, 89)]
        out, _ = rendered(job, tmp_path)
        check(job, out, {36: film})
        assert numbers_in(out) == list(range(30, 90))

    def test_what_hides_below_does_not_count(self, tmp_path: Path) -> None:
        film, below = source(tmp_path / "film.mp4"), solid(tmp_path / "red.png", (255, 0, 0))
        job = job_of([clip(below, 0, 2, kind="photo")], [clip(film, 0, 2, render_index=1)])
        assert copied(job) == [(0, 60)]
        unseen = clip(below, 0, 2, kind="photo", transform=Transform(alpha=0.0), render_index=2, id="unseen")
        assert copied(job_of([clip(film, 0, 2)], [unseen])) == [(0, 60)]
        assert copied(job_of([clip(film, 0, 2)], [replace(unseen, transform=Transform(alpha=0.1))])) == []

    def test_a_dissolve_is_encoded(self, tmp_path: Path) -> None:
        one, two = source(tmp_path / "1.mp4", count=90), source(tmp_path / "2.mp4", count=90)
        job = job_of([clip(one, 0, 2, dissolve_s=0.4), clip(two, 2, 2)])
        (first, end), (start, last) = copied(job)
        assert (first, last) == (0, 120)
        assert 50 <= end <= 54
        assert 66 <= start <= 78

    def test_a_move_that_ends(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4", count=120)
        move = Curve("KFTypePositionX", (Keyframe(0, 0.5), Keyframe(1_000_000, 0.0)))
        assert copied(job_of([clip(film, 0, 4, curves=(move,))])) == [(36, 120)]
        keys = (Keyframe(0, 0.5), Keyframe(1_000_000, 0.0))
        heard = tuple(Curve(name, keys) for name in ("KFTypeVolume", "KFTypeAudioPanning"))
        echoing = SoundTreatment(effects=(SoundEffect("scene", "Echo", "7018011608408396325"),))
        assert copied(job_of([clip(film, 0, 4, curves=heard, treatment=echoing)])) == [(0, 120)]

    @pytest.mark.parametrize("offset_us", [0, 5_000, 16_000, 20_000, 30_000])
    def test_pauses_and_cuts_between_frames(self, offset_us: int, tmp_path: Path) -> None:
        """A source of mixed rates, begun between two frames: copied or not, the right frames are shown."""
        fast = [Fraction(n, 60) for n in range(120)]
        slow = [Fraction(2) + Fraction(n, 30) for n in range(72)]
        late = [Fraction(5) + Fraction(n, 30) for n in range(48)]
        film = source(tmp_path / "film.mp4", "bframes=0", times_s=[*fast, *slow, *late])
        shown = []
        for options in (COPY, replace(COPY, passthrough=False)):
            whole = clip(film, 0, 6, source_s=offset_us / SECOND)
            job = job_of([whole], options=options)
            assert bool(job.copied) == options.passthrough or offset_us
            shown.append(numbers_in(rendered(job, tmp_path)[0]))
        assert shown[0] == shown[1]

    def test_short_runs_are_not_worth_a_seam(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4")
        assert copied(job_of([clip(film, 0, 0.4)])) == []
        assert copied(job_of([clip(film, 0, 0.6)])) == [(0, 17)]


class TestTouched:
    @pytest.mark.parametrize(
        "more",
        [
            {"transform": Transform(scale_x=1.01, scale_y=1.01)},
            {"transform": Transform(shift_x=0.01)},
            {"transform": Transform(rotation_deg=0.1)},
            {"transform": Transform(flip_x=True)},
            {"transform": Transform(alpha=0.99)},
            {"rate": Fraction(2)},
            {"kind": "gif"},
        ],
        ids=str,
    )
    def test_is_encoded(self, more: dict[str, object], tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4")
        job = job_of([clip(film, 0, 1, **more)])  # type: ignore[arg-type]
        assert copied(job) == []
        if "kind" not in more:
            assert "nowhere shown alone, whole" in reasons(job)[0]

    def test_within_a_compound_clip(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4")
        inner = timeline([clip(film, 0, 1)], canvas_px=SIZE)
        job = job_of([compound(inner), clip(film, 1, 1)])
        assert copied(job) == [(30, 59)]
        assert copied(job_of([compound(inner)])) == []
        assert reasons(job_of([compound(inner)])) == [
            "Nothing is copied from film.mp4: it is shown in a compound clip."
        ]

    def test_hidden_and_invisible(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4")
        assert copied(job_of([clip(film, 0, 2, is_visible=False)])) == []
        whole = timeline([clip(film, 0, 2)], canvas_px=SIZE)
        tracks = tuple(replace(track, is_hidden=True) for track in whole.tracks)
        assert copied(plan_job(replace(whole, tracks=tracks), assets(whole), COPY)) == []


class TestUnfit:
    def encoded(self, film: Path, words: str, tmp_path: Path, **options: object) -> None:
        job = job_of([clip(film, 0, 1)], options=replace(COPY, **options))  # type: ignore[arg-type]
        assert copied(job) == []
        assert words in reasons(job)[0]
        assert film.name in reasons(job)[0]
        out, _ = rendered(job, tmp_path)
        assert len(digests(out)) == len(job.frames)

    def test_open_gops(self, tmp_path: Path) -> None:
        self.encoded(source(tmp_path / "a.mp4", "open-gop=1:bframes=3:b-adapt=0"), "its GOPs are open", tmp_path)

    def test_a_rate_that_varies(self, tmp_path: Path) -> None:
        times_s = [Fraction(n, 30) + (Fraction(1, 90) if n % 3 else 0) for n in range(60)]
        self.encoded(source(tmp_path / "a.mp4", times_s=times_s), "30 times a second", tmp_path)

    def test_ntsc_in_30(self, tmp_path: Path) -> None:
        self.encoded(source(tmp_path / "a.mp4", times_s=at_rate(60, Fraction(30_000, 1001))), "30 times", tmp_path)

    def test_interlaced(self, tmp_path: Path) -> None:
        self.encoded(source(tmp_path / "a.mp4", "interlaced=1"), "it is interlaced", tmp_path)

    def test_full_range(self, tmp_path: Path) -> None:
        self.encoded(source(tmp_path / "a.mp4", "fullrange=on"), "its colours", tmp_path)

    def test_another_size(self, tmp_path: Path) -> None:
        self.encoded(source(tmp_path / "a.mp4", size_px=(320, 192)), "its size is 320 × 192", tmp_path)

    def test_another_codec(self, tmp_path: Path) -> None:
        film = write_film(tmp_path / "a.mp4", at_rate(30), codec="mpeg4", tick_s=Fraction(1, 30))
        self.encoded(film, "its codec is mpeg4", tmp_path)

    def test_turned(self, tmp_path: Path) -> None:
        self.encoded(displayed_by(source(tmp_path / "a.mp4"), (-1, 0, 0, -1)), "it is turned", tmp_path)

    def test_a_file_that_is_gone_is_the_renders_fault(self, tmp_path: Path) -> None:
        assert copied(job_of([clip(tmp_path / "gone.mp4", 0, 1)])) == []

    def test_another_codec_of_the_output(self, tmp_path: Path) -> None:
        job = job_of([clip(source(tmp_path / "a.mp4"), 0, 1)], options=replace(COPY, codec="h265"))
        assert copied(job) == []
        assert [entry.message for entry in job.timeline.report] == [
            "Nothing is copied: passthrough copies h264, and the output is h265."
        ]

    def test_a_film_that_is_cut_off(self, tmp_path: Path) -> None:
        whole, film = source(tmp_path / "whole.mp4"), tmp_path / "a.mp4"
        ffmpeg("-i", whole, "-c", "copy", "-movflags", "+faststart", film)
        with av.open(str(film)) as file:
            ends = [packet.pos + packet.size for packet in file.demux(video=0) if packet.size]
        film.write_bytes(film.read_bytes()[: ends[29] - 2])
        job = job_of([clip(film, 0, 2)])
        assert copied(job) == [(0, 24)]
        out, _ = rendered(job, tmp_path)
        check(job, out, {0: whole})


class TestSpecs:
    def test_copied_runs_are_chunks_of_their_own(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4", count=120)
        job = job_of([clip(film, 0, 4)], [caption("x", 1.0, 1.0)])
        for count in (1, 2, 7):
            specs = job.chunks(count)
            assert [spec.first_frame for spec in specs][1:] == [spec.end_frame for spec in specs][:-1]
            assert [(s.first_frame, s.end_frame) for s in specs if s.copied is not None] == copied(job)
            again = job.chunks_at([range(spec.first_frame, spec.end_frame) for spec in specs])
            assert [spec.key() for spec in again] == [spec.key() for spec in specs]

    def test_off_unless_asked_for(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4")
        assert copied(job_of([clip(film, 0, 2)], options=RenderOptions())) == []

    def test_the_key_knows_a_copy(self, tmp_path: Path) -> None:
        (spec,) = job_of([clip(source(tmp_path / "film.mp4"), 0, 2)]).chunks(1)
        assert spec.copied is not None
        keys = {
            spec.key(),
            replace(spec, copied=None).key(),
            replace(spec, copied=replace(spec.copied, first_ticks=spec.copied.first_ticks + 1)).key(),
        }
        assert len(keys) == 3

    def test_a_file_that_changed_since_the_plan(self, tmp_path: Path) -> None:
        film = source(tmp_path / "film.mp4")
        (spec,) = job_of([clip(film, 0, 2)]).chunks(1)
        source(film, count=40)
        with pytest.raises(AssetUnreadable, match=r"film\.mp4 is not the file any more"):
            render_chunk(spec, tmp_path / "chunk.mp4")
        assert not (tmp_path / "chunk.mp4").exists()

    def test_stopping_leaves_nothing(self, tmp_path: Path) -> None:
        (spec,) = job_of([clip(source(tmp_path / "film.mp4"), 0, 2)]).chunks(1)
        with pytest.raises(Cancelled):
            render_chunk(spec, tmp_path / "chunk.mp4", should_stop=lambda: True)
        assert not (tmp_path / "chunk.mp4").exists()
