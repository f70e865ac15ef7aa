"""Cards, cylinders and folds against a pinhole camera in float64."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from cutfarm.text.motion.families import FAMILIES
from cutfarm.text.motion.moment import Box
from tests.text.motion.stage import BOX, play

PS = [0.2, 0.5, 0.8]
MIDDLE = np.array([130.0, 80.0, 0.0])


def out_cubic(p):
    return 1 - (1 - p) ** 3


def rotation(axis, deg):
    """Rodrigues' formula; x right, y down, z away."""
    ux, uy, uz = axis
    k = np.array([[0, -uz, uy], [uz, 0, -ux], [-uy, ux, 0]])
    angle = math.radians(deg)
    return np.eye(3) + math.sin(angle) * k + (1 - math.cos(angle)) * (k @ k)


def seen_at(point, pivot, turn, eye_px):
    """Where a camera before the box's middle sees a point of a card that is turned about a pivot."""
    x, y, z = turn @ (point - pivot) + pivot - MIDDLE
    return 130 + x * eye_px / (eye_px + z), 80 + y * eye_px / (eye_px + z)


CORNERS = [np.array([x, y, 0.0]) for x in (BOX.left, BOX.right) for y in (BOX.top, BOX.bottom)]


@pytest.mark.parametrize("p", PS)
@pytest.mark.parametrize(("axis", "unit"), [("x", (1, 0, 0)), ("y", (0, -1, 0)), ("xy", (0.5**0.5, 0.5**0.5, 0))])
@pytest.mark.parametrize(("pivot", "y"), [("", 80.0), ("top", 40.0), ("bottom", 120.0)])
def test_cards_turn(p, axis, unit, pivot, y):
    angle = 180 * (1 - out_cubic(p))
    (seen,) = play(FAMILIES["flip3d"], {"axis": axis, "deg": 180, "pivot": pivot}, p=p)
    for corner in CORNERS:
        wanted = seen_at(corner, np.array([130, y, 0]), rotation(unit, angle), 160)
        assert seen.at(*corner[:2]) == pytest.approx(wanted, abs=0.01)
    assert (seen.tint.colours is not None) == (angle > 90)


def test_a_card_on_edge_is_not_seen():
    assert play(FAMILIES["flip3d"], {"axis": "y", "deg": 360}, p=0.25, kind="loop") == []


@pytest.mark.parametrize("p", PS)
def test_loops_turn_round_or_to_and_fro(p):
    (seen,) = play(FAMILIES["flip3d"], {"axis": "x", "deg": 360}, p=p, kind="loop")
    wanted = seen_at(CORNERS[0], MIDDLE, rotation((1, 0, 0), 360 * p), 160)
    assert seen.at(*CORNERS[0][:2]) == pytest.approx(wanted, abs=0.01)
    (seen,) = play(FAMILIES["flip3d"], {"axis": "x", "deg": 30}, p=p, kind="loop")
    wanted = seen_at(CORNERS[0], MIDDLE, rotation((1, 0, 0), 30 * math.sin(2 * math.pi * p)), 160)
    assert seen.at(*CORNERS[0][:2]) == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("p", PS)
def test_a_cylinder_rolls_its_line_up(p):
    (seen,) = play(FAMILIES["cube"], {"axis": "x", "n": 12}, p=p)
    radius = 80 / (2 * math.tan(math.pi / 12))
    axle = MIDDLE + np.array([0, 0, radius])
    turn = rotation((1, 0, 0), 90 * (1 - out_cubic(p)))
    for corner in CORNERS:
        assert seen.at(*corner[:2]) == pytest.approx(seen_at(corner, axle, turn, 160), abs=0.01)


def test_a_rolling_cylinder_shows_its_front():
    seen = play(FAMILIES["cube"], {"axis": "x", "n": 12}, p=0.0, kind="loop")
    assert len(seen) == 5
    assert sorted(round(one.at(130, 80)[1]) for one in seen)[2] == 80


LINES = (Box(100, 40, 160, 80), Box(100, 80, 160, 120))


def rolling(index, p):
    """Heights at which the copies of a line of two are seen, the highest first."""
    fields = {"kind": "loop", "p": p, "index": index, "count": 2, "box": LINES[index], "block": BOX, "boxes": LINES}
    seen = play(FAMILIES["cube"], {"axis": "x", "n": 12}, **fields)
    return sorted(one.at(130, LINES[index].center[1])[1] for one in seen)


def test_lines_roll_on_one_cylinder_in_turn():
    first, second = rolling(0, 0.0), rolling(1, 0.0)
    everything = sorted([(y, 0) for y in first] + [(y, 1) for y in second])
    assert len(everything) >= 5
    assert all(one[1] != other[1] for one, other in pairwise(everything))
    gaps = [other[0] - one[0] for one, other in pairwise(everything)]
    assert min(gaps[1:-1]) > 20
    middle = [y for y, _ in everything if 40 < y < 120]
    assert middle == pytest.approx([80 - 19.6, 80 + 19.6], abs=1.5)
    assert next(which for y, which in everything if y == middle[0]) == 0


def test_a_turn_of_the_cylinder_ends_as_it_began():
    assert rolling(0, 0.999) == pytest.approx(rolling(0, 0.0), abs=0.3)


@pytest.mark.parametrize("p", PS)
def test_a_page_stays_at_its_spine(p):
    (seen,) = play(FAMILIES["page"], {"axis": "y", "dir": "l"}, p=p)
    assert seen.at(100, 80) == pytest.approx((100, 80), abs=0.01)
    assert seen.at(160, 80)[0] < 160


@pytest.mark.parametrize("p", PS)
def test_strips_of_a_fold_meet(p):
    upper, lower = play(FAMILIES["fold"], {"axis": "x", "n": 2}, p=p)
    height = math.cos((1 - out_cubic(p)) * math.pi / 2)
    for x in (100, 130, 160):
        assert upper.at(x, 80) == pytest.approx(lower.at(x, 80), abs=0.01)
    assert upper.at(130, 80) == pytest.approx((130, 80), abs=0.01)
    assert upper.at(100, 40) == pytest.approx((100, 80 - 40 * height), abs=0.01)
    assert lower.at(160, 120) == pytest.approx((160, 80 + 40 * height), abs=0.01)
    narrow = 1 - 0.25 * math.sin((1 - out_cubic(p)) * math.pi / 2)
    assert upper.at(160, 80)[0] == pytest.approx(130 + 30 * narrow, abs=0.01)
