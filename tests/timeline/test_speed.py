from __future__ import annotations

from fractions import Fraction

import pytest

from cutfarm.timeline.materials import Material
from cutfarm.timeline.notes import Notes, SegmentNotes
from cutfarm.timeline.speed import read_rate
from cutfarm.timeline.time import TimeRange


def rate(segment_speed, speeds, source_us, target_us):
    notes = Notes()
    segment = {} if segment_speed is None else {"speed": segment_speed}
    materials = [] if speeds is None else [Material("speeds", "s", speeds)]
    source = None if source_us is None else TimeRange(0, source_us)
    found = read_rate(segment, materials, source, TimeRange(0, target_us), Fraction(30), SegmentNotes(notes, "s"))
    return found, [entry.what for entry in notes.report()]


@pytest.mark.parametrize(
    ("segment_speed", "speeds", "source_us", "target_us", "expected"),
    [
        (None, None, 3_000_000, 2_000_000, Fraction(3, 2)),
        (1.0, {"speed": 1.0}, 2_000_000, 2_000_000, 1),
        (1.0, {"speed": 2.0}, 4_000_000, 2_000_000, 2),
        (1.0361442125127456, None, 1_036_144, 1_000_000, Fraction(1_036_144, 1_000_000)),
        (2.0, None, 4_000_000, 2_003_000, Fraction(4_000_000, 2_003_000)),
        (1.0, None, 40_000, 66_000, Fraction(20, 33)),
        (2.0, None, None, 2_000_000, 2),
        (2.0, None, 0, 2_000_000, 2),
        (None, None, None, 2_000_000, 1),
        (None, None, 1, 2_000_000, 1),
        (0.0, {"speed": -1}, 2_000_000, 1_000_000, 2),
        (0.5, {"speed": None}, 1_000_000, 2_000_000, Fraction(1, 2)),
        (float("nan"), {"speed": "fast"}, 2_000_000, 2_000_000, 1),
    ],
)
def test_rates_that_agree_with_their_ranges(segment_speed, speeds, source_us, target_us, expected):
    assert rate(segment_speed, speeds, source_us, target_us) == (expected, [])


def test_the_declared_speed_wins_where_the_ranges_contradict_it():
    assert rate(1.0, None, 10_000_000, 5_000_000) == (1, ["speed"])
    assert rate(1.0, None, 10_100_000, 10_000_000) == (Fraction(101, 100), [])
    assert rate(1.0, None, 10_101_000, 10_000_000) == (1, ["speed"])


def test_a_speed_curve_plays_at_its_mean_and_says_so():
    assert rate(1.0, {"mode": 1, "speed": 1.5}, 3_000_000, 2_000_000) == (Fraction(3, 2), ["speed curve"])


def test_absurd_speeds_are_held():
    assert rate(1e9, None, None, 1)[0] == 1000
    assert rate(1e-9, None, None, 1)[0] == Fraction(1, 100)
