"""Chunk files: the right frames, and nothing left where something failed."""

from __future__ import annotations

import threading
from pathlib import Path

import av
import pytest

from cutfarm.errors import AssetMissing, Cancelled
from cutfarm.media.picture import Picture
from cutfarm.render.frame import Compositor
from cutfarm.render.segment import render_chunk
from cutfarm.render.spec import ChunkSpec
from cutfarm.timeline.model import Timeline
from tests.media.film import at_rate, write_film
from tests.media.tensors import digest
from tests.render.scene import assets, caption, clip, numbers_in, output, timeline

SIZE = (160, 96)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(60), options={"g": "12"})


@pytest.fixture
def whole(film: Path) -> Timeline:
    return timeline([clip(film, 0, 2)], canvas_px=SIZE)


def spec_of(whole: Timeline, first: int, end: int, **more: object) -> ChunkSpec:
    return ChunkSpec(whole, assets(whole), output(*SIZE, **more), first, end)  # type: ignore[arg-type]


class TestRenderChunk:
    @pytest.mark.parametrize("codec", ["ffv1", "h264", "h265"])
    @pytest.mark.parametrize("frames", [(0, 60), (13, 30), (59, 60)], ids=str)
    def test_its_frames_and_no_others(
        self, codec: str, frames: tuple[int, int], whole: Timeline, tmp_path: Path
    ) -> None:
        done: list[int] = []
        made = render_chunk(spec_of(whole, *frames, codec=codec), tmp_path / "chunk", on_frame=done.append)
        count = frames[1] - frames[0]
        assert numbers_in(made.path) == list(range(*frames))
        assert (made.frame_count, made.size_bytes) == (count, made.path.stat().st_size)
        assert done == list(range(1, count + 1))

    def test_lossless_holds_the_compositors_samples(self, whole: Timeline, tmp_path: Path) -> None:
        spec = spec_of(whole, 5, 25)
        made = render_chunk(spec, tmp_path / "chunk.mkv")
        with Compositor(whole, spec.assets, spec.output) as compositor:
            wanted = [digest(compositor.frame(number)) for number in range(5, 25)]
        with av.open(str(made.path)) as file:
            assert [Picture(frame).digest() for frame in file.decode(video=0)] == wanted

    def test_what_drawing_finds_is_reported(self, film: Path, tmp_path: Path) -> None:
        words = timeline([clip(film, 0, 1)], [caption("𝕏 \ue000 words", 0, 1)], canvas_px=SIZE)
        report = render_chunk(spec_of(words, 0, 2), tmp_path / "chunk.mkv").report
        assert all(entry.segment_id == "𝕏 \ue000 words" for entry in report)

    def test_it_stops_when_told(self, whole: Timeline, tmp_path: Path) -> None:
        asked: list[int] = []

        def should_stop() -> bool:
            asked.append(1)
            return len(asked) > 10

        with pytest.raises(Cancelled):
            render_chunk(spec_of(whole, 0, 60), tmp_path / "chunk.mkv", should_stop=should_stop)
        assert len(asked) == 11
        assert list(tmp_path.iterdir()) == []

    def test_a_listener_that_fails_ends_it(self, whole: Timeline, tmp_path: Path) -> None:
        def fail(_: int) -> None:
            raise ConnectionError("nobody listens")

        with pytest.raises(ConnectionError, match="nobody listens"):
            render_chunk(spec_of(whole, 0, 60), tmp_path / "chunk.mkv", on_frame=fail)
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_is_gone(self, film: Path, tmp_path: Path) -> None:
        late = timeline([clip(film, 0, 1), clip(tmp_path / "gone.mp4", 1, 1)], canvas_px=SIZE)
        with pytest.raises(AssetMissing, match=r"gone\.mp4"):
            render_chunk(spec_of(late, 0, 60), tmp_path / "chunk.mkv")
        assert list(tmp_path.iterdir()) == []

    def test_no_thread_outlives_it(self, whole: Timeline, tmp_path: Path) -> None:
        before = threading.active_count()
        render_chunk(spec_of(whole, 0, 5), tmp_path / "chunk.mkv")
        with pytest.raises(Cancelled):
            render_chunk(spec_of(whole, 0, 60), tmp_path / "other.mkv", should_stop=lambda: True)
        assert threading.active_count() == before
