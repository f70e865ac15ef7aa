"""Chunks become a file that appears when it is whole."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from cutfarm.errors import EncodeError
from cutfarm.media.join import VideoPart
from cutfarm.render.segment import render_chunk
from cutfarm.render.spec import ChunkSpec
from cutfarm.render.stitch import stitch
from cutfarm.timeline.model import Timeline
from tests.media.film import at_rate, write_film
from tests.render.scene import assets, clip, numbers_in, output, timeline

SIZE = (160, 96)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(60), options={"g": "12"})


@pytest.fixture
def whole(film: Path) -> Timeline:
    return timeline([clip(film, 0, 2)], canvas_px=SIZE)


def part(whole: Timeline, first: int, end: int, tmp_path: Path) -> VideoPart:
    spec = ChunkSpec(whole, assets(whole), output(*SIZE, codec="h264"), first, end)
    made = render_chunk(spec, tmp_path / f"{first}.mp4")
    return VideoPart(made.path, made.frame_count)


class TestStitch:
    def test_parts_become_one_file(self, whole: Timeline, tmp_path: Path) -> None:
        parts = [part(whole, 0, 20, tmp_path), part(whole, 20, 60, tmp_path)]
        (tmp_path / "out").mkdir()
        stitch(parts, None, tmp_path / "out" / "film.mp4", fps=Fraction(30))
        assert numbers_in(tmp_path / "out" / "film.mp4") == list(range(60))
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["film.mp4"]

    def test_a_part_that_does_not_fit_leaves_what_was_there(self, whole: Timeline, tmp_path: Path) -> None:
        good, bad = part(whole, 0, 20, tmp_path), VideoPart(tmp_path / "20.mp4", 99)
        part(whole, 20, 60, tmp_path)
        out = tmp_path / "out"
        out.mkdir()
        (out / "film.mp4").write_bytes(b"an earlier film")
        with pytest.raises(EncodeError, match="40 frames instead of 99"):
            stitch([good, bad], None, out / "film.mp4", fps=Fraction(30))
        assert [(path.name, path.read_bytes()) for path in out.iterdir()] == [("film.mp4", b"an earlier film")]

    def test_a_new_file_takes_the_place_of_an_old_one(self, whole: Timeline, tmp_path: Path) -> None:
        (tmp_path / "film.mp4").write_bytes(b"an earlier film")
        stitch([part(whole, 0, 9, tmp_path)], None, tmp_path / "film.mp4", fps=Fraction(30))
        assert numbers_in(tmp_path / "film.mp4") == list(range(9))

    def test_a_name_that_is_taken_by_a_folder_leaves_nothing(self, whole: Timeline, tmp_path: Path) -> None:
        (tmp_path / "out" / "film.mp4").mkdir(parents=True)
        with pytest.raises(IsADirectoryError):
            stitch([part(whole, 0, 9, tmp_path)], None, tmp_path / "out" / "film.mp4", fps=Fraction(30))
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["film.mp4"]
