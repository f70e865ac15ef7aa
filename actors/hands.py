"""What a job needs of its farm."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol

from actors.calls import Handler
from actors.messages import ChunkTask, GatherTask, SoundTask, StitchTask
from cluster.jobs import JobTable
from cutfarm.storage.store import Store


class Pool(Protocol):
    """The renderers."""

    @property
    def trouble(self) -> str:
        """Why no renderer comes up, "" unless that has been so for a while."""

    def give(self, name: str, task: ChunkTask, on_answer: Handler) -> None:
        """Send a chunk to a free worker."""

    def stop(self, run: str) -> None:
        """Have its chunks given up."""

    def frames_done(self, run: str) -> int:
        """Frames of its unfinished chunks."""


class Crew(Protocol):
    """The helpers; `alone` keeps others' work out of the helper's process."""

    def gather(self, task: GatherTask, on_answer: Handler, *, alone: bool = False) -> None:
        """Bring a draft into the store."""

    def mix(self, task: SoundTask, on_answer: Handler, *, alone: bool = False) -> None:
        """Mix a job's sound."""

    def stitch(self, task: StitchTask, on_answer: Handler, *, alone: bool = False) -> None:
        """Join a job's chunks."""

    def stop(self, run: str) -> None:
        """Have the calls for a run given up."""


@dataclass(frozen=True, slots=True)
class Farm:
    """The truth, the hands, and the limits."""

    owner: str  #: who holds the leases
    table: JobTable
    store: Store
    background: Executor  #: for what waits for the object store
    pool: Pool
    crew: Crew
    workers: int  #: renderers that the farm can have
    threads: int  #: CPU threads of each
    job_time_limit_s: float
