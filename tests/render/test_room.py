"""So many films at once as fit into memory; one more is refused, and says whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from cutfarm.errors import DraftError
from cutfarm.media.video import VideoSource
from cutfarm.render import room
from cutfarm.render.frame import Compositor
from cutfarm.render.room import DecoderRoom
from cutfarm.timeline.model import PictureSegment, Timeline, Transform
from tests.media.film import at_rate, write_film
from tests.render.scene import assets, clip, compound, output, timeline

FILM_BYTES = 80 * 48 * 1.5 * 9  # in one thread
SMALL = Transform(scale_x=0.2, scale_y=0.2)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("room") / "film.mp4", at_rate(60), size_px=(80, 48))


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is room for three films; the topmost ones are opened first."""
    monkeypatch.setattr(room, "MOST_BYTES", 3.5 * FILM_BYTES)


def films(film: Path, count: int, start_s: float = 0.0, **more: object) -> list[list[PictureSegment]]:
    return [[clip(film, start_s, id=f"film {n}@{start_s:g}", transform=SMALL, **more)] for n in range(count)]  # type: ignore[arg-type]


def draw(whole: Timeline, *frames: int, threads: int = 1) -> None:
    with Compositor(whole, assets(whole), output(64, 36), threads=threads) as compositor:
        for number in frames:
            compositor.frame(number)


@pytest.mark.usefixtures("three")
class TestRoom:
    def test_as_many_as_fit(self, film: Path) -> None:
        draw(timeline(*films(film, 3)), 0, 10)

    def test_one_more_is_refused(self, film: Path) -> None:
        with pytest.raises(
            DraftError, match=r"^With segment film 0@0 the films shown at once take more than .* GB to decode\.$"
        ):
            draw(timeline(*films(film, 4)), 0)

    def test_those_in_compound_clips_count(self, film: Path) -> None:
        inner = timeline(*films(film, 2), canvas_px=(160, 90))
        draw(timeline([compound(inner)], *films(film, 1, 0.0, is_reversed=False)), 0)
        with pytest.raises(DraftError, match="With segment film 0@0 the films"):
            draw(timeline([compound(inner, id="one")], [compound(inner, id="other")]), 0)

    def test_what_is_played_backwards_keeps_frames(self, film: Path) -> None:
        with pytest.raises(DraftError, match="With segment film 0@0 the films"):
            draw(timeline(*films(film, 1, is_reversed=True)), 0)

    def test_what_is_closed_counts_no_longer(self, film: Path) -> None:
        draw(timeline(*films(film, 3), *films(film, 3, 1.0)), 0, 29, 30, 59, 0)

    def test_photos_do_not_count(self, film: Path, tmp_path: Path) -> None:
        Image.new("RGB", (4000, 3000)).save(tmp_path / "photo.png")
        photo = clip(tmp_path / "photo.png", kind="photo", transform=SMALL)
        draw(timeline([photo], *films(film, 3)), 0)


def test_many_films_have_a_thread_each(film: Path) -> None:
    room_ = DecoderRoom()
    sources = [VideoSource(str(film)) for _ in range(9)]
    assert room_.threads(4) == 4
    for source in sources:
        room_.take(clip(film), source, room_.threads(4))
    assert room_.threads(4) == 1
    for source in sources:
        source.close()
        room_.give(source)
    assert room_.threads(4) == 4
