"""A job row as a client sees it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from api.context import Farm, Links
from api.errors import fault_of
from api.messages import SUCCESS, Language
from api.models import JobState, PublicStatus
from cluster.jobs import Job, JobStatus

MIN_LINK_S = 3600
MAX_LINK_S = 7 * 24 * 3600  #: what S3 signs at most
MAX_WARNINGS = 50

_PUBLIC: dict[JobStatus, PublicStatus] = {
    JobStatus.PENDING: "pending",
    JobStatus.PROCESSING: "processing",
    JobStatus.COMPLETED: "completed",
    JobStatus.FAILED: "failed",
    JobStatus.CANCELLED: "failed",
}


def job_state(job: Job, farm: Farm, links: Links, language: Language) -> JobState:
    """The reply about a job; a cancelled one counts as failed. Raises StorageError where a link cannot be signed."""
    has_failed = job.status in (JobStatus.FAILED, JobStatus.CANCELLED)
    fault = fault_of(job.error_kind) if has_failed else None
    return JobState(
        message=SUCCESS.text(language),
        draft_url=job.draft_url,
        job_id=job.id,
        status=_PUBLIC[job.status],
        stage=job.stage,
        progress=math.floor(job.progress),
        video_url=_video_url(job, farm, links),
        error_message=fault.job_text(job.error_detail, language) if fault else "",
        error_code=fault.code if fault else None,
        error_status=fault.status if fault else None,
        created_at=job.created_at,
        started_at=job.started_at,
        completed_at=job.completed_at,
        warnings=short_report(job.report),
    )


def is_kept(job: Job, farm: Farm) -> bool:
    """Whether the job has a video whose retention time is not over."""
    return _seconds_left(job, farm) > 0


def _seconds_left(job: Job, farm: Farm) -> float:
    if job.status != JobStatus.COMPLETED or job.completed_at is None:
        return 0.0
    return (job.completed_at + timedelta(days=farm.settings.retention_days) - datetime.now(UTC)).total_seconds()


def _video_url(job: Job, farm: Farm, links: Links) -> str:
    """A link that works until the result is swept, and one hour at the least."""
    left_s = _seconds_left(job, farm)
    if left_s <= 0:
        return ""
    link = farm.public_link(job.result_key, min(max(math.floor(left_s), MIN_LINK_S), MAX_LINK_S), links)
    return link or links.video(job.id)


def short_report(entries: list[dict[str, object]]) -> list[str]:
    """One sentence for each entry of a report, the first ones where there are many."""
    texts = [f"{entry.get('fidelity', '')}: {entry.get('message', '')}" for entry in entries[:MAX_WARNINGS]]
    more = len(entries) - MAX_WARNINGS
    return [*texts, f"… and {more} more"] if more > 0 else texts
