"""Beds: as loud as asked, where in the spectrum they belong, the same from anywhere, and no longer than asked."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from cutfarm.render.sound.effects.beds import BEDS
from cutfarm.render.sound.effects.noises import NOISES
from cutfarm.render.sound.effects.op import Setting
from kernels.sound import Doubles, Samples
from kernels.sound_noise import STEP, Place
from tests.render.sound.effects.listening import RATE_HZ, Array, db, heard, noise, random_cuts, read_in, rms

NOISE = NOISES["noise"]
KINDS = list(BEDS)
SECONDS = 12


@pytest.fixture(scope="module")
def beds() -> dict[str, Samples]:
    """Every kind for a while, at a level of 0.1."""
    silence = np.zeros((2, SECONDS * RATE_HZ), np.float32)
    return {kind: heard(NOISE, silence, kind=kind, level=0.1) for kind in KINDS}


def powers(samples: Samples, *edges_hz: float) -> Doubles:
    """The parts of the power between each two edges."""
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hz = np.fft.rfftfreq(samples.shape[1], 1 / RATE_HZ)
    sums = [spectrum[:, (hz >= low) & (hz < high)].sum() for low, high in pairwise(edges_hz)]
    return np.array(sums, np.float64) / float(spectrum.sum())


def crest_db(samples: Samples) -> float:
    return db(float(np.abs(samples).max()) / rms(samples))


def loudness(samples: Samples, per_s: int) -> Doubles:
    """RMS of the left side in `per_s` windows a second."""
    count = samples.shape[1] // (RATE_HZ // per_s)
    return np.array([rms(part) for part in np.array_split(samples[0], count)])


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_as_loud_as_asked(kind: str, beds: dict[str, Samples]) -> None:
    assert abs(db(rms(beds[kind]) / 0.1)) < 1.5


@pytest.mark.parametrize("kind", KINDS)
def test_both_sides_are_about_as_loud_and_not_the_same(kind: str, beds: dict[str, Samples]) -> None:
    left, right = beds[kind]
    assert abs(db(rms(left) / rms(right))) < 3
    assert not np.array_equal(left, right)


@pytest.mark.parametrize("kind", KINDS)
def test_any_place_is_the_same_from_anywhere(kind: str) -> None:
    whole = BEDS[kind](Place(7, RATE_HZ, 0, 40 * STEP))
    for first, count in ((0, 3), (5, 1), (17, 8), (30, 10)):
        part = BEDS[kind](Place(7, RATE_HZ, first * STEP, count * STEP))
        np.testing.assert_allclose(part, whole[:, first * STEP : (first + count) * STEP], atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_sounds_otherwise_but_alike(kind: str) -> None:
    places = [Place(seed, RATE_HZ, 0, 100 * STEP) for seed in (1, 2)]
    one, other = (BEDS[kind](place).astype(np.float32) for place in places)
    assert not np.array_equal(one, other)
    assert abs(db(rms(one) / rms(other))) < 4


@pytest.mark.parametrize("kind", KINDS)
def test_reads_do_not_matter(kind: str) -> None:
    sound = noise(50_000)
    where = Setting(RATE_HZ, 3, 40_000)
    whole = NOISE(Array(sound), {"kind": kind}, where).read(50_000)
    np.testing.assert_array_equal(read_in(NOISE(Array(sound), {"kind": kind}, where), random_cuts(50_000, 4)), whole)


def test_it_sounds_behind_the_sound_and_only_while_that_lasts() -> None:
    sound = noise(60_000)
    out = NOISE(Array(sound), {"kind": "white", "level": 0.1}, Setting(RATE_HZ, 3, 30_000)).read(60_000)
    assert rms(out[:, :30_000] - sound[:, :30_000]) == pytest.approx(0.1, rel=0.05)
    np.testing.assert_array_equal(out[:, 30_000:], sound[:, 30_000:])
    assert np.abs((out - sound)[:, :20]).max() < 0.03


def test_no_level_is_no_noise_and_an_unknown_kind_hisses() -> None:
    sound = noise(20_000)
    np.testing.assert_array_equal(heard(NOISE, sound, kind="rain", level=0), sound)
    np.testing.assert_array_equal(heard(NOISE, sound, kind="rian"), heard(NOISE, sound, kind="hiss", level=0.05))


def test_white_is_even(beds: dict[str, Samples]) -> None:
    parts = powers(beds["white"], 0, 5000, 10_000, 15_000, 20_000)
    np.testing.assert_allclose(parts, 5000 / (RATE_HZ / 2), rtol=0.05)


def test_hiss_is_high(beds: dict[str, Samples]) -> None:
    low, high = powers(beds["hiss"], 0, 500, 22_000)
    assert low < 0.01
    assert high > 0.99


def test_hum_is_fifty_and_its_harmonics(beds: dict[str, Samples]) -> None:
    spectrum = np.abs(np.fft.rfft(beds["hum"][0]))[: 700 * SECONDS]
    peaks = [spectrum[hz * SECONDS - 3 : hz * SECONDS + 4].max() for hz in (50, 100, 150, 200)]
    assert min(peaks) > 100 * spectrum[75 * SECONDS]
    assert powers(beds["hum"], 40, 620)[0] > 0.99


@pytest.mark.parametrize(("kind", "least_db", "most_db"), [("vinyl", 14, 26), ("fire", 14, 27), ("rain", 12, 22)])
def test_crackles_and_drops_stand_out(kind: str, least_db: float, most_db: float, beds: dict[str, Samples]) -> None:
    assert least_db < crest_db(beds[kind]) < most_db
    assert crest_db(beds["white"]) < 14.5


def test_rain_is_dense_and_bright(beds: dict[str, Samples]) -> None:
    assert powers(beds["rain"], 800, 10_000)[0] > 0.75
    windows = loudness(beds["rain"], 10)
    assert windows.min() > 0.5 * windows.mean()


def test_wind_is_low_and_wanders(beds: dict[str, Samples]) -> None:
    assert powers(beds["wind"], 20, 1500)[0] > 0.95
    second = RATE_HZ
    middles = []
    for start in range(0, (SECONDS - 1) * second, second):
        spectrum = np.abs(np.fft.rfft(beds["wind"][0, start : start + second])) ** 2
        middles.append(float((np.arange(200, 2000) * spectrum[200:2000]).sum() / spectrum[200:2000].sum()))
    assert max(middles) > 1.3 * min(middles)
    assert loudness(beds["wind"], 2).max() > 1.5 * loudness(beds["wind"], 2).min()


def test_a_crowd_has_the_spectrum_and_the_rhythm_of_speech(beds: dict[str, Samples]) -> None:
    assert powers(beds["crowd"], 100, 4000)[0] > 0.9
    windows = loudness(beds["crowd"], 20)
    assert 0.1 < windows.std() / windows.mean() < 0.5


def test_cars_come_and_go_over_a_rumble(beds: dict[str, Samples]) -> None:
    assert powers(beds["traffic"], 15, 1500)[0] > 0.8
    windows = loudness(beds["traffic"], 2)
    assert windows.max() > 2 * windows.min()


def test_birds_stand_out_of_the_leaves(beds: dict[str, Samples]) -> None:
    spectrum = np.abs(np.fft.rfft(beds["forest"].mean(0).reshape(-1, RATE_HZ // 20), axis=1))
    sharp = spectrum.max(1) / np.median(spectrum[:, 20:600], axis=1)
    assert np.mean(sharp > 12) > 0.05
    assert np.mean(sharp < 8) > 0.3


def test_a_drone_is_low_and_a_synth_is_a_chord(beds: dict[str, Samples]) -> None:
    assert powers(beds["drone"], 20, 500)[0] > 0.9
    spectrum = np.abs(np.fft.rfft(beds["synth"][0]))
    for hz in (220.0, 261.63, 329.63, 392.0):
        at = round(hz * SECONDS)
        assert spectrum[at - 12 : at + 13].max() > 50 * np.median(spectrum[at - 200 : at + 200])
