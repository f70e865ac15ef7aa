"""Flashes, glows and colours by their formulas."""

from __future__ import annotations

import colorsys
import math
from typing import Any

import numpy as np
import pytest

from cutfarm.text.motion.families import FAMILIES
from cutfarm.text.motion.layers import PLAIN
from tests.text.motion.drawing import BOX, EM_PX, card, moment, pixels, shown

_INSIDE = (80, 120)


@pytest.mark.parametrize("time_s", [0.0, 0.05, 0.13, 0.24, 0.25, 0.9])
def test_a_flash_dies_away_and_comes_again(time_s: float) -> None:
    at = moment("loop", 0.0, time_s=time_s)
    rgba = shown("flash", at, {"color": "#ff0000", "rate": 4, "level": 0.6, "decay": 0.3})[_INSIDE]
    strength = 0.6 * math.exp(-((4.0 * time_s) % 1.0) / 0.3)
    assert rgba == pytest.approx([1.0, 1.0 - strength, 1.0 - strength, 1.0], abs=0.005)


@pytest.mark.parametrize("rate", [2, 8])
def test_blinking_keeps_its_rate(rate: int) -> None:
    times = np.arange(400) / 400.0
    lit = [
        shown("flash", moment("loop", 0.0, time_s=float(t) + 1e-4), {"mode": "alpha", "rate": rate})[_INSIDE][3]
        for t in times
    ]
    assert set(lit) == {0.0, 1.0}
    assert np.abs(np.diff(lit)).sum() == 2 * rate - 1
    assert np.mean(lit) == pytest.approx(0.5, abs=0.01)


def test_blinking_on_the_way_in_ends_lit_and_on_the_way_out_dark() -> None:
    for kind, first, last in (("in", 0.0, 1.0), ("out", 1.0, 0.0)):
        lit = [
            shown("flash", moment(kind, p), {"mode": "alpha", "n": 3})[_INSIDE][3] for p in np.linspace(0.01, 0.99, 99)
        ]
        assert (lit[0], lit[-1]) == (first, last)
        assert np.abs(np.diff(lit)).sum() == 5.0


def test_a_colour_is_passed_through_on_the_way_in() -> None:
    red = {"color": "#ff0000"}
    assert shown("fade_color", moment("in", 0.25), red)[_INSIDE] == pytest.approx([0.5, 0.0, 0.0, 0.5], abs=0.01)
    assert shown("fade_color", moment("in", 0.75), red)[_INSIDE] == pytest.approx([1.0, 0.5, 0.5, 1.0], abs=0.01)
    assert shown("fade_color", moment("out", 0.75), red)[_INSIDE] == pytest.approx([0.5, 0.0, 0.0, 0.5], abs=0.01)


@pytest.mark.parametrize("family", ["fade_color", "flash"])
@pytest.mark.parametrize("kind", ["in", "out", "loop"])
def test_black_lets_through_and_paints_no_letters_black(family: str, kind: str) -> None:
    for p in (0.2, 0.5, 0.8):
        pixel = shown(family, moment(kind, p), {"color": "#000000"})[_INSIDE]
        assert pixel[:3] == pytest.approx([pixel[3]] * 3, abs=0.01)


def test_a_glow_is_brightest_halfway_and_lies_around_the_drawing() -> None:
    glows = [shown("bloom", moment("in", p), {"amount": 2})[80, 210, 3] for p in (0.05, 0.5, 0.95)]
    assert glows[1] > 0.2
    assert glows[1] > 3.0 * max(glows[0], glows[2])
    dark = shown("bloom", moment("loop", 0.5), {"amount": 2, "thr": 0.5}, card((0.1, 0.1, 0.1)))
    assert dark[80, 210, 3] < 0.02
    shadow = shown("bloom", moment("loop", 0.5, part="under"), {"amount": 2})
    assert np.array_equal(shadow, pixels(card()))


def test_a_bar_of_light_goes_by_once_a_turn() -> None:
    grey = card((0.4, 0.4, 0.4))
    brightest = [
        int(shown("light", moment("loop", p), {"kind": "sweep"}, grey)[80, :, 0].argmax()) for p in (0.35, 0.5, 0.65)
    ]
    assert brightest == sorted(brightest)
    assert brightest[1] == pytest.approx(BOX.center[0], abs=4)
    lit = shown("light", moment("loop", 0.5), {"kind": "sweep"}, grey)
    assert np.array_equal(lit[..., 3], pixels(grey)[..., 3])
    assert lit[80, 120, 0] > 0.9


@pytest.mark.parametrize(("index", "time_s"), [(0, 0.0), (1, 0.0), (2, 0.3), (7, 0.8)])
def test_the_rainbow_moves_from_letter_to_letter(index: int, time_s: float) -> None:
    at = moment("loop", 0.0, index=index, count=8, time_s=time_s)
    r, g, b, a = shown("recolor", at, {"kind": "rainbow_text", "rate": 1})[_INSIDE]
    hue, saturation, value = colorsys.rgb_to_hsv(r, g, b)
    assert hue == pytest.approx((index / 8.0 - time_s) % 1.0, abs=0.01)
    assert (saturation, value, a) == pytest.approx((0.85, 1.0, 1.0), abs=0.01)


