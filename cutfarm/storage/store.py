"""What the farm asks of a place where bytes live, and the small values that name such a place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cutfarm.errors import StorageError

KEY_LIMIT_BYTES = 1024  #: S3's own limit, in UTF-8
NAME_LIMIT_BYTES = 255  #: what file systems allow between two slashes


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One line of a listing."""

    key: str
    size: int  #: bytes
    modified: datetime  #: when it was last written, UTC


class Store(Protocol):
    """Bytes by key: writing replaces, reading never sees half an object, every failure is a `StorageError`.

    Any method may be called from many threads at once.
    """

    def put_file(self, key: str, path: Path) -> None:
        """Store a local file's content."""

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small object."""

    def get_file(self, key: str, path: Path) -> None:
        """Write the object to a local file, whose folder exists; the file appears only when it is whole."""

    def get_bytes(self, key: str) -> bytes:
        """Read a small object."""

    def stat(self, key: str) -> int | None:
        """Return the object's size in bytes, None where there is no such object."""

    def exists(self, key: str) -> bool:
        """Tell whether the object is there."""

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield every object whose key starts with the prefix, in no promised order."""

    def delete(self, key: str) -> None:
        """Remove the object; removing what is not there is no error."""

    def presigned_url(self, key: str, expires_s: int, download_name: str | None = None) -> str:
        """Return an address that reads the object without credentials until it expires, under that file name."""


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """A folder of this machine."""

    root: Path


@dataclass(frozen=True, slots=True)
class S3Settings:
    """A bucket of an S3 server: MinIO, Amazon, or the farm's embedded one."""

    endpoint: str  #: `host:port`, no scheme
    access_key: str
    secret_key: str = field(repr=False)
    bucket: str
    region: str = "us-east-1"
    secure: bool = False  #: https
    public_url: str | None = (
        None  #: scheme://host:port that presigned addresses carry, where it differs from `endpoint`
    )


StoreSettings = FolderSettings | S3Settings


def open_store(settings: StoreSettings) -> Store:
    """Return the store that the settings name; made cheaply, so that each actor opens its own."""
    match settings:
        case FolderSettings(root):
            from cutfarm.storage.folder import FolderStore

            return FolderStore(root)
        case S3Settings():
            from cutfarm.storage.s3 import S3Store  # minio loads only where there is a bucket

            return S3Store(settings)


def check_key(key: str) -> str:
    """Return the key, or raise `StorageError` where it is no relative path that a file system and S3 both take."""
    names = key.split("/")
    if not key or len(key.encode()) > KEY_LIMIT_BYTES:
        raise StorageError(f"An object key has 1 to {KEY_LIMIT_BYTES} bytes: {key[:80]!r}.")
    if any(name in ("", ".", "..") or len(name.encode()) > NAME_LIMIT_BYTES for name in names):
        raise StorageError(f"An object key is a relative path without empty, '.', '..' or overlong parts: {key!r}.")
    if names[0].startswith(".") or "\\" in key or not key.isprintable():
        raise StorageError(f"An object key starts with no dot and holds neither backslash nor control sign: {key!r}.")
    return key
