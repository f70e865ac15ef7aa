"""Parameters that are missing, senseless or out of range, and streams whose reads are cut at random."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from cutfarm.render.sound.effects.op import BLOCK, Tee, around, in_blocks, mixed, number
from kernels.sound import Samples
from tests.render.sound.effects.listening import Array, noise, random_cuts, read_in

COUNT = 3 * BLOCK + 1234


@pytest.mark.parametrize("value", [None, "loud", True, math.nan, math.inf, [1.0]])
def test_what_is_no_number_is_the_default(value: Any) -> None:
    assert number({"level": value}, "level", 0.25, 0.0, 1.0) == 0.25


def test_numbers_are_held_to_their_range() -> None:
    assert number({}, "level", 0.25, 0.0, 1.0) == 0.25
    assert number({"level": 7}, "level", 0.25, 0.0, 1.0) == 1.0
    assert number({"level": -7}, "level", 0.25, 0.0, 1.0) == 0.0
    assert number({"level": 0.5}, "level", 0.25, 0.0, 1.0) == 0.5


def test_blocks_know_their_places() -> None:
    samples = noise(COUNT)
    firsts: list[int] = []

    def negated(block: Samples, first: int) -> Samples:
        firsts.append(first)
        return -block

    got = read_in(in_blocks(Array(samples), negated), random_cuts(COUNT, 1))
    np.testing.assert_array_equal(got, -samples)
    assert firsts == [0, BLOCK, 2 * BLOCK, 3 * BLOCK]


def test_windows_reach_before_and_after() -> None:
    samples = noise(COUNT)
    stream = around(Array(samples), 3, 5, lambda window, _: window[:, :-8] + window[:, 8:])
    padded = np.pad(samples, ((0, 0), (3, 5)))
    np.testing.assert_array_equal(read_in(stream, random_cuts(COUNT, 2)), padded[:, :-8] + padded[:, 8:])


def test_two_read_one_source_at_their_own_pace() -> None:
    samples = noise(COUNT)
    source = Array(samples)
    tee = Tee(source)
    ahead = tee.first.read(5000)
    behind = read_in(tee.second, [100, 7000])
    ahead = np.concatenate((ahead, tee.first.read(COUNT - 5000)), 1)
    behind = np.concatenate((behind, tee.second.read(COUNT - 7100)), 1)
    np.testing.assert_array_equal(ahead, samples)
    np.testing.assert_array_equal(behind, samples)
    assert source.read_count == COUNT


def test_what_one_reader_changes_the_other_does_not_hear() -> None:
    samples = noise(1000)
    tee = Tee(Array(samples))
    tee.first.read(1000)[:] = 7.0
    np.testing.assert_array_equal(tee.second.read(1000), samples)


def test_a_mix_is_the_weighted_sum() -> None:
    one, other = noise(COUNT, seed=1), noise(COUNT, seed=2)
    got = read_in(mixed(Array(one), Array(other), 0.25, 0.75), random_cuts(COUNT, 3))
    np.testing.assert_allclose(got, 0.25 * one + 0.75 * other, atol=1e-7)
