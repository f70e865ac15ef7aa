"""From the farm's settings to those of its actors."""

from __future__ import annotations

from pathlib import Path

import ray

from actors.admission import PoolLimits
from actors.messages import WorkerSettings
from actors.supervisor import SupervisorSettings
from cutfarm.config import Settings
from cutfarm.storage.fetch import FetchLimits, FetchPolicy
from cutfarm.storage.store import StoreSettings

_IDLE_S = 120.0  # a renderer holds half a gigabyte: warm between jobs, gone when none has come for a while
_GPU_SHARE = 0.25  # of a GPU to a renderer: four 1080p compositors fit beside each other


def supervisor_settings(settings: Settings, store: StoreSettings, scratch: Path) -> SupervisorSettings:
    """What the Supervisor of a farm with these settings needs; asks Ray, which must be connected, for its size."""
    resources = ray.cluster_resources()
    cores = max(int(resources.get("CPU", 1)), 1)
    threads = settings.renderer_threads or 1
    most = settings.renderers or max(cores // threads, 1)
    policy = FetchPolicy(allow_private_network=settings.allow_private_network, allowed_hosts=settings.allowed_hosts)
    limits = FetchLimits(
        size_bytes=settings.asset_bytes_limit,
        total_s=settings.asset_time_limit_s,
        stall_s=settings.asset_stall_limit_s,
    )
    return SupervisorSettings(
        database_url=settings.database(),
        worker=WorkerSettings(store, scratch, policy, limits, threads),
        pool=PoolLimits(least=0, most=most, idle_s=_IDLE_S),
        gpus_per_worker=_GPU_SHARE if resources.get("GPU") else 0.0,
        most_jobs=max(2 * most, 4),
        job_time_limit_s=settings.job_time_limit_s,
        retention_days=settings.retention_days,
    )
