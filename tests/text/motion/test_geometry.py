"""Scales, turns and ways of a unit against formulas."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from cutfarm.text.motion.chance import smooth, spread
from cutfarm.text.motion.families import FAMILIES
from tests.text.motion.stage import BOX, MOMENT, is_untouched, play

MIDDLE = (130.0, 80.0)
PS = [0.05, 0.3, 0.5, 0.8, 0.97]
NEAR = {"abs": 1e-3, "rel": 1e-5}


def out_cubic(p):
    return 1 - (1 - p) ** 3


def out_back(p):
    return 1 + 2.70158 * (p - 1) ** 3 + 1.70158 * (p - 1) ** 2


def seen_once(name, params, **fields):
    (seen,) = play(FAMILIES[name], params, **fields)
    return seen


def side(seen, dx, dy):
    """Where a point beside the unit's middle is seen, from where the middle is."""
    x, y = seen.at(*MIDDLE)
    far_x, far_y = seen.at(MIDDLE[0] + dx, MIDDLE[1] + dy)
    return far_x - x, far_y - y


@pytest.mark.parametrize("p", PS)
@pytest.mark.parametrize(
    ("name", "way"), [("l", (-1, 0)), ("r", (1, 0)), ("u", (0, -1)), ("d", (0, 1)), ("dl", (-(0.5**0.5), 0.5**0.5))]
)
def test_slides_in(p, name, way):
    seen = seen_once("slide", {"dir": name, "dist": 1.5, "alpha": 1}, p=p)
    q = 1 - out_cubic(p)
    assert seen.at(*MIDDLE) == pytest.approx(
        [at - 1.5 * 80 * q * along for at, along in zip(MIDDLE, way, strict=True)], **NEAR
    )
    assert seen.tint.alpha == pytest.approx(p)
    assert side(seen, 10, 0) == pytest.approx((10, 0), **NEAR)


@pytest.mark.parametrize("p", PS)
def test_slides_out_the_way_they_head_for(p):
    seen = seen_once("slide", {"dir": "u"}, p=p, kind="out")
    assert seen.at(*MIDDLE) == pytest.approx((130, 80 - 80 * p**3), **NEAR)
    assert seen.tint.alpha == pytest.approx(min((1 - p) / 0.2, 1))


@pytest.mark.parametrize("p", PS)
def test_slides_bounce_hop_and_turn(p):
    seen = seen_once("slide", {"dir": "r", "ease": "out_back", "hop": 1, "rot": 30}, p=p)
    q = 1 - out_back(p)
    assert seen.at(*MIDDLE) == pytest.approx((130 - 80 * q, 80 - 40 * math.sin(math.pi * p)), **NEAR)
    dx, dy = side(seen, 10, 0)
    assert abs(math.degrees(math.atan2(dy, dx))) == pytest.approx(abs(30 * q), abs=1e-3)


def test_what_slides_out_of_its_edge_is_cut_there():
    seen = seen_once("slide", {"dir": "u", "clip": 1}, p=0.2)
    shift = (80 + 2 * 0.3 * 60) * (1 - out_cubic(0.2))
    assert seen.at(*MIDDLE) == pytest.approx((130, 80 + shift), **NEAR)
    assert seen.clip.bottom() + shift == pytest.approx(BOX.bottom + 0.3 * 60, abs=1.5)