def test_a_palette_steps_at_its_rate() -> None:
    params = {"kind": "palette_cycle", "rate": 3, "palette": ["#ff0000", "#00ff00", "#0000ff"]}
    colours = [
        tuple(shown("recolor", moment("loop", 0.0, time_s=t), params)[_INSIDE][:3]) for t in (0.0, 0.3, 0.34, 0.7)
    ]
    assert colours == [(1.0, 0.0, 0.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]


def test_hues_turn_with_the_time() -> None:
    params = {"kind": "hue_rotate", "rate": 0.5}
    third = shown("recolor", moment("loop", 0.0, time_s=2.0 / 3.0), params, card((1.0, 0.0, 0.0)))[_INSIDE]
    assert third == pytest.approx([0.0, 1.0, 0.0, 1.0], abs=0.01)
    assert shown("recolor", moment("loop", 0.0, time_s=0.7), params)[_INSIDE] == pytest.approx([1.0] * 4, abs=0.01)


def test_grey_keeps_the_luma() -> None:
    rgba = shown("recolor", moment("loop", 0.3), {"kind": "gray"}, card((0.2, 0.6, 1.0)))[_INSIDE]
    luma = 0.2126 * 0.2 + 0.7152 * 0.6 + 0.0722
    assert rgba == pytest.approx([luma, luma, luma, 1.0], abs=0.005)


def test_a_gradient_runs_over_the_text_and_scrolls() -> None:
    params = {"kind": "gradient_text", "lo": "#ff0000", "hi": "#0000ff", "scroll": 1}
    row = shown("recolor", moment("loop", 0.0), params)[80]
    assert row[42, 0] > 0.9
    assert row[120, 2] > 0.95
    assert row[197, 0] > 0.9
    scrolled = shown("recolor", moment("loop", 0.5), params)[80]
    assert scrolled[120, 0] > 0.95
    assert np.array_equal(scrolled[:, 3], pixels(card())[80, :, 3])


def test_an_outline_is_drawn_before_the_letter_fills() -> None:
    early = shown("edge", moment("in", 0.48), {"kind": "stroke_draw"})[..., 3]
    assert early[80, 120] == 0.0
    assert early[80, 199] == 1.0
    assert early[42:118, 42:198].max() == 0.0
    filling = shown("edge", moment("in", 0.75), {"kind": "stroke_draw"})[..., 3]
    assert filling[80, 120] == pytest.approx(0.5, abs=0.01)


def test_neon_shines_in_its_colour_beyond_the_letter() -> None:
    rgba = shown("edge", moment("in", 0.5), {"kind": "neon", "color": "#00ff00"})
    assert rgba[80, 206, 1] > 0.12
    assert rgba[80, 206, 0] < 0.02


def test_doodles_change_at_their_steps_alone() -> None:
    drawn = [
        shown("edge", moment("loop", 0.0, time_s=t), {"kind": "doodle", "fps": 8}) for t in (0.0, 0.12, 0.13, 0.24)
    ]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[1], drawn[2])
    assert np.array_equal(drawn[2], drawn[3])


def test_particles_share_out_their_number_and_depend_on_time_alone() -> None:
    params = {"sprite": "dot", "motion": "drift", "n": 120, "color": "#ff0000"}
    alone = shown("particles", moment("loop", 0.0, time_s=0.4), params, lambda _canvas, _tint: None)
    again = shown("particles", moment("loop", 0.0, time_s=0.4), params, lambda _canvas, _tint: None)
    one_of_ten = shown("particles", moment("loop", 0.0, time_s=0.4, count=10), params, lambda _canvas, _tint: None)
    assert np.array_equal(alone, again)
    assert alone[..., 0].sum() > 4.0 * one_of_ten[..., 0].sum() > 0.0


@pytest.mark.parametrize(
    "family", ["flash", "fade_color", "bloom", "light", "fluid", "recolor", "grade", "edge", "particles"]
)
def test_at_rest_the_drawing_itself_draws(family: str) -> None:
    draw = card()
    for at in (moment("in", 1.0), moment("out", 0.0)):
        assert FAMILIES[family](at, {"amount": 1, "preset": "retro"}, draw) is draw


_AFTERWARDS: dict[str, dict[str, Any]] = {
    "bloom": {"amount": 1},
    "light": {"kind": "sweep"},
    "recolor": {"kind": "gray"},
    "flash": {"color": "#ff0000", "rate": 4},
    "blur": {"kind": "gauss", "amount": 0.05},
    "wipe": {"dir": "r"},
    "warp": {"kind": "wave", "amount": 0.03},
    "glitch": {"lines": 0.4},
}


@pytest.mark.parametrize("family", _AFTERWARDS)
def test_what_fades_after_fades_the_whole(family: str) -> None:
    draw = FAMILIES[family](moment("in", 0.6), _AFTERWARDS[family], card())
    assert np.abs(pixels(draw, PLAIN.faded(0.5)) - 0.5 * pixels(draw)).max() < 0.02
    assert pixels(draw, PLAIN.faded(0.0)).max() == 0.0


def test_blur_after_a_colour_blurs_that_colour() -> None:
    red = FAMILIES["flash"](moment("loop", 0.0, time_s=0.0), {"color": "#ff0000", "rate": 1}, card())
    red_blurred = pixels(FAMILIES["blur"](moment("loop", 0.0), {"kind": "gauss", "amount": 0.05}, red))
    assert red_blurred[80, 203, 0] > 0.1
    assert red_blurred[..., 1].max() == 0.0
    blurred = FAMILIES["blur"](moment("loop", 0.0), {"kind": "gauss", "amount": 0.05}, card())
    recoloured = pixels(FAMILIES["flash"](moment("loop", 0.0, time_s=0.0), {"color": "#ff0000", "rate": 1}, blurred))
    assert recoloured[80, 203, 0] > 0.1
    assert recoloured[..., 1].max() == 0.0


def test_lengths_follow_the_letters() -> None:
    small = shown("bloom", moment("loop", 0.5, em_px=EM_PX / 3), {"amount": 1.5})[80, 215, 3]
    large = shown("bloom", moment("loop", 0.5), {"amount": 1.5})[80, 215, 3]
    assert large > 3.0 * small
