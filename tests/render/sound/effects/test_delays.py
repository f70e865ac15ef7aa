"""Echoes against their formulas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cutfarm.render.sound.effects.delays import DELAYS, comb_tail_s, echo_tail_s
from tests.render.sound.effects.listening import RATE_HZ, db, heard, impulse, noise, rms, stepped


@pytest.mark.parametrize("time_s", [0.01, 0.12, 0.25])
def test_echoes_come_at_their_places_with_their_gains(time_s: float) -> None:
    at, apart = 300, round(time_s * RATE_HZ)
    got = heard(DELAYS["delay"], impulse(RATE_HZ, at), time=time_s, feedback=0.45, mix=0.4)
    wanted = np.zeros(RATE_HZ)
    wanted[at] = math.sqrt(1 - 0.4**2)
    echoes = np.arange(at + apart, RATE_HZ, apart)
    wanted[echoes] = 0.4 * 0.45 ** np.arange(len(echoes))
    np.testing.assert_allclose(got, np.stack((wanted, wanted)), atol=1e-7)


def test_pingpong_goes_from_side_to_side() -> None:
    samples = impulse(RATE_HZ, 0)
    samples[1] = 0.0
    got = heard(DELAYS["pingpong"], samples, time=0.1, feedback=0.5, mix=0.6)
    wanted = np.zeros((2, RATE_HZ))
    wanted[0, 0] = 0.8
    for echo in range(1, 10):
        wanted[(echo + 1) % 2, echo * 4410] = 0.6 * 0.5 * 0.5 ** (echo - 1)
    np.testing.assert_allclose(got, wanted, atol=1e-7)


@pytest.mark.parametrize("hz", [110, 180, 2000])
def test_a_comb_is_its_recursion(hz: float) -> None:
    samples, period = noise(9000), round(RATE_HZ / hz)
    line: list[float] = []

    def ringing(place: int) -> float:
        back = line[place - period] if place >= period else 0.0
        line.append(math.sqrt(1 - 0.49) * float(samples[1, place]) + 0.7 * back)
        return line[-1]

    got = heard(DELAYS["comb"], samples, hz=hz, feedback=0.7)
    np.testing.assert_allclose(got[1], stepped(9000, ringing), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "params"), [("delay", {"mix": 0.45}), ("comb", {"feedback": 0.7}), ("comb", {"feedback": 0.9})]
)
def test_echoes_keep_the_loudness(name: str, params: dict[str, Any]) -> None:
    got = heard(DELAYS[name], noise(3 * RATE_HZ), **params)[:, RATE_HZ:]
    assert db(rms(got) / 0.1) == pytest.approx(0.0, abs=0.6)


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("delay", {"time": 0.05, "feedback": 0.5}),
        ("delay", {"time": 0.2, "feedback": 0.0}),
        ("pingpong", {"time": 0.1, "feedback": 0.6}),
        ("comb", {"hz": 110, "feedback": 0.7}),
    ],
)
def test_tails_end_where_sixty_decibels_are_gone(name: str, params: dict[str, Any]) -> None:
    tail_s = comb_tail_s(params) if name == "comb" else echo_tail_s(params)
    answer = np.abs(heard(DELAYS[name], impulse(3 * RATE_HZ), **params)).max(0)
    first = answer[answer > 0][1 if name == "delay" else 0]
    end = math.ceil(tail_s * RATE_HZ)
    assert answer[end + 50 :].max() <= first * 1.001e-3
    if params["feedback"] > 0:
        assert answer[end // 2 :].max() > first * 1e-3


def test_feedback_and_time_without_measure_are_held() -> None:
    for name in DELAYS:
        got = heard(DELAYS[name], noise(2 * RATE_HZ), time=-1, feedback=99, mix=5, hz=1e9)
        assert np.isfinite(got).all()
        assert np.abs(got).max() < 20


def test_what_has_died_away_is_silent() -> None:
    got = heard(DELAYS["comb"], impulse(3 * RATE_HZ), hz=2000, feedback=0.5)
    assert not got[:, RATE_HZ:].any()
