"""Opening a film: what its index and its parameter sets tell need not be decoded for, and nothing else comes of it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cutfarm.media.container import open_media
from cutfarm.media.frames import OpenFile, open_film
from cutfarm.media.video import VideoSource
from tests.media.damage import remuxed
from tests.media.film import at_rate, displayed_by, write_film

COUNT = 40
FILMS: dict[str, dict[str, Any]] = {
    "B frames": {"options": {"preset": "medium", "bf": "3", "g": "12"}},
    "no B frames": {"options": {"preset": "ultrafast", "tune": "zerolatency"}},
    "open GOPs": {"options": {"preset": "medium", "g": "12", "x264-params": "open-gop=1:bframes=5:b-pyramid=normal"}},
    "wide pixels": {"pixel_aspect": Fraction(4, 3)},
    "another codec": {"codec": "mpeg4", "options": {"g": "12", "bf": "2"}, "tick_s": Fraction(1, 30)},
}


def seen(path: Path, open_file: OpenFile) -> list[object]:
    source = VideoSource(str(path), open_file=open_file)
    facts: list[object] = [source.width_px, source.height_px, source.quarter_turns, source.is_plain]
    for number in range(COUNT):
        time_us = number * Fraction(1_000_000, 30)
        picture = source.picture_at(time_us, source.width_px, source.height_px)
        facts += [source.key_at(time_us), source.fault_at(time_us, 0, 1_300_000), picture.digest()]
    source.close()
    return facts


def is_undecoded(path: Path) -> bool:
    with open_film(str(path)) as container:
        return container.streams.video[0].codec_context.pix_fmt is None


@pytest.mark.parametrize("kind", FILMS)
def test_a_film_that_was_not_looked_into_is_the_same(kind: str, tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", at_rate(COUNT), **FILMS[kind])
    assert seen(path, open_film) == seen(path, open_media)
    assert is_undecoded(path) == (kind in ("B frames", "no B frames", "open GOPs"))


def test_a_turned_film_is_the_same(tmp_path: Path) -> None:
    path = displayed_by(write_film(tmp_path / "a.mp4", at_rate(COUNT)), (0, 1, -1, 0))
    assert is_undecoded(path)
    assert seen(path, open_film) == seen(path, open_media)


def test_a_fragmented_film_is_the_same(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "a.mp4", at_rate(COUNT), options={"g": "12"})
    path = remuxed(whole, tmp_path / "b.mp4", options={"movflags": "frag_keyframe+empty_moov"})
    assert seen(path, open_film) == seen(path, open_media) == seen(whole, open_film)