def test_a_slide_by_chance_comes_from_all_sides():
    angles = set()
    for index in range(40):
        seen = seen_once("slide", {"dir": "random"}, p=0.4, index=index)
        x, y = seen.at(*MIDDLE)
        assert math.hypot(x - 130, y - 80) == pytest.approx(80 * (1 - out_cubic(0.4)), **NEAR)
        angles.add(math.atan2(y - 80, x - 130) // (math.pi / 2))
    assert len(angles) == 4


def test_what_explodes_leaves_the_middle_of_the_text():
    seen = seen_once("slide", {"dir": "radial", "dist": 1}, p=0.5, kind="out")
    away = math.hypot(130 - 160, 80 - 120)
    wanted = (130 - 30 / away * 80 * 0.125, 80 - 40 / away * 80 * 0.125)
    assert seen.at(*MIDDLE) == pytest.approx(wanted, **NEAR)


def test_a_slide_with_ghosts_trails_fainter_copies():
    seen = play(FAMILIES["slide"], {"dir": "u", "ghost": 3}, p=0.6)
    assert [one.tint.alpha for one in seen] == pytest.approx([0.125, 0.25, 0.5, 1.0])
    heights = [one.at(*MIDDLE)[1] for one in seen]
    assert heights == sorted(heights, reverse=True)
    seen = play(FAMILIES["slide"], {"dir": "u", "ghost": 3}, p=0.999)
    assert [one.tint.alpha for one in seen[:-1]] == pytest.approx([0.0] * (len(seen) - 1), abs=0.01)


def test_a_marquee_runs_out_of_the_canvas_and_in_again():
    params = {"dir": "l", "mode": "marquee"}
    trip = 700 + 240
    for p in (0.0, 0.2, 0.29, 0.31, 0.7, 0.999):
        (x, y) = seen_once("slide", params, p=p, kind="loop").at(*MIDDLE)
        gone = p * trip
        wanted = 130 - gone if 280 - gone >= -200 else 130 - gone + trip
        assert (x, y) == pytest.approx((wanted, 80), **NEAR)


@pytest.mark.parametrize("p", PS)
def test_zooms(p):
    seen = seen_once("zoom", {"from": 0, "to": 1, "unit": "char"}, p=p)
    scale = 0.02 ** (1 - out_cubic(p))
    assert side(seen, 10, 20) == pytest.approx((10 * scale, 20 * scale), **NEAR)
    assert seen.at(*MIDDLE) == pytest.approx(MIDDLE, **NEAR)
    seen = seen_once("zoom", {"from": 1, "to": 4}, p=p, kind="out")
    assert side(seen, 10, 0) == pytest.approx((10 * 4 ** (p**3), 0), **NEAR)


def test_a_zoom_that_overshoots_does_so_evenly():
    seen = seen_once("zoom", {"from": 0, "to": 1, "ease": "out_back"}, p=0.6)
    assert side(seen, 10, 0) == pytest.approx((10 * out_back(0.6), 0), **NEAR)
    assert out_back(0.6) > 1


def test_a_zoom_in_two_stages_goes_through_its_middle():
    params = {"from": 2, "to": 1, "mid": 0.8}
    half = 1 - 0.5 ** (1 / 3)  # out_cubic is a half there
    assert side(seen_once("zoom", params, p=half), 10, 0) == pytest.approx((8, 0), **NEAR)


@pytest.mark.parametrize("time_s", [0.0, 0.3, 1.1])
def test_pulses(time_s):
    seen = seen_once("zoom", {"from": 1, "to": 1.2, "mode": "pulse", "rate": 2}, kind="loop", time_s=time_s, p=0.1)
    phase = 2 * time_s % 1
    rise = min(phase / 0.12, 1)
    scale = 1 + 0.2 * rise**2 * (3 - 2 * rise) * math.exp(-6 * max(phase - 0.12, 0))
    assert side(seen, 10, 0) == pytest.approx((10 * scale, 0), **NEAR)


def test_no_beat_leaps():
    scales = [
        side(seen_once("zoom", {"to": 1.3, "mode": "pulse"}, kind="loop", p=step / 60), 10, 0)[0] for step in range(121)
    ]
    assert max(scales) > 12
    assert max(abs(b - a) for a, b in pairwise(scales)) < 1


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("in", {"from": 1, "to": 1.3}),
        ("in", {"from": 0.9, "to": 1.05, "ease": "out_bounce"}),
        ("in", {"from": 1, "to": 0, "ease": "in_back"}),
        ("out", {"from": 0, "to": 1}),
        ("out", {"from": 2, "to": 1}),
        ("out", {"from": 0.85, "to": 1, "alpha": 1}),
        ("out", {"from": 2, "to": 1, "mid": 0.8}),
    ],
)
def test_a_zoom_begins_or_ends_at_its_own_size(kind, params):
    near_rest = 0.999 if kind == "in" else 0.001
    seen = seen_once("zoom", params, kind=kind, p=near_rest)
    assert side(seen, 10, 0)[0] == pytest.approx(10, abs=0.2)
    assert seen.tint.alpha > 0.99
    if params.get("to") != 0:  # keeps its way: what shrinks shrinks
        far = side(seen_once("zoom", params, kind=kind, p=0.4 if kind == "in" else 0.6), 10, 0)[0]
        grows = params["to"] > params["from"] if "mid" not in params else False
        assert (far < 10) == (grows if kind == "in" else not grows)


