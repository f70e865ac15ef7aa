"""So many films at once as fit into memory; one more is refused, and says whose it is. Photos let go of theirs."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from cutfarm.errors import DraftError
from cutfarm.media.still import ImageSource
from cutfarm.media.video import VideoSource
from cutfarm.render import room
from cutfarm.render.frame import Compositor
from cutfarm.render.room import DecoderRoom
from cutfarm.timeline.model import BlurBackground, PictureSegment, Timeline, Transform
from tests.media.film import at_rate, write_film
from tests.media.tensors import digest
from tests.render.scene import assets, clip, compound, output, quarters, timeline

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


class TestPhotos:
    @pytest.fixture
    def whole(self, tmp_path: Path) -> Timeline:
        """Six photos side by side, each cut out of another colour; one of them blurred behind itself."""
        tracks = []
        for n in range(6):
            quarters(tmp_path / f"{n}.png", (200 + n, 100))
            placed = Transform(scale_x=0.3, scale_y=0.3, shift_x=n / 3 - 1)
            behind = BlurBackground(0.5) if n == 0 else None
            tracks.append([clip(tmp_path / f"{n}.png", kind="photo", transform=placed, background=behind)])
        return timeline(*tracks, canvas_px=(64, 36))

    def test_what_lets_go_shows_the_same(self, whole: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
        def shown() -> list[str]:
            with Compositor(whole, assets(whole), output(64, 36)) as compositor:
                return [digest(compositor.frame(number)) for number in (0, 1)]

        kept = shown()
        let_go: list[ImageSource] = []
        real = ImageSource.let_go
        monkeypatch.setattr(ImageSource, "let_go", lambda photo: (let_go.append(photo), real(photo)))
        monkeypatch.setattr(room, "MOST_PHOTO_BYTES", 3 * 200 * 100 * 7)
        assert shown() == kept
        assert len(let_go) == 4
        assert len({id(photo) for photo in let_go}) == 4

    def test_it_holds_nothing_then(self, tmp_path: Path) -> None:
        photo = ImageSource(str(quarters(tmp_path / "photo.png", (200, 100))))
        sizes = ((200, 100), (50, 26), (100, 50), (50, 26))
        kept = [digest(photo.picture_at(Fraction(0), *size)) for size in sizes]
        assert photo.held_bytes == 200 * 100 * 7
        photo.let_go()
        for size, wanted in zip(sizes, kept, strict=True):
            assert photo.held_bytes == 0
            assert digest(photo.picture_at(Fraction(0), *size)) == wanted
        photo.close()

    def test_animations_are_not_photos(self, tmp_path: Path) -> None:
        """To go back in one is to decode it from its start."""
        frames = [Image.new("RGB", (8, 8), (60 * n, 0, 0)) for n in range(4)]
        frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:], duration=100)
        moving = ImageSource(str(tmp_path / "moving.gif"))
        assert moving.held_bytes == 0
        moving.let_go()
        assert moving._decoded is not None
        moving.close()
