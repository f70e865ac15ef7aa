"""Onsets where they were put, and none where nothing sets in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels.sound import Doubles
from kernels.sound_onsets import OnsetFinder

RATE_HZ = 44_100
TIMES = np.arange(RATE_HZ * 2) / RATE_HZ


def found(samples: Doubles, piece: int = 16_384, first: int = 0) -> list[int]:
    finder = OnsetFinder(first)
    both = np.stack((samples, 0.5 * samples)).astype(np.float32)
    return [place for at in range(0, len(samples), piece) for place in finder.push(both[:, at : at + piece])]


def tone() -> Doubles:
    partial = np.arange(1.0, 12.0)[:, None]
    summed: Doubles = (0.2 / partial * np.sin(2 * np.pi * 220 * partial * TIMES + partial**2)).sum(0)
    return summed


def clicks(places: list[int]) -> Doubles:
    samples = np.zeros(len(TIMES))
    samples[places] = 0.7
    return samples


@pytest.mark.parametrize("ground", [0.0, 1.0])
def test_clicks_are_found_to_the_sample(ground: float) -> None:
    places = [9_001, 20_500, 22_000, 50_333, 50_933]
    got = [place for place in found(clicks(places) + ground * tone()) if place > 100]
    assert got == places


def test_the_first_sample_may_lie_anywhere() -> None:
    assert found(clicks([9_000]), first=-8192) == [9_000 - 8192]


def test_drums_over_a_chord_are_found_within_a_millisecond() -> None:
    rng = np.random.default_rng(6)
    samples, places = 0.5 * tone(), [11_000, 22_137, 33_411, 60_000]
    for number, place in enumerate(places):
        after = np.arange(9_000) / RATE_HZ
        hit = rng.standard_normal(9_000) * 0.3 if number % 2 else np.sin(2 * np.pi * 70 * after + 0.5)
        samples[place : place + 9_000] += hit * np.exp(-after / 0.04) * np.linspace(1, 0, 9_000)
    got = [place for place in found(samples) if place > 100]
    assert len(got) == 4
    assert np.abs(np.subtract(got, places)).max() <= 44


@pytest.mark.parametrize("name", ["tone", "noise", "beat", "swell"])
def test_nothing_sets_in_where_a_sound_goes_on(name: str) -> None:
    samples = {
        "tone": tone(),
        "noise": np.random.default_rng(7).standard_normal(len(TIMES)) * 0.1,
        "beat": np.sin(2 * np.pi * 220 * TIMES) + np.sin(2 * np.pi * 233 * TIMES),
        "swell": tone() * (0.01 + np.square(np.sin(2 * np.pi * TIMES))),
    }[name]
    assert [place for place in found(samples) if place > 100] == []


@pytest.mark.parametrize("hz", [55, 80, 120, 300])
def test_pulses_of_a_voice_are_a_tone_but_for_its_start(hz: int) -> None:
    got = found(clicks(list(np.arange(1000, len(TIMES) - 10, RATE_HZ / hz).astype(int))))
    assert 1 <= len(got) <= 3
    assert got[-1] < 1000 + 2 * RATE_HZ / hz + 1


@given(pieces=st.lists(st.integers(1, 30_000), min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_the_cutting_into_pieces_is_of_no_matter(pieces: list[int]) -> None:
    samples = clicks([9_001, 20_500, 22_000, 50_333]) + tone()
    both = np.stack((samples, samples)).astype(np.float32)
    finder, got, at = OnsetFinder(0), list[int](), 0
    for piece in pieces:
        got += finder.push(both[:, at : at + piece])
        at += piece
    got += finder.push(both[:, at:])
    assert got == found(samples)


def test_what_is_no_number_passes() -> None:
    samples = clicks([9_001, 60_000])
    samples[30_000:30_010] = np.nan
    assert 60_000 in found(samples)
