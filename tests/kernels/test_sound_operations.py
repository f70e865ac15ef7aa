"""Delay lines, convolution, half-band filters, recursions and chance against the plain ways to compute them."""

from __future__ import annotations

import numpy as np
import pytest

from kernels.sound_chance import hashed, normal, uniform
from kernels.sound_convolve import Convolver, spectra_of
from kernels.sound_delay import REACH, read_between, recirculated
from kernels.sound_halfband import HALF, doubled, halved
from kernels.sound_recursion import first_order

CHANCE = np.random.default_rng(3)


@pytest.mark.parametrize("delay", [1, 7, 400, 1000, 5000])
@pytest.mark.parametrize("crossed", [False, True])
def test_a_line_feeds_itself(delay: int, crossed: bool) -> None:
    held = CHANCE.standard_normal((2, delay)).astype(np.float32)
    samples = CHANCE.standard_normal((2, 1000)).astype(np.float32)
    line = np.concatenate((held, samples), 1).astype(np.float64)
    for place in range(delay, delay + 1000):
        line[:, place] += 0.6 * line[:: -1 if crossed else 1, place - delay]
    np.testing.assert_allclose(recirculated(held, samples, 0.6, crossed), line, atol=1e-5)


@pytest.mark.parametrize("hz_of_rate", [0.001, 0.1, 0.25, 0.35])
def test_between_samples_lies_the_wave(hz_of_rate: float) -> None:
    at = REACH + CHANCE.uniform(0, 900, 2000)
    wave = np.sin(2 * np.pi * hz_of_rate * np.arange(1000))[None].astype(np.float32)
    wanted = np.sin(2 * np.pi * hz_of_rate * at)
    assert np.abs(read_between(wave, at)[0] - wanted).max() < 3.2e-4 * max(1.0, hz_of_rate / 0.1)


def test_at_a_sample_lies_the_sample() -> None:
    samples = CHANCE.standard_normal((2, 100)).astype(np.float32)
    at = np.arange(REACH, 100 - REACH).astype(np.float64)
    np.testing.assert_allclose(read_between(samples, at), samples[:, REACH:-REACH], atol=1e-5)


@pytest.mark.parametrize("count", [1, 64, 1000])
def test_blocks_are_convolved_as_the_whole(count: int) -> None:
    answer = CHANCE.standard_normal((2, count)).astype(np.float32)
    samples = CHANCE.standard_normal((2, 64 * 30)).astype(np.float32)
    convolver = Convolver(spectra_of(answer, 64))
    got = np.concatenate([convolver.convolved(block) for block in np.split(samples, 30, 1)], 1)
    wanted = [np.convolve(one.astype(float), other)[: 64 * 30] for one, other in zip(samples, answer, strict=True)]
    np.testing.assert_allclose(got, wanted, atol=2e-4)


def test_twice_the_rate_and_back_is_the_same_sound() -> None:
    count = 4000
    wave = np.sin(2 * np.pi * 0.4 * np.arange(count))[None].astype(np.float32)
    twice = doubled(wave)
    between = np.sin(2 * np.pi * 0.4 * (HALF + np.arange(twice.shape[1]) / 2))
    np.testing.assert_allclose(twice[0], between, atol=1e-3)
    np.testing.assert_allclose(halved(twice)[0], wave[0, 2 * HALF : -2 * HALF], atol=1e-3)


def test_what_the_single_rate_cannot_hold_is_gone() -> None:
    twice = np.sin(2 * np.pi * 0.3 * np.arange(8000))[None].astype(np.float32)
    assert np.abs(halved(twice)).max() < 1e-3


def test_a_recursion_of_the_first_order() -> None:
    inputs = CHANCE.standard_normal((2, 1024))
    coefficients = CHANCE.uniform(0.1, 0.999, 1024)
    last = np.array([3.0, -1.0])
    wanted = np.empty_like(inputs)
    value = last
    for place in range(1024):
        value = coefficients[place] * value + inputs[:, place]
        wanted[:, place] = value
    np.testing.assert_allclose(first_order(inputs, coefficients, last), wanted, atol=1e-9)


def test_chance_hangs_on_seed_and_place() -> None:
    whole = hashed(5, -100, 1000)
    np.testing.assert_array_equal(hashed(5, 300, 50), whole[400:450])
    assert len(np.unique(whole)) == 1000
    assert not (hashed(6, -100, 1000) == whole).any()


def test_chance_is_even_or_normal() -> None:
    even = np.sort(uniform(7, 0, 100_000))
    assert np.abs(even - np.arange(100_000) / 100_000).max() < 0.006
    bell = normal(8, 0, 100_000)
    assert bell.mean() == pytest.approx(0, abs=0.012)
    assert bell.std() == pytest.approx(1, abs=0.012)
    assert (np.abs(bell) > 2).mean() == pytest.approx(0.0455, abs=0.003)
    assert abs(np.corrcoef(bell[1:], bell[:-1])[0, 1]) < 0.012
    assert abs(np.corrcoef(bell, normal(9, 0, 100_000))[0, 1]) < 0.012
