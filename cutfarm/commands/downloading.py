"""A draft_url on the command line: the draft and what it plays, in a folder that is removed afterwards."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cutfarm.errors import first_fault
from cutfarm.storage.fetch import Fetcher, FetchPolicy
from cutfarm.storage.gather import GatheredDraft, gather_url
from cutfarm.timeline.model import Timeline


@contextmanager
def downloaded(draft_url: str, *, allow_private_network: bool) -> Iterator[tuple[Timeline, dict[str, Path]]]:
    """The timeline behind `draft_url` and its files by the draft's own paths.

    Raises DraftError, AssetError, FetchError.
    """
    policy = FetchPolicy(allow_private_network=allow_private_network)
    with tempfile.TemporaryDirectory(prefix="cutfarm-draft-") as folder:
        try:
            draft = asyncio.run(_gather(policy, draft_url, Path(folder)))
        except BaseExceptionGroup as group:
            raise first_fault(group) from None
        yield draft.timeline, draft.files


async def _gather(policy: FetchPolicy, draft_url: str, folder: Path) -> GatheredDraft:
    async with Fetcher(policy) as fetcher:
        return await gather_url(fetcher, draft_url, folder)
