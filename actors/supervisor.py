"""The actor that drives all jobs. It keeps nothing of its own: the job table and the object store are the truth."""

from __future__ import annotations

import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from actors.admission import PoolLimits, next_job
from actors.calls import Calls
from actors.crew import Crew
from actors.hands import Farm
from actors.leases import LEASE_S, Leases
from actors.makers import ActorMakers
from actors.messages import WorkerSettings
from actors.pool import RendererPool
from actors.retention import sweep
from actors.run import JobRun
from cluster.jobs import JobTable
from cluster.metrics import FarmMetrics
from cutfarm.errors import CutfarmError
from cutfarm.storage.store import Store, open_store

_TICK_S = 0.1
_CLAIM_S = 0.25
_WATCH_S = 1.0
_FIRST_SWEEP_S, _SWEEP_S = 60.0, 600.0
_BACKGROUND_THREADS = 4
_LOG = logging.getLogger(__name__)


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
    cache_days: float  #: how long finished chunks, sounds and materials wait for later jobs


class Supervisor:
    """Claims jobs from the table and drives them until they end; after a crash it claims them again.

    Its constructor opens nothing: an actor whose constructor fails is not restarted, and the table or the store may
    be away just when this one is.
    """

    def __init__(self, settings: SupervisorSettings) -> None:
        self._settings = settings
        self._said: dict[str, Any] = {"jobs": [], "renderers": {}, "helpers": {}}
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="supervisor", daemon=True)
        self._thread.start()

    def ping(self) -> dict[str, Any]:
        """Who is here: this process, the jobs in work, and the workers' process ids by name, 0 for who is coming up."""
        if not self._thread.is_alive() and not self._is_closing.is_set():
            os._exit(1)  # Ray starts it anew
        return {"pid": os.getpid(), **self._said}

    def works_by(self, settings: SupervisorSettings) -> bool:
        """Whether it was made with these settings."""
        return settings == self._settings

    def close(self) -> None:
        """Stop driving jobs; whoever claims them next may do so at once."""
        self._is_closing.set()
        self._thread.join()

    def _work(self) -> None:
        settings, owner = self._settings, f"supervisor-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        opened = self._opened()
        if opened is None:
            return
        table, store = opened
        calls, makers = Calls(), ActorMakers(settings.worker, settings.gpus_per_worker)
        pool, crew = RendererPool(calls, makers, settings.pool), Crew(calls, makers)
        leases = Leases(table, owner, on_stuck=lambda: os._exit(1))
        with ThreadPoolExecutor(_BACKGROUND_THREADS, thread_name_prefix="store") as background:
            farm = Farm(
                owner,
                table,
                store,
                background,
                pool,
                crew,
                settings.pool.most,
                settings.worker.threads,
                settings.job_time_limit_s,
            )
            shift = _Shift(settings, farm, calls, pool, crew, leases)
            while not self._is_closing.is_set():
                shift.round()
                self._said = shift.standing()
            leases.close()
            pool.close()
            crew.close()
        table.close()

    def _opened(self) -> tuple[JobTable, Store] | None:
        """The table and the store, as soon as both answer; None when asked to close before."""
        while not self._is_closing.wait(0):
            try:
                store = open_store(self._settings.worker.store)
                return JobTable(self._settings.database_url), store
            except CutfarmError as error:
                _LOG.warning("the Supervisor waits: %s", error)
                self._is_closing.wait(_WATCH_S)
        return None


class _Shift:
    """The Supervisor's work from its start to its end, round by round."""

    def __init__(
        self, settings: SupervisorSettings, farm: Farm, calls: Calls, pool: RendererPool, crew: Crew, leases: Leases
    ) -> None:
        self._settings = settings
        self._farm = farm
        self._calls = calls
        self._pool = pool
        self._crew = crew
        self._leases = leases
        self._runs: dict[str, JobRun] = {}
        self._due = {"sweep": time.monotonic() + _FIRST_SWEEP_S}  # when the jobs under way have said what they need
        self._sweeping: Future[None] | None = None
        self._metrics = FarmMetrics()

    def standing(self) -> dict[str, Any]:
        """What is in work, and the process ids of the workers."""
        return {"jobs": list(self._runs), "renderers": dict(self._pool.pids), "helpers": dict(self._crew.pids)}

    def round(self) -> None:
        """Everything that is due; takes a moment, or waits for one."""
        for job_id in self._leases.hold(frozenset(self._runs)):
            self._runs[job_id].leave()
        if self._is_due("claim", _CLAIM_S):
            with _survived("claiming jobs"):
                self._claim()
        for job_id, run in self._runs.items():
            with _survived(f"job {job_id}"):
                run.step()
        with _survived("giving out chunks"):
            self._pool.resize(sum(run.queued for run in self._runs.values()))
            self._give_chunks()
        if self._is_due("watch", _WATCH_S):
            with _survived("watching workers"):
                self._pool.watch()
                self._crew.rest()
                self._metrics.queue(sum(run.queued for run in self._runs.values()), len(self._pool.pids))
            for job_id, run in self._runs.items():
                with _survived(f"job {job_id}"):
                    run.watch()
        if self._is_due("sweep", _SWEEP_S):
            self._sweep()
        self._count_ended()
        self._runs = {job_id: run for job_id, run in self._runs.items() if not run.is_over}
        if self._calls:
            with _survived("reading answers"):
                self._calls.poll(_TICK_S)
        else:
            time.sleep(_TICK_S)

    def _count_ended(self) -> None:
        for job_id in [job_id for job_id, run in self._runs.items() if run.is_over]:
            with _survived("counting jobs"):
                row = self._farm.table.get(job_id)
                if row is not None and row.completed_at is not None:
                    began_at = row.started_at or row.created_at
                    self._metrics.job_ended(row.status.value, (row.completed_at - began_at).total_seconds())

    def _is_due(self, what: str, every_s: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + every_s
        return True

    def _claim(self) -> None:
        while len(self._runs) < self._settings.most_jobs:
            job = self._farm.table.claim(self._farm.owner, LEASE_S)
            if job is None:
                return
            if job.id not in self._runs:  # its lease had run out while the table was away, and nobody else took it
                self._runs[job.id] = JobRun(job, self._farm)

    def _give_chunks(self) -> None:
        for worker in self._pool.free:
            queued = {job_id: run.queued for job_id, run in self._runs.items()}
            in_flight = {job_id: run.in_flight for job_id, run in self._runs.items()}
            job_id = next_job(queued, in_flight, list(self._runs))
            if job_id is None:
                return
            self._runs[job_id].give_chunk(worker)

    def _sweep(self) -> None:
        """Have what is old deleted beside the work."""
        if self._sweeping is None or self._sweeping.done():
            in_use = frozenset[str]().union(*(run.keys for run in self._runs.values()))
            self._sweeping = self._farm.background.submit(self._swept, in_use)

    def _swept(self, in_use: frozenset[str]) -> None:
        with _survived("deleting what is old"):
            jobs_kept = timedelta(days=self._settings.retention_days)
            cache_kept = timedelta(days=self._settings.cache_days)
            sweep(self._farm.table, self._farm.store, in_use, jobs_kept=jobs_kept, cache_kept=cache_kept)


@contextmanager
def _survived(what: str) -> Iterator[None]:
    """Whatever goes wrong in one round, the next one comes; the fault is logged."""
    try:
        yield
    except CutfarmError as error:
        _LOG.warning("%s: %s", what, error)
        time.sleep(_TICK_S)
    except Exception:
        _LOG.exception("%s met a fault", what)
        time.sleep(_WATCH_S)
