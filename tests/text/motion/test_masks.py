"""Masks against their formulas in float64."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.text.motion.families import FAMILIES
from cutfarm.text.motion.moment import Box
from cutfarm.text.motion.noise import noise_tile
from tests.text.motion.drawing import BOX, EM_PX, HEIGHT, WIDTH, card, moment, pixels, shown, smoothstep

_MASKS: dict[str, dict[str, Any]] = {
    "dissolve": {},
    "wipe": {"dir": "r", "soft": 0.3},
    "clock": {"blades": 1},
    "iris": {"shape": "circle"},
    "split": {"angle": 0, "n": 2, "mode": "open"},
    "blinds": {"n": 6},
    "grid": {"kind": "rings", "n": 4, "per": "spin", "deg": 180},
    "luma_wipe": {"map": "noise", "scale": 40},
    "shatter": {"cells": 40, "mode": "fly"},
}


def _uv() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each pixel's middle is in the box, 0…1."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    return (x - BOX.left) / BOX.width, (y - BOX.top) / BOX.height


def _inside() -> NDArray[np.bool_]:
    u, v = _uv()
    return (u > 0) & (u < 1) & (v > 0) & (v < 1)


def _spread(p: float, soft: float, d: NDArray[np.float64]) -> NDArray[np.float64]:
    edge = p * (1.0 + 2.0 * soft) - soft
    return np.where(_inside(), 1.0 - smoothstep(edge - soft, edge + soft, d), 0.0)


@pytest.mark.parametrize("p", [0.05, 0.3, 0.5, 0.75, 0.95])
@pytest.mark.parametrize("soft", [0.02, 0.3])
@pytest.mark.parametrize("direction", ["r", "l", "u", "d"])
def test_a_wipe_covers_what_its_formula_says(direction: str, soft: float, p: float) -> None:
    u, v = _uv()
    d = {"r": u, "l": 1.0 - u, "d": v, "u": 1.0 - v}[direction]
    params = {"dir": direction, "soft": soft}
    coming = shown("wipe", moment("in", p), params)[..., 3]
    leaving = shown("wipe", moment("out", p), params)[..., 3]
    assert np.abs(coming - _spread(p, soft, d)).max() < 0.02
    assert np.abs(leaving - np.where(_inside(), 1.0 - _spread(p, soft, d), 0.0)).max() < 0.02


def test_a_wipe_by_angle_comes_from_the_corner() -> None:
    u, v = _uv()
    d = 1.0 - (u + v) / 2.0  # 225 degrees: up and to the left
    assert (
        np.abs(shown("wipe", moment("in", 0.4), {"angle": 225, "soft": 0.05})[..., 3] - _spread(0.4, 0.05, d)).max()
        < 0.02
    )


def test_a_hard_wipe_is_smoothed_over_a_pixel() -> None:
    row = shown("wipe", moment("in", 0.5), {"dir": "r", "soft": 0.0})[80, :, 3]
    assert row[:118].sum() == pytest.approx(118 - 40)
    assert row[122:].sum() == 0.0


@pytest.mark.parametrize("p", [0.1, 0.25, 0.6, 0.9])
def test_a_clock_starts_at_twelve_and_turns_clockwise(p: float) -> None:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    turned = np.mod(np.arctan2(y - BOX.center[1], x - BOX.center[0]) / (2.0 * math.pi) + 0.25, 1.0)
    alpha = shown("clock", moment("in", p), {"blades": 1})[..., 3]
    assert alpha[_inside() & (turned < p - 0.02)].min() == 1.0
    assert alpha[_inside() & (turned > p + 0.02) & (turned < 0.99)].max() == 0.0
    gone = shown("clock", moment("out", p), {"blades": 1})[..., 3]
    assert np.abs(alpha + gone - _inside()).max() < 0.01


def test_a_split_opens_from_its_cut_and_closes_upon_it() -> None:
    _, v = _uv()
    opened = _inside() & (np.abs(v - 0.5) < 0.2 - 0.02)
    shut = np.abs(v - 0.5) > 0.2 + 0.02
    for kind, p in (("in", 0.4), ("out", 0.6)):
        alpha = shown("split", moment(kind, p), {"angle": 0, "n": 2, "mode": "open"})[..., 3]
        assert alpha[opened].min() == 1.0
        assert alpha[shut].max() == 0.0


def test_halves_shift_to_either_side_in_a_loop_and_come_back() -> None:
    params = {"angle": 0, "n": 2, "mode": "shift_opposite", "osc": 1}
    alpha = shown("split", moment("loop", 0.25), params)[..., 3]
    upper, lower = alpha[60], alpha[100]
    assert np.flatnonzero(upper).min() == pytest.approx(40 + 0.12 * EM_PX, abs=1)
    assert np.flatnonzero(lower).min() == pytest.approx(40 - 0.12 * EM_PX, abs=1)
    assert np.array_equal(shown("split", moment("loop", 0.0), params), pixels(card()))


def test_an_iris_reaches_the_corners_last() -> None:
    alpha = shown("iris", moment("in", 0.5), {"shape": "circle"})[..., 3]
    radius = math.hypot(BOX.width, BOX.height) / 4.0
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    r = np.hypot(x - BOX.center[0], y - BOX.center[1])
    assert alpha[_inside() & (r < radius - 3)].min() == 1.0
    assert alpha[r > radius + 3].max() == 0.0


@pytest.mark.parametrize(
    ("params", "soft", "slack"),
    [
        ({"map": "noise", "scale": 40}, 0.06, 0.03),
        ({"map": "noise", "scale": 40, "dir": "d"}, 0.06, 0.02),
        ({"map": "noise", "scale": 200, "soft": 0.2}, 0.2, 0.03),
        ({"map": "noise", "scale": 8, "soft": 0.2}, 0.2, 0.07),
        ({"map": "noise", "scale": 40, "radial": 1}, 0.06, 0.05),
        ({"map": "ink"}, 0.06, 0.07),
    ],
)
def test_the_area_under_a_map_grows_evenly(params: dict[str, object], soft: float, slack: float) -> None:
    heights = np.linspace(0.0, 1.0, 4097, dtype=np.float64)
    for p in (0.1, 0.25, 0.5, 0.75, 0.9):
        edge = p * (1.0 + 2.0 * soft) - soft
        even = (1.0 - smoothstep(edge - soft, edge + soft, heights)).mean()
        for kind, wanted in (("in", even), ("out", 1.0 - even)):
            covers = [shown("luma_wipe", moment(kind, p, seed=seed), params)[..., 3][_inside()] for seed in range(6)]
            assert np.mean(covers) == pytest.approx(wanted, abs=slack)


def test_a_directed_map_dissolves_that_way() -> None:
    alpha = shown("luma_wipe", moment("in", 0.5), {"map": "noise", "scale": 40, "dir": "d"})[..., 3]
    assert alpha[42:55, 40:200].mean() > 0.95
    assert alpha[105:118, 40:200].mean() < 0.05


def test_the_noise_is_even_and_repeats() -> None:
    tile = noise_tile()
    assert np.histogram(tile, bins=16, range=(0.0, 1.0))[0].std() == 0.0
    steps = np.abs(np.diff(tile, axis=1))
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 1.5 * steps.mean()


@pytest.mark.parametrize("family", _MASKS)
def test_nothing_is_left_at_the_far_end_not_even_beyond_the_box(family: str) -> None:
    wide = card(box=Box(30.0, 30.0, 210.0, 130.0))
    assert shown(family, moment("in", 0.0), _MASKS[family], wide).max() == 0.0
    assert shown(family, moment("out", 1.0), _MASKS[family], wide).max() == 0.0
    assert shown(family, moment("in", 0.002), _MASKS[family], wide).mean() < 0.01
    almost = shown(family, moment("in", 0.9999), _MASKS[family], wide)
    assert np.abs(almost - pixels(wide)).mean() < 0.01


@pytest.mark.parametrize("family", _MASKS)
def test_at_rest_the_drawing_itself_draws(family: str) -> None:
    draw = card()
    assert FAMILIES[family](moment("in", 1.0), _MASKS[family], draw) is draw
    assert FAMILIES[family](moment("out", 0.0), _MASKS[family], draw) is draw


def test_a_laser_shines_where_it_engraves() -> None:
    params = {"dir": "r", "soft": 0.02, "line": 0.01, "line_color": "#ff5030"}
    rgba = shown("wipe", moment("in", 0.5), params, card((0.0, 0.0, 0.0)))
    assert rgba[80, 119:121, 0].min() > 0.9
    assert rgba[80, 170:, 3].max() == 0.0
    assert rgba[80, :90, 0].max() < 0.05
    beneath = shown("wipe", moment("in", 0.5, part="under"), params, card((0.0, 0.0, 0.0)))
    assert beneath[..., :3].max() == 0.0


def test_shards_leave_nothing_out_before_they_fly() -> None:
    start = shown("shatter", moment("out", 0.02), {"cells": 40, "mode": "fly"})[..., 3]
    assert start[_inside()].mean() > 0.98
    flown = shown("shatter", moment("out", 0.8), {"cells": 40, "mode": "fly"})[..., 3]
    assert flown[~_inside()].sum() > 100.0
    fallen = shown("shatter", moment("out", 0.8), {"cells": 40, "mode": "fall"})[..., 3]
    assert fallen[120:].sum() > 5.0 * fallen[:40].sum()


def test_dust_is_blown_beyond_the_drawing() -> None:
    params = {"map": "noise", "scale": 100, "scatter": 0.2}
    alpha = shown("luma_wipe", moment("out", 0.5), params)[..., 3]
    assert alpha[~_inside()].sum() > 20.0
    assert 0.1 < alpha[_inside()].mean() < 0.6


@pytest.mark.parametrize("p", [0.2, 0.6])
def test_a_dissolve_is_as_opaque_as_it_is_far(p: float) -> None:
    assert shown("dissolve", moment("in", p), {})[80, 120, 3] == pytest.approx(p, abs=0.003)
    assert shown("dissolve", moment("out", p), {})[80, 120, 3] == pytest.approx(1.0 - p, abs=0.003)


@pytest.mark.parametrize(
    ("family", "params"), [("wipe", {"dir": "r"}), ("split", {"angle": 0}), ("iris", {}), ("clock", {})]
)
def test_all_parts_are_cut_at_the_same_place(family: str, params: dict[str, Any]) -> None:
    """A stroke reaches further than the fill; what both cover comes and goes as one."""
    ink = Box(BOX.left - 12, BOX.top - 12, BOX.right + 30, BOX.bottom + 30)
    for p in (0.2, 0.5, 0.8):
        at = moment("in", p, ink=ink)
        fill, stroke = (shown(family, at, params, card(box=box))[..., 3] for box in (BOX, ink))
        inside = _inside()
        assert np.abs(fill - stroke)[inside].max() < 0.01
        assert stroke[inside].any()
