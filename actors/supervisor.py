"""The actor that drives all jobs. It keeps nothing of its own: the job table and the object store are the truth."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import ray

from actors.admission import PoolLimits, next_job
from actors.calls import Calls
from actors.crew import Crew
from actors.messages import WorkerSettings
from actors.pool import RendererPool
from actors.run import Farm, JobRun
from cluster.jobs import JobTable
from cutfarm.storage.keys import JOBS
from cutfarm.storage.store import open_store

NAME = "Supervisor"
LEASE_S = 10.0
_TICK_S = 0.1
_WATCH_S = 1.0
_SWEEP_S = 600.0


@dataclass(frozen=True, slots=True)
class SupervisorSettings:
    """What the Supervisor needs to know of its farm."""

    database_url: str
    worker: WorkerSettings
    pool: PoolLimits
    gpus_per_worker: float
    most_jobs: int  #: worked on at the same time
    job_time_limit_s: float
    retention_days: float


class Supervisor:
    """Claims jobs from the table and drives them until they end; after a crash it claims them again."""

    def __init__(self, settings: SupervisorSettings) -> None:
        self._settings = settings
        self._owner = f"supervisor-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._table = JobTable(settings.database_url)
        self._store = open_store(settings.worker.store)
        self._calls = Calls()
        self._pool = RendererPool(self._calls, settings.worker, settings.pool, settings.gpus_per_worker)
        self._crew = Crew(self._calls, settings.worker)
        self._farm = Farm(
            self._owner,
            self._table,
            self._store,
            self._calls,
            self._pool,
            self._crew,
            settings.pool.most,
            settings.job_time_limit_s,
        )
        self._runs: dict[str, JobRun] = {}
        self._watched_at = self._swept_at = 0.0
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="supervisor", daemon=True)
        self._thread.start()

    def ping(self) -> dict[str, Any]:
        """Who is here: the process, the jobs in work, the renderers."""
        return {"pid": os.getpid(), "jobs": list(self._runs), "renderers": list(self._pool.names)}

    def close(self) -> None:
        """Stop driving jobs; they stay in the table for whoever claims them next."""
        self._is_closing.set()
        self._thread.join(timeout=10)
        self._pool.close()
        self._crew.close()

    def _loop(self) -> None:
        while not self._is_closing.is_set():
            self._round()
            if not self._calls:
                self._is_closing.wait(_TICK_S)

    def _round(self) -> None:
        now = time.monotonic()
        with _survived("claiming jobs"):
            self._claim()
        for run in list(self._runs.values()):
            with _survived(f"job {run.job_id}"):
                run.step()
        with _survived("giving out chunks"):
            self._pool.resize(sum(run.queued for run in self._runs.values()))
            self._give_chunks()
        with _survived("reading answers"):
            self._calls.poll(_TICK_S)
        if now - self._watched_at > _WATCH_S:
            self._watched_at = now
            with _survived("watching jobs"):
                self._watch()
        if now - self._swept_at > _SWEEP_S:
            self._swept_at = now
            with _survived("deleting what is old"):
                self._sweep()
        self._runs = {job_id: run for job_id, run in self._runs.items() if not run.is_over}

    def _claim(self) -> None:
        while len(self._runs) < self._settings.most_jobs:
            job = self._table.claim(self._owner, LEASE_S)
            if job is None:
                return
            self._runs[job.id] = JobRun(job, self._farm)

    def _give_chunks(self) -> None:
        while self._pool.free_slots > 0:
            queued = {job_id: run.queued for job_id, run in self._runs.items()}
            in_flight = {job_id: run.in_flight for job_id, run in self._runs.items()}
            job_id = next_job(queued, in_flight, list(self._runs))
            if job_id is None:
                return
            self._runs[job_id].give_chunk()

    def _watch(self) -> None:
        self._pool.ask_progress()
        self._crew.rest()
        for job_id, run in list(self._runs.items()):
            with _survived(f"job {job_id}"):
                self._table.renew(job_id, self._owner, LEASE_S)
                run.watch()

    def _sweep(self) -> None:
        """Delete the results of jobs that ended longer ago than they are kept."""
        before = datetime.now(UTC) - timedelta(days=self._settings.retention_days)
        for job in self._table.expired(before):
            if job.result_key:
                self._store.delete(job.result_key)
            for kept in list(self._store.list(f"{JOBS}{job.id}/")):
                self._store.delete(kept.key)
            self._table.delete(job.id)


@contextmanager
def _survived(what: str) -> Iterator[None]:
    """Whatever goes wrong with one job or one round, the next one comes; the fault is logged."""
    try:
        yield
    except Exception:
        logging.getLogger(__name__).exception("%s met a fault", what)
        time.sleep(_WATCH_S)


def start_supervisor(settings: SupervisorSettings) -> Any:
    """The farm's one Supervisor: the running one, or a new one that outlives its maker and comes back when it dies."""
    return (
        ray.remote(Supervisor)
        .options(
            name=NAME,
            lifetime="detached",
            get_if_exists=True,
            num_cpus=0,
            max_restarts=-1,
            max_task_retries=-1,
            max_concurrency=4,
        )
        .remote(settings)
    )