@pytest.mark.parametrize("family", ["slide", "stretch", "spin"])
@pytest.mark.parametrize("ease", ["out_elastic", "out_bounce", "out_back"])
def test_what_springs_on_its_way_out_does_so_near_its_rest(family, ease):
    """It does not rush off and spring where nobody is to see it: the way out is the way in, backwards."""
    params = {"ease": ease, "dir": "d"}
    for p in (0.1, 0.3, 0.6, 0.9):
        there, back = (seen_once(family, params, kind=kind, p=at) for kind, at in (("in", 1 - p), ("out", p)))
        mirrored = -1 if family == "slide" else 1
        moved_in, moved_out = (np.subtract(seen.at(130, 80), (130, 80)) for seen in (there, back))
        assert moved_out == pytest.approx(mirrored * moved_in, abs=0.01)


def test_what_shakes_comes_in():
    assert play(FAMILIES["shake"], {"amp": 0.02}, p=0.0) == []
    assert seen_once("shake", {"amp": 0.02}, p=0.5).tint.alpha == 1.0


@pytest.mark.parametrize("p", PS)
def test_spins(p):
    seen = seen_once("spin", {"deg": -90, "scale": 0.5, "alpha": 1}, p=p)
    q = 1 - out_cubic(p)
    angle, scale = math.radians(-90 * q), 1 - 0.5 * q
    assert side(seen, 10, 0) == pytest.approx((10 * scale * math.cos(angle), 10 * scale * math.sin(angle)), **NEAR)
    seen = seen_once("spin", {"deg": 360, "mode": "loop"}, p=p, kind="loop")
    assert side(seen, 10, 0) == pytest.approx((10 * math.cos(2 * math.pi * p), 10 * math.sin(2 * math.pi * p)), **NEAR)


@pytest.mark.parametrize("p", PS)
def test_swings(p):
    seen = seen_once("swing", {"deg": 20, "cycles": 1, "mode": "loop", "pivot": "top"}, p=p, kind="loop")
    angle = math.radians(20 * math.sin(2 * math.pi * p))
    assert seen.at(130, 40) == pytest.approx((130, 40), **NEAR)
    assert seen.at(130, 50) == pytest.approx((130 - 10 * math.sin(angle), 40 + 10 * math.cos(angle)), **NEAR)
    seen = seen_once("swing", {"deg": -180, "pivot": "center", "mode": "arc"}, p=p)
    assert seen.at(160, 120) == pytest.approx((160, 120), **NEAR)
    angle = math.radians(-180 * (1 - out_cubic(p)))
    assert side(seen, 10, 0) == pytest.approx((10 * math.cos(angle), 10 * math.sin(angle)), **NEAR)


