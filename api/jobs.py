"""The native routes about jobs."""

from __future__ import annotations

from pathlib import PurePosixPath

from fastapi import APIRouter, Request, Response

from api.context import FarmOf, HeaderKey, LanguageOf, LinksOf
from api.errors import JobNotFound, StatusQueryFailed, storage_trouble_as
from api.files import download
from api.models import JobDetails, JobState, Problem
from api.states import is_kept, job_state
from cluster.jobs import Job

router = APIRouter(prefix="/v1/jobs", tags=["jobs"], responses={404: {"model": Problem}, 500: {"model": Problem}})


@router.get("/{job_id}")
def get_job(job_id: str, farm: FarmOf, language: LanguageOf, links: LinksOf) -> JobDetails:
    """How a job stands, with the whole fidelity report."""
    with storage_trouble_as(StatusQueryFailed):
        job = _existing(farm.job(job_id))
        state = job_state(job, farm, links, language)
    return JobDetails(**state.model_dump(), report=job.report)


@router.post("/{job_id}/cancel", responses={401: {"model": Problem}})
def cancel_job(job_id: str, farm: FarmOf, language: LanguageOf, links: LinksOf, key: HeaderKey) -> JobState:
    """Ask for a job to stop; it does so within moments, and its worker is free again."""
    farm.require_key(key)
    with storage_trouble_as(StatusQueryFailed):
        job = _existing(farm.job(job_id))
        return job_state(_existing(farm.jobs.request_cancel(job.id)), farm, links, language)


@router.get("/{job_id}/video", response_class=Response)
def get_video(job_id: str, request: Request, farm: FarmOf) -> Response:
    """The finished video, or a redirection to it."""
    with storage_trouble_as(StatusQueryFailed):
        job = _existing(farm.job(job_id))
        if not is_kept(job, farm) or not farm.store.exists(job.result_key):
            raise JobNotFound("the job has no video, or no more")
        return download(request, farm, job.result_key, job.id + PurePosixPath(job.result_key).suffix)


def _existing(job: Job | None) -> Job:
    if job is None:
        raise JobNotFound("no such job")
    return job
