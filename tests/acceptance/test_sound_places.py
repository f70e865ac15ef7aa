"""Where clicks of random drafts are heard, against times worked out from the draft's JSON in double precision."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.acceptance.drafts import Draft, Raw
from tests.acceptance.oracle import eased
from tests.acceptance.sounds import RATE, SECOND, add_sound, far_from_all, mixed, nearest_peak, write_clicks

EVERY_US = 400_000
LENGTH_S = 12
LEVEL = 0.15
SAMPLE_US = SECOND / RATE
CLEAR = 0.004  #: seconds from a segment's edges within which a click may fall on either side

Curve = tuple[tuple[float, float], ...]


@pytest.fixture(scope="module")
def click(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clicks(tmp_path_factory.mktemp("sound") / "click.wav", EVERY_US, LENGTH_S, LEVEL)


class Heard(NamedTuple):
    """A click as it should be heard."""

    second: float
    is_at_speed_one: bool
    keeps_pitch: bool
    is_on_an_edge: bool = False  #: of its segment, and may fall on either side


@dataclass(frozen=True)
class Part:
    """A segment to be written."""

    gap_us: int
    length_us: int
    source_us: int
    speed: float
    keeps_pitch: bool
    is_reversed: bool = False
    curve: Curve = ()

    def write(self, draft: Draft, track: list[Raw], material: str, start_us: int) -> Raw:
        segment = draft.clip(
            track,
            material,
            start_us,
            self.length_us,
            source_us=self.source_us,
            speed=self.speed,
            reverse=self.is_reversed,
            is_tone_modify=not self.keeps_pitch,
        )
        if self.curve:
            points = [{"x": x, "y": y} for x, y in self.curve]
            draft.raw["materials"]["speeds"][-1] |= {"mode": 1, "curve_speed": {"speed_points": points}}
        return segment


def clicks_of(segment: Raw, part: Part) -> list[Heard]:
    """By format §4: the source range maps across the target range, evenly or by the curve, or backwards."""
    target, source = segment["target_timerange"], segment["source_timerange"]
    shares = [
        (place - source["start"]) / source["duration"]
        for place in range(0, LENGTH_S * SECOND, EVERY_US)
        if source["start"] - SAMPLE_US <= place <= source["start"] + source["duration"] + SAMPLE_US
    ]
    ways = [1 - share if part.is_reversed else share for share in shares]
    times = [time_of_share(part.curve, way) if part.curve else way for way in ways]
    is_one = not part.curve and source["duration"] == target["duration"]
    seconds = [(target["start"] + time * target["duration"]) / SECOND for time in times]
    start, end = target["start"] / SECOND, (target["start"] + target["duration"]) / SECOND
    return [
        Heard(second, is_one, part.keeps_pitch and not is_one, not start + CLEAR < second < end - CLEAR)
        for second in seconds
    ]


def time_of_share(curve: Curve, way: float) -> float:
    """Part of the target after which the part `way` of the source is played: format §4's speed, summed up finely."""
    spans = [(x1 - x0) / ((y0 + y1) / 2) for (x0, y0), (x1, y1) in pairwise(curve)]
    edges = np.cumsum([0.0, *spans]) / sum(spans)
    knots: list[tuple[float, float]] = []
    for (start, end), ((_, y0), (_, y1)) in zip(pairwise(edges.tolist()), pairwise(curve), strict=True):
        knots += eased(start, end, y0, y1)
    times = np.linspace(0, 1, 100_001)
    speeds = np.interp((times[1:] + times[:-1]) / 2, [at for at, _ in knots], [speed for _, speed in knots])
    ways = np.concatenate(([0.0], np.cumsum(speeds))) / speeds.sum()
    return float(np.interp(way, ways, times))


def check(raw: Raw, heard: list[Heard]) -> None:
    """Every click that stands alone is where it should be; of plain sound there is nothing else."""
    samples, _ = mixed(raw)
    left = samples[0]
    seconds = sorted(click.second for click in heard)
    for click in heard:
        clear_s = 0.06 if any(other.keeps_pitch for other in heard) else 0.01
        place = click.second * RATE
        is_alone = not click.is_on_an_edge and far_from_all(click.second, seconds, clear_s)
        if not is_alone or place > left.size - RATE * CLEAR:
            continue
        got = nearest_peak(left, place, round(clear_s / 2 * RATE))
        assert abs(left[got]) > LEVEL / 8, f"nothing is heard at {click.second} s"
        assert abs(got - place) <= (1 if click.is_at_speed_one else 0.002 * RATE), f"{click}: {got / RATE}"
    if all(click.is_at_speed_one for click in heard):
        loud = np.flatnonzero(np.abs(left) > LEVEL / 2)
        assert all(min(abs(place - second * RATE) for second in seconds) <= 1 for place in loud)


