"""Objects of the store as downloads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import httpx
from fastapi import Request, Response
from fastapi.responses import FileResponse, RedirectResponse, StreamingResponse

from api.context import Farm, links_of
from cutfarm.errors import StorageError
from cutfarm.storage.keys import content_type

LINK_S = 3600

#: A draft's file is a stranger's: a browser must save it and never run it as a page of this address.
_AS_DOWNLOAD = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
_PIECE_BYTES = 1 << 20
_PASSED_ON = ("content-length", "content-range", "accept-ranges", "content-type", "etag", "last-modified")


def download(request: Request, farm: Farm, key: str, name: str) -> Response:
    """The object under the file name `name`: by redirection where the client can reach the store, else through us."""
    link = farm.public_link(key, LINK_S, links_of(request), name)
    if link is not None:
        return RedirectResponse(link, headers={"Cache-Control": "no-store"})
    url = farm.store.presigned_url(key, LINK_S)
    if url.startswith("file:"):
        file = Path(unquote(urlsplit(url).path))
        return FileResponse(file, filename=name, media_type=content_type(name), headers=_AS_DOWNLOAD)
    return _relayed(url, name, request.headers.get("range"))


def _relayed(url: str, name: str, wanted_range: str | None) -> Response:
    """What the store answers, passed on piece by piece. Raises StorageError where it does not answer."""
    client = httpx.Client(trust_env=False, timeout=60.0)
    try:
        asked = client.build_request("GET", url, headers={"Range": wanted_range} if wanted_range else {})
        reply = client.send(asked, stream=True)
    except httpx.HTTPError as error:
        client.close()
        raise StorageError("the object store does not answer") from error

    def pieces() -> Iterator[bytes]:
        with closing(client), closing(reply):
            yield from reply.iter_bytes(_PIECE_BYTES)

    headers = {header: reply.headers[header] for header in _PASSED_ON if header in reply.headers}
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    # rclone sends a part with the status of the whole.
    status = httpx.codes.PARTIAL_CONTENT if "content-range" in headers else reply.status_code
    return StreamingResponse(pieces(), status, headers | _AS_DOWNLOAD)
