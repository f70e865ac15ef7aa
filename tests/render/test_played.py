"""Which frame of its file a clip shows at each frame of the output: films that say their own numbers judge it."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cutfarm.render.frame import Compositor
from cutfarm.timeline.model import SpeedPoint, Timeline, Transform
from tests.media.film import at_rate, number_in, write_film
from tests.media.tensors import digest, tensors
from tests.render.scene import assets, clip, output, timeline

CANVAS = (160, 96)
COUNT = 120
HERO = tuple(SpeedPoint(*point) for point in ((0.0, 1.0), (0.4, 5.0), (0.5, 0.5), (0.6, 0.5), (0.7, 5.0), (1.0, 1.0)))


@pytest.fixture(scope="module", params=["mp4", "mkv"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds at 30 frames a second; times of the second kind are rounded to milliseconds."""
    path = tmp_path_factory.mktemp("films") / f"film.{request.param}"
    tick_s = Fraction(1, 1000) if request.param == "mkv" else Fraction(1, 90_000)
    return write_film(path, at_rate(COUNT), size_px=CANVAS, options={"bf": "2", "g": "30"}, tick_s=tick_s)


def shown(whole: Timeline, numbers: range) -> list[int]:
    """The numbers in the frames of the output."""
    with Compositor(whole, assets(whole), output(*CANVAS, fps=whole.fps)) as compositor:
        return [number_in(tensors(compositor.frame(number)).y.numpy()) for number in numbers]


def nearest(place: Fraction) -> int:
    """The source frame nearest to a place counted in source frames; the later one of two."""
    return int((place + Fraction(1, 2)) // 1)


@pytest.mark.parametrize("rate", [Fraction(1, 2), Fraction(11, 10), Fraction(2)])
def test_even_speeds_show_the_nearest_frame(rate: Fraction, film: Path) -> None:
    whole = timeline([clip(film, length_s=1.5, source_s=0.5, rate=rate)], canvas_px=CANVAS)
    rounding = Fraction(3, 100) if film.suffix == ".mkv" else 0  # of a frame: a millisecond decides half-way
    for number, got in enumerate(shown(whole, range(45))):
        place = 15 + number * rate
        assert got in {nearest(place - rounding), nearest(place + rounding)}


def test_a_clip_of_another_rate_shows_the_nearest_frame(tmp_path: Path) -> None:
    path = write_film(tmp_path / "cinema.mp4", at_rate(60, 24), size_px=CANVAS, fps=Fraction(24))
    whole = timeline([clip(path, length_s=2.0)], canvas_px=CANVAS)
    assert shown(whole, range(60)) == [nearest(Fraction(24, 30) * n) for n in range(60)]


def played_frames(points: tuple[SpeedPoint, ...], target_frames: int, source_frames: int) -> list[float]:
    """Where in the source each frame lies, by the format's words and many small steps."""
    spans = [(b.at - a.at) / ((a.speed + b.speed) / 2) for a, b in pairwise(points)]
    times, speeds, start = [0.0], [points[0].speed], 0.0
    for span, (left, right) in zip(spans, pairwise(points), strict=True):
        middle, mean, rise = start + span / 2, (left.speed + right.speed) / 2, right.speed - left.speed
        times += [middle - 0.2951 * span, middle + 0.2951 * span, start + span]
        speeds += [mean - 0.4 * rise, mean + 0.4 * rise, right.speed]
        start += span
    steps = np.linspace(0, start, 600_001)
    speed = np.interp(steps, times, speeds)
    way = np.concatenate(([0.0], np.cumsum((speed[1:] + speed[:-1]) / 2)))
    wanted = np.linspace(0, start, target_frames + 1)[:-1]
    return list(np.interp(wanted, steps, way / way[-1] * source_frames))


@pytest.mark.parametrize("is_reversed", [False, True])
def test_a_speed_curve_shows_what_its_integral_says(is_reversed: bool, film: Path) -> None:
    facts = {"speed_points": HERO, "is_reversed": is_reversed}
    whole = timeline([clip(film, length_s=2.0, source_s=0.5, rate=Fraction(3, 2), **facts)], canvas_px=CANVAS)
    got = shown(whole, range(60))
    assert len(set(got)) > 25
    for number, place in zip(got, played_frames(HERO, 60, 90), strict=True):
        if is_reversed:
            assert 105 - place - 1.1 <= number <= 105 - place + 0.1
        else:
            assert abs(number - 15 - place) <= 0.55
    if is_reversed:
        assert (got[0], got[-1]) == (104, 15)


def test_reversed_it_begins_with_its_last_frame_and_ends_with_its_first(film: Path) -> None:
    whole = timeline([clip(film, length_s=2.0, source_s=1.0, is_reversed=True)], canvas_px=CANVAS)
    assert shown(whole, range(60)) == list(range(89, 29, -1))


def test_reversed_and_composited_too(film: Path) -> None:
    reversed_clip = clip(film, length_s=2.0, source_s=1.0, is_reversed=True, transform=Transform(alpha=0.9))
    assert shown(timeline([reversed_clip], canvas_px=CANVAS), range(60)) == list(range(89, 29, -1))


def test_reversed_in_slow_motion_each_frame_is_shown_as_often(film: Path) -> None:
    whole = timeline([clip(film, length_s=2.0, source_s=1.0, rate=Fraction(1, 2), is_reversed=True)], canvas_px=CANVAS)
    assert shown(whole, range(60)) == [59 - n // 2 for n in range(60)]


def test_reversed_with_ends_that_are_rounded_to_microseconds(film: Path) -> None:
    # 7 and 20 frames are 233333.3 and 666666.7 microseconds.
    whole = timeline([clip(film, length_s=20 / 30, source_s=7 / 30, is_reversed=True)], canvas_px=CANVAS)
    assert shown(whole, range(20)) == list(range(26, 6, -1))


def test_whatever_is_drawn_first_reversed_frames_are_the_same(film: Path) -> None:
    forwards, backwards = clip(film, length_s=1.0, source_s=1.0), clip(film, 1.0, 2.0, source_s=1.0, is_reversed=True)
    whole = timeline([forwards, backwards], canvas_px=CANVAS)
    numbers = list(range(90))
    with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
        in_order = {number: digest(compositor.frame(number)) for number in numbers}
    random.Random(5).shuffle(numbers)
    with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
        shuffled = {number: digest(compositor.frame(number)) for number in numbers}
    assert shuffled == in_order


def test_an_animated_image_runs_backwards_too(tmp_path: Path) -> None:
    colours = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 200)]
    pictures = [Image.new("RGB", CANVAS, colour) for colour in colours]
    path = tmp_path / "lights.gif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100, loop=0)

    def digests(*, is_reversed: bool) -> list[str]:
        whole = timeline([clip(path, length_s=0.8, kind="gif", is_reversed=is_reversed)], canvas_px=CANVAS)
        with Compositor(whole, assets(whole), output(*CANVAS)) as compositor:
            return [digest(compositor.frame(number)) for number in range(24)]

    forwards = digests(is_reversed=False)
    assert len(set(forwards)) == 4
    assert digests(is_reversed=True) == forwards[::-1]