lengths = st.integers(300_000, 2_500_000)
plain_parts = st.builds(
    Part, st.integers(0, 700_000), lengths, st.integers(0, 3 * SECOND), st.just(1.0), st.booleans(), st.booleans()
)
paced_parts = st.builds(
    Part,
    st.integers(0, 700_000),
    lengths,
    st.integers(0, 3 * SECOND),
    st.floats(0.25, 3.5).filter(lambda speed: abs(speed - 1) > 0.02),
    st.booleans(),
    st.booleans(),
)
curves = st.lists(st.floats(0.3, 5.0), min_size=2, max_size=5).map(
    lambda speeds: tuple((place / (len(speeds) - 1), speed) for place, speed in enumerate(speeds))
)
curved_parts = st.builds(
    Part,
    st.integers(0, 700_000),
    lengths,
    st.integers(0, 3 * SECOND),
    st.floats(0.7, 2.0),
    st.booleans(),
    st.booleans(),
    curves,
)

random_drafts = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(tracks: list[list[Part]], click: Path) -> tuple[Draft, list[Heard]]:
    draft, heard = Draft(fps=30.0), []
    for parts in tracks:
        track, at_us = draft.track("audio"), 0
        for part in parts:
            at_us += part.gap_us
            segment = part.write(draft, track, add_sound(draft, click), at_us)
            heard += clicks_of(segment, part)
            at_us += part.length_us
    return draft, heard


@settings(random_drafts, max_examples=250)
@given(tracks=st.lists(st.lists(plain_parts, min_size=1, max_size=4), min_size=1, max_size=3))
def test_at_speed_one_clicks_land_within_a_sample(tracks: list[list[Part]], click: Path) -> None:
    draft, heard = written(tracks, click)
    assume(heard)
    check(draft.raw, heard)


@settings(random_drafts, max_examples=150)
@given(tracks=st.lists(st.lists(plain_parts | paced_parts, min_size=1, max_size=3), min_size=1, max_size=2))
def test_at_other_speeds_they_land_within_2_ms(tracks: list[list[Part]], click: Path) -> None:
    draft, heard = written(tracks, click)
    assume(heard)
    check(draft.raw, heard)


@settings(random_drafts, max_examples=60)
@given(part=curved_parts)
def test_by_a_speed_curve_they_land_within_2_ms(part: Part, click: Path) -> None:
    draft, heard = written([[part]], click)
    assume(heard)
    check(draft.raw, heard)


@settings(random_drafts, max_examples=40)
@given(
    part=plain_parts | paced_parts,
    start_us=st.integers(0, SECOND),
    source_us=st.integers(0, 300_000),
    speed=st.sampled_from([1.0, 1.0, 0.5, 1.7]),
    is_reversed=st.booleans(),
)
def test_within_compound_clips_too(
    part: Part, start_us: int, source_us: int, speed: float, is_reversed: bool, click: Path
) -> None:
    inner, heard = written([[part]], click)
    length_us = round((inner.end_us - source_us) / speed)
    outer = Draft()
    stub, combination = outer.compound(inner, has_audio=True)
    holder = outer.clip(
        outer.track(),
        stub,
        start_us,
        length_us,
        source_us=source_us,
        speed=speed,
        refs=[combination],
        reverse=is_reversed,
        is_tone_modify=not part.keeps_pitch,
    )
    source, target = holder["source_timerange"], holder["target_timerange"]
    pace = source["duration"] / target["duration"]
    moved = []
    for click_ in heard:
        after_us = click_.second * SECOND - source["start"]
        after_us = source["duration"] - after_us if is_reversed else after_us
        if -CLEAR * SECOND < after_us < source["duration"] + CLEAR * SECOND:
            is_on_an_edge = not CLEAR * SECOND < after_us < source["duration"] - CLEAR * SECOND
            second = (target["start"] + after_us / pace) / SECOND
            moved.append(click_._replace(second=second, is_at_speed_one=click_.is_at_speed_one and speed == 1.0))
            moved[-1] = moved[-1]._replace(is_on_an_edge=is_on_an_edge or click_.is_on_an_edge)
    keeps = part.keeps_pitch and not all(one.is_at_speed_one for one in moved)
    moved = [one._replace(keeps_pitch=keeps) for one in moved]
    assume(moved)
    check(outer.raw, moved)


@pytest.mark.parametrize("fps", [24.0, 29.97, 30.0, 59.94])
@pytest.mark.parametrize("length_us", [1_000_000, 1_234_567, 333_333])
def test_the_sound_is_as_long_as_the_frames(fps: float, length_us: int, click: Path) -> None:
    draft = Draft(fps=fps)
    draft.clip(draft.track("audio"), add_sound(draft, click), 0, length_us)
    samples, _ = mixed(draft.raw)
    exact = {24.0: 24.0, 29.97: 30_000 / 1_001, 30.0: 30.0, 59.94: 60_000 / 1_001}[fps]
    frames = round(length_us / SECOND * exact)
    assert abs(samples.shape[1] - frames / exact * RATE) <= 0.5
