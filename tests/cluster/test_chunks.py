"""Chunks and attempts of a job on a real SQLite file."""

from __future__ import annotations

import pytest

from cluster.jobs import ChunkPlan, ChunkState, JobTable, Outcome
from cutfarm.errors import StorageError
from tests.cluster.conftest import Clock, started


def plans(*keys: str) -> list[ChunkPlan]:
    return [ChunkPlan(index, index * 30, index * 30 + 30, key) for index, key in enumerate(keys)]


def test_a_plan_is_queued_and_can_be_repeated(table: JobTable) -> None:
    job = started(table)
    first = table.plan_chunks(job.id, plans("a", "b", "c"))
    assert [(chunk.index, chunk.first_frame, chunk.end_frame, chunk.key) for chunk in first] == [
        (0, 0, 30, "a"),
        (1, 30, 60, "b"),
        (2, 60, 90, "c"),
    ]
    assert {(chunk.state, chunk.attempts) for chunk in first} == {(ChunkState.QUEUED, 0)}
    again = table.plan_chunks(job.id, plans("a", "b", "c"))
    assert [chunk.key for chunk in again] == ["a", "b", "c"]
    assert table.chunks(job.id) == again


def test_a_new_plan_keeps_only_what_is_done_and_equal(table: JobTable) -> None:
    job = started(table)
    table.plan_chunks(job.id, plans("a", "b", "c", "d"))
    for index in (0, 1):
        table.finish_attempt(job.id, index, table.start_attempt(job.id, index, "w"), Outcome.DONE)
    table.start_attempt(job.id, 2, "w")
    done = table.chunks(job.id)[0]
    new = table.plan_chunks(job.id, plans("a", "B", "c"))
    assert [(chunk.key, chunk.state, chunk.attempts) for chunk in new] == [
        ("a", ChunkState.DONE, 1),
        ("B", ChunkState.QUEUED, 1),
        ("c", ChunkState.QUEUED, 1),
    ]
    assert new[0] == done
    assert [attempt.outcome for attempt in table.attempts(job.id)] == [Outcome.DONE, Outcome.DONE, Outcome.LOST]
    assert table.start_attempt(job.id, 2, "v") == 2


def test_a_chunk_of_the_same_key_but_other_frames_is_rendered_again(table: JobTable) -> None:
    job = started(table)
    table.plan_chunks(job.id, [ChunkPlan(0, 0, 30, "a")])
    table.finish_attempt(job.id, 0, table.start_attempt(job.id, 0, "w"), Outcome.DONE)
    (chunk,) = table.plan_chunks(job.id, [ChunkPlan(0, 0, 31, "a")])
    assert chunk.state == ChunkState.QUEUED


def test_attempts_are_numbered_and_logged(table: JobTable, clock: Clock) -> None:
    job = started(table)
    table.plan_chunks(job.id, plans("a"))
    assert table.start_attempt(job.id, 0, "w1") == 1
    (running,) = table.chunks(job.id)
    assert (running.state, running.last_worker, running.attempts) == (ChunkState.RUNNING, "w1", 1)
    assert table.finish_attempt(job.id, 0, 1, Outcome.FAILED, "RenderError", "clip s1")
    (failed,) = table.chunks(job.id)
    assert (failed.state, failed.error_kind, failed.error_detail) == (ChunkState.QUEUED, "RenderError", "clip s1")
    assert table.start_attempt(job.id, 0, "w2") == 2
    assert table.finish_attempt(job.id, 0, 2, Outcome.DONE)
    (done,) = table.chunks(job.id)
    assert (done.state, done.error_kind, done.attempts, done.updated_at) == (ChunkState.DONE, "", 2, clock.time)
    assert [(entry.attempt, entry.worker, entry.outcome) for entry in table.attempts(job.id)] == [
        (1, "w1", Outcome.FAILED),
        (2, "w2", Outcome.DONE),
    ]
    assert all(entry.ended_at is not None and entry.ended_at > entry.started_at for entry in table.attempts(job.id))


def test_an_attempt_ends_once(table: JobTable) -> None:
    job = started(table)
    table.plan_chunks(job.id, plans("a"))
    table.start_attempt(job.id, 0, "w")
    assert table.finish_attempt(job.id, 0, 1, Outcome.LOST)
    assert not table.finish_attempt(job.id, 0, 1, Outcome.DONE)
    assert not table.finish_attempt(job.id, 0, 7, Outcome.DONE)
    assert table.chunks(job.id)[0].state == ChunkState.QUEUED


def test_a_late_failure_leaves_a_newer_attempt_and_a_done_chunk_alone(table: JobTable) -> None:
    job = started(table)
    table.plan_chunks(job.id, plans("a"))
    table.start_attempt(job.id, 0, "slow")
    table.start_attempt(job.id, 0, "fast")
    table.finish_attempt(job.id, 0, 1, Outcome.FAILED, "RenderError", "late")
    assert table.chunks(job.id)[0].state == ChunkState.RUNNING
    table.start_attempt(job.id, 0, "third")
    table.finish_attempt(job.id, 0, 2, Outcome.DONE)
    table.finish_attempt(job.id, 0, 3, Outcome.FAILED, "RenderError", "late")
    (chunk,) = table.chunks(job.id)
    assert (chunk.state, chunk.error_kind) == (ChunkState.DONE, "")


def test_an_attempt_at_a_chunk_that_is_not_planned_is_an_error(table: JobTable) -> None:
    job = started(table)
    with pytest.raises(LookupError, match=f"job {job.id} has no chunk 3"):
        table.start_attempt(job.id, 3, "w")
    assert table.attempts(job.id) == ()


def test_a_crash_in_the_middle_of_a_write_leaves_nothing(table: JobTable) -> None:
    job = started(table)
    table.plan_chunks(job.id, plans("a", "b"))
    twice = [ChunkPlan(0, 0, 30, "x"), ChunkPlan(0, 0, 30, "y")]
    with pytest.raises(StorageError):
        table.plan_chunks(job.id, twice)
    assert [chunk.key for chunk in table.chunks(job.id)] == ["a", "b"]
