"""What compound clips open, draw again and report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from cutfarm.errors import AssetMissing
from cutfarm.media.video import VideoSource
from cutfarm.render import painter as painter_module
from cutfarm.render.frame import Compositor
from cutfarm.timeline.model import Segment, Timeline, Transform
from tests.media.film import at_rate, write_film
from tests.render.scene import RED, SECOND, assets, caption, clip, compound, output, solid, timeline

CANVAS = (320, 180)
HALF = Transform(scale_x=0.5, scale_y=0.5)


def canvas(*tracks: Sequence[Segment]) -> Timeline:
    return timeline(*tracks, canvas_px=CANVAS)


def draw(whole: Timeline, *numbers: int) -> None:
    with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
        for number in numbers:
            compositor.frame(number)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(90), size_px=CANVAS, options={"g": "30"})


@pytest.fixture
def red(tmp_path: Path) -> Path:
    return solid(tmp_path / "red.png", RED, CANVAS)


def test_a_still_draft_is_drawn_once(film: Path, red: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    real = painter_module.Painter.soft_frame
    monkeypatch.setattr(
        painter_module.Painter, "soft_frame", lambda self, layers: drawn.append(1) or real(self, layers)
    )
    inner = canvas([clip(red, 0, 2, kind="photo", transform=HALF)], [caption("words", 0, 2)])
    draw(canvas([clip(film, 0, 2)], [compound(inner)]), *range(0, 60, 5))
    assert len(drawn) == 1


def test_what_is_hidden_is_not_decoded(film: Path, red: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither below an opaque compound clip nor within one, nor one that is itself hidden."""
    opened = []
    real = VideoSource.__init__
    monkeypatch.setattr(VideoSource, "__init__", lambda self, *given: opened.append(given[0]) or real(self, *given))
    covered = canvas([clip(film, 0, 1)], [clip(red, 0, 1, kind="photo")])
    draw(canvas([clip(film, 0, 1, id="below")], [compound(covered)]), 0, 10)
    draw(canvas([compound(canvas([clip(film, 0, 1)]))], [clip(red, 0, 1, kind="photo")]), 0, 10)
    unseen = compound(canvas([clip(film, 0, 1)]), transform=Transform(alpha=0.0))
    draw(canvas([clip(red, 0, 1, kind="photo")], [unseen]), 0, 10)
    assert opened == []


def test_inner_files_are_open_while_they_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most those shown at once and two more, and none when the clip has been left."""
    films = [write_film(tmp_path / f"{n}.mp4", at_rate(6), size_px=(80, 48)) for n in range(8)]
    count = {"open": 0, "most": 0}
    begin, end = VideoSource.__init__, VideoSource.close

    def opened(self: VideoSource, *given: object) -> None:
        count["open"] += 1
        count["most"] = max(count.values())
        begin(self, *given)  # type: ignore[arg-type]

    def closed(self: VideoSource) -> None:
        count["open"] -= 1
        end(self)

    monkeypatch.setattr(VideoSource, "__init__", opened)
    monkeypatch.setattr(VideoSource, "close", closed)
    inner = canvas([clip(film, n * 0.2, 0.2) for n, film in enumerate(films)])
    whole = canvas([compound(canvas([compound(inner)]))])
    with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
        for number in range(48):
            compositor.frame(number)
        assert 1 <= count["most"] <= 3
        compositor.frame(60)
        assert count["open"] == 0


def test_a_missing_file_is_named_with_both_segments(tmp_path: Path) -> None:
    inner = canvas([clip(tmp_path / "gone.mp4", id="inner")])
    whole = canvas([compound(canvas([compound(inner, id="middle")]), id="outer")])
    words = (
        r"^compound clip \"outer's draft\" of segment outer: compound clip \"middle's draft\" of segment middle: "
        r"material 'gone\.mp4' of segment inner: the media file gone\.mp4 is not there$"
    )
    with pytest.raises(AssetMissing, match=words):
        draw(whole, 0)


def test_faults_have_the_inner_segments_id_and_the_outer_times(tmp_path: Path) -> None:
    """A film that ends after half a second, from the middle of the timeline on, shown by two compound clips."""
    short = write_film(tmp_path / "short.mp4", at_rate(15), size_px=(80, 48))
    inner = canvas([clip(short, 0, 1, id="short")])
    twice = [compound(inner, 1, id="one"), compound(inner, 2, id="two")]
    whole = canvas(twice, [replace(compound(inner, 1, id="three"), transform=HALF)])
    with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
        for number in range(30, 90):
            compositor.frame(number)
        [entry] = compositor.report.entries
    assert entry.segment_id == "short"
    assert [(round(a / SECOND, 3), round(b / SECOND, 3)) for a, b in entry.spans_us] == [(1.5, 2.0), (2.5, 3.0)]


def test_what_drawing_finds_is_reported_once() -> None:
    inner = canvas([caption("a\U0010fffd", 0, 1, id="odd")])
    whole = canvas([compound(inner, 0, id="one"), compound(inner, 1, id="two")])
    with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
        for number in (0, 10, 40):
            compositor.frame(number)
        assert [entry.segment_id for entry in compositor.report.entries if entry.what == "character"] == ["odd"]
