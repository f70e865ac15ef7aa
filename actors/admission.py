"""How many renderers there should be, whose chunk goes next, and how patient the farm is: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cutfarm.errors import ClusterError, StorageError

_AWAY = {StorageError.__name__, ClusterError.__name__}  # what is being started anew comes back within a minute or so


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """The pool's bounds."""

    least: int  #: kept warm when there is nothing to do
    most: int
    idle_s: float  #: how long a worker above `least` may be idle


@dataclass(frozen=True, slots=True)
class PoolState:
    """The pool as it is."""

    workers: int
    in_flight: int  #: chunks given to workers and not answered
    queued: int  #: chunks that wait for a worker
    idle_s: float  #: how long the longest idle worker has been idle, 0 where none is


def wanted_workers(state: PoolState, limits: PoolLimits) -> int:
    """The number of workers to aim at: one for each chunk at hand, within the limits; idle ones go one by one."""
    demand = min(state.in_flight + state.queued, limits.most)
    if demand > state.workers:
        return demand
    if state.workers > limits.most:
        return limits.most
    if demand < state.workers and state.workers > limits.least and state.idle_s > limits.idle_s:
        return state.workers - 1
    return max(state.workers, limits.least)


def next_job(queued: Mapping[str, int], in_flight: Mapping[str, int], order: Sequence[str]) -> str | None:
    """The job whose chunk goes next: the one with the fewest in work, the oldest of those; None when none waits.

    `queued` and `in_flight` count chunks by job, `order` has the oldest job first.
    """
    waiting = [job_id for job_id in order if queued.get(job_id, 0) > 0]
    return min(waiting, key=lambda job_id: in_flight.get(job_id, 0), default=None)


def backoff_s(failures: int) -> float:
    """Seconds to wait after so many failures: 1, 2, 4, 8, never more."""
    return float(2 ** min(max(failures - 1, 0), 3))


def most_failures(kind: str) -> int:
    """How often one piece of work may fail before its job does: a store or a cluster that is away gets a minute."""
    return 10 if kind in _AWAY else 4
