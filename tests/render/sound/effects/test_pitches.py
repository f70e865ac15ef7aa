"""Voices on other notes: the pitch that was wanted, the formants that were there, and all else as it was."""

from __future__ import annotations

import numpy as np
import pytest

from cutfarm.render.sound.effects.op import Setting
from cutfarm.render.sound.effects.pitches import PITCHES
from kernels.sound import Samples
from tests.render.sound.effects.listening import RATE_HZ, Array, heard, noise, random_cuts, read_in, rms
from tests.render.sound.effects.voices import FORMANTS_HZ, cents, peak_hz, pitches, steady, vowel

AUTOTUNE, FLATTEN, DETUNE = PITCHES["autotune"], PITCHES["flatten_pitch"], PITCHES["detune_random"]
EDGE = 20  # frames at either end where a pitch is only just found


def inner(samples: Samples, rate_hz: int = RATE_HZ) -> np.ndarray:
    """The pitches that were found away from the ends, all of which must have been."""
    found = pitches(samples, rate_hz)[EDGE:-EDGE]
    assert (found > 0).all()
    return found


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("hz", [90.0, 140.0, 220.0, 400.0])
def test_one_note_whatever_is_sung(hz: float, rate_hz: int) -> None:
    out = heard(FLATTEN, steady(hz, 1.0, rate_hz), rate_hz, hz=110)
    assert np.abs(cents(inner(out, rate_hz), 110.0)).max() < 2


def test_one_note_out_of_a_glide() -> None:
    glide = 110.0 * 2.0 ** np.linspace(0.0, 1.0, RATE_HZ)
    assert np.abs(cents(inner(heard(FLATTEN, vowel(glide), hz=150)), 150.0)).max() < 8


@pytest.mark.parametrize("hz", [110.0, 150.0])
def test_formants_stay_where_they_are(hz: float) -> None:
    out = heard(FLATTEN, steady(120.0, 1.0), hz=hz)
    assert peak_hz(out, 400, 950) == pytest.approx(FORMANTS_HZ[0], abs=70)
    assert peak_hz(out, 2000, 3200) == pytest.approx(FORMANTS_HZ[2], abs=70)


@pytest.mark.parametrize("hz", [90.0, 120.0, 200.0, 330.0])
def test_power_stays_about_the_same(hz: float) -> None:
    sung = steady(hz, 1.0)
    assert rms(heard(FLATTEN, sung, hz=130)) == pytest.approx(rms(sung), rel=0.25)


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("off", [-45.0, -20.0, 30.0, 45.0])
def test_the_nearest_note_is_sung(off: float, rate_hz: int) -> None:
    out = heard(AUTOTUNE, steady(220.0 * 2 ** (off / 1200), 1.0, rate_hz), rate_hz)
    assert np.abs(cents(inner(out, rate_hz), 220.0)).max() < 2


def test_a_scale_has_no_other_notes() -> None:
    c_sharp = 440.0 * 2 ** (-8 / 12)
    chromatic = inner(heard(AUTOTUNE, steady(c_sharp * 2 ** (20 / 1200), 1.0)))
    major = inner(heard(AUTOTUNE, steady(c_sharp * 2 ** (20 / 1200), 1.0), scale="major"))
    assert np.abs(cents(chromatic, c_sharp)).max() < 2
    assert np.abs(cents(major, 440.0 * 2 ** (-7 / 12))).max() < 2


def test_strength_is_how_far_it_goes() -> None:
    out = heard(AUTOTUNE, steady(220.0 * 2 ** (40 / 1200), 1.0), strength=0.5)
    assert np.abs(cents(inner(out), 220.0) - 20).max() < 3


def test_a_glide_becomes_a_stair() -> None:
    glide = 196.0 * 2.0 ** np.linspace(0.0, 0.5, 2 * RATE_HZ)
    found = cents(inner(heard(AUTOTUNE, vowel(glide))), 440.0)
    away = np.abs(found - 100 * np.round(found / 100))
    assert np.mean(away < 5) > 0.8
    assert len(np.unique(np.round(found / 100))) >= 6


