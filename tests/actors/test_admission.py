"""How many renderers, whose chunk next, how patient."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.admission import PoolLimits, PoolState, backoff_s, most_failures, next_job, wanted_workers

COUNTS = st.integers(0, 50)


def test_each_chunk_at_hand_gets_a_worker_within_the_limit() -> None:
    limits = PoolLimits(least=0, most=4, idle_s=120)
    assert wanted_workers(PoolState(0, 0, 0, 0), limits) == 0
    assert wanted_workers(PoolState(0, 0, 3, 0), limits) == 3
    assert wanted_workers(PoolState(2, 2, 9, 0), limits) == 4
    assert wanted_workers(PoolState(6, 1, 0, 0), limits) == 4  # the limit has come down


def test_idle_workers_wait_and_then_go_one_by_one_down_to_the_least() -> None:
    limits = PoolLimits(least=1, most=4, idle_s=120)
    assert wanted_workers(PoolState(4, 1, 0, 119), limits) == 4
    assert wanted_workers(PoolState(4, 1, 0, 121), limits) == 3
    assert wanted_workers(PoolState(1, 0, 0, 999), limits) == 1
    assert wanted_workers(PoolState(0, 0, 0, 0), limits) == 1


@given(workers=COUNTS, in_flight=COUNTS, queued=COUNTS, idle_s=st.floats(0, 999), least=st.integers(0, 3))
def test_the_pool_never_leaves_its_bounds_nor_the_busy_behind(
    workers: int, in_flight: int, queued: int, idle_s: float, least: int
) -> None:
    limits = PoolLimits(least, least + 5, 120)
    workers = min(workers, limits.most)
    in_flight = min(in_flight, workers)
    wanted = wanted_workers(PoolState(workers, in_flight, queued, idle_s), limits)
    assert limits.least <= wanted <= limits.most
    assert wanted >= min(in_flight + queued, limits.most)


def test_jobs_take_turns_and_the_oldest_goes_first_among_equals() -> None:
    assert next_job({"a": 3, "b": 3}, {"a": 0, "b": 0}, ["a", "b"]) == "a"
    assert next_job({"a": 2, "b": 3}, {"a": 1, "b": 0}, ["a", "b"]) == "b"
    assert next_job({"a": 0, "b": 0}, {"a": 1, "b": 0}, ["a", "b"]) is None


def test_waits_double_up_to_eight_seconds() -> None:
    assert [backoff_s(failures) for failures in range(7)] == [1, 1, 2, 4, 8, 8, 8]


@pytest.mark.parametrize(("kind", "least_s"), [("RenderError", 5), ("StorageError", 50), ("ClusterError", 50)])
def test_what_is_being_started_anew_gets_about_a_minute(kind: str, least_s: float) -> None:
    assert sum(backoff_s(failures) for failures in range(1, most_failures(kind))) > least_s
