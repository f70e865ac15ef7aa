"""Drafts that the farm hosts: upload as a zip, list, download."""

from __future__ import annotations

import mimetypes
import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.context import BASE_PATH, Farm, FarmOf, HeaderKey, LanguageOf, LinksOf
from api.errors import DraftStoreFailed, storage_trouble_as
from api.files import download
from api.messages import SUCCESS
from api.models import DraftFiles, HostedDraftReply, Problem
from api.states import short_report
from cluster.hosted import DRAFT_ID, HostedDraft
from cutfarm.errors import DraftNotFound, DraftUnreadable, RequestError
from cutfarm.timeline.archive import ArchiveLimits
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Report
from cutfarm.timeline.source import open_draft

UPLOAD_PATH = "/v1/drafts/"

router = APIRouter(tags=["drafts"])

_ZIP_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put(
    UPLOAD_PATH + "{draft_id}",
    openapi_extra=_ZIP_BODY,
    responses={status: {"model": Problem} for status in (400, 401, 413, 500)},
)
async def put_draft(
    draft_id: str, request: Request, farm: FarmOf, language: LanguageOf, links: LinksOf, key: HeaderKey
) -> HostedDraftReply:
    """Host the draft folder in this zip, in place of an older version; `draft_url` of the reply is for gen_video."""
    farm.require_key(key)
    if DRAFT_ID.fullmatch(draft_id) is None:
        raise RequestError("draft_id: 1 to 64 letters, digits, '-' and '_'")
    folder = await run_in_threadpool(_upload_folder, farm)
    try:
        archive = folder / f"{draft_id}.zip"
        await _receive(request, archive)
        hosted, report = await run_in_threadpool(_host, farm, draft_id, archive)
    finally:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
    return HostedDraftReply(
        message=SUCCESS.text(language),
        draft_id=draft_id,
        draft_url=links.draft(draft_id),
        files=len(hosted.files),
        warnings=short_report(report.as_dicts()),
    )


@router.get(BASE_PATH + "/get_draft", tags=["capcut-mate"], responses={404: {"model": Problem}})
def get_draft(
    draft_id: Annotated[str, Query(min_length=1, max_length=256)], farm: FarmOf, language: LanguageOf, links: LinksOf
) -> DraftFiles:
    """The files of a hosted draft, as absolute URLs."""
    with storage_trouble_as(DraftStoreFailed):
        draft = _hosted(farm, draft_id)
    return DraftFiles(
        message=SUCCESS.text(language), files=[links.draft_file(draft_id, path) for path in sorted(draft.files)]
    )


@router.get("/output/draft/{draft_id}/{path:path}", include_in_schema=False)
@router.get(UPLOAD_PATH + "{draft_id}/files/{path:path}", response_class=Response, responses={404: {"model": Problem}})
def get_draft_file(draft_id: str, path: str, request: Request, farm: FarmOf) -> Response:
    """One file of a hosted draft, or a redirection to it."""
    with storage_trouble_as(DraftStoreFailed):
        key, _ = _file(farm, draft_id, path)
        return download(request, farm, key, PurePosixPath(path).name)


@router.head("/output/draft/{draft_id}/{path:path}", include_in_schema=False)
@router.head(UPLOAD_PATH + "{draft_id}/files/{path:path}", include_in_schema=False)
def head_draft_file(draft_id: str, path: str, farm: FarmOf) -> Response:
    """Size and type of a file, without the redirection, which is signed for reading alone."""
    with storage_trouble_as(DraftStoreFailed):
        _, size = _file(farm, draft_id, path)
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Response(headers={"Content-Length": str(size), "Accept-Ranges": "bytes"}, media_type=kind)


async def _receive(request: Request, archive: Path) -> None:
    try:
        async with await anyio.open_file(archive, "wb") as file:
            async for block in request.stream():
                await file.write(block)
    except OSError as error:
        raise DraftStoreFailed(f"the upload cannot be written: {error.strerror}") from error


def _upload_folder(farm: Farm) -> Path:
    try:
        uploads = farm.settings.data_dir / "uploads"
        uploads.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=uploads))
    except OSError as error:
        raise DraftStoreFailed(f"uploads cannot be written: {error.strerror}") from error


def _host(farm: Farm, draft_id: str, archive: Path) -> tuple[HostedDraft, Report]:
    """Unpack, read once to be sure that it is a draft, and store."""
    limits = ArchiveLimits(total_bytes=farm.settings.asset_bytes_limit)
    with storage_trouble_as(DraftStoreFailed):
        try:
            source = open_draft(archive, scratch=archive.parent, limits=limits)
        except DraftNotFound as error:
            raise DraftUnreadable(str(error)) from error
        with source:
            timeline = read_timeline(source.draft)
            hosted = farm.drafts.put(draft_id, source.folder, source.timeline_path)
            return hosted, source.report + timeline.report


def _hosted(farm: Farm, draft_id: str) -> HostedDraft:
    draft = farm.drafts.get(draft_id)
    if draft is None:
        raise DraftNotFound(f"this farm hosts no draft {draft_id!r}")
    return draft


def _file(farm: Farm, draft_id: str, path: str) -> tuple[str, int]:
    """Key and size in bytes of a draft's file."""
    key = _hosted(farm, draft_id).files.get(path)
    size = None if key is None else farm.store.stat(key)
    if key is None or size is None:
        raise DraftNotFound(f"draft {draft_id!r} has no file {path!r}")
    return key, size
