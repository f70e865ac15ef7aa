"""Sounds read between their samples, against the sines that they were made of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import sound_sinc as sinc
from kernels.sound import Doubles, Samples

COUNT = 600


def read(frequency: float, pace: float, offset: float = 0.0) -> tuple[Samples, Doubles]:
    """What is read of a cosine and its sine, of so many cycles a sample, and the places that were read."""
    step = sinc.pace_step(pace)
    reach = sinc.reach(step)
    places = reach + offset + pace * np.arange(COUNT, dtype=np.float64)
    angle = 2 * np.pi * frequency * np.arange(int(places[-1]) + reach + 2)
    return sinc.read_at(np.stack((np.cos(angle), np.sin(angle))).astype(np.float32), places, step), places


def rms_db(samples: Samples | Doubles) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-20))


@given(pace=st.floats(0.01, 40), share=st.floats(0.0, 0.9), offset=st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_what_is_heard_at_a_pace_is_flat_and_true(pace: float, share: float, offset: float) -> None:
    frequency = share * 0.5 / max(pace, 1.0)
    got, places = read(frequency, pace, offset)
    angle = 2 * np.pi * frequency * places
    wanted = np.stack((np.cos(angle), np.sin(angle)))
    gain = float((got * wanted).sum() / np.square(wanted).sum())
    assert abs(20 * np.log10(gain)) < 0.01
    assert rms_db(got - wanted) < -95  # of the sum of both channels' power of 1
    assert np.abs(got - wanted).max() < 1e-4


@given(pace=st.floats(1.02, 40), share=st.floats(0.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_what_is_too_high_for_a_pace_is_silent(pace: float, share: float) -> None:
    lowest = 0.5 * 1.001 / pace
    got, _ = read(lowest + share * (0.5 - lowest), pace)
    assert rms_db(got) < -100


@pytest.mark.parametrize("pace", [0.01, 1.0, 3.0, 17.0, 250.0])
def test_a_constant_stays_the_constant(pace: float) -> None:
    got, _ = read(0.0, pace, 0.3)
    np.testing.assert_allclose(got[0], 1.0, atol=2e-6)


@given(pace=st.floats(0, 1000))
def test_steps_of_pace_are_never_too_low_and_never_far(pace: float) -> None:
    step = sinc.pace_step(pace)
    assert max(pace, 1.0) <= step * (1 + 1e-7)
    assert step <= max(pace, 1.0) * 1.0101


@pytest.mark.parametrize("pace", [0.5, 1.0, 2.7, 9.0])
def test_nothing_beyond_the_reach_bears_on_a_sample(pace: float) -> None:
    step = sinc.pace_step(pace)
    reach = sinc.reach(step)
    samples = np.random.default_rng(1).standard_normal((2, 2 * reach + 40)).astype(np.float32)
    place = np.array([reach + 3.4])
    before = sinc.read_at(samples, place, step)
    samples[:, int(place[0]) + reach + 2 :] = 0
    samples[:, : int(place[0]) - reach] = 0
    np.testing.assert_allclose(sinc.read_at(samples, place, step), before, atol=1e-6)
