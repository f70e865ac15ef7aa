"""What the job table gives out: one frozen value for each row."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Row

from cluster.schema import ChunkState, JobStatus, Outcome


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the table of jobs."""

    id: str
    draft_url: str  #: as it was submitted
    draft_id: str
    request: dict[str, Any]  #: the checked options of the submission
    status: JobStatus
    stage: str  #: what is being done, one word
    progress: float  #: 0…100; 100 only when completed
    result_key: str  #: object-store key of the video, "" until completed
    report: list[dict[str, Any]]  #: entries of the fidelity report
    error_kind: str  #: class name in `cutfarm.errors`, "" unless failed or cancelled
    error_detail: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None  #: when it ended, however it ended
    lease_owner: str  #: who works on it, "" when nobody does
    lease_until: datetime | None  #: after that instant anybody may claim it
    cancel_requested: bool

    @property
    def is_active(self) -> bool:
        """Whether it is pending or processing."""
        return self.status in (JobStatus.PENDING, JobStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of a submission."""

    job: Job
    created: bool  #: False: the same draft was already under way


@dataclass(frozen=True, slots=True)
class ChunkPlan:
    """A chunk as it is planned."""

    index: int  #: place in the video, from 0
    first_frame: int
    end_frame: int  #: first frame after the chunk
    key: str  #: content key; equal keys mean interchangeable files


@dataclass(frozen=True, slots=True)
class Chunk:
    """One row of the table of chunks."""

    job_id: str
    index: int
    first_frame: int
    end_frame: int
    key: str
    state: ChunkState
    attempts: int  #: attempts started so far
    last_worker: str
    error_kind: str  #: of the latest attempt that failed, "" once done
    error_detail: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row of the log of attempts."""

    job_id: str
    chunk_index: int
    attempt: int  #: from 1, for each chunk
    worker: str
    started_at: datetime
    ended_at: datetime | None  #: None while it runs
    outcome: Outcome | None


Value = TypeVar("Value", Job, Chunk, Attempt)


def value_of(kind: type[Value], row: Row[Any]) -> Value:
    """The row as a `kind`, whose fields are named as the columns."""
    return kind(**{field.name: row._mapping[field.name] for field in fields(kind)})
