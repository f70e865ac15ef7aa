"""Chunks and the attempts at them: what the job table writes inside one transaction of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, delete, insert, select, update

from cluster.rows import Attempt, Chunk, ChunkPlan, value_of
from cluster.schema import ChunkState, Outcome, attempts, chunks


def list_chunks(connection: Connection, job_id: str) -> tuple[Chunk, ...]:
    """The chunks of a job, in the order of the video."""
    ordered = select(chunks).where(chunks.c.job_id == job_id).order_by(chunks.c.index)
    return tuple(value_of(Chunk, row) for row in connection.execute(ordered))


def list_attempts(connection: Connection, job_id: str) -> tuple[Attempt, ...]:
    """Every attempt at a chunk of a job, by chunk and number."""
    ordered = select(attempts).where(attempts.c.job_id == job_id).order_by(attempts.c.chunk_index, attempts.c.attempt)
    return tuple(value_of(Attempt, row) for row in connection.execute(ordered))


def replan(connection: Connection, job_id: str, rows: Sequence[ChunkPlan], now: datetime) -> None:
    """Make `rows` the chunks of a job, leaving alone what is done and equal."""
    old = {chunk.index: chunk for chunk in list_chunks(connection, job_id)}
    keep = {row.index for row in rows if row.index in old and _is_done(old[row.index], row)}
    lost = and_(attempts.c.job_id == job_id, attempts.c.chunk_index.not_in(keep), attempts.c.ended_at.is_(None))
    connection.execute(update(attempts).where(lost).values(ended_at=now, outcome=Outcome.LOST))
    connection.execute(delete(chunks).where(chunks.c.job_id == job_id, chunks.c.index.not_in(keep)))
    new = [_queued(job_id, row, old.get(row.index), now) for row in rows if row.index not in keep]
    if new:
        connection.execute(insert(chunks), new)


def _is_done(chunk: Chunk, plan: ChunkPlan) -> bool:
    return (
        chunk.state == ChunkState.DONE and ChunkPlan(chunk.index, chunk.first_frame, chunk.end_frame, chunk.key) == plan
    )


def _queued(job_id: str, plan: ChunkPlan, old: Chunk | None, now: datetime) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "index": plan.index,
        "first_frame": plan.first_frame,
        "end_frame": plan.end_frame,
        "key": plan.key,
        "state": ChunkState.QUEUED,
        # The log of attempts outlives a plan, so their numbers go on.
        "attempts": old.attempts if old else 0,
        "last_worker": old.last_worker if old else "",
        "error_kind": old.error_kind if old else "",
        "error_detail": old.error_detail if old else "",
        "updated_at": now,
    }


def begin_attempt(connection: Connection, job_id: str, index: int, worker: str, now: datetime) -> int:
    """Log a new attempt and return its number; raises `LookupError` when there is no such chunk."""
    begin = (
        update(chunks)
        .where(chunks.c.job_id == job_id, chunks.c.index == index)
        .values(
            state=case((chunks.c.state == ChunkState.DONE, chunks.c.state), else_=ChunkState.RUNNING),
            attempts=chunks.c.attempts + 1,
            last_worker=worker,
            updated_at=now,
        )
        .returning(chunks.c.attempts)
    )
    number: int | None = connection.execute(begin).scalar_one_or_none()
    if number is None:
        raise LookupError(f"job {job_id} has no chunk {index}")
    row = {"job_id": job_id, "chunk_index": index, "attempt": number, "worker": worker, "started_at": now}
    connection.execute(insert(attempts).values(row))
    return number


def end_attempt(
    connection: Connection, attempt: tuple[str, int, int], outcome: Outcome, error: tuple[str, str], now: datetime
) -> bool:
    """Log the end of `attempt` (job id, chunk index, number) and move its chunk; False when it had ended already."""
    job_id, index, number = attempt
    is_open = and_(
        attempts.c.job_id == job_id,
        attempts.c.chunk_index == index,
        attempts.c.attempt == number,
        attempts.c.ended_at.is_(None),
    )
    if connection.execute(update(attempts).where(is_open).values(ended_at=now, outcome=outcome)).rowcount == 0:
        return False
    error_kind, error_detail = error
    chunk = and_(chunks.c.job_id == job_id, chunks.c.index == index)
    state = ChunkState.DONE
    if outcome != Outcome.DONE:
        # What is done stays done, and a late failure says nothing about a newer attempt.
        chunk = and_(chunk, chunks.c.state != ChunkState.DONE, chunks.c.attempts == number)
        state = ChunkState.QUEUED
    values = {"state": state, "error_kind": error_kind, "error_detail": error_detail, "updated_at": now}
    connection.execute(update(chunks).where(chunk).values(values))
    return True
