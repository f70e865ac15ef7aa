"""The outermost layer of the API: a number for each request, a limit on its body, an answer whatever happens."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import FAULTS
from api.replies import error_reply, unexpected_reply

_REQUEST_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")

log = structlog.get_logger()


class Guard:
    """ASGI middleware; `body_limit` gives the bytes allowed for a method and a path."""

    def __init__(self, app: ASGIApp, body_limit: Callable[[str, str], int]) -> None:
        self._app = app
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._body_limit(scope["method"], scope["path"]))
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
            await exchange.run(self._app)


class _Exchange:
    """One request and its reply."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limit = limit
        self._received = 0
        self._has_started = False
        headers = Headers(scope=scope)
        offered = headers.get("x-request-id", "")
        self.request_id = offered if _REQUEST_ID.fullmatch(offered) else uuid.uuid4().hex
        length = headers.get("content-length", "")
        self._announced = int(length) if length.isascii() and length.isdecimal() and len(length) < 19 else 0

    async def run(self, app: ASGIApp) -> None:
        if self._announced > self._limit:
            await self._reply(error_reply(self._request(), FAULTS["UploadTooLarge"], self._too_large()))
            return
        try:
            await app(self._scope, self._limited_receive, self._marked_send)
        except ClientDisconnect:
            log.info("client went away", path=self._scope["path"])
        except Exception:
            log.exception("unexpected error", method=self._scope["method"], path=self._scope["path"])
            if self._has_started:
                raise
            await self._reply(unexpected_reply(self._request()))

    def _request(self) -> Request:
        return Request(self._scope)

    def _too_large(self) -> str:
        return f"a request to this address has at most {self._limit} bytes"

    async def _reply(self, response: Response) -> None:
        await response(self._scope, self._receive, self._marked_send)

    async def _limited_receive(self) -> Message:
        message = await self._receive()
        self._received += len(message.get("body", b""))
        if self._received > self._limit:
            raise HTTPException(413, self._too_large())
        return message

    async def _marked_send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._has_started = True
            MutableHeaders(scope=message)["X-Request-ID"] = self.request_id
        await self._send(message)
