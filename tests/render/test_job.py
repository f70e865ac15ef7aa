"""A job cut into chunks: what each of them is given, and which keys they have."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path

import pytest

from cutfarm.media.codecs import SoundFormat, sound_format
from cutfarm.render.job import Job, plan_job
from cutfarm.render.options import RenderOptions
from cutfarm.render.spec import Asset, ChunkSpec, Output, canonical_json
from cutfarm.timeline.model import Timeline, Transform
from cutfarm.timeline.nesting import all_segments
from cutfarm.timeline.report import Entry, Fidelity, Report
from tests.render.scene import assets, caption, clip, compound, timeline


@pytest.fixture
def whole() -> Timeline:
    """Three films in a row with a dissolve between the last two, words over the second."""
    return timeline(
        [clip("a.mp4", 0, 4), clip("b.mp4", 4, 4, dissolve_s=1), clip("c.mp4", 8, 4)], [caption("words", 5, 2)]
    )


@pytest.fixture
def job(whole: Timeline) -> Job:
    return plan_job(whole, assets(whole), RenderOptions(codec="ffv1"))


def shown_by(spec: ChunkSpec) -> set[str]:
    return {segment.id for track in spec.timeline.tracks for segment in track.segments}


class TestChunks:
    @pytest.mark.parametrize("count", [1, 2, 3, 5, 17, 360, 1000])
    def test_all_frames_are_in_one_chunk_each(self, count: int, job: Job) -> None:
        chunks = job.chunks(count, threads=3)
        assert [frame for chunk in chunks for frame in range(chunk.first_frame, chunk.end_frame)] == list(range(360))
        assert sum(chunk.frame_count for chunk in chunks) == 360
        assert {chunk.threads for chunk in chunks} == {3}

    def test_a_chunk_is_given_what_it_shows(self, job: Job) -> None:
        first, second, third = job.chunks_at([range(120), range(120, 220), range(220, 360)])
        assert (shown_by(first), set(first.assets)) == ({"a.mp4@0"}, {"a.mp4"})
        assert (shown_by(second), set(second.assets)) == ({"b.mp4@4", "words"}, {"b.mp4"})
        # The dissolve is from frame 225 to 255.
        assert (shown_by(third), set(third.assets)) == ({"b.mp4@4", "c.mp4@8"}, {"b.mp4", "c.mp4"})

    def test_a_chunk_is_given_what_compound_clips_show(self, whole: Timeline) -> None:
        held = timeline([compound(whole, 0, 12, id="outer")])
        job = plan_job(replace(held, origin={"draft": "x" * 100_000}), assets(held), RenderOptions(codec="ffv1"))
        first, second, _ = job.chunks_at([range(120), range(120, 220), range(220, 360)])
        assert set(first.assets) == {"a.mp4"}
        assert set(second.assets) == {"b.mp4"}
        assert {segment.id for segment in all_segments(second.timeline)} == {"outer", "b.mp4@4", "words"}
        assert set(job.sound.assets) == {"a.mp4", "b.mp4", "c.mp4"}
        assert max(len(pickle.dumps(part)) for part in (first, second, job.sound)) < 20_000

    def test_runs_that_cover_the_job(self, job: Job) -> None:
        assert job.is_covered_by([range(100), range(100, 360)])
        for runs in ([], [range(359)], [range(1, 360)], [range(100), range(101, 360)], [range(200), range(100, 360)]):
            assert not job.is_covered_by(runs)

    def test_the_sound_is_given_every_clip_and_no_words(self, job: Job) -> None:
        sound = job.sound
        assert {s.id for track in sound.timeline.tracks for s in track.segments} == {"a.mp4@0", "b.mp4@4", "c.mp4@8"}
        assert (sound.first_frame, sound.frame_count, sound.format) == (0, 360, sound_format(".mka"))

    def test_a_range_keeps_the_timelines_numbers(self, whole: Timeline) -> None:
        job = plan_job(whole, assets(whole), RenderOptions(range_s=(3.0, 5.0)))
        assert [range(c.first_frame, c.end_frame) for c in job.chunks(2)] == [range(90, 120), range(120, 150)]
        assert (job.sound.first_frame, job.sound.frame_count, job.sound.format) == (90, 60, SoundFormat())


class TestKeys:
    @pytest.fixture
    def spec(self, job: Job) -> ChunkSpec:
        return job.chunks_at([range(130, 170)])[0]

    def test_the_same_work_has_the_same_key(self, spec: ChunkSpec) -> None:
        assert pickle.loads(pickle.dumps(spec)).key() == spec.key()
        assert len(spec.key()) == 64

    def test_another_process_finds_the_same_key(self, spec: ChunkSpec, tmp_path: Path) -> None:
        (tmp_path / "spec").write_bytes(pickle.dumps(spec))
        code = "import pickle, sys; print(pickle.load(open(sys.argv[1], 'rb')).key())"
        command = [sys.executable, "-c", code, str(tmp_path / "spec")]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == spec.key()

    @pytest.mark.parametrize("field", [f.name for f in fields(Output)])
    def test_every_setting_of_the_output_counts(self, field: str, spec: ChunkSpec) -> None:
        other = {"fps": Fraction(25), "codec": "h265", "preset": "slow"}.get(field, 100)
        changed = replace(spec, output=replace(spec.output, **{field: other}))  # type: ignore[arg-type]
        assert changed.key() != spec.key()

    def test_frames_and_content_count(self, spec: ChunkSpec, whole: Timeline) -> None:
        keys = {
            spec.key(),
            replace(spec, end_frame=171).key(),
            replace(spec, first_frame=129).key(),
            replace(spec, assets={"b.mp4": Asset("b.mp4", "other bytes")}).key(),
            replace(spec, timeline=replace(spec.timeline, layers_by_track=True)).key(),
        }
        moved = clip("b.mp4", 4, 4, dissolve_s=1, transform=Transform(alpha=0.5))
        edited = timeline([clip("a.mp4", 0, 4), moved, clip("c.mp4", 8, 4)], [caption("words", 5, 2)])
        other_words = timeline(*(track.segments for track in whole.tracks[:1]), [caption("wards", 5, 2, id="words")])
        for draft in (edited, other_words):
            keys.add(plan_job(draft, assets(draft), RenderOptions(codec="ffv1")).chunks_at([range(130, 170)])[0].key())
        assert len(keys) == 7

    def test_what_no_pixel_depends_on_does_not_count(self, spec: ChunkSpec) -> None:
        report = Report((Entry(Fidelity.CLOSE, "font", "Another font is used.", "s1"),))
        same = [
            replace(spec, threads=8),
            replace(spec, timeline=replace(spec.timeline, report=report, duration_us=1)),
            replace(spec, assets={"b.mp4": Asset("/somewhere/else.mp4", spec.assets["b.mp4"].sha256)}),
        ]
        assert {each.key() for each in same} == {spec.key()}

    def test_an_edit_elsewhere_does_not_count(self, spec: ChunkSpec) -> None:
        """Only the touched chunks of an edited draft are rendered again."""
        edited = timeline(
            [clip("other.mp4", 0, 4), clip("b.mp4", 4, 4, dissolve_s=1), clip("c.mp4", 8, 3)], [caption("words", 5, 2)]
        )
        job = plan_job(edited, assets(edited), RenderOptions(codec="ffv1"))
        assert job.chunks_at([range(130, 170)])[0].key() == spec.key()

    def test_canonical_json_has_one_spelling(self) -> None:
        assert canonical_json({"b": Fraction(1, 3), "a": [1, "é"]}) == '{"a":[1,"é"],"b":"1/3"}'.encode()
