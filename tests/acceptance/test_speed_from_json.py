"""From a draft's speeds to the numbers in the pictures, by the format's §4: which frame of its source a clip shows."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from tests.acceptance.drafts import SECOND, Draft, Raw, keys
from tests.acceptance.oracle import nearest, place_of, played_share
from tests.acceptance.shots import corners_error, crossing, draw, mark
from tests.media.film import at_rate, write_film

SIZE = (160, 96)
COUNT = 240  # frames of the film, 8 seconds

#: The application's curves have such points: montage, hero, bullet, jump cut, flash in, flash out, and a plain ramp.
CURVES: dict[str, list[tuple[float, float]]] = {
    "ramp": [(0.0, 0.5), (1.0, 4.0)],
    "even": [(0.0, 1.5), (0.4, 1.5), (1.0, 1.5)],
    "montage": [(0.0, 0.9), (0.22, 0.9), (0.3, 5.2), (0.42, 0.5), (0.55, 0.5), (0.75, 0.9), (1.0, 0.9)],
    "bullet": [(0.0, 5.2), (0.3, 5.2), (0.45, 0.5), (0.55, 0.5), (0.7, 5.2), (1.0, 5.2)],
    "flash-in": [(0.0, 5.2), (0.4, 5.2), (0.6, 1.0), (1.0, 1.0)],
    "two-sides": [(0.0, 0.3), (0.5, 9.0), (1.0, 0.3)],
}


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", at_rate(COUNT), size_px=SIZE, options={"g": "24"})


def playing(film: Path, length_us: int, *, start_us: int = 0, **more: object) -> tuple[Draft, Raw]:
    draft = Draft(SIZE)
    material = draft.film(film, SIZE, 8 * SECOND)
    return draft, draft.clip(draft.track(), material, start_us, length_us, **more)  # type: ignore[arg-type]


def curved(draft: Draft, segment: Raw, points: list[tuple[float, float]]) -> None:
    """Make the segment's speed a curve, and its target as long as that asks for, to a microsecond."""
    total = sum((x1 - x0) / ((y0 + y1) / 2) for (x0, y0), (x1, y1) in pairwise(points))
    segment["target_timerange"]["duration"] = round(segment["source_timerange"]["duration"] * total)
    draft.raw["duration"] = segment["target_timerange"]["start"] + segment["target_timerange"]["duration"]
    [speed] = draft.raw["materials"]["speeds"]
    written = [{"x": x, "y": y} for x, y in points]
    speed |= {"mode": 1, "speed": 1 / total, "curve_speed": {"name": "Custom", "speed_points": written}}
    segment["speed"] = 1 / total


@pytest.mark.parametrize("speed", [1.0, 1.1, 0.5, 0.37, 2.0, 3.3, 10.0])
@pytest.mark.parametrize("source_us", [0, 433_333])
def test_a_constant_speed_shows_the_nearest_frame(speed: float, source_us: int, film: Path) -> None:
    start_us, length_us = 333_333, 700_000
    draft, segment = playing(film, length_us, start_us=start_us, source_us=source_us, speed=speed)
    frames = range(10, 31)
    shown = [shot.number() for shot in draw(draft.raw, frames, SIZE)]
    rate = Fraction(segment["source_timerange"]["duration"], length_us)
    for frame, number in zip(frames, shown, strict=True):
        media_us = source_us + (frame - 10) * Fraction(SECOND, 30) * rate
        assert abs(number - media_us * 30 / SECOND) <= 0.5 + 1e-4, frame  # microseconds are rounded, halves are not


def test_the_nearest_and_not_the_one_before(film: Path) -> None:
    """By hand: at speed 1.1 frame 5 shows 5.5, which is the sixth, and frame 4 shows 4.4."""
    draft, _ = playing(film, SECOND, speed=1.1)
    assert [shot.number() for shot in draw(draft.raw, (4, 5, 6, 14, 15), SIZE)] == [4, 6, 7, 15, 17]


