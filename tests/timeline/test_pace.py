"""Speed curves against a numeric integration of the format's own words, and what a clip shows by them."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.timeline.model import PictureMaterial, PictureSegment, SpeedPoint
from cutfarm.timeline.pace import mean_speed, pace_of
from cutfarm.timeline.time import TimeRange

FILM = PictureMaterial("film", "video", "film", "film.mp4", 640, 360, 0, has_audio=True)
HERO = ((0, 1.0), (0.4, 5.0), (0.5, 0.5), (0.6, 0.5), (0.7, 5.0), (1, 1.0))


def points_of(*pairs):
    return tuple(SpeedPoint(float(at), float(speed)) for at, speed in pairs)


@st.composite
def curves(draw):
    inner = draw(st.lists(st.integers(1, 99), unique=True, max_size=6))
    places = [0, *sorted(inner), 100]
    return points_of(*((place / 100, draw(st.floats(0.1, 10))) for place in places))


def edges_of(points):
    """Where on the timeline the points lie: step 1 of the format's §4."""
    spans = [(b.at - a.at) / ((a.speed + b.speed) / 2) for a, b in pairwise(points)]
    total = sum(spans)
    return [sum(spans[:number]) / total for number in range(len(points))]


def speed_at(time, points, edges):
    """Step 2: straight lines through both points and two inner knots."""
    for (a, b), (left, right) in zip(pairwise(edges), pairwise(points), strict=True):
        if a <= time <= b:
            width, middle = b - a, (a + b) / 2
            mean, rise = (left.speed + right.speed) / 2, right.speed - left.speed
            knots = [(a, left.speed), (middle - 0.2951 * width, mean - 0.4 * rise)]
            knots += [(middle + 0.2951 * width, mean + 0.4 * rise), (b, right.speed)]
            for (t0, v0), (t1, v1) in pairwise(knots):
                if t0 <= time <= t1 and t1 > t0:
                    return v0 + (v1 - v0) * (time - t0) / (t1 - t0)
    raise AssertionError(f"{time} is outside of {edges}")


def integral(points, until, steps=4000):
    """Step 3 by the trapezoid rule, on a grid that holds every point."""
    edges = edges_of(points)
    area = 0.0
    for a, b in pairwise(sorted({0.0, *(edge for edge in edges if edge < until), until})):
        width = (b - a) / steps
        # A hair inside, so that a border belongs to one side.
        speeds = [speed_at(min(max(a + n * width, a + 1e-12), b - 1e-12), points, edges) for n in range(steps + 1)]
        area += width * (math.fsum(speeds) - (speeds[0] + speeds[-1]) / 2)
    return area


@pytest.mark.parametrize(
    "points",
    [
        points_of(*HERO),
        points_of((0, 0.2), (1, 8)),
        points_of((0, 3), (0.5, 3), (1, 3)),
        points_of((0, 9), (0.01, 0.1), (1, 2)),
    ],
)
def test_the_way_is_the_integral_of_the_speed(points):
    pace, whole = pace_of(points), integral(points, 1.0)
    for part in range(1, 24):
        time = part / 24
        assert abs(pace.way_at(time) - integral(points, time) / whole) <= 1e-6, time


@settings(max_examples=25, deadline=None)
@given(points=curves(), time=st.floats(0.001, 0.999))
def test_any_curve(points, time):
    expected = integral(points, time, steps=1500) / integral(points, 1.0, steps=1500)
    assert abs(pace_of(points).way_at(time) - expected) <= 1e-6


@given(points=curves())
def test_points_are_passed_at_their_places(points):
    pace = pace_of(points)
    for edge, point in zip(edges_of(points), points, strict=True):
        assert pace.way_at(edge) == pytest.approx(point.at, abs=1e-12)


@given(points=curves(), way=st.floats(-0.5, 1.5))
def test_there_and_back(points, way):
    pace = pace_of(points)
    assert pace.way_at(pace.time_at(way)) == pytest.approx(way, abs=1e-10)


@given(points=curves(), times=st.lists(st.floats(-1, 2), min_size=2, max_size=8))
def test_never_backwards(points, times):
    ways = [pace_of(points).way_at(time) for time in sorted(times)]
    assert all(later >= earlier - 1e-12 for earlier, later in pairwise(ways))


def test_the_mean():
    assert mean_speed(points_of((0, 2), (1, 2))) == 2
    assert mean_speed(points_of((0, 1), (0.5, 3), (1, 1))) == 2
    # Half of the source at 1, half at 4 and a jump: the time is what adds up.
    assert mean_speed(points_of((0, 1), (0.5, 1), (0.500001, 4), (1, 4))) == pytest.approx(1 / (0.5 + 0.125), rel=1e-5)


class TestClip:
    def clip(self, points=(), rate=Fraction(2), **more):
        source = TimeRange(1_000_000, 4_000_000)
        target = TimeRange(7_000_000, int(4_000_000 / rate))
        facts = {"material": FILM, "speed_points": points, **more}
        return PictureSegment(id="c", target=target, source=source, rate=rate, **facts)

    def test_the_whole_target_plays_the_whole_source(self):
        clip = self.clip(points_of(*HERO))
        assert clip.source_time_us(Fraction(0)) == 1_000_000
        assert clip.source_time_us(Fraction(2_000_000)) == 5_000_000
        times = [clip.source_time_us(Fraction(n * 2_000_000, 60)) for n in range(61)]
        assert times == sorted(times)

    def test_scaled_by_the_ranges(self):
        points, clip = points_of(*HERO), self.clip(points_of(*HERO))
        whole = integral(points, 1.0)
        for part in range(1, 12):
            expected = 1_000_000 + 4_000_000 * integral(points, part / 12) / whole
            assert abs(clip.source_time_us(Fraction(part * 2_000_000, 12)) - expected) < 1

    def test_beyond_its_ends_at_the_mean(self):
        clip = self.clip(points_of(*HERO))
        assert clip.source_time_us(Fraction(-100_000)) == 800_000
        assert clip.source_time_us(Fraction(2_300_000)) == 5_600_000

    @pytest.mark.parametrize("points", [(), points_of(*HERO)])
    def test_reversed_is_the_mirror_image(self, points):
        forwards, backwards = self.clip(points), self.clip(points, is_reversed=True)
        assert backwards.source_time_us(Fraction(0)) == 5_000_000
        assert backwards.source_time_us(Fraction(2_000_000)) == 1_000_000
        for offset in (-70_000, 0, 123_456, 1_999_999, 2_100_000):
            played = forwards.source_time_us(Fraction(offset)) - 1_000_000
            assert backwards.source_time_us(Fraction(offset)) == 5_000_000 - played

    def test_even_speed_is_exact(self):
        assert self.clip(rate=Fraction(4, 3)).source_time_us(Fraction(1, 3)) == 1_000_000 + Fraction(4, 9)
