"""Eased values against a bisection in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cutfarm.timeline.bezier import eased

PARTS = st.floats(0, 1, allow_subnormal=False)
VALUES = st.floats(-5, 5, allow_subnormal=False)


def cubic(u, p0, p1, p2, p3):
    return (1 - u) ** 3 * p0 + 3 * (1 - u) ** 2 * u * p1 + 3 * (1 - u) * u**2 * p2 + u**3 * p3


def bisected(share, x1, y1, x2, y2, end):
    """The curve's value at `share` of the time, and how fast time runs there, all exact but for 2⁻⁷⁰ of u."""
    x1, y1, x2, y2, end, share = map(Fraction, (x1, y1, x2, y2, end, share))
    low, high = Fraction(0), Fraction(1)
    for _ in range(70):
        middle = (low + high) / 2
        if cubic(middle, 0, x1, x2, 1) < share:
            low = middle
        else:
            high = middle
    slope = 3 * ((1 - low) ** 2 * x1 + 2 * (1 - low) * low * (x2 - x1) + low**2 * (1 - x2))
    return float(cubic(low, 0, y1, y2, end)), float(slope)


@given(share=PARTS, x1=PARTS, y1=VALUES, x2=PARTS, y2=VALUES, end=VALUES)
def test_within_a_millionth_of_a_bisection(share, x1, y1, x2, y2, end):
    expected, slope = bisected(share, x1, y1, x2, y2, end)
    assume(slope > 1e-6)  # where time stands still, floats do not hold it finely enough
    assert abs(eased(share, (x1, y1), (x2, y2), end) - expected) <= 1e-6


@pytest.mark.parametrize(("x1", "x2"), [(0, 0), (1, 0), (1, 1), (0, 1), (0.32, 0.6)])
def test_steep_places_too(x1, x2):
    for part in range(401):
        expected, slope = bisected(Fraction(part, 400), x1, 0, x2, 1, 1)
        room = 1e-6 if slope > 1e-6 else 1e-4
        assert abs(eased(part / 400, (x1, 0.0), (x2, 1.0), 1.0) - expected) <= room


def test_the_applications_cubic_out():
    # The reference capture: the handles are 0.32 of the time and 0.94 of the way, and 0.40 of the time and none.
    way = [eased(part / 4, (0.32, 0.94), (0.6, 1.0), 1.0) for part in range(5)]
    assert way == [pytest.approx(bisected(Fraction(p, 4), 0.32, 0.94, 0.6, 1.0, 1.0)[0], abs=1e-9) for p in range(5)]
    assert way[2] > 0.85


def test_handles_on_their_keys_are_a_straight_line():
    for part in range(11):
        assert eased(part / 10, (0.0, 0.0), (1.0, 3.0), 3.0) == pytest.approx(0.3 * part, abs=1e-12)


@given(share=PARTS, x1=st.floats(-4, 5), x2=st.floats(-4, 5))
def test_handles_past_the_other_key_are_held_to_it_in_time(share, x1, x2):
    held = [min(max(x, 0.0), 1.0) for x in (x1, x2)]
    assert eased(share, (x1, 0.2), (x2, 0.9), 1.0) == eased(share, (held[0], 0.2), (held[1], 0.9), 1.0)


@given(x1=PARTS, x2=PARTS, shares=st.lists(PARTS, min_size=2, max_size=6))
def test_time_never_runs_back(x1, x2, shares):
    ways = [eased(share, (x1, 1 / 3), (x2, 2 / 3), 1.0) for share in sorted(shares)]  # the value is u itself
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(ways))


@given(x1=PARTS, y1=VALUES, x2=PARTS, y2=VALUES, end=VALUES)
def test_both_ends_are_met(x1, y1, x2, y2, end):
    assert eased(0.0, (x1, y1), (x2, y2), end) == pytest.approx(0.0, abs=1e-9)
    assert eased(1.0, (x1, y1), (x2, y2), end) == pytest.approx(end, abs=1e-9)
