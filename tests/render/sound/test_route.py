"""Routes go as the map, and at pace 1 around onsets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.render.sound.route import Route
from kernels.sound import Doubles
from kernels.sound_spectrum import FRAME, HOP

PACES = [0.05, 0.1, 0.25, 0.5, 0.9, 1.0, 1.1, 2.0, 4.0, 10.0]


@pytest.mark.parametrize("pace", PACES)
def test_without_onsets_the_route_is_the_map(pace: float) -> None:
    route = Route(lambda samples: samples * pace)
    for sample in range(0, 100_000, 7_777):
        assert abs(route.place(sample)[0] - sample * pace) <= 0.5
    assert route.place(-500)[0] == -500


@pytest.mark.parametrize("pace", PACES)
def test_all_frames_that_hold_a_lone_onset_bring_it_to_its_time(pace: float) -> None:
    route = Route(lambda samples: samples * pace)
    onset = route.add(round(200_000 * pace))
    assert abs(onset.sample - onset.place / pace) <= 0.5
    for sample in range(onset.sample - 12 * FRAME, onset.sample + 12 * FRAME, 100):
        place, followed = route.place(sample)
        if abs(place - onset.place) < FRAME // 2 - 1:
            assert followed is onset
            assert place - onset.place == sample - onset.sample


@given(
    pace=st.floats(0.1, 10),
    gaps=st.lists(st.integers(300, 60_000), min_size=1, max_size=12),
)
@settings(max_examples=40, deadline=None)
def test_a_route_never_leaps_and_comes_back_to_the_map(pace: float, gaps: list[int]) -> None:
    route = Route(lambda samples: samples * pace)
    onsets = [route.add(place) for place in np.cumsum([20_000, *gaps]).tolist()]
    last = onsets[-1].sample
    samples = range(0, last + 12 * FRAME, HOP)
    steps = np.diff([route.place(sample)[0] for sample in samples])
    assert steps.min() >= -0.1 * HOP
    assert steps.max() <= (3 * pace + 3) * HOP + max(gaps)
    assert abs(route.place(samples[-1])[0] - samples[-1] * pace) <= 0.5
    for onset in onsets:
        assert abs(onset.sample - onset.place / pace) <= 0.5


def test_an_onset_is_known_before_it_bears_on_the_route() -> None:
    def at(samples: Doubles) -> Doubles:
        places: Doubles = samples * 1.5 - 9_000 * np.sin(samples / 8_000)
        return places

    known, late = Route(at), Route(at)
    onset = known.add(150_000)
    first = next(s for s in range(0, 200_000, HOP) if late.horizon(s) >= 150_000)
    assert first < onset.sample - FRAME
    for sample in range(0, first, HOP):
        assert abs(known.place(sample)[0] - late.place(sample)[0]) <= 0.02 * FRAME
