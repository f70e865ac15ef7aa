"""A job table on a fresh SQLite file with a clock that tests turn by hand, and one local Ray for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cluster.connection import RayConnection, connect
from cluster.jobs import Job, JobTable
from cutfarm.config import Settings

START = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that a test turns by hand."""

    time: datetime = START

    def __call__(self) -> datetime:
        self.time += timedelta(microseconds=1)
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/table/jobs.sqlite3"


@pytest.fixture
def table(url: str, clock: Clock) -> Iterator[JobTable]:
    opened = JobTable(url, now=clock)
    yield opened
    opened.close()


def submit(table: JobTable, number: int = 1) -> Job:
    draft_id = f"d{number}"
    url = f"http://drafts.example/get_draft?draft_id={draft_id}"
    return table.submit(url, draft_id, {}, queue_limit=1000).job


def started(table: JobTable) -> Job:
    submit(table)
    job = table.claim("one", 30)
    assert job is not None
    return job


def stored(table: JobTable, job: Job) -> Job:
    found = table.get(job.id)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayConnection]:
    """An open connection; what it sets in the environment goes with it."""
    before = dict(os.environ)
    with connect(Settings(data_dir=tmp_path_factory.mktemp("farm"), ray_cpus=2, ray_object_store_mb=100)) as opened:
        yield opened
    os.environ.clear()
    os.environ.update(before)
