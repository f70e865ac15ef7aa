"""The actor that brings a draft and its materials into the object store."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import replace
from pathlib import Path

from actors.messages import Answer, GatherTask, WorkerSettings, fault
from actors.worker import Worker
from cluster.hosted import HostedDrafts
from cutfarm.errors import CutfarmError, first_fault
from cutfarm.media.probe import check_media
from cutfarm.storage.fetch import Fetcher
from cutfarm.storage.gather import GatheredDraft, gather_folder, gather_url
from cutfarm.storage.keys import asset_key, job_key, sha256_of
from cutfarm.timeline.media import media_uses

DRAFT_NOTE, ASSETS_NOTE = "draft.json", "assets.json"  #: what a job keeps of its draft; the second is written last


class Downloader:
    """Fetches drafts and materials, several jobs at a time; the only actor that speaks to the users' servers.

    A cancelled call is interrupted wherever it waits.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._worker = Worker(settings)

    async def gather(self, task: GatherTask) -> Answer:
        """Bring everything of a job into the store: materials under their digests, the draft under the job.

        Nothing is asked of a material but that it can be opened; the user hears at once what cannot.
        """
        began = time.perf_counter()
        try:
            answer = await self._gather(task)
        except Exception as error:
            first = first_fault(error)
            if not isinstance(first, CutfarmError):
                logging.getLogger(__name__).exception("gathering job %s failed", task.job_id)
            answer = fault(first)
        return replace(answer, seconds=time.perf_counter() - began)

    async def hello(self) -> Answer:
        """Say that the actor is there, and in which process."""
        return self._worker.hello()

    async def _gather(self, task: GatherTask) -> Answer:
        settings = self._worker.settings
        await asyncio.to_thread(lambda: self._worker.store)  # opened beside the loop, which serves other jobs
        with self._worker.scratch.folder("draft") as folder:
            async with Fetcher(settings.fetch_policy, settings.fetch_limits) as fetcher:
                if await asyncio.to_thread(self._copy_hosted, task.draft_id, folder):
                    draft = await gather_folder(fetcher, folder)
                else:
                    draft = await gather_url(fetcher, task.draft_url, folder)
            digests = await asyncio.to_thread(self._keep, draft)
            await asyncio.to_thread(self._note, task.job_id, draft, digests)
        return Answer(values={"files": len(digests)})

    def _copy_hosted(self, draft_id: str, folder: Path) -> bool:
        """Put the files of a draft that the farm hosts into `folder`; False where it hosts none of that id."""
        store = self._worker.store
        hosted = HostedDrafts(store).get(draft_id)
        if hosted is None:
            return False
        for place, key in hosted.files.items():
            file = folder / place
            file.parent.mkdir(parents=True, exist_ok=True)
            store.get_file(key, file)
        return True

    def _keep(self, draft: GatheredDraft) -> dict[str, str]:
        uses, store = media_uses(draft.timeline), self._worker.store
        digests = {}
        for path, file in draft.files.items():
            check_media(uses[path], file)
            digests[path] = sha256 = sha256_of(file)
            if not store.exists(asset_key(sha256)):
                store.put_file(asset_key(sha256), file)
                self._worker.metrics.asset_stored(file.stat().st_size)
        return digests

    def _note(self, job_id: str, draft: GatheredDraft, digests: dict[str, str]) -> None:
        store = self._worker.store
        store.put_bytes(job_key(job_id, DRAFT_NOTE), draft.timeline_file.read_bytes())
        note = {"assets": digests, "report": draft.report.as_dicts()}
        store.put_bytes(job_key(job_id, ASSETS_NOTE), json.dumps(note, ensure_ascii=False).encode())
