"""The leases on the jobs in work, renewed by a thread of their own, however long a step of a job takes."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from cluster.jobs import JobTable
from cutfarm.errors import StorageError

LEASE_S = 10.0
STUCK_S = 600.0  #: without a sign of life from who does the work, leases are let go

_RENEW_S = 2.0
_LOG = logging.getLogger(__name__)


class Leases:
    """Keeps what is `hold`ed and tells which ones were lost to somebody else.

    `on_stuck` is called once when `alive` has not been for ten minutes: whoever holds jobs without working on them
    must not keep others from doing so.
    """

    def __init__(self, table: JobTable, owner: str, on_stuck: Callable[[], None]) -> None:
        self._table = table
        self._owner = owner
        self._on_stuck = on_stuck
        self._held: frozenset[str] = frozenset()
        self._lost: frozenset[str] = frozenset()
        self._alive_at = time.monotonic()
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="leases", daemon=True)
        self._thread.start()

    def hold(self, job_ids: frozenset[str]) -> frozenset[str]:
        """Hold exactly these jobs from now on, as a sign of life; returns those of them that somebody else has now."""
        self._held, self._alive_at = job_ids, time.monotonic()
        lost, self._lost = self._lost & job_ids, frozenset()
        return lost

    def close(self) -> None:
        """Let all go at once, so that others need not wait until they run out."""
        self._is_closing.set()
        self._thread.join(timeout=5.0)
        for job_id in self._held:
            self._renew(job_id, 0.0)

    def _keep(self) -> None:
        while not self._is_closing.wait(_RENEW_S):
            if time.monotonic() - self._alive_at > STUCK_S:
                _LOG.critical("the Supervisor has not moved for %g s", STUCK_S)
                self._on_stuck()
                return
            for job_id in self._held:
                self._renew(job_id, LEASE_S)

    def _renew(self, job_id: str, lease_s: float) -> None:
        try:
            if not self._table.renew(job_id, self._owner, lease_s) and job_id in self._held:
                self._lost |= {job_id}
        except StorageError as error:
            _LOG.warning("the lease of job %s: %s", job_id, error)
