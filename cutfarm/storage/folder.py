"""A store that is a folder: for one machine, and for renders without a server."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from cutfarm.errors import StorageError
from cutfarm.storage.atomic import atomic_file
from cutfarm.storage.store import StoredObject, check_key

_SCRATCH = ".partial"  # no key starts with a dot, so no object can be named so


class FolderStore:
    """Objects are files below `root`, under their keys; half-written ones live in a hidden folder beside them.

    What is not `durable` may be damaged by a power cut, and is written without waiting for the disk.
    """

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self._root = root.absolute()
        self._scratch = self._root / _SCRATCH
        self._durable = durable
        with _as_storage_error("open", str(root)):
            self._scratch.mkdir(parents=True, exist_ok=True)

    def put_file(self, key: str, path: Path) -> None:
        """Copy a local file in."""
        with self._writing(key) as target, path.open("rb") as source:
            shutil.copyfileobj(source, target, 1 << 20)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Write a small object."""
        with self._writing(key) as target:
            target.write(data)

    def get_file(self, key: str, path: Path) -> None:
        """Copy an object out."""
        source = self._path(key)
        with _as_storage_error("read", key), source.open("rb") as opened, atomic_file(path) as target:
            shutil.copyfileobj(opened, target, 1 << 20)

    def lend_file(self, key: str, path: Path) -> None:
        """Give an object another name, `path`, under which it is only read: a link, or a copy on another file system.

        It stays there whatever becomes of the object.
        """
        source = self._path(key)
        with _as_storage_error("read", key):
            try:
                os.link(source, path)
            except FileNotFoundError:
                raise
            except OSError:
                self.get_file(key, path)

    def get_bytes(self, key: str) -> bytes:
        """Read a small object."""
        path = self._path(key)
        with _as_storage_error("read", key):
            return path.read_bytes()

    def stat(self, key: str) -> int | None:
        """Return the size in bytes, None where there is no such object."""
        path = self._path(key)
        with _as_storage_error("look at", key):
            return path.stat().st_size if path.is_file() else None

    def exists(self, key: str) -> bool:
        """Tell whether the object is there."""
        return self.stat(key) is not None

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Walk only the folder that the prefix reaches into."""
        folder = self._root / prefix.rpartition("/")[0]
        with _as_storage_error("list", prefix):
            for path in folder.rglob("*"):
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix) and not key.startswith(_SCRATCH + "/") and path.is_file():
                    status = path.stat()
                    yield StoredObject(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def delete(self, key: str) -> None:
        """Remove the object; its folders stay, since another writer may be about to use them."""
        path = self._path(key)
        with _as_storage_error("delete", key):
            path.unlink(missing_ok=True)

    def presigned_url(self, key: str, expires_s: int, download_name: str | None = None) -> str:  # noqa: ARG002
        """Return the file's own `file:` address; a folder has no server that could limit it in time."""
        return self._path(key).as_uri()

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    @contextmanager
    def _writing(self, key: str) -> Iterator[BinaryIO]:
        path = self._path(key)
        with _as_storage_error("write", key):
            for folder in (path.parent, self._scratch):  # somebody may have emptied the store
                folder.mkdir(parents=True, exist_ok=True)
            with atomic_file(path, scratch=self._scratch, durable=self._durable) as target:
                yield target


@contextmanager
def _as_storage_error(verb: str, name: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise StorageError(f"Cannot {verb} {name!r}: no such object or file.") from error
    except OSError as error:
        raise StorageError(f"Cannot {verb} {name!r} in the store folder: {error.strerror or error}.") from error
