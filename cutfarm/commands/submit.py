"""`cutfarm submit`: give a draft to a farm, watch it, fetch the video."""

from __future__ import annotations

import json
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from cutfarm.commands.burning import BurnIn, burnt_in
from cutfarm.commands.reporting import say_report
from cutfarm.commands.terminal import percent_progress, say, warn
from cutfarm.errors import AssetRefused, CutfarmError, FarmError, FetchError, RequestError, error_of_kind
from cutfarm.storage.atomic import atomic_file
from cutfarm.subtitles.formats import format_of
from cutfarm.timeline.cue_writing import with_text_tracks
from cutfarm.timeline.media import FontFile, MediaUse, find_media, media_uses
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Report
from cutfarm.timeline.source import open_draft

_ROUTES = "/openapi/capcut-mate/v1"
_TIMELINE_NAME = "draft_content.json"
_POLL_S = 0.5
_PATIENCE_S = 60.0  # of failed status queries in a row before giving up: the job itself goes on


def run(draft: str, api: str, api_key: str | None, out: Path | None, subtitles: Sequence[Path] = ()) -> None:
    """Submit `draft`, with `subtitles` over it, to the farm at `api`, wait, and write the video to `out` if given."""
    headers = {"Accept-Language": "en"} | ({"X-API-Key": api_key} if api_key else {})
    with httpx.Client(base_url=api, trust_env=False, timeout=60.0, headers=headers) as client:
        with percent_progress() as on_progress:
            result = submit_and_wait(client, draft, on_progress, subtitles)
        if out is not None:
            download(result["video_url"], out)
        for warning in result.get("warnings", []):
            warn(str(warning))
        say(str(out) if out is not None else result["video_url"])


def submit_and_wait(
    client: httpx.Client, draft: str, on_progress: Callable[[str, float], None], subtitles: Sequence[Path] = ()
) -> dict[str, Any]:
    """The final status of the job of `draft`, which is uploaded first unless it is a draft_url.

    Raises what the farm says is wrong, FetchError where it cannot be reached.
    """
    is_url = draft.startswith(("http://", "https://"))
    if is_url and subtitles:
        raise RequestError("subtitles are laid over drafts that are uploaded, not over a draft_url")
    draft_url = draft if is_url else upload(client, Path(draft), subtitles)
    job_id = ask(client, "POST", f"{_ROUTES}/gen_video", json={"draft_url": draft_url})["job_id"]
    asked_at = time.monotonic()
    while True:
        try:
            status = ask(client, "POST", f"{_ROUTES}/gen_video_status", json={"job_id": job_id})
            asked_at = time.monotonic()
        except FarmError as error:
            if time.monotonic() - asked_at > _PATIENCE_S:
                raise FetchError(f"the farm does not answer; ask it for job {job_id} later") from error
            time.sleep(_POLL_S)
            continue
        on_progress(status.get("stage") or status["status"], float(status["progress"]))
        if status["status"] == "completed":
            return status
        if status["status"] == "failed":
            raise CutfarmError(f"job {job_id}: {status['error_message']}")
        time.sleep(_POLL_S)


def upload(client: httpx.Client, draft: Path, subtitles: Sequence[Path] = ()) -> str:
    """Host `draft` with all media that it plays, and `subtitles` over it, on the farm; returns its draft_url."""
    draft_id = f"draft-{uuid.uuid4().hex[:20]}"
    with tempfile.TemporaryDirectory(prefix="cutfarm-upload-") as folder:
        archive = Path(folder) / "draft.zip"
        _pack(draft, archive, subtitles)
        with archive.open("rb") as body:
            headers = {"Content-Type": "application/zip"}
            reply = ask(client, "PUT", f"/v1/drafts/{draft_id}", content=body, headers=headers, timeout=None)
    return str(reply["draft_url"])


def download(url: str, out: Path) -> None:
    """Write what `url` gives to `out`, which appears when it is whole. Raises FetchError."""
    try:
        with httpx.stream("GET", url, trust_env=False, timeout=60.0) as reply, atomic_file(out) as file:
            reply.raise_for_status()
            for block in reply.iter_bytes(1 << 20):
                file.write(block)
    except httpx.HTTPError as error:
        raise FetchError(f"the video could not be downloaded ({type(error).__name__})") from error


def _pack(draft: Path, archive: Path, subtitles: Sequence[Path]) -> None:
    """A zip of the draft's timeline, with `subtitles` over it, and of the media that it plays, wherever they lie."""
    with open_draft(draft) as source, zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        timeline = read_timeline(source.draft)
        files = find_media(timeline, source.folder, sandbox=False)
        if subtitles:
            text = json.dumps(_with_subtitles(source.draft, timeline, subtitles), ensure_ascii=False)
            packed.writestr(_TIMELINE_NAME, text, zipfile.ZIP_DEFLATED)
        else:
            packed.write(source.timeline_path, _TIMELINE_NAME, zipfile.ZIP_DEFLATED)
        names: dict[str, Path] = {}
        uses = media_uses(timeline)
        for path, file in files.items():
            inside = file.relative_to(source.folder.resolve()) if file.is_relative_to(source.folder.resolve()) else None
            name = inside.as_posix() if inside is not None else f"assets/{_outer_name(uses[path], file)}"
            if names.setdefault(name, file) != file and not isinstance(uses[path].material, FontFile):
                raise AssetRefused(f"two materials outside the draft's folder are called {file.name}: {path}")
        for name, file in names.items():
            packed.write(file, name)


def _with_subtitles(draft: dict[str, Any], timeline: Timeline, subtitles: Sequence[Path]) -> dict[str, Any]:
    """The draft's JSON with the cues of the files as tracks of its own. Raises RequestError for SubStation Alpha."""
    for path in subtitles:
        if format_of(path) == "ass":
            raise RequestError(f"a farm is sent .srt and .vtt alone, not {path.name}; cutfarm render draws it here")
    burnt, _ = burnt_in(replace(timeline, report=Report()), {}, BurnIn(tuple(subtitles)))
    say_report(burnt.report, "cutfarm inspect --subtitles")
    return with_text_tracks(draft, burnt.tracks[len(timeline.tracks) :])


def _outer_name(use: MediaUse, file: Path) -> str:
    """What a file from outside the draft's folder is called in it, where the farm looks for stickers by number."""
    number = next(iter(sorted(use.catalogue_keys)), "")
    return f"{number}/{file.name}" if number else file.name


def ask(client: httpx.Client, method: str, route: str, **options: Any) -> dict[str, Any]:
    """The farm's answer. Raises FarmError where there is none for now, UserError where the farm refuses."""
    try:
        reply = client.request(method, route, **options)
    except httpx.TransportError as error:
        raise FetchError(f"the farm at {client.base_url} does not answer ({type(error).__name__})") from error
    try:
        body: dict[str, Any] = reply.json()
    except ValueError:
        raise FetchError(f"the farm answered {reply.status_code} and no JSON") from None
    if reply.is_error or body.get("code", 0) != 0:
        raise error_of_kind("UserError" if reply.status_code < 500 else "FarmError", str(body.get("detail") or body))
    return body
