"""The tables of the farm and how their database is opened."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Double,
    Engine,
    Enum,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError, IntegrityError, NoSuchModuleError, ProgrammingError

from cutfarm.errors import RequestError, StorageError

BUSY_TIMEOUT_S = 30  #: how long a writer waits for another one of a SQLite file
READ_ONLY = "cutfarm_read_only"  #: execution option of connections that take no write lock


class JobStatus(StrEnum):
    """Where a job stands; the first two are active."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ChunkState(StrEnum):
    """Where a chunk stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Outcome(StrEnum):
    """How an attempt at a chunk ended."""

    DONE = "done"
    FAILED = "failed"  #: the worker said why
    LOST = "lost"  #: the worker, or whoever waited for it, died
    CANCELLED = "cancelled"


class UtcTime(TypeDecorator[datetime]):
    """An instant in UTC with microseconds; aware in Python, naive in SQLite where text sorts as time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware, in UTC, whatever the driver gives."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(kind: type[StrEnum]) -> Enum:
    """A column type that stores the values of `kind` as plain text."""
    return Enum(
        kind, native_enum=False, length=16, values_callable=lambda members: [member.value for member in members]
    )


metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("draft_url", Text, nullable=False),
    # A B-tree entry of Postgres ends at 2704 bytes and a URL may be longer, so its digest is indexed.
    Column("draft_url_sha256", String(64), nullable=False),
    Column("draft_id", Text, nullable=False),
    Column("request", JSON, nullable=False),
    Column("status", words(JobStatus), nullable=False),
    Column("stage", Text, nullable=False),
    Column("progress", Double, nullable=False),
    Column("result_key", Text, nullable=False),
    Column("report", JSON, nullable=False),
    Column("error_kind", Text, nullable=False),
    Column("error_detail", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("started_at", UtcTime),
    Column("completed_at", UtcTime),
    Column("lease_owner", Text, nullable=False),
    Column("lease_until", UtcTime),
    Column("cancel_requested", Boolean, nullable=False),
)

ACTIVE = jobs.c.status.in_([JobStatus.PENDING, JobStatus.PROCESSING])

Index("one_active_job_per_draft", jobs.c.draft_url_sha256, unique=True, sqlite_where=ACTIVE, postgresql_where=ACTIVE)
Index("jobs_by_age", jobs.c.status, jobs.c.created_at)
Index("jobs_by_draft_url", jobs.c.draft_url_sha256, jobs.c.created_at)
Index("jobs_by_draft_id", jobs.c.draft_id, jobs.c.created_at)

chunks = Table(
    "chunks",
    metadata,
    Column("job_id", String(32), primary_key=True),
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("first_frame", Integer, nullable=False),
    Column("end_frame", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("state", words(ChunkState), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_worker", Text, nullable=False),
    Column("error_kind", Text, nullable=False),
    Column("error_detail", Text, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("job_id", String(32), primary_key=True),
    Column("chunk_index", Integer, primary_key=True, autoincrement=False),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("worker", Text, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("outcome", words(Outcome)),
    ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE"),
)


def open_database(url: str) -> Engine:
    """The engine for `url`, with every table there; safe when several processes open a new database at once.

    Raises `RequestError` for a URL that cannot be a job table, `StorageError` when its folder cannot be made.
    """
    engine = _engine(url)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
    except (IntegrityError, ProgrammingError):
        # Another process made the tables between our look and our own attempt.
        with engine.begin() as connection:
            metadata.create_all(connection)
    return engine


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(parsed)
        return create_engine(parsed, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise RequestError(f"the job table's {parsed.drivername}:// needs a Python package: {error}") from error
    except ArgumentError as error:
        raise RequestError("the job table's URL is no database URL") from error


def _open_sqlite(url: URL) -> Engine:
    """SQLite with a write-ahead log, where reading goes on beside one writer and an answered commit is on disk."""
    path = url.database
    if not path or path == ":memory:":
        raise RequestError(f"the job table must be a file, because several processes share it, not {url}")
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the folder of the job table {path} cannot be made: {error.strerror}") from error
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin in `begin` below, not where the driver guesses
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail at once when another writer came between.
        read_only = connection.get_execution_options().get(READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
