"""Rooms: how long they ring, how loud they are, how alike their two sides."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cutfarm.render.sound.effects.reverbs import response, reverb, reverb_tail_s
from kernels.sound import Doubles
from tests.render.sound.effects.listening import RATE_HZ, db, heard, impulse, noise, rms


def measured_t60_s(answer: Doubles, rate_hz: int) -> float:
    """From the slope of Schroeder's backward integral between −5 and −35 dB."""
    left = np.cumsum(answer[::-1] ** 2)[::-1]
    fall_db = 10 * np.log10(left / left[0] + 1e-30)
    inside = np.flatnonzero((fall_db < -5) & (fall_db > -35))
    slope = np.polyfit(inside / rate_hz, fall_db[inside], 1)[0]
    return float(-60 / slope)


def octave(answer: Doubles, hz: float, rate_hz: int) -> Doubles:
    """What lies around `hz`, by a bell an octave wide; what would ring before the start is cut off."""
    at = np.fft.rfftfreq(2 * len(answer), 1 / rate_hz)
    bell = np.exp(-((np.log2(np.maximum(at, 1e-3) / hz) / 0.6) ** 2))
    return np.fft.irfft(np.fft.rfft(answer, 2 * len(answer)) * bell)[: len(answer)]


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("room", [0.0, 0.25, 1.0])
def test_a_room_rings_as_long_as_it_should(room: float, rate_hz: int) -> None:
    wanted_s = 0.3 + 4 * room
    assert reverb_tail_s({"room": room}) == pytest.approx(wanted_s)
    answer = heard(reverb, impulse(int((wanted_s + 0.2) * rate_hz)), rate_hz, room=room, damp=0.0, wet=1.0)
    for side in answer.astype(np.float64):
        assert measured_t60_s(side, rate_hz) == pytest.approx(wanted_s, rel=0.05)


@pytest.mark.parametrize(("hz", "fall"), [(500.0, 1.03), (2000.0, 1.41), (8000.0, 3.16)])
def test_high_frequencies_die_sooner(hz: float, fall: float) -> None:
    answer = heard(reverb, impulse(3 * RATE_HZ), room=0.5, damp=0.5, wet=1.0)[0].astype(np.float64)
    assert measured_t60_s(octave(answer, hz, RATE_HZ), RATE_HZ) == pytest.approx(2.3 / fall, rel=0.1)


@pytest.mark.parametrize("room", [0.0, 0.5, 1.0])
def test_both_sides_have_energy_one_and_nothing_in_common(room: float) -> None:
    left, right = response(0.3 + 4 * room, 0.5, RATE_HZ).astype(np.float64)
    assert (left**2).sum() == pytest.approx(1.0, rel=1e-4)
    assert (right**2).sum() == pytest.approx(1.0, rel=1e-4)
    assert abs((left * right).sum()) < 0.08


@pytest.mark.parametrize("wet", [0.1, 0.3, 0.6, 1.0])
def test_a_room_is_as_loud_as_the_sound_in_it(wet: float) -> None:
    got = heard(reverb, noise(4 * RATE_HZ), room=0.3, wet=wet)[:, 2 * RATE_HZ :]
    assert db(rms(got) / 0.1) == pytest.approx(0.0, abs=0.5)


def test_the_sound_itself_stays_in_its_place() -> None:
    samples = impulse(RATE_HZ, 12_345)
    got = heard(reverb, samples, room=0.5, wet=0.6)
    assert not np.abs(got[:, :12_345]).max() > 1e-6
    assert got[:, 12_345] == pytest.approx(0.8, abs=0.05)


def test_a_stretch_without_sound_is_filled_by_the_room_alone() -> None:
    samples = np.pad(noise(RATE_HZ), ((0, 0), (0, 3 * RATE_HZ)))
    got = heard(reverb, samples, room=0.2, wet=0.4)
    after_s = np.arange(0.1, 1.1, 0.2)
    levels = [rms(got[:, int((1 + after) * RATE_HZ) :][:, :2000]) for after in after_s]
    assert all(later < earlier for earlier, later in itertools.pairwise(levels))
    assert rms(got[:, int(2.3 * RATE_HZ) :]) < 1e-6


def test_two_segments_stand_in_one_room() -> None:
    first = heard(reverb, impulse(5000), room=0.4)
    np.testing.assert_array_equal(heard(reverb, impulse(5000), room=0.4), first)
