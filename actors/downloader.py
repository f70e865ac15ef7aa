"""The actor that brings a draft and its materials into the object store."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from actors.messages import Answer, GatherTask, WorkerSettings, fault
from cluster.hosted import HostedDrafts
from cutfarm.errors import first_fault
from cutfarm.media.probe import check_media
from cutfarm.storage.fetch import Fetcher
from cutfarm.storage.gather import GatheredDraft, gather_folder, gather_url
from cutfarm.storage.keys import asset_key, job_key, sha256_of
from cutfarm.storage.store import open_store
from cutfarm.timeline.media import media_uses


class Downloader:
    """Fetches drafts and materials, several jobs at a time; the only actor that speaks to the users' servers."""

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        self._store = open_store(settings.store)
        self._hosted = HostedDrafts(self._store)
        settings.scratch.mkdir(parents=True, exist_ok=True)

    async def gather(self, task: GatherTask) -> Answer:
        """Bring everything of a job into the store: materials under their digests, the draft under the job.

        Nothing is asked of a material but that it can be opened; the user hears at once what cannot.
        """
        began = time.perf_counter()
        try:
            answer = await self._gather(task)
        except Exception as error:
            answer = fault(first_fault(error))
        return replace(answer, seconds=time.perf_counter() - began)

    async def _gather(self, task: GatherTask) -> Answer:
        with tempfile.TemporaryDirectory(prefix="draft-", dir=self._settings.scratch) as name:
            folder = Path(name)
            async with Fetcher(self._settings.fetch_policy, self._settings.fetch_limits) as fetcher:
                if await asyncio.to_thread(self._copy_hosted, task.draft_id, folder):
                    draft = await gather_folder(fetcher, folder)
                else:
                    draft = await gather_url(fetcher, task.draft_url, folder)
            digests = await asyncio.to_thread(self._keep, draft)
            await asyncio.to_thread(self._note, task.job_id, draft, digests)
        return Answer(values={"files": len(digests)})

    def _copy_hosted(self, draft_id: str, folder: Path) -> bool:
        """Put the files of a draft that the farm hosts into `folder`; False where it hosts none of that id."""
        hosted = self._hosted.get(draft_id)
        if hosted is None:
            return False
        for place, key in hosted.files.items():
            file = folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            self._store.get_file(key, file)
        return True

    def _keep(self, draft: GatheredDraft) -> dict[str, str]:
        uses = media_uses(draft.timeline)
        digests = {}
        for path, file in draft.files.items():
            check_media(uses[path], file)
            digests[path] = sha256 = sha256_of(file)
            if not self._store.exists(asset_key(sha256)):
                self._store.put_file(asset_key(sha256), file)
        return digests

    def _note(self, job_id: str, draft: GatheredDraft, digests: dict[str, str]) -> None:
        self._store.put_bytes(job_key(job_id, "draft.json"), draft.timeline_file.read_bytes())
        self._store.put_bytes(job_key(job_id, "assets.json"), json.dumps(digests, ensure_ascii=False).encode())
