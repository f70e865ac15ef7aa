"""Files open while they are shown, handed from clip to clip, closed when nobody needs them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from cutfarm.errors import AssetMissing
from cutfarm.media.source import PictureSource
from cutfarm.media.still import ImageSource
from cutfarm.media.video import VideoSource
from cutfarm.render.sources import Sources, open_picture
from cutfarm.render.spec import Asset
from cutfarm.timeline.model import ClipSegment, PictureSegment
from tests.media.film import at_rate, write_film
from tests.render.scene import clip


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    return [write_film(tmp_path / f"film{n}.mp4", at_rate(3), size_px=(80, 48)) for n in range(5)]


def no_content(segment: ClipSegment) -> PictureSource:
    raise AssertionError(f"{segment.id} shows a file")


def sources_of(*segments: PictureSegment) -> Sources:
    shows = {segment.id: segment.material.path for segment in segments}
    return Sources({path: Asset(path) for path in shows.values()}, 1, shows, no_content)


def test_a_segment_keeps_its_source(films: list[Path]) -> None:
    segment = clip(films[0])
    sources = sources_of(segment)
    assert sources.of(segment) is sources.of(segment)
    sources.close()


def test_two_segments_that_show_one_file_at_once_have_a_source_each(films: list[Path]) -> None:
    one, other = clip(films[0], id="one"), clip(films[0], id="other")
    sources = sources_of(one, other)
    assert sources.of(one) is not sources.of(other)
    sources.close()


def test_the_next_clip_of_a_file_takes_over_its_decoder(films: list[Path]) -> None:
    one, other = clip(films[0], id="one"), clip(films[0], id="other")
    sources = sources_of(one, other)
    first = sources.of(one)
    sources.keep({"other"})
    assert sources.of(other) is first
    sources.close()


def test_a_file_that_nobody_shows_any_more_is_closed(films: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[PictureSource] = []
    real = VideoSource.close
    monkeypatch.setattr(VideoSource, "close", lambda source: (closed.append(source), real(source)))
    one, again, other = clip(films[0], id="one"), clip(films[0], id="again"), clip(films[1], id="other")
    sources = sources_of(one, again, other)
    first, second = sources.of(one), sources.of(other)
    sources.keep(())
    assert closed == [second]
    assert sources.of(again) is first
    sources.keep(())
    assert closed == [second, first]


def test_few_idle_files_stay_open(films: list[Path]) -> None:
    now, later = ([clip(film, id=f"{when}{film.name}") for film in films] for when in ("now", "later"))
    sources = sources_of(*now, *later)
    opened = [sources.of(segment) for segment in now]
    sources.keep(())
    again = [sources.of(segment) for segment in later]
    assert sum(a is b for a, b in zip(opened, again, strict=True)) == 2
    sources.close()


def test_the_content_says_whether_it_is_an_image(films: list[Path], tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "photo.mp4", format="png")
    (tmp_path / "film.png").write_bytes(films[0].read_bytes())
    for path, kind in ((tmp_path / "photo.mp4", ImageSource), (tmp_path / "film.png", VideoSource)):
        source = open_picture(str(path))
        assert isinstance(source, kind)
        source.close()


def test_faults_name_material_and_segment(tmp_path: Path) -> None:
    segment = clip(tmp_path / "gone.mp4", id="s7")
    sources = sources_of(segment)
    with pytest.raises(
        AssetMissing, match=r"^material 'gone\.mp4' of segment s7: the media file gone\.mp4 is not there$"
    ):
        sources.of(segment)
    with pytest.raises(AssetMissing, match="its file was not supplied"):
        Sources({}, 1, {}, no_content).of(segment)
