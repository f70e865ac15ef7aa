"""From the farm's settings to a Supervisor that works by them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from actors.admission import PoolLimits
from actors.messages import WorkerSettings
from actors.supervisor import Supervisor, SupervisorSettings
from cutfarm.config import Settings
from cutfarm.errors import ClusterError
from cutfarm.storage.store import StoreSettings

SUPERVISOR = "Supervisor"  #: the detached actor's name
START_S = 60.0  #: what it may take to come up
SILENCE_S = 120.0  #: what it may take to answer, its restart included

_CLOSE_S = 5.0
_TICK_S = 0.1
_IDLE_S = 120.0  # a renderer holds half a gigabyte: warm between jobs, gone when none has come for a while
_GPU_SHARE = 0.25  # of a GPU to a renderer: four 1080p compositors fit beside each other
_LEAST_JOBS = 16  # at the same time: who waits for a slow server keeps no renderer from the others
_NO_CACHE_DAYS = 1 / 24


def supervisor_settings(settings: Settings, store: StoreSettings, scratch: Path) -> SupervisorSettings:
    """What the Supervisor of a farm with these settings needs; asks Ray, which must be connected, for its size."""
    resources = ray.cluster_resources()
    cores = max(int(resources.get("CPU", 1)), 1)
    threads = settings.renderer_threads or 1
    most = settings.renderers or max(cores // threads, 1)
    return SupervisorSettings(
        database_url=settings.database(),
        worker=WorkerSettings(store, scratch, settings.fetch_policy(), settings.fetch_limits(), threads),
        pool=PoolLimits(least=0, most=most, idle_s=_IDLE_S),
        gpus_per_worker=_GPU_SHARE if resources.get("GPU") else 0.0,
        most_jobs=max(2 * most, _LEAST_JOBS),
        job_time_limit_s=settings.job_time_limit_s,
        retention_days=settings.retention_days,
        cache_days=settings.retention_days if settings.render_cache else _NO_CACHE_DAYS,
    )


def node_count() -> int:
    """Nodes of the cluster that are up."""
    return sum(1 for node in ray.nodes() if node["Alive"])


class WatchedSupervisor:
    """The cluster's one Supervisor: the running one if it works by the same settings, or a new one in its place.

    It outlives its maker, and Ray starts it anew when its process ends. Every method raises ClusterError.
    """

    def __init__(self, settings: SupervisorSettings) -> None:
        self._settings = settings
        self._question: Any = None  # a ping that is not answered yet
        self._asked_at = 0.0
        self._actor = self._started()

    def ping(self) -> dict[str, Any]:
        """What it says of itself and its workers."""
        with _one_sentence("does not answer"):
            answer: dict[str, Any] = ray.get(self._actor.ping.remote(), timeout=SILENCE_S)
            return answer

    def check(self) -> None:
        """See that it is there, and make it anew where Ray has given it up; returns at once."""
        if self._question is None:
            self._question, self._asked_at = self._actor.ping.remote(), time.monotonic()
        elif not ray.wait([self._question], timeout=0)[0]:
            if time.monotonic() - self._asked_at > SILENCE_S:
                raise ClusterError(f"the Supervisor has not answered for {SILENCE_S:g} s")
        else:
            question, self._question = self._question, None
            with _one_sentence("cannot be reached"):
                try:
                    ray.get(question)
                except ray.exceptions.RayActorError:
                    self._actor = self._started()

    def end(self) -> None:
        """Let its jobs go, so that the next one can take them up at once, and end it with all its workers."""
        with contextlib.suppress(ray.exceptions.RayError):
            ray.get(self._actor.close.remote(), timeout=_CLOSE_S)
        with contextlib.suppress(ray.exceptions.RayError):
            ray.kill(self._actor)

    def _started(self) -> Any:
        with _one_sentence("did not start"):
            actor = _made(self._settings)
            if not ray.get(actor.works_by.remote(self._settings), timeout=START_S):
                ray.kill(actor)
                _await_end(SUPERVISOR)
                actor = _made(self._settings)
                ray.get(actor.ping.remote(), timeout=START_S)
            return actor


def _made(settings: SupervisorSettings) -> Any:
    options: dict[str, Any] = {}
    if settings.database_url.startswith("sqlite"):  # a file of this node
        here = ray.get_runtime_context().get_node_id()
        options["scheduling_strategy"] = NodeAffinitySchedulingStrategy(here, soft=False)
    actor = ray.remote(Supervisor).options(
        name=SUPERVISOR,
        lifetime="detached",
        get_if_exists=True,
        num_cpus=0,
        max_restarts=-1,
        max_task_retries=-1,
        max_concurrency=4,
        **options,
    )
    return actor.remote(settings)


def _await_end(name: str) -> None:
    """Wait until the name is free for another actor."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        try:
            ray.get_actor(name)
        except ValueError:
            return
        time.sleep(_TICK_S)
    raise ClusterError(f"the actor {name} does not end")


@contextlib.contextmanager
def _one_sentence(what: str) -> Iterator[None]:
    try:
        yield
    except ray.exceptions.RayError as error:
        raise ClusterError(f"the Supervisor {what}: {' '.join(str(error).split())[:300]}") from error
