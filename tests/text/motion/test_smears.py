"""Blurs, ghosts, bends and glitches; every row of the catalogue that asks for a change of pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import skia
from numpy.typing import NDArray

from cutfarm.catalogue.text_motions import TextMotion, text_motions
from cutfarm.text.motion import (
    bands,
    beams,
    edges,
    layers,
    light,
    luma,
    masks,
    particles,
    recolor,
    shards,
    signals,
    smears,
    warps,
)
from cutfarm.text.motion.families import FAMILIES
from cutfarm.text.motion.moment import Box, Draw, Moment, Tint
from tests.text.motion.drawing import BOX, EM_PX, card, moment, pixels, shown

_PIXELS = (bands, beams, edges, light, luma, masks, particles, recolor, shards, signals, smears, warps)
_OURS = frozenset(name for module in _PIXELS for name in module.FAMILIES)
_LETTER = Box(70.0, 30.0, 170.0, 130.0)


def _deviation(values: NDArray[np.float64]) -> float:
    at = np.arange(len(values))
    mean = (values * at).sum() / values.sum()
    return float(np.sqrt((values * (at - mean) ** 2).sum() / values.sum()))


@pytest.mark.parametrize(("kind", "p", "far"), [("in", 0.2, 0.8**3), ("in", 0.5, 0.125), ("out", 0.8, 0.8**3)])
def test_a_blur_has_the_deviation_that_it_says(kind: str, p: float, far: float) -> None:
    alpha = shown("blur", moment(kind, p), {"kind": "gauss", "amount": 0.05}, card(box=Box(110, 70, 130, 90)))[..., 3]
    own = (20.0**2 - 1.0) / 12.0
    assert np.sqrt(_deviation(alpha.sum(0)) ** 2 - own) == pytest.approx(0.05 * 4.0 * EM_PX * far, rel=0.05)
    assert np.sqrt(_deviation(alpha.sum(1)) ** 2 - own) == pytest.approx(0.05 * 4.0 * EM_PX * far, rel=0.05)
    assert alpha.sum() == pytest.approx(400.0 * (1.0 - far * far), rel=0.05)


@pytest.mark.parametrize("angle", [0, 90, 30])
def test_a_directed_blur_smears_along_its_angle_alone(angle: int) -> None:
    dot = card(box=Box(112, 72, 128, 88))
    alpha = shown("blur", moment("loop", 0.0), {"kind": "dir", "amount": 0.08, "angle": angle}, dot)[..., 3]
    y, x = np.mgrid[0 : alpha.shape[0], 0 : alpha.shape[1]] + 0.5
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    along = (x - 120.0) * cos + (y - 80.0) * sin
    across = (y - 80.0) * cos - (x - 120.0) * sin
    own = (16.0**2 - 1.0) / 12.0
    spread = (alpha * along**2).sum() / alpha.sum() - own
    assert np.sqrt(spread) == pytest.approx(0.08 * 4.0 * EM_PX / np.sqrt(3.0), rel=0.06)
    assert (alpha * across**2).sum() / alpha.sum() == pytest.approx(own, rel=0.1)


def test_a_blur_comes_from_the_side_that_it_shifts_from() -> None:
    params = {"kind": "dir", "angle": 0, "amount": 0.1, "shift": "r"}
    alpha = shown("blur", moment("in", 0.3), params, card(box=Box(110, 70, 130, 90)))[..., 3].sum(0)
    at = np.arange(alpha.size) + 0.5
    assert (alpha * at).sum() / alpha.sum() == pytest.approx(120.0 - 2.0 * 0.1 * 4.0 * EM_PX * 0.7**3, abs=1.0)


def test_ghosts_trail_to_the_left_and_come_together() -> None:
    dot = card(box=Box(180, 70, 200, 90))
    row = shown("ghost", moment("in", 0.4), {"n": 3, "dx": 0.2}, dot)[80, :, 3]
    step_px = 0.2 * 4.0 * EM_PX * 0.6**3
    assert np.flatnonzero(row).min() == pytest.approx(180.0 - 3.0 * step_px, abs=1.5)
    later = shown("ghost", moment("in", 0.9), {"n": 3, "dx": 0.2}, dot)[80, :, 3]
    assert np.flatnonzero(later).min() > 178


def test_channels_lie_to_either_side() -> None:
    row = shown("rgb_split", moment("loop", 0.0), {"amount": 0.02})[80]
    by_px = 0.02 * 4.0 * EM_PX
    for channel, shift in ((0, by_px), (1, 0.0), (2, -by_px)):
        assert row[:, channel].sum() == pytest.approx(BOX.width, abs=0.1)
        assert (row[:, channel] * (np.arange(row.shape[0]) + 0.5)).sum() / BOX.width == pytest.approx(
            120.0 + shift, abs=0.1
        )
    assert (row[:, :3].max(1) <= row[:, 3] + 0.005).all()


def test_a_glitch_changes_at_its_steps_alone() -> None:
    params = {"rgb": 0.03, "lines": 0.4, "blocks": 0.3}
    for kind in ("in", "loop"):
        at = [shown("glitch", moment(kind, t, time_s=t), params) for t in (0.168, 0.21, 0.249, 0.251, 0.32)]
        assert np.array_equal(at[0], at[1])
        assert np.array_equal(at[1], at[2])
        assert not np.array_equal(at[2], at[3])
        assert np.array_equal(at[3], at[4])


def test_the_same_moment_draws_the_same_and_another_seed_does_not() -> None:
    for family, params in (("glitch", {"lines": 0.5}), ("warp", {"kind": "noise"}), ("luma_wipe", {"map": "noise"})):
        first = shown(family, moment("in", 0.4), params)
        assert np.array_equal(first, shown(family, moment("in", 0.4), params))
        assert not np.array_equal(first, shown(family, moment("in", 0.4, seed=78), params))


def test_a_mosaic_is_made_of_even_squares() -> None:
    ramp = skia.GradientShader.MakeLinear([(40, 0), (200, 0)], [0xFF000000, 0xFFFFFFFF])

    def draw(canvas: Any, _tint: Tint) -> None:
        canvas.drawRect(skia.Rect.MakeLTRB(40, 40, 200, 120), skia.Paint(Shader=ramp))

    row = shown("mosaic", moment("loop", 0.0), {"px": 0.025}, draw)[80, 60:180, 0]
    side = 2.0 * 0.025 * 4.0 * EM_PX
    assert len(np.unique(row)) == pytest.approx(120.0 / side, abs=1)


def test_a_wave_goes_up_and_down_and_does_not_leave_its_reach() -> None:
    rows = shown("warp", moment("loop", 0.2), {"kind": "wave", "amount": 0.03}, card(box=Box(40, 70, 200, 90)))[..., 3]
    centres = [(column * (np.arange(160) + 0.5)).sum() / column.sum() for column in rows[:, 60:180].T]
    assert max(centres) - 80.0 == pytest.approx(0.03 * 4.0 * EM_PX, abs=0.7)
    assert 80.0 - min(centres) == pytest.approx(0.03 * 4.0 * EM_PX, abs=0.7)


@pytest.mark.parametrize("kind", ["wave", "ripple", "ring", "noise", "swirl", "fisheye", "pinch"])
def test_bends_calm_down_as_they_come_to_rest(kind: str) -> None:
    def apart(p: float) -> float:
        bent = shown("warp", moment("in", p), {"kind": kind, "amount": 0.5 if kind in ("swirl", "pinch") else 0.05})
        return float(np.abs(bent - pixels(card())).mean())

    assert apart(0.97) < 0.2 * apart(0.3)
    draw = card()
    assert FAMILIES["warp"](moment("in", 1.0), {"kind": kind}, draw) is draw


@pytest.mark.parametrize("family", sorted(_OURS))
def test_unknown_and_senseless_values_are_passed_over(family: str) -> None:
    odd: dict[str, Any] = {"amount": "much", "kind": ["?"], "dir": 3, "angle": float("nan"), "n": -4, "soft": 1e9}
    odd |= {"rate": -1, "color": "red", "scale": 0, "cells": 10**9, "map": None, "palette": [], "zzz": 1, "dx": 1e300}
    for kind in ("in", "out", "loop"):
        assert np.isfinite(shown(family, moment(kind, 0.4), odd)).all()


@pytest.mark.parametrize("family", sorted(_OURS))
def test_letters_without_a_size_are_no_error(family: str) -> None:
    point = Box(120.0, 80.0, 120.0, 80.0)
    for kind in ("in", "out", "loop"):
        for draw in (card(box=point), card()):
            at = moment(kind, 0.4, em_px=0.0, box=point, line=point, block=point)
            assert np.isfinite(shown(family, at, {"amount": 0.1, "scatter": 0.2}, draw)).all()


def _rows() -> Iterator[TextMotion]:
    for kind in ("in", "out", "loop"):
        yield from (motion for motion in text_motions(kind) if any(family in _OURS for family, _ in motion.ops))


def _drawn(motion: TextMotion, at: Moment, draw: Draw) -> Draw:
    for family, params in motion.ops:
        if family in _OURS:
            draw = FAMILIES[family](at, params, draw)
    return draw


def test_every_row_draws_at_every_instant() -> None:
    rows = list(_rows())
    assert len(rows) > 250
    draw, seen = card(), set()
    for motion in rows:
        key = (motion.kind, str(motion.ops))
        if key in seen:
            continue
        seen.add(key)
        alphas = []
        for p in (0.0, 0.1, 0.5, 0.9, 1.0):
            made = _drawn(motion, moment(motion.kind, p), draw)
            if (motion.kind, p) in (("in", 1.0), ("out", 0.0)):
                assert made is draw, motion.name
            alphas.append(pixels(made)[..., 3].mean())
        assert max(alphas) > 0.0, motion.name
        if motion.kind == "in":
            assert alphas[-1] >= 0.9 * alphas[0], motion.name
        if motion.kind == "out":
            assert alphas[0] > alphas[-1], motion.name


def test_a_family_needs_one_layer_of_a_letters_size(monkeypatch: pytest.MonkeyPatch) -> None:
    areas: list[float] = []
    layered, tile = layers.layered, layers.tile

    def counted_layer(picture: Any, *rest: Any) -> None:
        areas.append(picture.cullRect().width() * picture.cullRect().height())
        layered(picture, *rest)

    def counted_tile(picture: Any, ink: Any) -> Any:
        areas.append(ink.width() * ink.height())
        return tile(picture, ink)

    monkeypatch.setattr(layers, "layered", counted_layer)
    monkeypatch.setattr(layers, "tile", counted_tile)
    draw = card(box=_LETTER)
    ops = {(motion.kind, family, str(params)): params for motion in _rows() for family, params in motion.ops}
    for (kind, family, _), params in ops.items():
        if family in _OURS:
            areas.clear()
            pixels(FAMILIES[family](moment(kind, 0.4, box=_LETTER), params, draw))
            assert len(areas) <= 1, family
            assert sum(areas) <= 1.9 * 100.0 * 100.0, family
