"""A store that is a bucket of an S3 server."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from cutfarm.errors import StorageError
from cutfarm.storage.atomic import atomic_file
from cutfarm.storage.keys import content_type
from cutfarm.storage.store import S3Settings, StoredObject, check_key

_PART_BYTES = 16 << 20  # larger objects go up in parts of this size, three at a time, each held in memory
_TIMEOUT = urllib3.Timeout(connect=5, read=60)
_RETRIES = urllib3.Retry(total=4, backoff_factor=0.25, backoff_jitter=0.25, status_forcelist=[500, 502, 503, 504])
_ABSENT = frozenset({"NoSuchKey", "NoSuchObject", "ResourceNotFound"})
_BUCKET_IS_THERE = frozenset({"AccessDenied", "BucketAlreadyExists", "BucketAlreadyOwnedByYou"})


class S3Store:
    """One bucket, made where it is missing; pickles as its settings, so every process has connections of its own."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._bucket = settings.bucket
        with _as_storage_error("open", f"s3://{settings.endpoint}/{settings.bucket}"):
            self._client = _client(settings, settings.endpoint, settings.secure)
            self._signer = self._client
            if settings.public_url is not None:
                public = urlsplit(settings.public_url)
                self._signer = _client(settings, public.netloc, public.scheme == "https")
            self._make_bucket()

    def __reduce__(self) -> tuple[type[S3Store], tuple[S3Settings]]:
        return S3Store, (self._settings,)

    def put_file(self, key: str, path: Path) -> None:
        """Upload a local file."""
        with _as_storage_error("write", key), path.open("rb") as source:
            self._put(key, source, path.stat().st_size)

    def put_bytes(self, key: str, data: bytes) -> None:
        """Upload a small object."""
        with _as_storage_error("write", key):
            self._put(key, io.BytesIO(data), len(data))

    def get_file(self, key: str, path: Path) -> None:
        """Download an object."""
        with self._reading(key) as source, atomic_file(path) as target:
            shutil.copyfileobj(source, target, 1 << 20)

    def get_bytes(self, key: str) -> bytes:
        """Download a small object."""
        with self._reading(key) as source:
            data: bytes = source.read()
            return data

    def stat(self, key: str) -> int | None:
        """Return the size in bytes, None where there is no such object."""
        with _as_storage_error("look at", key):
            try:
                size: int = self._client.stat_object(self._bucket, check_key(key)).size
            except MinioException as error:
                if _code(error) in _ABSENT:
                    return None
                raise
            return size

    def exists(self, key: str) -> bool:
        """Tell whether the object is there."""
        return self.stat(key) is not None

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Page through the bucket."""
        with _as_storage_error("list", prefix):
            for found in self._client.list_objects(self._bucket, prefix=prefix, recursive=True):
                if not found.is_dir:
                    yield StoredObject(found.object_name, found.size, found.last_modified)

    def delete(self, key: str) -> None:
        """Remove the object."""
        with _as_storage_error("delete", key):
            self._client.remove_object(self._bucket, check_key(key))

    def presigned_url(self, key: str, expires_s: int, download_name: str | None = None) -> str:
        """Sign a reading address, on the public endpoint where there is one; S3 allows 1 second to 7 days."""
        headers = {"response-content-type": content_type(key)}
        if download_name is not None:
            headers["response-content-disposition"] = f"attachment; filename*=UTF-8''{quote(download_name)}"
        with _as_storage_error("sign", key):
            url: str = self._signer.presigned_get_object(
                self._bucket, check_key(key), expires=timedelta(seconds=expires_s), response_headers=headers
            )
            return url

    def _put(self, key: str, source: BinaryIO, size: int) -> None:
        self._client.put_object(
            self._bucket, check_key(key), source, size, content_type=content_type(key), part_size=_PART_BYTES
        )

    @contextmanager
    def _reading(self, key: str) -> Iterator[Any]:
        with (
            _as_storage_error("read", key),
            closing(self._client.get_object(self._bucket, check_key(key))) as response,
        ):
            try:
                yield response
            finally:
                response.release_conn()

    def _make_bucket(self) -> None:
        try:
            if not self._client.bucket_exists(self._bucket):
                self._client.make_bucket(self._bucket, self._settings.region)
        except MinioException as error:
            if _code(error) not in _BUCKET_IS_THERE:
                raise


def _client(settings: S3Settings, endpoint: str, secure: bool) -> Minio:
    pool = urllib3.PoolManager(maxsize=16, timeout=_TIMEOUT, retries=_RETRIES)
    return Minio(
        endpoint,
        access_key=settings.access_key,
        secret_key=settings.secret_key,
        region=settings.region,
        secure=secure,
        http_client=pool,
    )


def _code(error: MinioException) -> str | None:
    """S3's name of the fault; rclone labels its answers text/xml, which minio then leaves unread."""
    if isinstance(error, S3Error):
        return error.code or None
    found = re.search("<Code>([A-Za-z]+)</Code>", str(error))
    return found[1] if found else None


@contextmanager
def _as_storage_error(verb: str, name: str) -> Iterator[None]:
    try:
        yield
    except MinioException as error:
        code = _code(error) or "an answer that is not S3's"
        reason = "no such object" if code in _ABSENT else code
        raise StorageError(f"Cannot {verb} {name!r} in the object store: {reason}.") from error
    except urllib3.exceptions.HTTPError as error:
        raise StorageError(f"Cannot {verb} {name!r}: the object store does not answer.") from error
    except (OSError, ValueError) as error:
        raise StorageError(f"Cannot {verb} {name!r}: {error}.") from error
