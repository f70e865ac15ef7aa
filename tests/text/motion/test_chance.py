"""Chance that depends on nothing but its arguments."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest

from cutfarm.text.motion.chance import chance, mixed, shuffled, smooth, spread


def pcg(state):
    word = (state * 747796405 + 2891336453) % 2**32
    word = (((word >> ((word >> 28) + 4)) ^ word) * 277803737) % 2**32
    return (word >> 22) ^ word


def test_it_is_pcgs_step():
    assert mixed(5) == pcg(5)
    assert mixed(5, 7) == pcg((pcg(5) + 7) % 2**32)
    assert mixed(-1) == pcg(2**32 - 1)


def test_another_process_says_the_same():
    code = "from cutfarm.text.motion.chance import shuffled; print(shuffled(3, 9))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(shuffled(3, 9))


def test_it_is_even_and_unrelated():
    numbers = [chance(11, cell, channel) for cell, channel in itertools.product(range(100), range(20))]
    assert len(set(numbers)) == len(numbers)
    assert sum(numbers) / len(numbers) == pytest.approx(0.5, abs=0.02)
    tenths = [sum(tenth / 10 <= number < (tenth + 1) / 10 for number in numbers) for tenth in range(10)]
    assert min(tenths) > 150
    assert all(-1 <= spread(11, cell) < 1 for cell in range(100))


def test_smooth_goes_through_its_cells():
    assert [smooth(4, float(x)) for x in range(-3, 3)] == [spread(4, x) for x in range(-3, 3)]
    walk = [smooth(4, x / 1000) for x in range(3000)]
    assert max(abs(a - b) for a, b in itertools.pairwise(walk)) < 0.004


def test_shuffled_is_an_order():
    assert sorted(shuffled(9, 50)) == list(range(50))
    assert shuffled(9, 50) != shuffled(10, 50)
    assert shuffled(9, 50) != tuple(range(50))
