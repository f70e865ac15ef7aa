"""Leases are kept while the work goes on, told when lost, and let go."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from actors import leases
from actors.leases import Leases
from cluster.jobs import Job, JobTable
from tests.actors.conftest import Table


@pytest.fixture
def job(table: JobTable, monkeypatch: pytest.MonkeyPatch) -> Job:
    monkeypatch.setattr(leases, "_RENEW_S", 0.02)
    table.submit("http://x/?draft_id=d", "d", {}, queue_limit=9)
    claimed = table.claim("one", 0.3)
    assert claimed is not None
    return claimed


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_held_job_is_not_claimed_by_another_and_a_released_one_at_once(table: JobTable, job: Job) -> None:
    held = Leases(table, "one", pytest.fail)
    held.hold(frozenset({job.id}))
    time.sleep(0.6)
    assert table.claim("two", 30) is None
    assert held.hold(frozenset({job.id})) == frozenset()
    held.close()
    taken = table.claim("two", 30)
    assert taken is not None
    assert taken.id == job.id


def test_a_lost_job_is_told_once(table: JobTable, job: Job) -> None:
    until(lambda: table.claim("two", 30) is not None)
    held = Leases(table, "one", pytest.fail)
    lost: list[frozenset[str]] = []

    def is_lost() -> bool:
        lost.append(held.hold(frozenset({job.id})))
        return bool(lost[-1])

    until(is_lost)
    assert lost[-1] == {job.id}
    held.hold(frozenset())
    held.close()
    assert table.get(job.id).lease_owner == "two"  # type: ignore[union-attr]


def test_a_table_that_is_away_loses_nothing(table: JobTable, job: Job) -> None:
    away = Table(table, is_away=True)
    held = Leases(away, "one", pytest.fail)  # type: ignore[arg-type]
    assert held.hold(frozenset({job.id})) == frozenset()
    time.sleep(0.2)
    away.is_away = False
    until(lambda: table.get(job.id).lease_until > job.lease_until)  # type: ignore[union-attr, operator]
    assert held.hold(frozenset({job.id})) == frozenset()
    held.close()


def test_who_does_not_move_any_more_is_told_and_keeps_no_lease(
    table: JobTable, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "STUCK_S", 0.2)
    stuck: list[bool] = []
    held = Leases(table, "one", lambda: stuck.append(True))
    held.hold(frozenset({job.id}))
    until(lambda: bool(stuck))
    monkeypatch.setattr(leases, "LEASE_S", 0)
    assert table.get(job.id).lease_owner == "one"  # type: ignore[union-attr]
    time.sleep(0.1)
    assert stuck == [True]
    held.close()
