"""The routes that capcut-mate's clients call."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from api.addresses import DraftUrl, parse_draft_url
from api.context import BASE_PATH, Farm, FarmOf, HeaderKey, LanguageOf, LinksOf
from api.errors import JobNotFound, StatusQueryFailed, SubmissionFailed, storage_trouble_as
from api.messages import SUBMITTED, SUCCESS
from api.models import ActiveCount, GenVideoRequest, JobState, Problem, StatusRequest, Submitted
from api.states import job_state
from cluster.jobs import Job
from cluster.request import JobRequest
from cutfarm.errors import ServiceBusy

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "A field, the draft or a material is wrong"},
    404: {"model": Problem, "description": "No such draft or task"},
    500: {"model": Problem, "description": "The farm's own trouble"},
}
_SUBMISSION_PROBLEMS = _PROBLEMS | {
    401: {"model": Problem, "description": "The key is missing or unknown"},
    503: {"model": Problem, "description": "The queue is full; see Retry-After"},
}

router = APIRouter(prefix=BASE_PATH, tags=["capcut-mate"])


@router.post("/gen_video", responses=_SUBMISSION_PROBLEMS)
async def gen_video(
    body: GenVideoRequest, farm: FarmOf, language: LanguageOf, links: LinksOf, key: HeaderKey
) -> Submitted:
    """Submit a draft for rendering; while its job lives, the same draft_url gives the same job."""
    farm.require_key(body.apiKey, key)
    draft = parse_draft_url(body.draft_url)
    job = await run_in_threadpool(_living, farm, draft)
    if job is None:
        request = body.job_request()
        await farm.preview.check(draft, request, is_own=links.is_own(draft.url))
        job = await run_in_threadpool(_submit, farm, draft, request)
    return Submitted(message=SUBMITTED.text(language), job_id=job.id, draft_url=job.draft_url)


@router.post("/gen_video_status", responses=_PROBLEMS)
def gen_video_status(body: StatusRequest, farm: FarmOf, language: LanguageOf, links: LinksOf) -> JobState:
    """How the newest job of a draft stands, or the job of that id."""
    with storage_trouble_as(StatusQueryFailed):
        job, asked_url = _find(farm, body)
        if job is None:
            raise JobNotFound("no such job")
        state = job_state(job, farm, links, language)
    return state if asked_url is None else state.model_copy(update={"draft_url": asked_url})


@router.get("/gen_video_active_count", responses={500: _PROBLEMS[500]})
def gen_video_active_count(farm: FarmOf, language: LanguageOf) -> ActiveCount:
    """How many jobs are pending or processing."""
    with storage_trouble_as(StatusQueryFailed):
        return ActiveCount(message=SUCCESS.text(language), count=farm.jobs.active_count())


def _living(farm: Farm, draft: DraftUrl) -> Job | None:
    """The job that this draft_url already has; raises ServiceBusy where it has none and there is no room for one."""
    limit = farm.settings.queue_limit
    with storage_trouble_as(SubmissionFailed):
        newest = farm.jobs.newest(draft.url)
        if newest is not None and newest.is_active:
            return newest
        if (active := farm.jobs.active_count()) >= limit:
            raise ServiceBusy(f"{active} jobs are waiting or running and the limit is {limit}")
    return None


def _submit(farm: Farm, draft: DraftUrl, request: JobRequest) -> Job:
    with storage_trouble_as(SubmissionFailed):
        limit = farm.settings.queue_limit
        return farm.jobs.submit(draft.url, draft.draft_id, request.as_json(), queue_limit=limit).job


def _find(farm: Farm, body: StatusRequest) -> tuple[Job | None, str | None]:
    """The job, and the draft_url that the client asked with."""
    if body.job_id:
        return farm.job(body.job_id), None
    draft = parse_draft_url(body.draft_url)
    return farm.jobs.newest(draft.url, draft.draft_id), draft.url
