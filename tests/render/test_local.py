"""Whole jobs in one process: every frame, sound of the same length, and nothing left where something failed."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import av
import pytest

from cutfarm.errors import AssetUnreadable, DraftBelowFidelity
from cutfarm.media.picture import Picture
from cutfarm.media.planes import planes_of
from cutfarm.render.job import plan_job
from cutfarm.render.local import render_job
from cutfarm.render.options import RenderOptions
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.report import Fidelity
from tests.media.film import at_rate, write_film
from tests.render.scene import assets, caption, clip, numbers_in, solid, timeline

SIZE = (160, 96)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(60), options={"g": "12"})


@pytest.fixture
def whole(film: Path) -> Timeline:
    return timeline([clip(film, 0, 2)], canvas_px=SIZE)


class TestRenderJob:
    @pytest.mark.parametrize(("chunks", "workers"), [(1, 1), (3, 1), (7, 2)])
    def test_a_whole_job(self, chunks: int, workers: int, whole: Timeline, tmp_path: Path) -> None:
        options = RenderOptions(codec="ffv1")
        job = plan_job(whole, assets(whole), options)
        done: list[int] = []
        report = render_job(job, options, tmp_path / "out.mkv", chunks=chunks, workers=workers, on_frames=done.append)
        assert numbers_in(tmp_path / "out.mkv") == list(range(60))
        assert sum(done) == 60
        assert [path.name for path in tmp_path.iterdir()] == ["out.mkv"]
        assert not report.below(Fidelity.EXACT).entries

    def test_every_job_has_sound_as_long_as_its_frames(self, whole: Timeline, tmp_path: Path) -> None:
        options = RenderOptions(range_s=(0.5, 1.5))
        render_job(plan_job(whole, assets(whole), options), options, tmp_path / "out.mp4")
        with av.open(str(tmp_path / "out.mp4")) as file:
            sound, video = file.streams.audio[0], file.streams.video[0]
            assert sound.duration * sound.time_base == pytest.approx(1.0, abs=1e-4)
            assert video.duration * video.time_base == 1
        assert numbers_in(tmp_path / "out.mp4") == list(range(15, 45))

    def test_a_range_shows_the_same_frames_as_the_whole(self, whole: Timeline, tmp_path: Path) -> None:
        options = RenderOptions(codec="ffv1", range_s=(1.0, 1.2))
        render_job(plan_job(whole, assets(whole), options), options, tmp_path / "out.mkv", chunks=2)
        assert numbers_in(tmp_path / "out.mkv") == list(range(30, 36))

    def test_one_bad_chunk_stops_all_and_leaves_nothing(self, film: Path, tmp_path: Path) -> None:
        (tmp_path / "bad.mp4").write_bytes(b"no film")
        bad = timeline([clip(film, 0, 2), clip(tmp_path / "bad.mp4", 2, 2), clip(film, 4, 60)], canvas_px=SIZE)
        options = RenderOptions(codec="ffv1")
        out = tmp_path / "out"
        out.mkdir()
        began = time.monotonic()
        with pytest.raises(AssetUnreadable, match=r"bad\.mp4@2: bad\.mp4 is not a media file"):
            render_job(plan_job(bad, assets(bad), options), options, out / "out.mkv", chunks=8, workers=2)
        assert time.monotonic() - began < 10  # rendering all of it takes longer
        assert list(out.iterdir()) == []
        assert not [t for t in threading.enumerate() if t.name.startswith(("chunk", "compose"))]

    def test_an_interruption_leaves_nothing(self, whole: Timeline, tmp_path: Path) -> None:
        def interrupt(_: int) -> None:
            raise KeyboardInterrupt

        options = RenderOptions()
        with pytest.raises(KeyboardInterrupt):
            render_job(plan_job(whole, assets(whole), options), options, tmp_path / "out.mp4", on_frames=interrupt)
        assert list(tmp_path.iterdir()) == []

    def test_fonts_that_strict_forbids_are_found_before_the_file_appears(self, film: Path, tmp_path: Path) -> None:
        words = timeline([clip(film, 0, 0.2)], [caption("no font has \U000e0fff", 0, 0.2)], canvas_px=SIZE)
        options = RenderOptions(strict=Fidelity.EXACT)
        job = plan_job(words, assets(words), options)
        try:
            report = render_job(job, RenderOptions(), tmp_path / "out.mp4")
        finally:
            (tmp_path / "out.mp4").unlink(missing_ok=True)
        if not report.below(Fidelity.EXACT).entries:
            pytest.skip("some font here has this character")
        with pytest.raises(DraftBelowFidelity):
            render_job(job, options, tmp_path / "out.mp4")
        assert list(tmp_path.iterdir()) == []

    def test_where_nothing_lies_it_is_black(self, tmp_path: Path) -> None:
        photo = clip(solid(tmp_path / "a.png", (255, 0, 0)), 0.5, 0.5, kind="photo")
        whole = timeline([photo], canvas_px=SIZE)
        options = RenderOptions(codec="ffv1", range_s=(0.0, 0.4))
        render_job(plan_job(whole, assets(whole), options), options, tmp_path / "out.mkv")
        with av.open(str(tmp_path / "out.mkv")) as file:
            shown = [planes_of(Picture(frame)).y.unique().tolist() for frame in file.decode(video=0)]
        assert shown == [[16]] * 12
