"""The pool of SegmentRenderers: made, given chunks, replaced when they die, let go when idle."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ray

from actors.admission import CALLS_PER_WORKER, PoolLimits, PoolState, wanted_workers
from actors.calls import Calls
from actors.messages import WORKER_DIED, Answer, ChunkTask, WorkerSettings
from actors.renderer import SegmentRenderer


@dataclass(slots=True)
class _Worker:
    name: str
    handle: Any
    tasks: list[ChunkTask] = field(default_factory=list)
    idle_since: float = field(default_factory=time.monotonic)
    frames: dict[tuple[str, int], int] = field(default_factory=dict)


class RendererPool:
    """SegmentRenderers and the chunks that they work on."""

    def __init__(self, calls: Calls, settings: WorkerSettings, limits: PoolLimits, gpus: float) -> None:
        self._calls = calls
        self._settings = settings
        self._limits = limits
        self._gpus = gpus
        self._workers: dict[str, _Worker] = {}
        self._numbers = itertools.count(1)

    @property
    def threads(self) -> int:
        """CPU threads of each worker."""
        return self._settings.threads

    @property
    def free_slots(self) -> int:
        """How many more chunks the workers would take now."""
        return sum(CALLS_PER_WORKER - len(worker.tasks) for worker in self._workers.values())

    @property
    def names(self) -> tuple[str, ...]:
        """The workers' names."""
        return tuple(self._workers)

    def resize(self, queued: int) -> None:
        """Make or let go workers so that their number suits `queued` waiting chunks."""
        now = time.monotonic()
        idle = [worker for worker in self._workers.values() if not worker.tasks]
        longest_s = max((now - worker.idle_since for worker in idle), default=0.0)
        in_flight = sum(len(worker.tasks) for worker in self._workers.values())
        wanted = wanted_workers(PoolState(len(self._workers), in_flight, queued, longest_s), self._limits)
        for _ in range(wanted - len(self._workers)):
            self._hire()
        for worker in sorted(idle, key=lambda worker: worker.idle_since)[: max(len(self._workers) - wanted, 0)]:
            self._dismiss(worker)

    def give(self, task: ChunkTask, on_answer: Callable[[str, Answer], None]) -> str:
        """Send `task` to the least busy worker and return its name; there must be a free slot."""
        worker = min(self._workers.values(), key=lambda worker: len(worker.tasks))
        call = worker.handle.render.options(name=f"render {task.job_id[:8]} chunk {task.index}")
        worker.tasks.append(task)
        self._calls.add(call.remote(task), lambda answer: self._answered(worker, task, answer, on_answer))
        return worker.name

    def stop_job(self, job_id: str) -> None:
        """Tell every worker to give up the chunks of a job."""
        for worker in self._workers.values():
            if any(task.job_id == job_id for task in worker.tasks):
                worker.handle.stop.remote(job_id)

    def frames_done(self, job_id: str) -> int:
        """Frames of unfinished chunks of a job, as the workers last said."""
        places = (place for worker in self._workers.values() for place in worker.frames.items())
        return sum(frames for (owner, _), frames in places if owner == job_id)

    def ask_progress(self) -> None:
        """Ask the busy workers how far they are; their answers show in `frames_done` when they come."""
        busy = [worker for worker in self._workers.values() if worker.tasks]
        references = {worker.handle.progress.remote(): worker for worker in busy}
        done, _ = ray.wait(list(references), num_returns=len(references), timeout=0.2) if references else ([], [])
        for reference in done:
            try:
                references[reference].frames = ray.get(reference)
            except ray.exceptions.RayError:  # its own call tells that it died
                references[reference].frames = {}

    def close(self) -> None:
        """Let go of all workers."""
        for worker in list(self._workers.values()):
            self._dismiss(worker)

    def _hire(self) -> None:
        threads = self._settings.threads
        name = f"SegmentRenderer-{next(self._numbers)}-{os.getpid()}"
        environment = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        handle = (
            ray.remote(concurrency_groups={"control": 1})(SegmentRenderer)
            .options(
                name=name,
                num_cpus=threads,
                num_gpus=self._gpus,
                max_restarts=0,
                max_task_retries=0,
                runtime_env={"env_vars": environment},
            )
            .remote(self._settings)
        )
        self._workers[name] = _Worker(name, handle)

    def _dismiss(self, worker: _Worker) -> None:
        self._workers.pop(worker.name, None)
        ray.kill(worker.handle)

    def _answered(
        self, worker: _Worker, task: ChunkTask, answer: Answer, on_answer: Callable[[str, Answer], None]
    ) -> None:
        worker.tasks.remove(task)
        worker.frames.pop((task.job_id, task.index), None)
        worker.idle_since = time.monotonic()
        if answer.error_kind == WORKER_DIED:
            self._workers.pop(worker.name, None)
        on_answer(worker.name, answer)
