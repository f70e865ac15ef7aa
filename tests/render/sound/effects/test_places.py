"""Where a sound is heard, against formulas."""

from __future__ import annotations

import numpy as np
import pytest

from cutfarm.render.sound.effects.places import autopan, haas
from tests.render.sound.effects.listening import RATE_HZ, heard, noise


@pytest.mark.parametrize(("depth", "center"), [(1.0, 0.0), (0.9, 0.0), (0.5, 0.5), (1.0, -0.5)])
def test_panning_is_its_formula(depth: float, center: float) -> None:
    samples = noise(RATE_HZ)
    got = heard(autopan, samples, rate=2, depth=depth, center=center)
    place = np.clip(center + depth * np.sin(2 * np.pi * 2 * np.arange(RATE_HZ) / RATE_HZ), -1, 1)
    gains = np.sqrt(2) * np.stack((np.cos((place + 1) * np.pi / 4), np.sin((place + 1) * np.pi / 4)))
    np.testing.assert_allclose(got, samples * gains, atol=1e-6)


def test_panning_keeps_the_power_and_starts_in_the_middle() -> None:
    ones = np.ones((2, RATE_HZ), np.float32)
    got = heard(autopan, ones, rate=1)
    np.testing.assert_allclose((got.astype(np.float64) ** 2).sum(0), 2.0, rtol=1e-5)
    assert got[:, 0] == pytest.approx(1.0)
    assert got[0, RATE_HZ // 4] == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("ms", [0.0, 0.6, 12.0, 40.0])
def test_the_right_comes_late(ms: float) -> None:
    samples, late = noise(20_000), round(ms * 44.1)
    got = heard(haas, samples, ms=ms)
    np.testing.assert_array_equal(got[0], samples[0])
    np.testing.assert_array_equal(got[1, late:], samples[1, : 20_000 - late])
    assert not got[1, :late].any()
