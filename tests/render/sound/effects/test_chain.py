"""Chains: every operation of the tables, streams cut anywhere, strength, and how long they ring on."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cutfarm.render.sound.effects.chain import OPS, played, tail_s
from tests.render.sound.effects.listening import Array, impulse, noise, random_cuts, read_in, setting, sine

COUNT = 30_000
CHAIN: list[tuple[str, dict[str, Any]]] = [
    ("bandpass", {"lo": 500, "hi": 3500}),
    ("distortion", {"db": 12}),
    ("reverb", {"room": 0.3}),
]


def operations(family: str, params: dict[str, Any]) -> Iterator[str]:
    if family != "none":
        yield family
    for part in params.get("add", []):
        yield from operations(part["f"], part)
    if "fallback" in params:
        yield from operations(params["fallback"]["f"], params["fallback"])


def test_every_operation_of_the_tables_is_there(shared: Path) -> None:
    tables = sorted((shared / "effects").glob("audio_*.csv"))
    assert len(tables) == 3
    wanted: set[str] = set()
    for table in tables:
        with table.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                wanted.update(operations(row["family"], json.loads(row["params"])))
    assert len(wanted) > 25
    assert wanted <= OPS.keys()


@pytest.mark.parametrize("name", sorted(OPS))
def test_reads_cut_at_random_change_nothing(name: str) -> None:
    samples = noise(COUNT) + sine(COUNT, 220, 0.2)
    whole = OPS[name](Array(samples), {}, setting(samples)).read(COUNT)
    cut = read_in(OPS[name](Array(samples), {}, setting(samples)), random_cuts(COUNT, 4))
    np.testing.assert_array_equal(cut, whole)


@pytest.mark.parametrize("name", sorted(OPS))
def test_loud_and_silent_sound_stays_finite(name: str) -> None:
    samples = np.concatenate((noise(COUNT, 4.0), np.zeros((2, COUNT), np.float32)), 1)
    got = OPS[name](Array(samples), {}, setting(samples)).read(2 * COUNT)
    assert got.dtype == np.float32
    assert got.shape == (2, 2 * COUNT)
    assert np.isfinite(got).all()


@pytest.mark.parametrize("name", ["bandpass", "comb", "delay", "pingpong", "reverb", "chorus", "phaser", "eq", "comp"])
def test_what_is_heard_first_stays_at_its_sample(name: str) -> None:
    at = 9001
    got = OPS[name](Array(impulse(COUNT, at, 0.5)), {}, setting(impulse(COUNT))).read(COUNT)
    assert np.abs(got[:, :at]).max() < 1e-6
    assert np.abs(got[:, at]).min() > 1e-4


def test_without_strength_the_sound_passes_bit_for_bit() -> None:
    samples = noise(COUNT)
    np.testing.assert_array_equal(played(Array(samples), CHAIN, 0.0, setting(samples)).read(COUNT), samples)
    np.testing.assert_array_equal(played(Array(samples), [], 1.0, setting(samples)).read(COUNT), samples)


@pytest.mark.parametrize("strength", [0.25, 0.7])
def test_strength_mixes_the_chain_with_the_sound(strength: float) -> None:
    samples = noise(COUNT)
    wet = played(Array(samples), CHAIN, 1.0, setting(samples)).read(COUNT)
    stream = played(Array(samples), CHAIN, strength, setting(samples))
    got = read_in(stream, random_cuts(COUNT, 6))
    np.testing.assert_allclose(got, (1 - strength) * samples + strength * wet, atol=1e-6)
    assert np.abs(got - samples).max() > 0.01


def test_operations_play_from_left_to_right() -> None:
    samples = noise(COUNT)
    step = OPS["bitcrush"](Array(samples), {"bits": 4}, setting(samples)).read(COUNT)
    wanted = OPS["delay"](Array(step), {"time": 0.1}, setting(samples)).read(COUNT)
    got = played(Array(samples), [("bitcrush", {"bits": 4}), ("delay", {"time": 0.1})], 1.0, setting(samples))
    np.testing.assert_array_equal(got.read(COUNT), wanted)


def test_strength_beyond_its_range_is_held() -> None:
    samples = noise(COUNT)
    most = played(Array(samples), CHAIN, 1.0, setting(samples)).read(COUNT)
    np.testing.assert_array_equal(played(Array(samples), CHAIN, 7.0, setting(samples)).read(COUNT), most)
    np.testing.assert_array_equal(played(Array(samples), CHAIN, -1.0, setting(samples)).read(COUNT), samples)


def test_what_is_no_operation_is_an_error() -> None:
    with pytest.raises(KeyError, match="theremin"):
        played(Array(noise(10)), [("theremin", {})], 0.5, setting(noise(10)))


def test_tails_add_up_to_a_limit() -> None:
    assert tail_s([]) == 0.0
    assert tail_s([("lowpass", {}), ("comp", {})]) == 0.0
    assert tail_s([("reverb", {"room": 0.5})]) == pytest.approx(2.3)
    assert tail_s([("delay", {"time": 0.2, "feedback": 0.1}), ("reverb", {"room": 0.25})]) == pytest.approx(2.1)
    assert tail_s([("delay", {"time": 2.0, "feedback": 0.9})]) == 6.0
