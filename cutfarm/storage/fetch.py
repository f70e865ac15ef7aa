"""The guarded fetch of a user's URL: bounded in bytes and time, resumed where it broke, whole or not there at all."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

from cutfarm import __version__
from cutfarm.errors import AssetError, AssetMissing, AssetRefused, AssetTooLarge, DraftUnreadable, FetchError
from cutfarm.storage.atomic import atomic_file
from cutfarm.storage.download import Download
from cutfarm.storage.guard import FetchPolicy, GuardedTransport

__all__ = ["FetchLimits", "FetchPolicy", "Fetched", "Fetcher", "redact_url"]

_CONNECT_TIMEOUT_S = 10.0
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 30.0
_PROGRESS_BYTES = 1 << 20  # an attempt that brings so much starts the count of attempts anew
_JSON_LIMIT_BYTES = 8 << 20
_JSON_LIMIT_S = 30.0
_SHOWN_QUERY = frozenset({"draft_id"})
_RANDOM = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """How much of the farm one URL may take."""

    size_bytes: int = 2 << 30
    total_s: float = 600.0  #: for all attempts together
    stall_s: float = 30.0  #: between two pieces of a body
    attempts: int = 5  #: in a row, without progress
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came."""

    sha256: str  #: of the content, hexadecimal
    size: int  #: bytes
    content_type: str  #: as the server says, without parameters, lower case; may be ""


class Fetcher:
    """Connections that serve many fetches, several at a time; an async context manager.

    Every fault names the URL as `redact_url` shows it: AssetRefused (a private network, another scheme), AssetMissing
    (no such host, 404 and its like), AssetTooLarge (bytes or seconds), FetchError (worth another try later).
    """

    def __init__(self, policy: FetchPolicy | None = None, limits: FetchLimits | None = None) -> None:
        logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs whole URLs, secrets included
        self._limits = limits or FetchLimits()
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(policy or FetchPolicy()),
            trust_env=False,
            timeout=httpx.Timeout(self._limits.stall_s, connect=min(_CONNECT_TIMEOUT_S, self._limits.total_s)),
            headers={"User-Agent": f"cutfarm/{__version__}", "Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def file(self, url: str, path: Path) -> Fetched:
        """Fetch the URL into a file, whose folder exists; on any fault nothing is left behind."""
        with atomic_file(path) as target:
            return await self._fetch(url, target, self._limits.size_bytes, self._limits.total_s)

    async def json(self, url: str, *, total_s: float = _JSON_LIMIT_S) -> Any:
        """Fetch a small JSON document, the reply of a `get_draft`. Raises DraftUnreadable where it is none."""
        target = io.BytesIO()
        await self._fetch(url, target, min(_JSON_LIMIT_BYTES, self._limits.size_bytes), total_s)
        try:
            return json.loads(target.getvalue())
        except (ValueError, RecursionError) as error:
            raise DraftUnreadable(f"{redact_url(url)} does not answer with JSON.") from error

    async def _fetch(self, url: str, target: BinaryIO, size_bytes: int, total_s: float) -> Fetched:
        download = Download(target, size_bytes)
        faults: list[FetchError] = []
        try:
            try:
                async with asyncio.timeout(total_s):
                    await self._persist(url, download, faults)
            except TimeoutError as error:
                raise (faults[-1] if faults else AssetTooLarge(f"it is not read within {total_s:g} s")) from error
        except (AssetError, FetchError) as error:
            raise type(error)(f"Cannot fetch {redact_url(url)}: {error}.") from error
        return Fetched(download.sha256, download.size, download.content_type)

    async def _persist(self, url: str, download: Download, faults: list[FetchError]) -> None:
        """Try until the download is whole; a row of attempts without progress ends it, each waiting twice as long."""
        furthest, row = 0, 0
        while True:
            try:
                await self._attempt(url, download)
            except FetchError as fault:
                faults.append(fault)
                if download.size >= furthest + _PROGRESS_BYTES:
                    furthest, row = download.size, 0
                row += 1
                if row >= self._limits.attempts:
                    raise
            else:
                return
            wait_s = min(_FIRST_WAIT_S * 2 ** (row - 1), _LONGEST_WAIT_S) * _RANDOM.uniform(0.5, 1.0)
            await asyncio.sleep(download.wait_s if download.wait_s is not None else wait_s)

    async def _attempt(self, url: str, download: Download) -> None:
        try:
            async with self._reply(url, download.headers()) as reply:
                if download.begin(reply.status_code, reply.headers):
                    async for chunk in reply.aiter_bytes():
                        download.write(chunk)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise AssetRefused("only http and https addresses are read") from error
        except httpx.HTTPError as error:
            raise _fault(error) from error
        download.end()

    @asynccontextmanager
    async def _reply(self, url: str, headers: dict[str, str]) -> AsyncIterator[httpx.Response]:
        """Open the reply behind all redirects; httpx's own way would read the body of each, however long."""
        request = self._client.build_request("GET", url, headers=headers)
        for _ in range(self._limits.redirects + 1):
            reply = await self._client.send(request, stream=True)
            try:
                if reply.next_request is None:
                    yield reply
                    return
                request = reply.next_request
            finally:
                await reply.aclose()
        raise AssetMissing(f"it redirects more than {self._limits.redirects} times")


def redact_url(url: str) -> str:
    """The URL as it may be shown and logged: no credentials, no fragment, of the query's values the draft id alone."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        port = f":{parts.port}" if parts.port else ""
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "an unreadable address"
    shown = "&".join(f"{name}={quote(value) if name in _SHOWN_QUERY else '…'}" for name, value in query)
    return f"{parts.scheme}://{host}{port}{parts.path}" + (f"?{shown}" if shown else "")


def _fault(error: httpx.HTTPError) -> AssetError | FetchError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return AssetRefused(f"its certificate is not valid ({cause.verify_message})")
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return FetchError("it does not answer in time")
        case httpx.TimeoutException():
            return FetchError("it stops sending")
        case httpx.ConnectError():
            return FetchError("it cannot be connected to")
        case _:
            return FetchError("the connection breaks off")
