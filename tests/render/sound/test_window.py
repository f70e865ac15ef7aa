"""A stream read at rising places is the stream."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from cutfarm.render.sound.window import Window
from tests.render.sound.formula import Formula


def ramp(places: np.ndarray) -> np.ndarray:
    return places


@given(
    steps=st.lists(st.tuples(st.integers(0, 3_000), st.integers(0, 500), st.integers(1, 2_000)), max_size=30),
    lead=st.integers(0, 500),
)
@settings(max_examples=40, deadline=None)
def test_places_hold_what_lies_there(steps: list[tuple[int, int, int]], lead: int) -> None:
    window, before = Window(Formula(ramp, lead), lead), -lead
    for ahead, back, count in steps:
        window.let_go(before + ahead)
        before += ahead
        first = before - back
        wanted = np.arange(first, first + count)
        got = window.between(first, first + count)
        assert (got[:, wanted >= before] == wanted[wanted >= before]).all()
        assert (got[:, wanted < -lead] == 0).all()


def test_what_is_skipped_is_not_held() -> None:
    window = Window(Formula(ramp, 0), 0)
    window.let_go(10_000_000)
    assert window.between(10_000_000, 10_000_002).tolist() == [[1e7, 1e7 + 1]] * 2