def test_a_trill_about_a_note_does_not_flicker() -> None:
    turns = 6.0 * np.arange(RATE_HZ) / RATE_HZ
    trill = 220.0 * 2.0 ** (55 / 1200 * np.sin(2 * np.pi * turns))
    assert np.abs(cents(inner(heard(AUTOTUNE, vowel(trill))), 220.0)).max() < 10


def test_out_of_tune_by_no_more_than_was_asked() -> None:
    out = cents(inner(heard(DETUNE, steady(200.0, 3.0), semis=2)), 200.0)
    assert np.abs(out).max() <= 205
    assert out.max() > 60
    assert out.min() < -60


def test_where_there_is_no_voice_nothing_is_changed() -> None:
    hiss = noise(RATE_HZ)
    np.testing.assert_allclose(heard(AUTOTUNE, hiss), hiss, atol=1e-6)


def test_a_voice_between_noises_leaves_them() -> None:
    hiss = noise(3 * RATE_HZ, 0.05)
    sung = hiss.copy()
    sung[:, RATE_HZ : 2 * RATE_HZ] = steady(150.0, 1.0)
    out = heard(FLATTEN, sung, hz=110)
    calm = RATE_HZ - 3000
    np.testing.assert_allclose(out[:, :calm], hiss[:, :calm], atol=1e-6)
    np.testing.assert_allclose(out[:, -calm:], hiss[:, -calm:], atol=1e-6)
    assert np.abs(cents(inner(out[:, RATE_HZ:-RATE_HZ]), 110.0)).max() < 2


def test_a_note_that_is_right_is_left_in_its_place() -> None:
    sung = steady(220.0, 1.0)
    out = heard(AUTOTUNE, sung)
    middle = slice(20_000, 22_000)
    alike = [rms(out[:, middle] - np.roll(sung, shift, 1)[:, middle]) / rms(sung) for shift in range(-120, 121)]
    assert min(alike) < 0.1  # half a sample beside


def test_sides_keep_their_difference() -> None:
    sung = steady(180.0, 1.0)
    sung[1] *= -0.5
    out = heard(FLATTEN, sung, hz=110)
    np.testing.assert_allclose(out[1], -0.5 * out[0], atol=1e-6)
    assert np.abs(cents(inner(out), 110.0)).max() < 2


@pytest.mark.parametrize("name", list(PITCHES))
def test_reads_and_runs_do_not_matter(name: str) -> None:
    sung = np.concatenate((noise(9000), steady(130.0, 0.6), np.zeros((2, 7000), np.float32), steady(310.0, 0.4)), 1)
    where = Setting(RATE_HZ, 9, sung.shape[1])
    whole = PITCHES[name](Array(sung), {}, where).read(sung.shape[1])
    for seed in (1, 2):
        cut = read_in(PITCHES[name](Array(sung), {}, where), random_cuts(sung.shape[1], seed))
        np.testing.assert_array_equal(cut, whole)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_something_finite_of_its_length_goes(seed: int) -> None:
    chance = np.random.default_rng(seed)
    parts = [np.zeros((2, 1))]
    for _ in range(12):
        count = int(chance.integers(20, 12_000))
        voiced = vowel(np.full(count, chance.uniform(60, 800))) if count > 3000 else noise(count)
        parts.append(voiced * chance.choice((0.0, 0.01, 1.0, 4.0)))
    sung = np.concatenate(parts, 1).astype(np.float32)
    for name, params in (
        ("flatten_pitch", {"hz": 50}),
        ("flatten_pitch", {"hz": 500}),
        ("detune_random", {"semis": 12}),
    ):
        out = heard(PITCHES[name], sung, **params)
        assert out.shape == sung.shape
        assert np.isfinite(out).all()
        assert np.abs(out).max() < 4 * max(float(np.abs(sung).max()), 0.1)


def test_no_more_is_read_ahead_than_a_fraction_of_a_second() -> None:
    sung = steady(150.0, 3.0)
    source = Array(sung)
    out = AUTOTUNE(source, {}, Setting(RATE_HZ, 1, sung.shape[1]))
    for _ in range(20):
        out.read(4096)
    assert source.read_count - 20 * 4096 < RATE_HZ // 2
