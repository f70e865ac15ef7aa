"""A download under way: what has arrived, what to ask for next, what a reply means for it."""

from __future__ import annotations

import email.utils
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import BinaryIO

from cutfarm.errors import AssetMissing, AssetTooLarge, FetchError

_TRY_AGAIN = frozenset({408, 425, 429})
_LONGEST_WAIT_S = 30.0
_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)")


class Download:
    """Bytes of one URL on their way into `target`, an empty file open for writing.

    `FetchError` means: try again, with `headers()` anew. Messages are what the URL does, to be put after its name.
    """

    def __init__(self, target: BinaryIO, limit_bytes: int) -> None:
        self._target = target
        self._limit_bytes = limit_bytes
        self._digest = hashlib.sha256()
        self._validator: str | None = None
        self._total: int | None = None
        self._is_encoded = False
        self.size = 0  #: bytes that have arrived
        self.content_type = ""  #: without parameters, lower case
        self.wait_s: float | None = None  #: how long the server asks to be left alone

    @property
    def sha256(self) -> str:
        """Digest of what has arrived, hexadecimal."""
        return self._digest.hexdigest()

    def headers(self) -> dict[str, str]:
        """Ask for what is missing, and for all of it if the file has changed meanwhile."""
        if self._is_encoded:
            self._restart()
        if self.size == 0:
            return {}
        return {"Range": f"bytes={self.size}-"} | ({"If-Range": self._validator} if self._validator else {})

    def begin(self, status: int, headers: Mapping[str, str]) -> bool:
        """Take a reply's head; False where nothing is missing, so that its body is of no use.

        Raises FetchError where another attempt may help, AssetMissing where none will, AssetTooLarge.
        """
        self.wait_s = None
        match status:
            case 200:
                self._restart()
                self._is_encoded = headers.get("content-encoding", "identity") != "identity"
                length = headers.get("content-length", "")
                self._expect(int(length) if length.isdecimal() and not self._is_encoded else None, headers)
            case 206:
                self._continue(headers)
            case 416 if self.size:
                return self._is_missing_something(headers)
            case _ if status in _TRY_AGAIN or status >= 500:
                self.wait_s = _retry_after_s(headers.get("retry-after", ""))
                raise FetchError(f"it answers {status}")
            case _:
                raise AssetMissing(f"it answers {status}")
        return True

    def write(self, chunk: bytes) -> None:
        """Take a piece of the body. Raises AssetTooLarge."""
        self.size += len(chunk)
        self._check_size(self.size)
        self._digest.update(chunk)
        self._target.write(chunk)

    def end(self) -> None:
        """Take the body's end. Raises FetchError where it came too early or too late."""
        if self._total is not None and self.size != self._total:
            arrived = self.size
            if arrived > self._total:
                self._restart()
            raise FetchError(f"it sends {arrived} bytes where it promises {self._total}")

    def _restart(self) -> None:
        self._target.seek(0)
        self._target.truncate()
        self._digest = hashlib.sha256()
        self._validator, self._total, self._is_encoded, self.size = None, None, False, 0

    def _expect(self, total: int | None, headers: Mapping[str, str]) -> None:
        self._total = total
        self._check_size(total or 0)
        etag = headers.get("etag", "")
        self._validator = etag if etag.startswith('"') else headers.get("last-modified")
        self.content_type = headers.get("content-type", "").partition(";")[0].strip().lower()

    def _continue(self, headers: Mapping[str, str]) -> None:
        start, total = _content_range(headers)
        if start != self.size or (self._total is not None and total not in (None, self._total)):
            self._restart()
            raise FetchError("it sends another part of the file than was asked for")
        self._expect(total if total is not None else self._total, headers)

    def _is_missing_something(self, headers: Mapping[str, str]) -> bool:
        if _content_range(headers)[1] != self.size:
            self._restart()
            raise FetchError("it no longer has the rest of the file")
        self._total = self.size
        return False

    def _check_size(self, size: int) -> None:
        if size > self._limit_bytes:
            raise AssetTooLarge(f"it has more than {self._limit_bytes:,} bytes")


def _content_range(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """First byte and total of a `Content-Range`, each None where it is not said."""
    found = _RANGE.fullmatch(headers.get("content-range", "").strip())
    if found is None:
        return None, None
    start, total = found.groups()
    return int(start) if start else None, int(total) if total != "*" else None


def _retry_after_s(value: str) -> float | None:
    """Seconds from now, at most 30; None where the header says nothing that can be read."""
    if value.strip().isdecimal():
        return min(float(value), _LONGEST_WAIT_S)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), _LONGEST_WAIT_S)
