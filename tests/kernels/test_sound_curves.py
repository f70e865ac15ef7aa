"""Béziers for many instants at once, against a bisection in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.sound_curves import Ease, eased

values = st.floats(-10, 10)


def cubic(u: Fraction, *points: Fraction) -> Fraction:
    back = 1 - u
    p0, p1, p2, p3 = points
    return back**3 * p0 + 3 * back**2 * u * p1 + 3 * back * u**2 * p2 + u**3 * p3


def exact(x: float, ease: Ease) -> float:
    """The curve's value at `x`, by halving the parameter's bracket 45 times."""
    x1, x2 = (min(max(Fraction(x), Fraction(0)), Fraction(1)) for x in (ease.x1, ease.x2))
    low, high = Fraction(0), Fraction(1)
    for _ in range(45):
        middle = (low + high) / 2
        if cubic(middle, Fraction(0), x1, x2, Fraction(1)) < Fraction(x):
            low = middle
        else:
            high = middle
    u = low
    return float(cubic(u, Fraction(0), Fraction(ease.y1), Fraction(ease.y2), Fraction(ease.end)))


@settings(max_examples=30, deadline=None)
@given(x1=st.floats(0, 0.9), x2=st.floats(0.1, 1), y1=values, y2=values, end=values)
def test_values_are_the_curves(x1: float, x2: float, y1: float, y2: float, end: float) -> None:
    ease, at = Ease(x1, y1, x2, y2, end), np.linspace(0, 1, 9)
    np.testing.assert_allclose(eased(at, ease), [exact(x, ease) for x in at], atol=3e-6)


@pytest.mark.parametrize("outside", [(-3.0, 0.5), (0.5, 7.0), (-1.0, 2.0)])
def test_handles_beyond_the_span_are_held_to_it(outside: tuple[float, float]) -> None:
    at = np.linspace(0, 1, 50)
    held = Ease(max(outside[0], 0.0), 0.2, min(outside[1], 1.0), 0.9, 1.0)
    np.testing.assert_array_equal(eased(at, Ease(outside[0], 0.2, outside[1], 0.9, 1.0)), eased(at, held))


def test_straight_handles_make_a_line() -> None:
    at = np.linspace(0, 1, 50)
    np.testing.assert_allclose(eased(at, Ease(1 / 3, 2 / 3, 2 / 3, 4 / 3, 2.0)), 2 * at, atol=1e-12)


@pytest.mark.parametrize(("x1", "x2"), [(0.42, 0.58), (0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)])
def test_a_gain_from_nothing_is_within_a_hundredth_of_a_decibel(x1: float, x2: float) -> None:
    """From −80 dB up, also where the curve is upright in time."""
    ease, at = Ease(x1, 0.0, x2, 1.0, 1.0), np.linspace(0, 1, 401)[1:]
    wanted = np.array([exact(x, ease) for x in at])
    loud = wanted > 1e-4
    assert np.abs(20 * np.log10(eased(at, ease)[loud] / wanted[loud])).max() < 0.01
