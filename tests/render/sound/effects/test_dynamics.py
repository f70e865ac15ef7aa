"""Compressor and distortion against their curves, coarse steps against a loop over samples."""

from __future__ import annotations

import numpy as np
import pytest

from cutfarm.render.sound.effects.dynamics import bitcrush, comp, distortion, resample
from kernels.sound import Samples
from tests.render.sound.effects.listening import RATE_HZ, db, heard, noise, rms, sine, stepped


def square(level_db: float, count: int) -> Samples:
    """As loud at every sample as it is on the whole."""
    wave = np.where(np.arange(count) % 100 < 50, 1.0, -1.0) * 10 ** (level_db / 20)
    return np.stack((wave, wave)).astype(np.float32)


@pytest.mark.parametrize("level_db", [-50.0, -30.0, -19.0, -17.0, -12.0, -6.0, 0.0, 6.0])
def test_the_compressor_has_its_static_curve(level_db: float) -> None:
    got = heard(comp, square(level_db, RATE_HZ))[:, -RATE_HZ // 4 :]
    over_db = max(level_db + 18.0, 0.0)
    assert db(rms(got)) == pytest.approx(level_db - over_db * (1 - 1 / 4), abs=0.05)


def test_the_compressor_goes_down_fast_and_comes_back_slowly() -> None:
    samples = np.concatenate((square(-40, 22_050), square(-6, 22_050), square(-40, 22_050)), 1)
    gain_db = 20 * np.log10(np.abs(heard(comp, samples)[0] / samples[0]))
    down, up = gain_db[22_050:44_100], gain_db[44_100:]
    assert down[0] > -4.0
    assert (down[int(0.010 * RATE_HZ) :] < -8.0).all()
    assert up[int(0.005 * RATE_HZ)] < -6.0
    assert (up[int(0.200 * RATE_HZ) :] > -0.5).all()


def test_the_louder_channel_holds_both_down() -> None:
    samples = np.stack((square(-6, RATE_HZ)[0], square(-40, RATE_HZ)[1]))
    got = heard(comp, samples)[:, -1000:]
    assert db(rms(got[0])) == pytest.approx(-15.0, abs=0.1)
    assert db(rms(got[1])) == pytest.approx(-49.0, abs=0.1)


@pytest.mark.parametrize("gain_db", [6.0, 18.0, 25.0])
def test_distortion_is_a_hyperbolic_tangent(gain_db: float) -> None:
    hz, gain = 441.0, 10 ** (gain_db / 20)
    got = heard(distortion, sine(RATE_HZ, hz), db=gain_db)[0, RATE_HZ // 2 :].astype(np.float64)
    fine = np.tanh(gain * 0.5 * np.sin(2 * np.pi * np.arange(1600) / 1600))
    wanted = np.abs(np.fft.rfft(fine))[1:30:2]
    spectrum = np.abs(np.fft.rfft(got * np.hanning(len(got))))
    found = spectrum[np.round(np.arange(1, 30, 2) * hz * len(got) / RATE_HZ).astype(int)]
    heard_orders = wanted > 1e-4 * wanted[0]
    np.testing.assert_allclose((found / found[0])[heard_orders], (wanted / wanted[0])[heard_orders], rtol=0.02)


def test_distortion_hardly_folds_back() -> None:
    hz = 3000.0
    got = heard(distortion, sine(RATE_HZ, hz), db=20)[0, RATE_HZ // 2 :].astype(np.float64)
    spectrum = np.abs(np.fft.rfft(got * np.blackman(len(got))))
    at = np.fft.rfftfreq(len(got), 1 / RATE_HZ)
    folded = np.abs((at + hz / 2) % hz - hz / 2) > 20
    assert db(spectrum[folded & (at > 100)].max() / spectrum.max()) < -50


@pytest.mark.parametrize("gain_db", [0, 6, 12, 18, 25, 40])
def test_distortion_keeps_the_loudness(gain_db: float) -> None:
    assert db(rms(heard(distortion, noise(RATE_HZ), db=gain_db)) / 0.1) == pytest.approx(0.0, abs=0.7)


def test_distortion_leaves_no_offset() -> None:
    lopsided = np.maximum(sine(2 * RATE_HZ, 200.0), -0.05)
    got = heard(distortion, lopsided, db=18)[:, RATE_HZ:]
    assert abs(float(got.mean())) < 1e-3
    assert rms(got) > 0.05


def test_distortion_stays_in_its_place() -> None:
    samples = np.zeros((2, 12_000), np.float32)
    samples[:, 5000] = 0.01
    got = heard(distortion, samples, db=6)
    assert np.abs(got).argmax(1).tolist() == [5000, 5000]


@pytest.mark.parametrize("bits", [4, 6, 8, 10])
def test_levels_are_those_of_few_bits(bits: int) -> None:
    samples = noise(20_000, level=0.3)
    got = heard(bitcrush, samples, bits=bits).astype(np.float64) * 2 ** (bits - 1)
    np.testing.assert_array_equal(got, np.rint(got))
    assert np.abs(got - samples * 2.0 ** (bits - 1)).max() <= 0.5 + 1e-4


def test_crushed_silence_is_silent() -> None:
    assert not heard(bitcrush, noise(5000, level=1e-4), bits=4).any()


@pytest.mark.parametrize("held_hz", [500, 8000, 11_025, 44_100, 96_000])
def test_samples_are_held(held_hz: int) -> None:
    samples = noise(9000)
    rate = min(held_hz, RATE_HZ)
    taken = 0

    def held(place: int) -> float:
        nonlocal taken
        if place * rate // RATE_HZ != (place - 1) * rate // RATE_HZ:
            taken = place
        return float(samples[0, taken])

    np.testing.assert_array_equal(heard(resample, samples, sr=held_hz)[0], stepped(9000, held).astype(np.float32))
