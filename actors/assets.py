"""Materials on a node's own disk: fetched once from the object store, shared by all actors of the node."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from cutfarm.errors import StorageError
from cutfarm.render.spec import Asset, Assets
from cutfarm.storage.keys import asset_key
from cutfarm.storage.store import Store

_KEEP_S = 3600.0  # what was used within the last hour is never thrown out


class AssetCache:
    """Files by digest below `folder`, made when needed; the oldest go when all take more than `limit_bytes`."""

    def __init__(self, folder: Path, store: Store, limit_bytes: int = 50 << 30) -> None:
        self._folder = folder
        self._store = store
        self._limit_bytes = limit_bytes

    def local(self, assets: Assets) -> Assets:
        """The same assets with local files. Raises StorageError."""
        return {path: self._one(asset) for path, asset in assets.items()}

    def _one(self, asset: Asset) -> Asset:
        file = self._folder / asset.sha256
        try:
            os.utime(file)
        except FileNotFoundError:
            self._fetch(asset, file)
        except OSError as error:
            raise StorageError(f"the cached material {asset.sha256} cannot be used: {error.strerror}") from error
        return replace(asset, path=str(file))

    def _fetch(self, asset: Asset, file: Path) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._make_room()
        except OSError as error:
            raise StorageError(f"the node's cache {self._folder} cannot be used: {error.strerror}") from error
        self._store.get_file(asset_key(asset.sha256), file)

    def _make_room(self) -> None:
        files = []
        for file in self._folder.iterdir():
            try:
                status = file.stat()
            except FileNotFoundError:  # another actor made room at the same time
                continue
            files.append((status.st_mtime, status.st_size, file))
        excess = sum(size for _, size, _ in files) - self._limit_bytes
        for used_at, size, file in sorted(files):
            if excess <= 0 or used_at > time.time() - _KEEP_S:
                return
            file.unlink(missing_ok=True)
            excess -= size
