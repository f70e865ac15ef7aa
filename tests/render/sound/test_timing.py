"""Sound at other paces, against formulas: where it is, how high, how loud, and however it is read."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.render.sound.timing import LEAD, PitchShifted, Places, Stretched, Varied
from kernels.sound import Doubles, Samples
from tests.render.sound.formula import RATE_HZ, Formula, clicks, db, harmonics, hiss, in_pieces, tone

MS = RATE_HZ / 1000
PACES = [0.1, 0.25, 0.5, 0.7, 0.9, 1.25, 1.5, 2.0, 3.0, 4.0, 10.0]
Sound = Callable[[Doubles], Doubles]


def even(pace: float) -> Places:
    return lambda samples: samples * pace


def curve(samples: Doubles) -> Doubles:
    """Paces from 0.3 to 2.7."""
    return samples * 1.5 - 1.2 * 12_000 * np.sin(samples / 12_000)


def varied(sound: Sound, at: Places, count: int) -> Samples:
    return Varied(Formula(sound, LEAD), at).read(count)


def stretched(sound: Sound, at: Places, count: int) -> Samples:
    return Stretched(Formula(sound, LEAD), at).read(count)


def shifted(sound: Sound, semitones: float, formants: float | None, count: int) -> Samples:
    return PitchShifted(Formula(sound, 0), semitones, formants).read(count)


def purity_db(samples: Samples, hz: float) -> float:
    """Energy within 4 Hz of the harmonics to all other."""
    power = np.square(np.abs(np.fft.rfft(samples * np.blackman(len(samples)))))
    at = np.arange(len(power)) * RATE_HZ / len(samples)
    near = np.abs(at - np.round(at / hz) * hz) < 4
    return float(10 * np.log10(power[near & (at > 9)].sum() / power[~near].sum()))


def pitch_hz(samples: Samples, near_hz: float) -> float:
    """The frequency of the strongest partial within a semitone of one."""
    size = 1 << 19
    power = np.abs(np.fft.rfft(samples * np.blackman(len(samples)), size))
    low, high = (int(near_hz * size / RATE_HZ * factor) for factor in (0.95, 1.05))
    at = low + int(power[low:high].argmax())
    before, here, after = np.log(power[at - 1 : at + 2])
    return float((at + 0.5 * (before - after) / (before - 2 * here + after)) * RATE_HZ / size)


# Speed that the pitch follows


@given(pace=st.floats(0.01, 30), offset=st.floats(0, 1))
@settings(max_examples=20, deadline=None)
def test_varied_is_the_tape_at_its_places(pace: float, offset: float) -> None:
    hz = 0.4 * RATE_HZ / max(pace, 1)
    got = varied(tone(hz), lambda samples: samples * pace + offset, 3_000)
    np.testing.assert_allclose(got, tone(hz)(np.arange(3_000.0) * pace + offset), atol=3e-5)


def test_varied_follows_a_curve() -> None:
    got = varied(tone(3_000), curve, 90_000)
    np.testing.assert_allclose(got, tone(3_000)(curve(np.arange(90_000.0))), atol=2e-5)


def test_varied_does_not_click_where_its_low_pass_changes() -> None:
    """Noise of a narrow low band passes whole at every pace of the curve, so any click stands above it."""
    got = varied(tone(1_000), lambda samples: np.square(samples) / 20_000 + 0.2 * samples, 60_000)
    places = np.square(np.arange(60_000.0)) / 20_000 + 0.2 * np.arange(60_000)
    assert np.abs(got - tone(1_000)(places)).max() < 2e-5


@pytest.mark.parametrize("pace", [1.5, 2.0, 6.3])
def test_varied_does_not_alias(pace: float) -> None:
    hz = RATE_HZ / 2 / pace * 1.02
    assert db(varied(tone(hz, 1.0), even(pace), 8_000)[:, 200:].std()) < -100


def test_varied_bears_a_pace_of_a_thousand() -> None:
    got = varied(tone(10), even(1000), 3_000)
    np.testing.assert_allclose(got[:, 50:], tone(10)(np.arange(3_000.0) * 1000.0)[:, 50:], atol=1e-4)


# Speed that leaves the pitch


@pytest.mark.parametrize("pace", PACES)
def test_stretched_clicks_come_once_crisp_and_in_time(pace: float) -> None:
    places = np.arange(1, 4) * 44_111
    count = int(places[-1] / pace) + 12_000
    for ground, least in ((0.0, 0.99), (1.0, 0.85)):
        got = stretched(lambda at: clicks(places)(at) + ground * harmonics(at), even(pace), count)[0]  # noqa: B023
        bends = np.abs(np.diff(got, 2)) / 1.6
        for place in places / pace:
            around = slice(int(place) - 200, int(place) + 200)
            assert bends[around].max() > least
            assert abs(int(place) - 200 + int(bends[around].argmax()) + 1 - place) < 0.05 * MS
            bends[int(place) - 8 : int(place) + 8] = 0
        assert bends[200:].max() < 0.12


@given(
    pace=st.sampled_from(PACES),
    gaps_ms=st.lists(st.floats(21, 150), min_size=3, max_size=10),
)
@settings(max_examples=25, deadline=None)
def test_stretched_clicks_that_crowd_come_each_once(pace: float, gaps_ms: list[float]) -> None:
    places = np.floor(np.cumsum([12_000, *np.array(gaps_ms) * MS]))
    wanted = places / pace
    got = np.abs(stretched(clicks(places), even(pace), int(wanted[-1]) + 9_000)[0])
    for place, following in pairwise([*wanted, np.inf]):
        around = slice(int(place) - 5, int(place) + 6)
        if following - place > 30:
            assert got[around].max() > 0.75
        got[around] = 0
    assert got.max() < 0.05


def test_stretched_clicks_lie_on_a_curve() -> None:
    places = np.arange(1, 9) * 15_000
    grid = np.arange(110_000.0)
    wanted = np.interp(places, curve(grid), grid)
    got = np.abs(stretched(clicks(places), curve, 100_000)[0])
    for place in wanted[wanted < 95_000]:
        assert abs(int(place) - 300 + int(got[int(place) - 300 : int(place) + 300].argmax()) - place) <= 1


@pytest.mark.parametrize("pace", PACES)
def test_stretched_tones_stay_pure_and_as_loud(pace: float) -> None:
    got = stretched(harmonics, even(pace), 100_000)[0][10_000:]
    assert purity_db(got, 220) > 65
    assert abs(db(got.std() / harmonics(np.arange(90_000.0)).std())) < 0.1


@pytest.mark.parametrize("pace", PACES)
def test_stretched_noise_stays_as_loud(pace: float) -> None:
    assert abs(db(stretched(hiss, even(pace), 60_000)[:, 10_000:].std() / 0.1)) < 1


def test_stretched_by_nothing_is_the_tape() -> None:
    def sound(places: Doubles) -> Doubles:
        return hiss(places) + harmonics(places) + clicks([3_000, 3_900, 5_000, 20_000, 21_500, 22_000])(places)

    got = stretched(sound, lambda samples: samples + 0.3, 40_000)
    np.testing.assert_allclose(got, sound(np.arange(40_000.0)), atol=2e-6)


def test_stretched_keeps_what_is_between_the_channels() -> None:
    got = stretched(lambda at: np.stack((hiss(at)[0], -0.5 * hiss(at)[0])), even(0.6), 30_000)
    np.testing.assert_allclose(got[1], -0.5 * got[0], atol=1e-6)


def test_stretched_is_not_ahead_of_its_tape_by_more_than_seconds() -> None:
    tape = Formula(hiss, LEAD)
    stream = Stretched(tape, even(8.0))
    stream.read(20_000)
    assert tape.place - 160_000 < 4 * RATE_HZ


def test_stretched_bears_a_pace_of_a_thousand() -> None:
    got = stretched(lambda at: np.where(at < 0, 0.0, 0.25), even(1000), 6_000)
    assert np.isfinite(got).all()
    assert np.abs(got).max() < 0.5


# The pitch alone


@pytest.mark.parametrize("semitones", [-24, -7, -0.5, 0.25, 4, 12, 24])
def test_a_pitch_is_right_within_a_tenth_of_a_cent(semitones: float) -> None:
    wanted = 440 * 2 ** (semitones / 12)
    got = shifted(tone(440), semitones, None, 60_000)[0][6_000:]
    assert abs(1200 * np.log2(pitch_hz(got, wanted) / wanted)) < 0.1
    assert abs(db(got.std() * np.sqrt(2) / 0.5)) < 0.2


@pytest.mark.parametrize("semitones", [-12, -3, 5, 12])
def test_a_pitch_leaves_clicks_where_they_are(semitones: float) -> None:
    places = [12_000, 30_500, 50_001]
    got = np.abs(shifted(clicks(places), semitones, None, 60_000)[0])
    for place in places:
        assert abs(int(got[place - 500 : place + 500].argmax()) - 500) <= 1


def vowel(formants: float) -> Sound:
    """Harmonics of 120 Hz under three hills that are moved by so many semitones."""

    def sound(places: Doubles) -> Doubles:
        hz = 120.0 * np.arange(1.0, 46.0)
        level = 10 ** (hills_db(hz, formants) / 20)
        angles = 2 * np.pi / RATE_HZ * hz[:, None] * places + np.square(np.arange(45))[:, None]
        return 0.1 * level @ np.sin(angles)

    return sound


def hills_db(hz: Doubles, semitones: float) -> Doubles:
    source_hz = hz / 2 ** (semitones / 12)
    middles = np.array([[700.0], [1_700.0], [3_100.0]])
    levels: Doubles = 25 * np.exp(-np.square((source_hz - middles) / 300)).sum(0) - 25
    return levels


@pytest.mark.parametrize(("semitones", "formants"), [(7.0, 6.0), (-4.0, -2.5), (5.0, 0.0), (0.0, 3.0), (4.0, None)])
def test_formants_move_as_told(semitones: float, formants: float | None) -> None:
    got = shifted(vowel(0), semitones, formants, 60_000)[0][10_000:]
    moved = semitones if formants is None else formants
    hz = 120 * 2 ** (semitones / 12) * np.arange(3.0, 30.0)
    power = np.abs(np.fft.rfft(got * np.blackman(len(got))))
    levels = [db(power[int((f - 20) * len(got) / RATE_HZ) : int((f + 20) * len(got) / RATE_HZ)].max()) for f in hz]
    errors = {shift: np.std(levels - hills_db(hz, shift)) for shift in np.arange(-12, 12.5, 0.5)}
    assert abs(min(errors, key=lambda shift: errors[shift]) - moved) <= 0.5
    assert errors[moved] < 3


def test_no_shift_is_the_sound_itself() -> None:
    assert (shifted(hiss, 0.0, None, 5_000) == hiss(np.arange(5_000.0)).astype(np.float32)).all()


# However it is read


@pytest.mark.parametrize(
    "opened",
    [
        lambda sound: Varied(Formula(sound, LEAD), curve),
        lambda sound: Stretched(Formula(sound, LEAD), curve),
        lambda sound: PitchShifted(Formula(sound, 0), 3.0, 1.0),
    ],
    ids=["varied", "stretched", "shifted"],
)
@given(counts=st.lists(st.integers(0, 5_000), max_size=12))
@settings(max_examples=6, deadline=None)
def test_the_cutting_into_reads_is_of_no_matter(opened: Callable[[Sound], Stretched], counts: list[int]) -> None:
    def sound(places: Doubles) -> Doubles:
        return hiss(places) + clicks([3_000, 9_000, 10_100])(places)

    counts = [*counts, 30_000 - min(sum(counts), 29_999)]
    whole = opened(sound).read(sum(counts))
    assert (in_pieces(opened(sound), counts) == whole).all()
