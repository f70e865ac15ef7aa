"""How loud a draft is at each instant, against gains worked out from its JSON in double precision."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.acceptance.drafts import SECOND, Draft, Raw, keys
from tests.acceptance.oracle import keyed
from tests.acceptance.sounds import RATE, Doubles, add_sound, decibels, mixed, write_wav

LEVEL = 0.05  # so that ten times as much does not clip
LENGTH_US = 2 * SECOND
FLOOR = 1e-4  # gains below −80 dB are not compared

random_drafts = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound that stands still, so that a mix is its gain."""
    return write_wav(tmp_path_factory.mktemp("sound") / "still.wav", np.full((2, RATE * 8), LEVEL))


def gains_of(raw: Raw) -> Doubles:
    samples, _ = mixed(raw)
    np.testing.assert_array_equal(samples[0], samples[1])
    return samples[0].astype(np.float64) / (round(LEVEL * 32768) / 32768)


def gain_at(segment: Raw, fade: Raw, second: float) -> float:
    """Format §5 and §12: the keyed volume, or the static one, times straight fades from both edges."""
    target = segment["target_timerange"]
    since, length = second * SECOND - target["start"], target["duration"]
    if not 0 <= since < length:
        return 0.0
    volume = min(max(keyed(segment, second * SECOND, segment["volume"], "KFTypeVolume"), 0.0), 10.0)
    fade_in, fade_out = (min(fade.get(f"fade_{end}_duration", 0), length) for end in ("in", "out"))
    rising = min(since / fade_in, 1.0) if fade_in else 1.0
    falling = min((length - since) / fade_out, 1.0) if fade_out else 1.0
    return volume * rising * falling


def compare(raw: Raw, wanted: Doubles, got: Doubles, places: Doubles) -> None:
    heard = wanted > FLOOR
    worst = decibels(got[places[heard]] / wanted[heard])
    assert np.abs(worst).max(initial=0.0) < 0.01, raw["tracks"][0]["segments"][0]
    assert np.abs(got[places[~heard]]).max(initial=0.0) < 3 * FLOOR


times = st.integers(1, 199).map(lambda count: count * 10_000)  # keys near a segment's edge snap to it
values = st.floats(0, 10)
reach_us, rise = st.floats(0, 10_000), st.floats(-3, 3)  # no handle reaches past the other key


@settings(random_drafts, max_examples=100)
@given(
    start_us=st.integers(0, 500_000),
    source_us=st.integers(0, SECOND),
    volume=values,
    fade=st.tuples(st.integers(0, 3 * SECOND), st.integers(0, 3 * SECOND)),
    points=st.dictionaries(times, values, max_size=4),
    kind=st.sampled_from(["Line", "FreeCurve"]),
    data=st.data(),
)
def test_volume_keys_and_fades_are_within_a_hundredth_of_a_decibel(
    start_us: int,
    source_us: int,
    volume: float,
    fade: tuple[int, int],
    points: dict[int, float],
    kind: str,
    data: Any,
    still: Path,
) -> None:
    draft = Draft()
    faded = {"fade_in_duration": fade[0], "fade_out_duration": fade[1], "fade_type": 0}
    segment = draft.clip(
        draft.track("audio"),
        add_sound(draft, still),
        start_us,
        LENGTH_US,
        source_us=source_us,
        volume=volume,
        refs=[draft.add("audio_fades", type="audio_fade", **faded)],
    )
    if points:
        ordered = sorted((at + source_us, value) for at, value in points.items())
        drawn = [data.draw(st.tuples(reach_us, rise, reach_us, rise)) for _ in ordered]
        handles = [((-left, up), (right, down)) for left, up, right, down in drawn] if kind == "FreeCurve" else ()
        segment["common_keyframes"] = [keys("KFTypeVolume", *ordered, kinds=[kind] * len(ordered), handles=handles)]
    places = np.arange(0, round((start_us + LENGTH_US) / SECOND * RATE) - 1, 997)
    wanted = np.array([gain_at(segment, faded, place / RATE) for place in places])
    got = gains_of(draft.raw)
    near_an_edge = np.abs(places / RATE - start_us / SECOND) < 2 / RATE
    keep = ~near_an_edge & (places < got.size)  # frames end where they end
    compare(draft.raw, wanted[keep], got, places[keep])


@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_fades_count_in_the_timelines_time_whatever_the_speed(speed: float, is_reversed: bool, still: Path) -> None:
    draft = Draft()
    faded = {"fade_in_duration": 700_000, "fade_out_duration": 400_000, "fade_type": 0}
    segment = draft.clip(
        draft.track("audio"),
        add_sound(draft, still),
        0,
        LENGTH_US,
        source_us=SECOND,
        speed=speed,
        reverse=is_reversed,
        is_tone_modify=True,
        refs=[draft.add("audio_fades", type="audio_fade", **faded)],
    )
    places = np.arange(100, RATE * 2 - 100, 131)
    wanted = np.array([gain_at(segment, faded, place / RATE) for place in places])
    compare(draft.raw, wanted, gains_of(draft.raw), places)


def test_gains_of_compound_clips_multiply_by_their_own_clocks(still: Path) -> None:
    inner, outer = Draft(), Draft()
    faded = {"fade_in_duration": 600_000, "fade_out_duration": 0, "fade_type": 0}
    inner_segment = inner.clip(
        inner.track("audio"),
        add_sound(inner, still),
        200_000,
        LENGTH_US,
        volume=1.7,
        refs=[inner.add("audio_fades", type="audio_fade", **faded)],
    )
    stub, combination = outer.compound(inner, has_audio=True)
    holder = outer.clip(outer.track(), stub, 300_000, 1_500_000, source_us=100_000, volume=2.0, refs=[combination])
    holder["common_keyframes"] = [keys("KFTypeVolume", (100_000, 0.2), (1_600_000, 2.0))]
    places = np.arange(round(0.41 * RATE), round(1.79 * RATE), 131)
    seconds = places / RATE
    inner_gains = np.array([gain_at(inner_segment, faded, second - 0.3 + 0.1) for second in seconds])
    wanted = inner_gains * (0.2 + (seconds - 0.3) / 1.5 * 1.8)
    compare(outer.raw, wanted, gains_of(outer.raw), places)


@pytest.mark.parametrize(("pan", "gains"), [(-1.0, (2.0, 0.0)), (0.5, (np.sqrt(0.5), 1 + np.sqrt(0.5))), (0.0, (1, 1))])
def test_a_keyed_pan_takes_the_place_of_the_still_one(pan: float, gains: tuple[float, float], still: Path) -> None:
    draft = Draft()
    segment = draft.clip(draft.track("audio"), add_sound(draft, still), 0, SECOND)
    segment["common_keyframes"] = [keys("KFTypeAudioPanning", (0, pan), (SECOND, pan))]
    samples, _ = mixed(draft.raw)
    np.testing.assert_allclose(samples[:, 1000] / (round(LEVEL * 32768) / 32768), gains, atol=1e-6)


@pytest.mark.parametrize("what", ["attribute", "visible", "volume", "has_audio"])
def test_what_is_muted_is_not_heard(what: str, still: Path) -> None:
    inner, outer = Draft(), Draft()
    track = inner.track("audio", attribute=1 if what == "attribute" else 0)
    inner.clip(track, add_sound(inner, still), 0, SECOND, **({"visible": False} if what == "visible" else {}))
    stub, combination = outer.compound(inner, has_audio=what != "has_audio")
    outer.clip(outer.track(), stub, 0, SECOND, refs=[combination], volume=0.0 if what == "volume" else 1.0)
    samples, _ = mixed(outer.raw)
    assert not samples.any()
