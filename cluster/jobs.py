"""The job table: the durable truth of the farm.

The API writes and reads it even when Ray is down; a Supervisor without state of its own drives jobs from it after any
crash. Every method is one transaction, may be called from several threads and processes at once, and raises
`StorageError` when the database does not answer.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Executable, and_, case, delete, func, insert, literal, or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.sql.dml import ReturningUpdate

from cluster.chunks import begin_attempt, end_attempt, list_attempts, list_chunks, replan
from cluster.rows import Attempt, Chunk, ChunkPlan, Job, Submission, value_of
from cluster.schema import ACTIVE, READ_ONLY, ChunkState, JobStatus, Outcome, UtcTime, jobs, open_database
from cutfarm.errors import Cancelled, ServiceBusy, StorageError

__all__ = ["Attempt", "Chunk", "ChunkPlan", "ChunkState", "Job", "JobStatus", "JobTable", "Outcome", "Submission"]

ReportEntries = Sequence[Mapping[str, Any]]  #: as `Report.as_dicts()` gives them

HIGHEST_UNFINISHED_PERCENT = 99.0  #: 100 is said only when the video can be fetched
SUBMIT_ROUNDS = 5  #: races with other submissions of one draft that a submission may lose


def utc_now() -> datetime:
    """The present instant, aware, with microseconds."""
    return datetime.now(UTC)


class JobTable:
    """The jobs, their chunks and the attempts at them, in the database that `url` names."""

    def __init__(self, url: str, *, now: Callable[[], datetime] = utc_now) -> None:
        """Open the database and make what is missing; `now` is the clock of every time written."""
        with _storage_errors():
            self._engine = open_database(url)
            self._reader = self._engine.execution_options(**{READ_ONLY: True})
        self._now = now

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    # What the API needs

    def submit(self, draft_url: str, draft_id: str, request: Mapping[str, Any], *, queue_limit: int) -> Submission:
        """A new pending job, or the one that is already under way for exactly this `draft_url`.

        Raises `ServiceBusy` when `queue_limit` jobs are active. On Postgres, submissions of different drafts at the
        same instant may pass the limit by their number.
        """
        for _ in range(SUBMIT_ROUNDS):
            try:
                return self._submit_once(draft_url, draft_id, request, queue_limit)
            except StorageError as error:
                # Somebody submitted the same draft meanwhile; the next round finds that job.
                if not isinstance(error.__cause__, IntegrityError):
                    raise
        raise StorageError("the job table refused a submission again and again")

    def _submit_once(self, draft_url: str, draft_id: str, request: Mapping[str, Any], queue_limit: int) -> Submission:
        with self._write() as connection:
            same = select(jobs).where(jobs.c.draft_url_sha256 == _sha256(draft_url), ACTIVE)
            if (row := connection.execute(same).first()) is not None:
                return Submission(value_of(Job, row), created=False)
            active = _count_active(connection)
            if active >= queue_limit:
                raise ServiceBusy(f"{active} jobs are waiting or running and the limit is {queue_limit}")
            new = insert(jobs).values(_new_job(draft_url, draft_id, request, self._now())).returning(jobs)
            return Submission(value_of(Job, connection.execute(new).one()), created=True)

    def get(self, job_id: str) -> Job | None:
        """The job of that id."""
        with self._read() as connection:
            return _one_job(connection, select(jobs).where(jobs.c.id == job_id))

    def newest(self, draft_url: str, draft_id: str = "") -> Job | None:
        """The latest job of exactly this `draft_url`; without one, the latest of any URL with this `draft_id`."""
        latest = select(jobs).order_by(jobs.c.created_at.desc()).limit(1)
        with self._read() as connection:
            job = _one_job(connection, latest.where(jobs.c.draft_url_sha256 == _sha256(draft_url)))
            if job is None and draft_id:
                job = _one_job(connection, latest.where(jobs.c.draft_id == draft_id))
            return job

    def active_count(self) -> int:
        """How many jobs are pending or processing."""
        with self._read() as connection:
            return _count_active(connection)

    def request_cancel(self, job_id: str) -> Job | None:
        """Ask for a job to stop: a pending one is cancelled at once, a running one when its owner sees the request."""
        pending = jobs.c.status == JobStatus.PENDING
        with self._write() as connection:
            now = self._now()
            running = update(jobs).where(jobs.c.id == job_id, ACTIVE, ~pending).values(cancel_requested=True)
            connection.execute(running)
            ended = _ending(JobStatus.CANCELLED, now) | {
                "cancel_requested": True,
                "error_kind": Cancelled.__name__,
                "error_detail": "the job was cancelled before it began",
            }
            connection.execute(update(jobs).where(jobs.c.id == job_id, pending).values(ended))
            return _one_job(connection, select(jobs).where(jobs.c.id == job_id))

    def ping(self) -> None:
        """Prove that the table can be written, without changing it."""
        with self._write() as connection:
            connection.execute(update(jobs).where(jobs.c.id == "").values(stage=""))

    # What the Supervisor needs

    def claim(self, owner: str, lease_s: float) -> Job | None:
        """Take the oldest job that is pending or whose lease has run out; None when there is none.

        However many claim at once, each job goes to one of them.
        """
        now = self._now()
        with self._write() as connection:
            return _one_job(connection, oldest_claimable(now, owner, now + timedelta(seconds=lease_s)))

    def renew(self, job_id: str, owner: str, lease_s: float) -> bool:
        """Keep the job for `lease_s` more seconds from now; False when `owner` no longer holds it."""
        until = self._now() + timedelta(seconds=lease_s)
        return self._change_running(job_id, owner, {"lease_until": until})

    def progress(
        self,
        job_id: str,
        stage: str,
        percent: float,
        *,
        report: ReportEntries | None = None,
        owner: str | None = None,
    ) -> bool:
        """Say what a running job is at; the percentage never falls and stays below 100.

        With `owner`, nothing is written unless that owner holds the job. False when nothing was written.
        """
        percent = min(percent, HIGHEST_UNFINISHED_PERCENT)
        values: dict[str, Any] = {
            "stage": stage,
            "progress": case((jobs.c.progress < percent, percent), else_=jobs.c.progress),
        }
        if report is not None:
            values["report"] = _plain(report)
        return self._change_running(job_id, owner, values)

    def complete(self, job_id: str, result_key: str, report: ReportEntries, *, owner: str | None = None) -> bool:
        """End a running job with its video; False when it was not running (or not held by `owner`)."""
        ending = _ending(JobStatus.COMPLETED, self._now()) | {
            "stage": "completed",
            "progress": 100.0,
            "result_key": result_key,
            "report": _plain(report),
        }
        return self._change_running(job_id, owner, ending)

    def fail(
        self,
        job_id: str,
        kind: str,
        detail: str,
        *,
        report: ReportEntries | None = None,
        owner: str | None = None,
    ) -> bool:
        """End a running job without a video; the kind `Cancelled` makes it cancelled. False as with `complete`."""
        status = JobStatus.CANCELLED if kind == Cancelled.__name__ else JobStatus.FAILED
        ending = _ending(status, self._now()) | {"error_kind": kind, "error_detail": _storable(detail)}
        if report is not None:
            ending["report"] = _plain(report)
        return self._change_running(job_id, owner, ending)

    def plan_chunks(self, job_id: str, rows: Sequence[ChunkPlan]) -> tuple[Chunk, ...]:
        """Make `rows` the chunks of the job, and return them as they now stand.

        A done chunk stays done when its place and key are as before; every other one is queued, an attempt still
        open at it counts as lost, and chunks outside the plan go. Attempts are counted on across plans.
        """
        with self._write() as connection:
            replan(connection, job_id, rows, self._now())
            return list_chunks(connection, job_id)

    def chunks(self, job_id: str) -> tuple[Chunk, ...]:
        """The chunks of a job, in the order of the video."""
        with self._read() as connection:
            return list_chunks(connection, job_id)

    def start_attempt(self, job_id: str, index: int, worker: str) -> int:
        """Log that `worker` begins with a chunk, and return the number of that attempt, from 1.

        Raises `LookupError` when the job has no such chunk.
        """
        with self._write() as connection:
            return begin_attempt(connection, job_id, index, worker, self._now())

    def finish_attempt(
        self,
        job_id: str,
        index: int,
        attempt: int,
        outcome: Outcome,
        error_kind: str = "",
        error_detail: str = "",
    ) -> bool:
        """Log how an attempt ended, and make its chunk done or queued again; False when it had already ended.

        A chunk once done stays done, and a late failure says nothing about a newer attempt.
        """
        with self._write() as connection:
            error = (error_kind, _storable(error_detail))
            return end_attempt(connection, (job_id, index, attempt), outcome, error, self._now())

    def attempts(self, job_id: str) -> tuple[Attempt, ...]:
        """Every attempt at a chunk of the job, by chunk and number."""
        with self._read() as connection:
            return list_attempts(connection, job_id)

    # What retention needs

    def expired(self, before: datetime) -> tuple[Job, ...]:
        """The jobs that ended before that instant, oldest first."""
        ended = select(jobs).where(jobs.c.completed_at < before).order_by(jobs.c.completed_at)
        with self._read() as connection:
            return tuple(value_of(Job, row) for row in connection.execute(ended))

    def delete(self, job_id: str) -> bool:
        """Forget an ended job with its chunks and attempts; an active one stays and False is returned."""
        with self._write() as connection:
            gone = connection.execute(delete(jobs).where(jobs.c.id == job_id, ~ACTIVE))
            return gone.rowcount == 1

    def _change_running(self, job_id: str, owner: str | None, values: Mapping[str, Any]) -> bool:
        """Write `values` into a processing job, held by `owner` if one is given; False when there is none."""
        running = and_(jobs.c.id == job_id, jobs.c.status == JobStatus.PROCESSING)
        if owner is not None:
            running = and_(running, jobs.c.lease_owner == owner)
        with self._write() as connection:
            return connection.execute(update(jobs).where(running).values(values)).rowcount == 1

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with _storage_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with _storage_errors(), self._reader.begin() as connection:
            yield connection


def oldest_claimable(now: datetime, owner: str, until: datetime) -> ReturningUpdate[Any]:
    """The one statement, for every dialect, that gives the oldest free job to `owner` until then."""
    waiting = jobs.c.status == JobStatus.PENDING
    abandoned = and_(jobs.c.status == JobStatus.PROCESSING, jobs.c.lease_until < now)
    oldest = (
        select(jobs.c.id)
        .where(or_(waiting, abandoned))
        .order_by(jobs.c.created_at, jobs.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    clock = literal(now, UtcTime())  # read before the row was seen, which may be younger
    began = case((jobs.c.created_at > clock, jobs.c.created_at), else_=clock)
    values = {
        "status": JobStatus.PROCESSING,
        "started_at": func.coalesce(jobs.c.started_at, began),
        "lease_owner": owner,
        "lease_until": until,
    }
    return update(jobs).where(jobs.c.id == oldest).values(values).returning(jobs)


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # The driver's own words: SQLAlchemy's message also shows the statement and its values.
        raise StorageError(f"the job table failed: {error.orig}") from error
    except SQLAlchemyError as error:
        raise StorageError(f"the job table failed: {type(error).__name__}") from error


def _one_job(connection: Connection, statement: Executable) -> Job | None:
    row = connection.execute(statement).first()
    return None if row is None else value_of(Job, row)


def _count_active(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(jobs).where(ACTIVE)).scalar_one()


def _new_job(draft_url: str, draft_id: str, request: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex,
        "draft_url": draft_url,
        "draft_url_sha256": _sha256(draft_url),
        "draft_id": draft_id,
        "request": dict(request),
        "status": JobStatus.PENDING,
        "stage": "queued",
        "progress": 0.0,
        "result_key": "",
        "report": [],
        "error_kind": "",
        "error_detail": "",
        "created_at": now,
        "lease_owner": "",
        "cancel_requested": False,
    }


def _ending(status: JobStatus, now: datetime) -> dict[str, Any]:
    """What every end of a job writes."""
    return {"status": status, "completed_at": now, "lease_owner": "", "lease_until": None}


def _plain(report: ReportEntries) -> list[dict[str, Any]]:
    plain: list[dict[str, Any]] = json.loads(
        _storable(json.dumps([dict(entry) for entry in report], ensure_ascii=False))
    )
    return plain


def _storable(text: str) -> str:
    """The text without NUL and lone surrogates, which file names may bring and databases refuse."""
    return text.encode(errors="replace").decode().replace("\0", "")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
