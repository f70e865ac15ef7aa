"""Filters against the analogue ones that they are made after, carried over by the bilinear transform."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.render.sound.effects.filters import FILTERS
from kernels.sound import Doubles
from tests.render.sound.effects.listening import RATE_HZ, Array, db, gains_db, heard, impulse, noise, rms, setting

HZ = np.geomspace(30.0, 19_000.0, 20)
Complex = NDArray[np.complex128]
Q = math.sqrt(0.5)


def plane(hz: Doubles, corner_hz: float, rate_hz: int) -> Complex:
    """The analogue frequency, relative to the corner, that `hz` stands for."""
    return np.asarray(1j * np.tan(np.pi * hz / rate_hz) / np.tan(np.pi * corner_hz / rate_hz))


def low(hz: Doubles, corner_hz: float, rate_hz: int) -> Complex:
    s = plane(hz, corner_hz, rate_hz)
    return np.asarray(1 / (s**2 + s / Q + 1))


def high(hz: Doubles, corner_hz: float, rate_hz: int) -> Complex:
    s = plane(hz, corner_hz, rate_hz)
    return np.asarray(s**2 / (s**2 + s / Q + 1))


def bell(hz: Doubles, corner_hz: float, rate_hz: int, gain_db: float, q: float) -> Complex:
    s, root = plane(hz, corner_hz, rate_hz), math.pow(10, gain_db / 40)
    return (s**2 + s * root / q + 1) / (s**2 + s / (root * q) + 1)


def low_shelf(hz: Doubles, corner_hz: float, rate_hz: int, gain_db: float) -> Complex:
    s, root = plane(hz, corner_hz, rate_hz), math.pow(10, gain_db / 40)
    slope = math.sqrt(root) / Q * s
    return np.asarray(root * (s**2 + slope + root) / (root * s**2 + slope + 1))


def high_shelf(hz: Doubles, corner_hz: float, rate_hz: int, gain_db: float) -> Complex:
    s, root = plane(hz, corner_hz, rate_hz), math.pow(10, gain_db / 40)
    slope = math.sqrt(root) / Q * s
    return np.asarray(root * (root * s**2 + slope + 1) / (s**2 + slope + root))


Analogue = Callable[[Doubles, int], Complex]
CASES: list[tuple[str, dict[str, Any], Analogue]] = [
    ("lowpass", {"hz": 450}, lambda hz, rate: low(hz, 450, rate)),
    ("lowpass", {"hz": 9000}, lambda hz, rate: low(hz, 9000, rate)),
    ("highpass", {"hz": 80}, lambda hz, rate: high(hz, 80, rate)),
    ("highpass", {"hz": 500}, lambda hz, rate: high(hz, 500, rate)),
    ("bandpass", {"lo": 500, "hi": 3500}, lambda hz, rate: (high(hz, 500, rate) * low(hz, 3500, rate)) ** 2),
    ("lowshelf", {"hz": 90, "db": 10}, lambda hz, rate: low_shelf(hz, 90, rate, 10)),
    ("lowshelf", {"hz": 200, "db": -14}, lambda hz, rate: low_shelf(hz, 200, rate, -14)),
    ("highshelf", {"hz": 5000, "db": 8}, lambda hz, rate: high_shelf(hz, 5000, rate, 8)),
    ("highshelf", {"hz": 8000, "db": -3}, lambda hz, rate: high_shelf(hz, 8000, rate, -3)),
    (
        "eq",
        {"low": 2, "mid_hz": 3000, "mid": 4, "high": 1},
        lambda hz, rate: low_shelf(hz, 200, rate, 2) * bell(hz, 3000, rate, 4, 1) * high_shelf(hz, 6000, rate, 1),
    ),
]


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize(("name", "params", "analogue"), CASES)
def test_every_filter_has_its_response(name: str, params: dict[str, Any], analogue: Analogue, rate_hz: int) -> None:
    answer = heard(FILTERS[name], impulse(rate_hz // 2), rate_hz, **params)
    np.testing.assert_array_equal(answer[0], answer[1])
    wanted_db = 20 * np.log10(np.abs(analogue(HZ, rate_hz)))
    audible = wanted_db > -100
    assert audible.sum() >= 12
    np.testing.assert_allclose(gains_db(answer[0], HZ[audible], rate_hz), wanted_db[audible], atol=0.05)


@pytest.mark.parametrize(("name", "gain_db"), [("lowpass", -3.01), ("highpass", -3.01)])
def test_passes_fall_by_three_decibels_at_their_corner(name: str, gain_db: float) -> None:
    answer = heard(FILTERS[name], impulse(RATE_HZ), hz=1000)
    assert gains_db(answer[0], np.array([1000.0]))[0] == pytest.approx(gain_db, abs=0.05)


@pytest.mark.parametrize("name", list(FILTERS))
@pytest.mark.parametrize("hz", [-5, 0, 22_050, 30_000, 1e12])
def test_frequencies_that_cannot_be_are_held(name: str, hz: float) -> None:
    params: dict[str, Any] = {"hz": hz, "lo": hz, "hi": hz, "mid_hz": hz, "db": 12, "mid": 12}
    got = heard(FILTERS[name], noise(RATE_HZ), **params)
    assert np.isfinite(got).all()
    assert np.abs(got).max() < 4.0


def test_a_low_pass_above_all_that_is_heard_changes_little() -> None:
    gains = gains_db(heard(FILTERS["lowpass"], impulse(RATE_HZ), hz=30_000)[0], HZ)
    assert np.abs(gains).max() < 0.5


def test_channels_keep_apart() -> None:
    samples = noise(RATE_HZ // 2)
    samples[1] = 0.0
    got = heard(FILTERS["bandpass"], samples)
    assert not got[1].any()
    assert rms(got[0]) > 0.01


def test_a_filter_that_has_rung_out_is_silent() -> None:
    samples = np.pad(noise(2000), ((0, 0), (0, 60_000)))
    stream = FILTERS["highpass"](Array(samples), {"hz": 80}, setting(samples))
    stream.read(50_000)
    assert db(np.abs(stream.read(10_000)).max() + 1e-12) < -200
