"""A draft_url, or URLs in a draft, to files in a folder: what the farm and the command line do alike."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from cutfarm.errors import AssetError, AssetMissing, DraftEmpty, DraftNotFound, DraftUnreadable, FetchError
from cutfarm.storage.fetch import Fetcher, redact_url
from cutfarm.timeline.media import MediaUse, find_media, media_uses
from cutfarm.timeline.missing import only_found
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.paths import PathKind, file_key, material_location, picture_keys
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.report import Report
from cutfarm.timeline.source import open_draft

TIMELINE_NAMES = ("draft_content.json", "draft_info.json")  #: of the files that hold a draft's timeline, best first
_FILES_LIMIT = 10_000
_AT_A_TIME = 4
_SUFFIX_LIMIT = 10


@dataclass(frozen=True, slots=True)
class GatheredDraft:
    """A draft and its media, all local."""

    timeline: Timeline
    timeline_file: Path
    files: dict[str, Path]  #: by the material's path as the draft says it
    report: Report  #: what is odd about the draft's files


async def gather_url(fetcher: Fetcher, draft_url: str, folder: Path) -> GatheredDraft:
    """Fetch the draft that a `get_draft` reply lists, and what of its files the timeline plays, into `folder`.

    Raises DraftNotFound, DraftUnreadable, DraftEmpty, AssetError, FetchError.
    """
    try:
        reply = await fetcher.json(draft_url)
    except AssetMissing as error:
        raise DraftNotFound(str(error)) from error
    urls = listed_files(reply, draft_url)
    places = {place_of(url, urls): url for url in urls}
    timeline_place = timeline_place_of(places)
    if timeline_place is None:
        raise DraftNotFound(f"the file list of {redact_url(draft_url)} holds no {TIMELINE_NAMES[0]}")
    await fetcher.file(places[timeline_place], _made(folder / timeline_place))
    return await gather_folder(fetcher, folder, others=places)


async def gather_folder(fetcher: Fetcher, folder: Path, others: Mapping[str, str] | None = None) -> GatheredDraft:
    """Read the draft in `folder` and bring what it plays: from the URLs `others` by their place, or by its own URLs."""
    with open_draft(folder) as source:
        timeline = read_timeline(source.draft)
        uses = media_uses(timeline)
        remote = _remote(uses)
        await _fetch(fetcher, folder, [*_listed(uses, others or {}), *remote.values()])
        known = {path: file for path, wanted in remote.items() if (file := folder / wanted.place).is_file()}
        files = find_media(timeline, folder, known=known, sandbox=True)
        return GatheredDraft(only_found(timeline, files), source.timeline_path, files, source.report)


def listed_files(reply: Any, draft_url: str) -> list[str]:
    """The URLs of a `get_draft` reply. Raises DraftNotFound and DraftUnreadable."""
    if not isinstance(reply, Mapping):
        raise DraftUnreadable(f"{redact_url(draft_url)} does not answer with a file list")
    if reply.get("code") != 0:
        raise DraftNotFound(f"{redact_url(draft_url)} answers that there is no such draft (code {reply.get('code')})")
    files = reply.get("files")
    if not isinstance(files, list) or not all(isinstance(url, str) for url in files):
        raise DraftUnreadable(f"{redact_url(draft_url)} does not answer with a file list")
    if not files:
        raise DraftEmpty(f"the file list of {redact_url(draft_url)} is empty")
    if len(files) > _FILES_LIMIT:
        raise DraftUnreadable(f"the file list of {redact_url(draft_url)} has more than {_FILES_LIMIT} files")
    return files


def place_of(url: str, urls: Sequence[str]) -> str:
    """Where a listed file lies in the draft's folder: its path below the folder of the timeline file.

    Parts that climb or hide are dropped, so that no list can lead out of the folder.
    """
    roots = [_path(other).parent for other in urls if _path(other).name in TIMELINE_NAMES]
    root = min(roots, key=lambda path: len(path.parts), default=None)
    path = _path(url)
    below = path.relative_to(root) if root is not None and path.is_relative_to(root) else PurePosixPath(path.name)
    parts = [part for part in below.parts if part not in {"", ".", "..", "/"} and "\\" not in part]
    return "/".join(parts) or "unnamed"


def timeline_place_of(places: Mapping[str, str]) -> str | None:
    """The place of the file that holds the timeline."""
    return next((name for name in TIMELINE_NAMES if name in places), None)


def _path(url: str) -> PurePosixPath:
    return PurePosixPath(unquote(urlsplit(url).path))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file to be fetched, and why."""

    url: str
    place: PurePosixPath  #: in the draft's folder
    use: MediaUse


def _listed(uses: Mapping[str, MediaUse], places: Mapping[str, str]) -> list[_Wanted]:
    """Those files of the draft's list that bear the name of a material; of namesakes all, since any may be the one.

    The pictures of stickers bear its number, or lie in a folder that does.
    """
    by_name: dict[str, MediaUse] = {}
    by_number: dict[str, MediaUse] = {}
    for path, use in uses.items():
        for name in (material_location(path).name, use.material.name):
            by_name.setdefault(file_key(name), use)
        by_number |= dict.fromkeys(use.catalogue_keys, use)
    wanted = []
    for place, url in ((PurePosixPath(place), url) for place, url in places.items()):
        numbered = (by_number[key] for key in picture_keys(place) if key in by_number)
        found = by_name.get(file_key(place.name)) or next(numbered, None)
        if found is not None:
            wanted.append(_Wanted(url, place, found))
    return wanted


def _remote(uses: Mapping[str, MediaUse]) -> dict[str, _Wanted]:
    """The materials whose path is itself a URL, by that path."""
    wanted = {}
    for path, use in uses.items():
        location = material_location(path)
        if location.kind is PathKind.URL:
            name = hashlib.sha256(path.encode()).hexdigest() + PurePosixPath(location.name).suffix[:_SUFFIX_LIMIT]
            wanted[path] = _Wanted(path.strip(), PurePosixPath("assets", "remote", name), use)
    return wanted


async def _fetch(fetcher: Fetcher, folder: Path, wanted: Sequence[_Wanted]) -> None:
    """Fetch several at a time; a fault names the material and its segment, and ends the others.

    What is optional may be missing.
    """
    at_a_time = asyncio.Semaphore(_AT_A_TIME)

    async def one(file: _Wanted) -> None:
        async with at_a_time:
            try:
                await fetcher.file(file.url, _made(folder / file.place))
            except (AssetError, FetchError) as error:
                if file.use.is_optional and isinstance(error, AssetError):
                    return
                raise type(error)(f"{file.use}: {error}") from error

    async with asyncio.TaskGroup() as group:
        for file in wanted:
            group.create_task(one(file))


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
