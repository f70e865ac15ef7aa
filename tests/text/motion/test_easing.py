"""Easing curves against their formulas."""

from __future__ import annotations

import math

import pytest

from cutfarm.text.motion.easing import CURVES, ease, smoothstep

STEPS = [index / 40 for index in range(41)]
POWERS = {"quad": 2, "cubic": 3, "quint": 5}


@pytest.mark.parametrize("name", sorted(CURVES))
def test_every_curve_begins_at_0_and_ends_at_1(name):
    assert CURVES[name](0.0) == pytest.approx(0.0, abs=1e-12)
    assert CURVES[name](1.0) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("p", STEPS)
@pytest.mark.parametrize("name", POWERS)
def test_powers(name, p):
    n = POWERS[name]
    assert ease(f"in_{name}", p) == pytest.approx(p**n)
    assert ease(f"out_{name}", p) == pytest.approx(1 - (1 - p) ** n)
    both = 2 ** (n - 1) * p**n if p < 0.5 else 1 - (2 - 2 * p) ** n / 2
    assert ease(f"in_out_{name}", p) == pytest.approx(both)


@pytest.mark.parametrize("p", STEPS[1:-1])
def test_back_and_elastic(p):
    c = 1.70158
    assert ease("in_back", p) == pytest.approx((c + 1) * p**3 - c * p**2)
    assert ease("out_back", p) == pytest.approx(1 + (c + 1) * (p - 1) ** 3 + c * (p - 1) ** 2)
    assert ease("out_elastic", p) == pytest.approx(2 ** (-10 * p) * math.sin((10 * p - 0.75) * 2 * math.pi / 3) + 1)


@pytest.mark.parametrize("p", STEPS)
def test_bounce_is_four_parabolas(p):
    if p < 1 / 2.75:
        wanted = 7.5625 * p**2
    elif p < 2 / 2.75:
        wanted = 7.5625 * (p - 1.5 / 2.75) ** 2 + 0.75
    elif p < 2.5 / 2.75:
        wanted = 7.5625 * (p - 2.25 / 2.75) ** 2 + 0.9375
    else:
        wanted = 7.5625 * (p - 2.625 / 2.75) ** 2 + 0.984375
    assert ease("out_bounce", p) == pytest.approx(wanted)


def test_steps_are_four():
    assert {ease("steps", p) for p in STEPS} == {0.0, 0.25, 0.5, 0.75, 1.0}


def test_names_without_meaning_are_the_default():
    assert ease("wobbly", 0.3, "in_quad") == ease(None, 0.3, "in_quad") == ease(["x"], 0.3, "in_quad") == 0.3**2


def test_time_is_held():
    assert ease("linear", -1) == 0
    assert ease("linear", 7) == 1


def test_smoothstep():
    assert [smoothstep(0, 2, x) for x in (-1, 0, 0.5, 1, 2, 3)] == [0, 0, 0.15625, 0.5, 1, 1]
    assert [smoothstep(1, 1, x) for x in (0.99, 1.0)] == [0, 1]
