"""Renders with a cache: what is found, what is made again, and that nothing wrong is ever taken."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from cutfarm.errors import RequestError
from cutfarm.render.cache import RenderCache
from cutfarm.render.job import Job, plan_job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.report import Entry, Fidelity, Report
from tests.media.film import at_rate, write_film
from tests.render.scene import assets, caption, clip, numbers_in, timeline

SIZE = (160, 96)
OPTIONS = RenderOptions(codec="ffv1")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(
        tmp_path_factory.mktemp("film") / "film.mp4", at_rate(140, 10), fps=Fraction(10), options={"g": "12"}
    )


@pytest.fixture
def whole(film: Path) -> Timeline:
    """Fourteen seconds: four chunks."""
    return timeline([clip(film, 0, 14)], [caption("words", 9, 1)], canvas_px=SIZE, fps=Fraction(10))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int | str]:
    """What was really made: the first frames of chunks, and `sound`."""
    made: list[int | str] = []
    from cutfarm.render import segment, soundtrack

    chunk, sound = segment.render_chunk, soundtrack.write_sound
    monkeypatch.setattr(
        segment, "render_chunk", lambda spec, *a, **kw: made.append(spec.first_frame) or chunk(spec, *a, **kw)
    )
    monkeypatch.setattr(soundtrack, "write_sound", lambda *a, **kw: made.append("sound") or sound(*a, **kw))
    return made


class Renders:
    """Renders a timeline as another process would: with a cache object of its own."""

    def __init__(self, folder: Path, scratch: Path, drawn: list[int | str]) -> None:
        self.folder, self.out, self.drawn = folder, scratch / "out.mkv", drawn
        self.report = Report()

    def __call__(self, whole: Timeline, **more: object) -> list[int | str]:
        """What had to be made, in order."""
        self.drawn.clear()
        cache = RenderCache(self.folder)
        self.report = render_job(self.job(whole, cache), OPTIONS, self.out, cache=cache, **more)  # type: ignore[arg-type]
        assert numbers_in(self.out) == list(range(140))
        return sorted(self.drawn, key=lambda name: (isinstance(name, str), name))

    def job(self, whole: Timeline, cache: RenderCache) -> Job:
        return plan_job(whole, cache.assets(assets(whole)), OPTIONS)

    def kept(self, place: str) -> list[Path]:
        return sorted((self.folder / place).iterdir())


@pytest.fixture
def render(tmp_path: Path, drawn: list[int | str]) -> Renders:
    (tmp_path / "out").mkdir()
    return Renders(tmp_path / "cache", tmp_path / "out", drawn)


def with_words(whole: Timeline, words: str) -> Timeline:
    return replace(whole, tracks=(whole.tracks[0], *timeline([caption(words, 9, 1)]).tracks))


class TestRenderJob:
    def test_the_second_render_makes_nothing(self, whole: Timeline, render: Renders) -> None:
        assert render(whole) == [0, 40, 80, 120, "sound"]
        done: list[int] = []
        assert render(whole, on_frames=done.append) == []
        assert sum(done) == 140
        assert [path.name for path in render.out.parent.iterdir()] == ["out.mkv"]

    def test_an_edit_makes_what_it_touches(self, whole: Timeline, render: Renders) -> None:
        render(whole)
        assert render(with_words(whole, "other words")) == [80]
        assert render(whole) == []

    def test_what_drawing_found_is_told_again_by_the_names_of_now(self, whole: Timeline, render: Renders) -> None:
        render(whole)
        first = render.report
        assert [entry.segment_id for entry in first if entry.what == "font"] == ["words"]
        renamed = replace(whole, tracks=(whole.tracks[0], *timeline([caption("words", 9, 1, id="new name")]).tracks))
        assert render(renamed) == []
        assert render.report == Report(
            tuple(replace(entry, segment_id="new name") if entry.what == "font" else entry for entry in first)
        )

    @pytest.mark.parametrize(
        "damage",
        [
            lambda path: path.unlink(),
            lambda path: path.write_bytes(path.read_bytes()[:-7]),
            lambda path: path.write_bytes(b""),
            lambda path: path.write_bytes(path.read_bytes()[:-7] + bytes(7)),
        ],
        ids=["gone", "short", "empty", "other bytes"],
    )
    @pytest.mark.parametrize("place", ["content", "segments", "sounds"])
    def test_what_is_damaged_is_made_again(
        self, damage: Callable[[Path], object], place: str, whole: Timeline, render: Renders
    ) -> None:
        render(whole)
        for path in render.kept(place):
            damage(path)
        wanted = {"content": [0, 40, 80, 120, "sound"], "segments": [0, 40, 80, 120], "sounds": ["sound"]}
        assert render(whole) == wanted[place]
        assert render(whole) == []

    def test_a_note_of_fewer_frames_is_not_believed(self, whole: Timeline, render: Renders) -> None:
        render(whole)
        for path in render.kept("segments"):
            note = json.loads(path.read_text())
            path.write_text(json.dumps({**note, "frame_count": note["frame_count"] - 1}))
        assert render(whole) == [0, 40, 80, 120]

    def test_the_folder_may_go_at_any_time(self, whole: Timeline, render: Renders) -> None:
        def remove(_: int) -> None:
            shutil.rmtree(render.folder, ignore_errors=True)

        assert render(whole, on_frames=remove) == [0, 40, 80, 120, "sound"]
        render(whole)
        assert set(render(whole, on_frames=remove, workers=2)) < {0, 40, 80, 120, "sound"}

    def test_two_renders_share_a_folder(self, whole: Timeline, render: Renders, tmp_path: Path) -> None:
        faults: list[BaseException] = []

        def one(number: int) -> None:
            try:
                cache = RenderCache(render.folder)
                out = tmp_path / f"{number}.mkv"
                render_job(render.job(whole, cache), OPTIONS, out, cache=cache)
                assert numbers_in(out) == list(range(140))
            except BaseException as fault:
                faults.append(fault)

        both = [threading.Thread(target=one, args=(number,)) for number in range(2)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert not faults
        assert render(whole) == []

    def test_a_file_that_changes_meanwhile_is_not_kept(
        self, film: Path, whole: Timeline, render: Renders, tmp_path: Path
    ) -> None:
        own = tmp_path / "own.mp4"
        own.write_bytes(film.read_bytes())
        whole = timeline([clip(own, 0, 14)], canvas_px=SIZE, fps=Fraction(10))

        def touch(_: int) -> None:
            own.touch()

        assert render(whole, on_frames=touch) == [0, 40, 80, 120, "sound"]
        assert [path.name for path in render.folder.iterdir()] == [".partial"]

    def test_what_cannot_be_written_is_done_without(self, whole: Timeline, render: Renders) -> None:
        render.folder.mkdir()
        (render.folder / "content").write_text("in the way")
        cache = RenderCache(render.folder)
        render_job(render.job(whole, cache), OPTIONS, render.out, cache=cache)
        assert numbers_in(render.out) == list(range(140))
        assert "Cannot write" in cache.fault

    def test_a_count_of_chunks_is_heeded(self, whole: Timeline, render: Renders) -> None:
        assert render(whole, chunks=2) == [0, 72, "sound"]


class TestRenderCache:
    def test_a_folder_that_cannot_be(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(RequestError, match=r"the cache folder .*file/cache cannot be used"):
            RenderCache(tmp_path / "file" / "cache")

    def test_entries_of_the_whole_job_stay_as_they_are(self, whole: Timeline, tmp_path: Path) -> None:
        cache = RenderCache(tmp_path / "cache")
        job = plan_job(whole, cache.assets(assets(whole)), OPTIONS)
        report = Report((Entry(Fidelity.CLOSE, "sound", "Something in words is odd.", "words"),))
        (tmp_path / "sound").write_bytes(b"sound")
        cache.keep_sound(job.sound, tmp_path / "sound", report)
        assert cache.find_sound(job.sound, tmp_path / "found") == Report((replace(report.entries[0], segment_id=""),))
        assert (tmp_path / "found").read_bytes() == b"sound"
