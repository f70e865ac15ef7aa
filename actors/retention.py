"""Deleting what is kept no longer: ended jobs with their results, and what was made for later jobs and found no use."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from cluster.jobs import Job, JobTable
from cutfarm.storage.keys import ASSETS, JOBS, OUTPUTS, SEGMENTS, SOUNDS
from cutfarm.storage.store import Store


def sweep(
    table: JobTable, store: Store, in_use: Collection[str], *, jobs_kept: timedelta, cache_kept: timedelta
) -> None:
    """Delete jobs that ended longer ago than `jobs_kept`, and kept objects that are older than `cache_kept`.

    What is in `in_use` stays. A job that finds its material or chunk deleted all the same brings or makes it again.
    Raises StorageError.
    """
    now = datetime.now(UTC)
    for job in table.expired(now - jobs_kept):
        for key in list(_of_job(job, store)):
            store.delete(key)
        table.delete(job.id)
    kept = {*in_use, *(f"{key}.json" for key in in_use)}
    for prefix in (ASSETS, SEGMENTS, SOUNDS):
        old = [found.key for found in store.list(prefix) if found.modified < now - cache_kept]
        for key in old:
            if key not in kept:
                store.delete(key)


def _of_job(job: Job, store: Store) -> Iterator[str]:
    """Its notes and its results, those of attempts that ended on another day or in vain among them."""
    prefixes = [f"{JOBS}{job.id}/"]
    if job.started_at is not None and job.completed_at is not None:
        day = job.started_at.date()
        while day <= job.completed_at.date() + timedelta(days=1):
            prefixes.append(f"{OUTPUTS}{day.isoformat()}/{job.id}.")
            day += timedelta(days=1)
    for prefix in prefixes:
        yield from (found.key for found in store.list(prefix))
