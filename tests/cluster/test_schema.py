"""How the database of the job table is opened, what it keeps, and how it fails."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from cluster.jobs import JobTable
from cluster.schema import UtcTime, jobs, metadata
from cutfarm.errors import RequestError, StorageError
from tests.cluster.conftest import START, stored, submit


def test_times_are_utc_with_microseconds_whatever_zone_they_come_in(url: str) -> None:
    east = timezone(timedelta(hours=8))
    table = JobTable(url, now=lambda: START.astimezone(east))
    job = stored(table, submit(table))
    assert job.created_at == START
    assert job.created_at.utcoffset() == timedelta(0)
    assert job.created_at.microsecond == 678901
    assert table.expired(START.astimezone(east)) == ()
    table.close()


def test_the_database_writes_ahead_and_syncs(table: JobTable, url: str) -> None:
    submit(table)
    with table._read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert Path(url.removeprefix("sqlite:///") + "-wal").exists()


def test_reading_goes_on_beside_an_open_write(table: JobTable) -> None:
    job = submit(table)
    with table._write() as connection:
        connection.execute(jobs.update().values(stage="half done"))
        assert stored(table, job).stage == "queued"
    assert stored(table, job).stage == "half done"


def test_a_broken_database_is_a_storage_error_without_the_statement(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite3"
    table = JobTable(f"sqlite:///{path}")
    table.ping()
    with table._write() as connection:
        metadata.drop_all(connection)
    with pytest.raises(StorageError) as caught:
        table.submit("http://x/?draft_id=1&token=secret", "1", {}, queue_limit=9)
    assert str(caught.value) == "the job table failed: no such table: jobs"
    with pytest.raises(StorageError):
        table.ping()
    table.close()


def test_a_database_in_memory_or_without_a_driver_is_refused(tmp_path: Path) -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        with pytest.raises(RequestError, match="must be a file"):
            JobTable(url)
    for url in ("postgresql+nodriver://user:secret@db/farm", "postgresql+pg8000://user:secret@db/farm"):
        with pytest.raises(RequestError, match="needs a Python package") as caught:
            JobTable(url)
        assert "secret" not in str(caught.value)
    with pytest.raises(RequestError, match="no database URL"):
        JobTable("jobs.sqlite3")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="cannot be made"):
        JobTable(f"sqlite:///{tmp_path}/file/jobs.sqlite3")


def test_the_schema_compiles_for_postgres_with_its_partial_index() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    ddl = {str(index.name): str(CreateIndex(index).compile(dialect=dialect)) for index in jobs.indexes}
    assert ddl["one_active_job_per_draft"].endswith("WHERE status IN ('pending', 'processing')")
    assert "TIMESTAMP WITH TIME ZONE" in str(CreateTable(jobs).compile(dialect=dialect))
    assert UtcTime().process_bind_param(START, dialect) == START