def test_the_ranges_are_authoritative_where_the_speed_is_a_little_off(film: Path) -> None:
    draft, segment = playing(film, 2 * SECOND, speed=1.5)
    segment["source_timerange"]["duration"] += 3_000
    shown = [shot.number() for shot in draw(draft.raw, range(0, 60, 7), SIZE)]
    assert shown == [nearest(frame / 30 * 1.5015 * SECOND, 30, COUNT) for frame in range(0, 60, 7)]


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize("source_us", [0, 1_200_000])
def test_curves_show_what_numeric_integration_says(name: str, source_us: int, film: Path) -> None:
    points = CURVES[name]
    draft, segment = playing(film, 2_400_000, source_us=source_us)
    curved(draft, segment, points)
    length_us = segment["target_timerange"]["duration"]
    frames = range(0, length_us * 30 // SECOND, 5)
    shown = [shot.number() for shot in draw(draft.raw, frames, SIZE)]
    for frame, number in zip(frames, shown, strict=True):
        share = frame / 30 * SECOND / length_us
        media_us = source_us + 2_400_000 * (played_share(points, share, 2_000) if frame else 0.0)
        assert abs(number - media_us * 30 / SECOND) <= 0.5 + 2e-3, frame


def test_a_curves_keyframes_count_media_time(tmp_path: Path) -> None:
    """A key in the middle of the source is met when half of it has been played, which is late on a rising ramp.

    On the timeline the way from key to key is straight.
    """
    draft = Draft((640, 360))
    film = write_film(tmp_path / "film.mp4", at_rate(COUNT), size_px=(160, 90))
    material = draft.film(film, (160, 90), 8 * SECOND)
    segment = draft.clip(draft.track(), material, 0, 2_400_000, source_us=1_000_000)
    curved(draft, segment, CURVES["ramp"])
    segment["clip"]["scale"] = {"x": 0.5, "y": 0.5}
    listed = keys("KFTypePositionX", (1_000_000, -0.5), (2_200_000, 0.0), (3_400_000, 0.5))
    segment["common_keyframes"] = [listed]
    length_us = segment["target_timerange"]["duration"]
    early, late = 0.0, 1.0
    for _ in range(40):
        middle = (early + late) / 2
        early, late = (middle, late) if played_share(CURVES["ramp"], middle, 500) < 0.5 else (early, middle)
    assert early > 0.6
    frames = (0, 8, 17, 25, 31)
    for frame, shot in zip(frames, draw(draft.raw, frames), strict=True):
        share = frame / 30 * SECOND / length_us
        shift = -0.5 + 0.5 * share / early if share < early else 0.5 * (share - early) / (1 - early)
        wanted = 160 * (1 + shift) + 80  # the right edge
        assert abs(crossing(shot, (wanted, 90 + 30), (1, 0))) < 0.5, frame


@pytest.mark.parametrize("speed", [1.0, 2.0, 0.5])
@pytest.mark.parametrize("source_us", [0, 1_500_000])
def test_reversed_from_the_end_of_its_range(speed: float, source_us: int, film: Path) -> None:
    """The frame whose time ends where the playhead is: the mirror image of playing forwards."""
    draft, segment = playing(film, 1_500_000, source_us=source_us, speed=speed, reverse=True)
    frames = (0, 1, 7, 20, 21, 44)
    end = (source_us + segment["source_timerange"]["duration"]) * 30 / SECOND
    shown = [shot.number() for shot in draw(draft.raw, frames, SIZE)]
    assert shown == pytest.approx([end - frame * speed - 1 for frame in frames], abs=0.5)


def test_a_freeze_frame_is_a_photo_that_stands_still(tmp_path: Path, film: Path) -> None:
    draft = Draft((640, 360))
    photo = draft.photo(mark(tmp_path / "frozen.png", (160, 90)), (160, 90))
    moving = draft.film(film, SIZE, 8 * SECOND)
    track = draft.track()
    draft.clip(track, moving, 0, SECOND)
    still = draft.clip(track, photo, SECOND, SECOND)
    still["clip"]["scale"] = {"x": 0.7, "y": 0.7}
    draft.clip(track, moving, 2 * SECOND, SECOND, source_us=SECOND)
    shots = draw(draft.raw, (30, 45, 59))
    for shot in shots:
        assert corners_error(shot, place_of(draft.raw, still, SECOND, (320, 180))) < 0.5
    assert all((shot.y == shots[0].y).all() for shot in shots)


def test_beyond_the_end_of_the_file_the_last_frame_is_held(film: Path) -> None:
    draft, _ = playing(film, 2 * SECOND, source_us=7 * SECOND)
    assert [shot.number() for shot in draw(draft.raw, (0, 29, 30, 59), SIZE)] == [210, 239, 239, 239]


def test_the_speeds_material_counts_and_not_its_copy(film: Path) -> None:
    """Where the segment names no range; the application goes by the material."""
    draft, segment = playing(film, SECOND, speed=2.0)
    segment["source_timerange"], segment["speed"] = None, 1.0
    assert [shot.number() for shot in draw(draft.raw, (0, 10, 29), SIZE)] == [0, 20, 58]
