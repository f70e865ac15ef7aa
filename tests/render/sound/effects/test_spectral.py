"""Pitch, pace, vocoders, whispers and doublers: what is asked for is measured in what comes out."""

from __future__ import annotations

import numpy as np
import pytest

from cutfarm.render.sound.effects.op import Setting
from cutfarm.render.sound.effects.spectral import SPECTRAL
from kernels.sound import Samples
from tests.render.sound.effects.listening import RATE_HZ, Array, heard, noise, random_cuts, read_in, rms, sine
from tests.render.sound.effects.voices import FORMANTS_HZ, cents, peak_hz, pitches, steady, vowel

INNER = slice(RATE_HZ // 4, -RATE_HZ // 4)


def found(samples: Samples, rate_hz: int = RATE_HZ) -> float:
    """The middle one of the pitches of a sound that has one nearly everywhere."""
    all_of_them = pitches(samples[:, INNER], rate_hz)
    assert np.mean(all_of_them > 0) > 0.9
    return float(np.median(all_of_them[all_of_them > 0]))


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize(("semis", "formant"), [(7, 4), (-5, -4), (3, -2), (-4, None), (5, 0)])
def test_pitch_and_formants_go_where_they_are_sent(semis: float, formant: float | None, rate_hz: int) -> None:
    sung = steady(130.0, 1.5, rate_hz)
    params = {"semis": semis} | ({} if formant is None else {"formant": formant})
    out = heard(SPECTRAL["pitch"], sung, rate_hz, **params)
    assert abs(cents(found(out, rate_hz), 130.0) - 100 * semis) < 6
    third = FORMANTS_HZ[2] * 2 ** ((semis if formant is None else formant) / 12)
    assert peak_hz(out[:, INNER], 0.8 * third, 1.2 * third, rate_hz) == pytest.approx(third, rel=0.05)
    assert rms(out[:, INNER]) == pytest.approx(rms(sung[:, INNER]), rel=0.2)


def test_no_shift_is_the_sound_itself() -> None:
    sung = steady(130.0, 0.5)
    np.testing.assert_array_equal(heard(SPECTRAL["pitch"], sung, semis=0), sung)
    np.testing.assert_array_equal(heard(SPECTRAL["pitch"], sung), sung)


def test_another_formant_on_the_same_note() -> None:
    out = heard(SPECTRAL["pitch"], steady(110.0, 1.5), semis=0, formant=5)
    assert abs(cents(found(out), 110.0)) < 6
    third = FORMANTS_HZ[2] * 2 ** (5 / 12)
    assert peak_hz(out[:, INNER], 0.8 * third, 1.2 * third) == pytest.approx(third, rel=0.05)


@pytest.mark.parametrize(("carrier", "hz"), [("saw", 110.0), ("organ", 130.0), ("triangle", 523.0), ("saw", 175.0)])
def test_a_vocoder_sings_the_carriers_note(carrier: str, hz: float) -> None:
    glide = 150.0 * 2 ** np.linspace(-0.5, 0.5, 2 * RATE_HZ)
    out = heard(SPECTRAL["vocoder"], vowel(glide), carrier=carrier, hz=hz, bands=16)
    assert abs(cents(found(out), hz)) < 3


@pytest.mark.parametrize("carrier", ["saw", "noise"])
def test_a_vocoder_has_the_voices_formants_and_loudness(carrier: str) -> None:
    sung = vowel(np.full(2 * RATE_HZ, 150.0), formants_hz=(320.0, 2200.0, 3000.0))
    out = heard(SPECTRAL["vocoder"], sung, carrier=carrier, bands=32)
    assert peak_hz(out, 200, 1200) == pytest.approx(320.0, abs=110)
    assert peak_hz(out, 1400, 2600) == pytest.approx(2200.0, abs=180)
    assert rms(out) == pytest.approx(rms(sung), rel=0.1)


def test_a_vocoder_of_noise_has_no_pitch_and_one_of_silence_is_silent() -> None:
    out = heard(SPECTRAL["vocoder"], steady(150.0, 1.0), carrier="noise")
    assert np.mean(pitches(out) > 0) < 0.1
    assert np.abs(heard(SPECTRAL["vocoder"], np.zeros((2, 30_000), np.float32))).max() < 1e-6


def test_a_vocoder_speaks_when_the_voice_does() -> None:
    sung = np.zeros((2, RATE_HZ), np.float32)
    sung[:, 15_000:30_000] = steady(150.0, 1.0)[:, :15_000]
    out = heard(SPECTRAL["vocoder"], sung)
    assert rms(out[:, 16_000:29_000]) > 0.02
    assert rms(out[:, :14_000]) < 1e-6
    assert rms(out[:, 31_500:]) < 1e-3


@pytest.mark.parametrize("hz", [100.0, 180.0, 250.0])
def test_a_whisper_has_the_formants_and_no_pitch(hz: float) -> None:
    sung = steady(hz, 2.0)
    assert np.mean(pitches(sung) > 0) > 0.95
    out = heard(SPECTRAL["noise_vocode"], sung)
    assert np.mean(pitches(out) > 0) < 0.1
    assert peak_hz(out, 400, 950) == pytest.approx(FORMANTS_HZ[0], abs=120)
    assert peak_hz(out, 2000, 3200) == pytest.approx(FORMANTS_HZ[2], abs=120)
    assert rms(out) == pytest.approx(rms(sung), rel=0.15)


def test_a_whisper_mixed_with_the_voice_leaves_its_part() -> None:
    sung = steady(150.0, 1.0)
    np.testing.assert_allclose(heard(SPECTRAL["noise_vocode"], sung, mix=0), sung, atol=1e-7)
    whole, half = (heard(SPECTRAL["noise_vocode"], sung, mix=mix) for mix in (1, 0.5))
    np.testing.assert_allclose(half, 0.5 * whole + 0.5 * sung, atol=1e-6)


def test_a_whisper_keeps_the_noise_it_is_given_as_loud() -> None:
    hiss = noise(2 * RATE_HZ)
    assert rms(heard(SPECTRAL["noise_vocode"], hiss)) == pytest.approx(rms(hiss), rel=0.05)


def test_copies_are_detuned_to_both_sides() -> None:
    out = heard(SPECTRAL["doubler"], sine(3 * RATE_HZ, 1000.0), semis=0.2, mix=1, voices=2)
    window = np.hanning(2 * RATE_HZ)
    for side, hz in ((0, 1000.0 * 2 ** (0.2 / 12)), (1, 1000.0 * 2 ** (-0.2 / 12))):
        spectrum = np.abs(np.fft.rfft(out[side, RATE_HZ:] * window))
        assert np.argmax(spectrum) / 2 == pytest.approx(hz, abs=1.0)


def test_copies_come_later_and_the_voice_in_time() -> None:
    sound = np.zeros((2, RATE_HZ), np.float32)
    sound[:, 5000] = 1.0
    out = heard(SPECTRAL["doubler"], sound, semis=0.15, voices=4, mix=0.6)
    np.testing.assert_allclose(out[:, 5000], 0.8, atol=1e-6)
    assert np.abs(out[:, :5000]).max() == 0
    late = np.flatnonzero(np.abs(out).max(0) > 0.05)[1:] - 5000
    assert late.min() > 0.010 * RATE_HZ
    assert late.max() < 0.080 * RATE_HZ


@pytest.mark.parametrize(("semis", "voices"), [(0.2, 2), (0.15, 4), (0.1, 8), (4, 2), (-12, 2)])
def test_a_doubled_sound_is_about_as_loud(semis: float, voices: int) -> None:
    sung = steady(170.0, 1.5)
    assert rms(heard(SPECTRAL["doubler"], sung, semis=semis, voices=voices)) == pytest.approx(rms(sung), rel=0.3)


def test_an_interval_is_sung_by_all_copies() -> None:
    out = heard(SPECTRAL["doubler"], steady(200.0, 2.0), semis=4, mix=1, voices=2)
    assert abs(cents(found(out), 200.0) - 400) < 15


@pytest.mark.parametrize("ends", [{}, {"from": 1, "to": 0.75}, {"from": 0.9, "to": 0.3}])
def test_a_pace_falls_as_it_should(ends: dict[str, float]) -> None:
    count = 2 * RATE_HZ
    out = heard(SPECTRAL["slowdown"], sine(count, 1000.0), RATE_HZ, **ends)[0]
    start, end = ends.get("from", 1.0), ends.get("to", 0.75)
    width = 4410
    for place in np.linspace(3000, count - width - 3000, 9).astype(int):
        spectrum = np.abs(np.fft.rfft(out[place : place + width] * np.hanning(width), 1 << 17))
        pace = start + (end - start) * (place + width / 2) / count
        assert np.argmax(spectrum) * RATE_HZ / (1 << 17) == pytest.approx(1000.0 * pace, abs=3.0)


def test_a_slow_sound_begins_in_time_and_lets_nothing_be_heard_early() -> None:
    sound = np.zeros((2, 40_000), np.float32)
    sound[:, 10_000:] = noise(30_000)
    out = heard(SPECTRAL["slowdown"], sound)
    assert np.abs(out[:, :9990]).max() < 1e-3
    begun = 10_000 + 0.25 / (2 * 40_000) * 10_000**2  # where the place on the tape is 10 000, nearly
    assert np.flatnonzero(np.abs(out[0]) > 0.02)[0] == pytest.approx(begun, abs=40)


@pytest.mark.parametrize("name", list(SPECTRAL))
def test_reads_and_runs_do_not_matter(name: str) -> None:
    sound = np.concatenate((noise(9000), steady(130.0, 0.5), noise(9000, 0.3)), 1)
    where = Setting(RATE_HZ, 9, sound.shape[1])
    params = {"semis": 3, "formant": 1}
    whole = SPECTRAL[name](Array(sound), params, where).read(sound.shape[1])
    cut = read_in(SPECTRAL[name](Array(sound), params, where), random_cuts(sound.shape[1], 3))
    np.testing.assert_array_equal(cut, whole)


@pytest.mark.parametrize("name", ["vocoder", "noise_vocode"])
def test_chance_hangs_on_the_seed(name: str) -> None:
    sound = noise(20_000)
    one, other = (SPECTRAL[name](Array(sound), {}, Setting(RATE_HZ, seed, 20_000)).read(20_000) for seed in (1, 2))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("name", list(SPECTRAL))
def test_odd_parameters_are_held_and_give_something_finite(name: str) -> None:
    sound = noise(20_000)
    for value in (1e9, -1e9, float("nan"), "x", None, True):
        params = dict.fromkeys(("semis", "formant", "bands", "hz", "carrier", "mix", "voices", "from", "to"), value)
        out = heard(SPECTRAL[name], sound, **params)
        assert out.shape == sound.shape
        assert np.isfinite(out).all()
