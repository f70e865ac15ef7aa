"""Drafts that the farm itself hosts: files in the object store under one manifest that changes all at once."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cutfarm.errors import DraftNotFound, StorageError
from cutfarm.storage.keys import draft_key, sha256_of
from cutfarm.storage.store import Store

DRAFT_ID = re.compile("[A-Za-z0-9_-]{1,64}")  #: ids that this farm gives a place to
_MANIFEST = "manifest.json"
_PLAIN_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class HostedDraft:
    """One version of a draft."""

    timeline: str  #: path of the file that holds the timeline
    files: dict[str, str]  #: object-store key by path in the draft's folder, `/` between names


class HostedDrafts:
    """The drafts in a store. Files are kept by their content, so a manifest that was read stays true for a while."""

    def __init__(self, store: Store, *, keep: timedelta = timedelta(hours=2)) -> None:
        """`keep` is how long files of a replaced version stay, for the jobs that began with it."""
        self._store = store
        self._keep = keep

    def get(self, draft_id: str) -> HostedDraft | None:
        """The present version, None where the farm hosts no such draft. Raises StorageError."""
        if DRAFT_ID.fullmatch(draft_id) is None:
            return None
        key = draft_key(draft_id, _MANIFEST)
        if not self._store.exists(key):
            return None
        try:
            manifest: dict[str, Any] = json.loads(self._store.get_bytes(key))
            return HostedDraft(manifest["timeline"], manifest["files"])
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(f"The manifest of the hosted draft {draft_id!r} is broken.") from error

    def put(self, draft_id: str, folder: Path, timeline: Path) -> HostedDraft:
        """Host the files below `folder` in place of whatever the id had; readers see the old draft or the new one.

        `timeline` is the file that holds the timeline. Raises StorageError, and DraftNotFound for an id that cannot be.
        """
        if DRAFT_ID.fullmatch(draft_id) is None:
            raise DraftNotFound(f"{draft_id!r} is no draft id: 1 to 64 letters, digits, '-' and '_' are.")
        files = {}
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            key = draft_key(draft_id, sha256_of(path) + _suffix(path))
            self._store.put_file(key, path)
            files[path.relative_to(folder).as_posix()] = key
        draft = HostedDraft(timeline.relative_to(folder).as_posix(), files)
        manifest = draft_key(draft_id, _MANIFEST)
        self._store.put_bytes(manifest, json.dumps(asdict(draft), ensure_ascii=False).encode())
        self._sweep(draft_id, {manifest, *files.values()})
        return draft

    def _sweep(self, draft_id: str, used: set[str]) -> None:
        """Delete what no manifest has named for a while; what another upload is bringing right now is younger."""
        limit = datetime.now(UTC) - self._keep
        stale = [
            found.key
            for found in self._store.list(draft_key(draft_id, ""))
            if found.key not in used and found.modified < limit
        ]
        for key in stale:
            self._store.delete(key)


def _suffix(path: Path) -> str:
    """The file's extension, which tells its type to whoever downloads it."""
    suffix = path.suffix.lower()
    return suffix if _PLAIN_SUFFIX.fullmatch(suffix) else ""