@pytest.mark.parametrize("p", PS)
def test_stretches(p):
    seen = seen_once("stretch", {"axis": "y", "pivot": "bottom"}, p=p)
    assert seen.at(130, 120) == pytest.approx((130, 120), **NEAR)
    assert side(seen, 10, 20) == pytest.approx((10, 20 * out_cubic(p)), **NEAR)
    seen = seen_once("stretch", {"axis": "x", "osc": 1}, p=p, kind="loop")
    swell = 1 + 0.3 * math.sin(2 * math.pi * p)
    assert side(seen, 10, 20) == pytest.approx((10 * swell, 20 / swell), **NEAR)


@pytest.mark.parametrize("time_s", [0.04, 0.51, 0.52])
def test_shakes_jump_by_chance(time_s):
    params = {"amp": 0.02, "rot": 6, "freq": 10}
    seen = seen_once("shake", params, kind="loop", time_s=time_s, p=0.5)
    seed = MOMENT.seed ^ 0x9E3779B9
    across, down, turn = (spread(seed, math.floor(10 * time_s), channel) for channel in range(3))
    assert seen.at(*MIDDLE) == pytest.approx((130 + across * 0.02 * 240, 80 + down * 0.02 * 240), **NEAR)
    dx, dy = side(seen, 10, 0)
    assert math.degrees(math.atan2(dy, dx)) == pytest.approx(6 * turn, abs=1e-3)
    seen = seen_once("shake", {**params, "smooth": 1}, kind="in", time_s=time_s, p=0.25)
    assert seen.at(*MIDDLE)[0] == pytest.approx(130 + 0.75 * smooth(seed, 10 * time_s, 0) * 0.02 * 240, **NEAR)


@pytest.mark.parametrize("p", PS)
def test_letters_gather_about_the_middle_of_their_line(p):
    seen = seen_once("spread", {"from": 2, "to": 1, "alpha": 1}, p=p)
    factor = 1 + (1 - out_cubic(p))
    assert seen.at(*MIDDLE) == pytest.approx((160 + factor * (130 - 160), 80), **NEAR)
    seen = seen_once("spread", {"from": 1, "to": 1.5, "osc": 1}, p=p, kind="loop")
    factor = 1 + 0.5 * (1 - math.cos(2 * math.pi * p)) / 2
    assert seen.at(*MIDDLE) == pytest.approx((160 + factor * (130 - 160), 80), **NEAR)


@pytest.mark.parametrize("name", ["slide", "zoom", "spin", "swing", "stretch", "shake", "spread", "flip3d", "fold",
                                  "page", "cube", "wave", "karaoke"])  # fmt: skip
def test_at_rest_the_drawing_is_handed_on(name):
    assert is_untouched(FAMILIES[name], {"amp": 5}, kind="in", p=1.0)
    assert is_untouched(FAMILIES[name], {"amp": 5}, kind="out", p=0.0)


@pytest.mark.parametrize(
    "name", ["slide", "zoom", "spin", "swing", "stretch", "spread", "flip3d", "fold", "page", "cube"]
)
def test_what_has_not_begun_is_not_there(name):
    assert play(FAMILIES[name], {"deg": 50}, kind="in", p=0.0) == []
    assert play(FAMILIES[name], {"deg": 50}, kind="out", p=1.0) == []


@pytest.mark.parametrize("bad", [math.inf, math.nan, "x", None, [], -1e9, 1e9])
@pytest.mark.parametrize("kind", ["in", "out", "loop"])
def test_parameters_without_meaning_do_no_harm(bad, kind):
    keys = ("from", "to", "deg", "dist", "amp", "n", "rot", "blur", "bend", "mid", "ghost", "rate", "dir", "axis",
            "pivot", "ease", "hop", "scale", "freq", "factor", "width", "color", "persp", "overlap")  # fmt: skip
    params = dict.fromkeys(keys, bad)
    for family in ("slide", "zoom", "spin", "swing", "stretch", "shake", "spread", "flip3d", "fold", "page", "cube",
                   "wave", "karaoke", "typewriter", "text_path", "text_style"):  # fmt: skip
        play(FAMILIES[family], params, kind=kind)
