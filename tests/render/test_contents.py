"""Colours, shapes and stickers in whole frames: in their place, at their time, drawn once where they stand still."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from cutfarm.media.picture import Picture
from cutfarm.media.planes import planes_of
from cutfarm.render.frame import Compositor, open_compositor
from cutfarm.timeline.model import BlurBackground, Fill, Shape, Timeline, Transform
from tests.media.film import at_rate, write_film
from tests.render.scene import BLUE, GREEN, RED, assets, clip, codes, generated, output, solid, timeline

SIZE_PX = (640, 360)
WHITE = (1.0, 1.0, 1.0, 1.0)
BOX = ((-45.0, 27.0), (45.0, 27.0), (45.0, -27.0), (-45.0, -27.0))


def opened(whole: Timeline) -> Compositor:
    return open_compositor(whole, assets(whole), output(*SIZE_PX))


def picture(compositor: Compositor, number: int = 0) -> Picture:
    drawn = compositor.frame(number)
    assert isinstance(drawn, Picture)
    return drawn


def luma(whole: Timeline, number: int = 0) -> NDArray[np.float64]:
    with opened(whole) as compositor:
        return planes_of(picture(compositor, number)).y.numpy().astype(float)


def edges_px(line: NDArray[np.float64]) -> tuple[float, float]:
    """Where a bright stretch of a dark line begins and ends, from how much of it is bright."""
    share = (line - 16) / 219
    middle = int(np.flatnonzero(share > 0.99).mean())
    return middle - share[:middle].sum(), middle + share[middle:].sum()


def spinning(path: Path, colours: list[tuple[int, ...]], frame_ms: int) -> Path:
    """A sticker: on nothing, a square that takes the colours in turn."""
    frames = []
    for colour in colours:
        frame = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
        frame.paste((*colour, 255), (9, 9, 31, 31))
        frames.append(frame)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=frame_ms, loop=1, lossless=True)
    return path


class TestColourClips:
    def test_one_that_fills_the_canvas_is_made_once_and_not_composited(self) -> None:
        whole = timeline([generated(Fill("f", 0, 0, ((1.0, 0.0, 0.0, 1.0),)), 0, 1)])
        with opened(whole) as compositor:
            first = picture(compositor)
            assert picture(compositor, 17) is first
            assert "painter" not in vars(compositor)
        for plane, wanted in zip(planes_of(first), codes(RED), strict=True):
            assert plane.unique().tolist() == [round(wanted)]

    def test_lies_contained_in_the_canvas(self) -> None:
        """A square is as high as the canvas, from column 140 to column 500."""
        line = luma(timeline([generated(Fill("f", 50, 50, (WHITE,)))]))[180]
        assert edges_px(line) == pytest.approx((140, 500), abs=0.01)

    def test_a_translucent_one_shows_what_is_below(self, tmp_path: Path) -> None:
        below = clip(solid(tmp_path / "b.png", BLUE))
        whole = timeline([below], [generated(Fill("f", 0, 0, ((1.0, 0.0, 0.0, 0.5),)))])
        with opened(whole) as compositor:
            drawn = planes_of(picture(compositor))
        mixed = (codes(RED) + codes(BLUE)) / 2
        assert [float(plane[90, 90]) for plane in drawn] == pytest.approx(list(mixed), abs=1.0)


class TestShapes:
    @pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
    def test_lies_where_its_numbers_say(self, scale: float) -> None:
        """Units are 720ths of the canvas's width: a box 90 by 54 is 80 by 48 px on 640 px."""
        moved = Transform(scale_x=scale, scale_y=scale, shift_x=0.25, shift_y=-0.1)
        drawn = luma(timeline([generated(Shape("s", BOX, WHITE, None), transform=moved)]))
        column, row = 320 * 1.25, 180 * 1.1
        assert edges_px(drawn[round(row)]) == pytest.approx((column - 40 * scale, column + 40 * scale), abs=0.1)
        assert edges_px(drawn[:, round(column)]) == pytest.approx((row - 24 * scale, row + 24 * scale), abs=0.1)

    def test_is_as_sharp_large_as_small(self) -> None:
        """What is drawn at its size blurs over two pixels, what is enlarged over as many as it is enlarged."""
        diamond = ((0.0, 20.0), (20.0, 0.0), (0.0, -20.0), (-20.0, 0.0))
        drawn = luma(timeline([generated(Shape("s", diamond, WHITE, None), transform=Transform(scale_x=8, scale_y=8))]))
        assert ((drawn[150] > 20) & (drawn[150] < 230)).sum() <= 6


class TestStickers:
    def test_turns_by_its_own_clock_from_its_own_start(self, tmp_path: Path) -> None:
        """Ten frames a second, shown from 0.5 s on: each for three frames of the output, again and again."""
        path = spinning(tmp_path / "s.webp", [RED, GREEN, BLUE], 100)
        whole = timeline([clip(path, 0.5, 1.5, kind="sticker")])
        with opened(whole) as compositor:
            seen = [float(planes_of(picture(compositor, number)).y[180, 320]) for number in range(15, 35)]
        turns = [codes(colour)[0] for colour in (RED, GREEN, BLUE)]
        assert seen == pytest.approx([turns[number // 3 % 3] for number in range(20)], abs=1.0)

    def test_nothing_of_it_is_seen_where_it_is_clear(self, tmp_path: Path) -> None:
        path = spinning(tmp_path / "s.webp", [RED, GREEN], 100)
        below = clip(solid(tmp_path / "b.png", BLUE))
        drawn = luma(timeline([below], [clip(path, 0, 1, kind="sticker")]))
        # It is contained in a square of half the canvas's height, 180 px, of which 99 px are red.
        assert edges_of_change(drawn[180], codes(BLUE)[0]) == pytest.approx((270.5, 369.5), abs=2.0)


def edges_of_change(line: NDArray[np.float64], around: float) -> tuple[int, int]:
    other = np.flatnonzero(np.abs(line - around) > 3)
    return int(other[0]), int(other[-1]) + 1


def test_frames_are_the_same_wherever_a_chunk_begins(tmp_path: Path) -> None:
    film = write_film(tmp_path / "f.mp4", at_rate(60))
    sticker = spinning(tmp_path / "s.webp", [RED, GREEN, BLUE], 70)
    half = Transform(scale_x=0.5, scale_y=0.5, rotation_deg=9.0)
    whole = timeline(
        [clip(film, 0, 1, transform=half, background=BlurBackground(0.375), dissolve_s=0.5), clip(film, 1, 1)],
        [generated(Fill("f", 0, 0, (WHITE, (1.0, 0.0, 0.0, 0.0)), (0.2, 0.9), 70.0), 0, 2, transform=half)],
        [generated(Shape("s", BOX, (1.0, 0.5, 0.0, 1.0), WHITE, 6.0, 9.0), 0, 2)],
        [clip(sticker, 0, 2, kind="sticker", transform=Transform(shift_x=0.4))],
    )
    with opened(whole) as compositor:
        in_order = [picture(compositor, number).digest() for number in range(60)]
    for number in (59, 3, 30, 31, 11):
        with opened(whole) as compositor:
            assert picture(compositor, number).digest() == in_order[number]
