"""What is known of a draft at submission is answered at submission."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

import anyio
import anyio.to_thread

from api.addresses import DraftUrl
from cluster.hosted import HostedDrafts
from cluster.request import JobRequest
from cutfarm.config import Settings
from cutfarm.errors import AssetMissing, AssetTooLarge, DraftNotFound, FetchError, StorageError
from cutfarm.render.job import plan_job
from cutfarm.storage.fetch import Fetcher, FetchLimits, FetchPolicy, redact_url
from cutfarm.storage.gather import TIMELINE_NAMES, listed_files, place_of, timeline_place_of
from cutfarm.storage.store import Store
from cutfarm.timeline.media import media_uses
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.paths import PathKind, file_key, material_location
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.source import parse_draft

LIMIT_S = 3.0  #: for the file list and the timeline together
MOST_AT_A_TIME = 32
TIMELINE_LIMIT_BYTES = 32 << 20  #: larger ones are read in the job alone

_IN_THE_LIST = (PathKind.IN_DRAFT, PathKind.ABSOLUTE, PathKind.WINDOWS)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Found:
    """As much of a draft as can be had in seconds."""

    timeline_name: str
    timeline: bytes
    names: frozenset[str]  #: of the draft's files, as `_key` spells them


class Preview:
    """A look at a draft before its job is accepted; what it cannot see in time is left to the job."""

    def __init__(self, drafts: HostedDrafts, store: Store, settings: Settings) -> None:
        self._drafts = drafts
        self._store = store
        self._policy = FetchPolicy(settings.allow_private_network, settings.allowed_hosts)
        self._running = 0

    async def check(self, draft: DraftUrl, request: JobRequest, *, is_own: bool) -> None:
        """Raise what is wrong with the draft or with the request for it; `is_own` says that it should be hosted here.

        Raises DraftError, AssetError and RequestError.
        """
        if self._running >= MOST_AT_A_TIME:
            return
        self._running += 1
        try:
            with anyio.fail_after(LIMIT_S):
                found = await self._look(draft, is_own)
        except (TimeoutError, FetchError, StorageError, AssetTooLarge):
            return
        finally:
            self._running -= 1
        await _in_thread(lambda: _judge(found, request))

    async def _look(self, draft: DraftUrl, is_own: bool) -> _Found:
        hosted = await _in_thread(lambda: self._drafts.get(draft.draft_id))
        if hosted is not None:
            data = await _in_thread(lambda: self._store.get_bytes(hosted.files[hosted.timeline]))
            return _Found(hosted.timeline, data, _names(hosted.files))
        if is_own:
            raise DraftNotFound(f"this farm hosts no draft {draft.draft_id!r}")
        fetcher = await _in_thread(lambda: Fetcher(self._policy, FetchLimits(TIMELINE_LIMIT_BYTES, attempts=1)))
        async with fetcher:
            return await _fetched(fetcher, draft.url)


async def _fetched(fetcher: Fetcher, url: str) -> _Found:
    try:
        listed = listed_files(await fetcher.json(url), url)
    except AssetMissing as error:
        raise DraftNotFound(str(error)) from error
    places = {place_of(file, listed): file for file in listed}
    place = timeline_place_of(places)
    if place is None:
        raise DraftNotFound(f"The file list of {redact_url(url)} holds no {TIMELINE_NAMES[0]}.")
    with tempfile.TemporaryDirectory(prefix="cutfarm-preview-") as folder:
        file = Path(folder) / "timeline.json"
        await fetcher.file(places[place], file)
        return _Found(place, file.read_bytes(), _names(places))


def _judge(found: _Found, request: JobRequest) -> None:
    timeline = read_timeline(parse_draft(found.timeline, found.timeline_name))
    plan_job(timeline, {}, request.options)
    _require_listed(timeline, found.names)


def _require_listed(timeline: Timeline, names: frozenset[str]) -> None:
    """Raise AssetMissing for a material that is to be played and has neither a URL nor a namesake in the list."""
    for path, use in media_uses(timeline).items():
        if use.is_optional:
            continue
        location = material_location(path)
        wanted = {file_key(name) for name in (location.name, use.material.name) if name}
        if location.kind in _IN_THE_LIST and not wanted & names:
            raise AssetMissing(f"{use} is not among the draft's files: {location.shown}.")


def _names(places: Iterable[str]) -> frozenset[str]:
    return frozenset(file_key(PurePosixPath(place).name) for place in places)


async def _in_thread(call: Callable[[], Result]) -> Result:
    """Run blocking work beside the loop; a timeout does not wait for it."""
    return await anyio.to_thread.run_sync(call, abandon_on_cancel=True)
