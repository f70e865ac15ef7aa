"""Objects of the store as downloads."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from fastapi import Response
from fastapi.responses import FileResponse, RedirectResponse

from api.context import Farm

LINK_S = 3600

#: A draft's file is a stranger's: a browser must save it and never run it as a page of this address.
_AS_DOWNLOAD = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}


def download(farm: Farm, key: str, name: str) -> Response:
    """The object under the file name `name`: by redirection where the store has addresses, else by us."""
    link = farm.public_link(key, LINK_S, name)
    if link is not None:
        return RedirectResponse(link, headers={"Cache-Control": "no-store"})
    path = Path(unquote(urlsplit(farm.store.presigned_url(key, LINK_S)).path))
    return FileResponse(path, filename=name, headers=_AS_DOWNLOAD)
