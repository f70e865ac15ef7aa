"""Errors as replies: whatever happens, the client gets JSON with `detail`, `code` and `message`."""

from __future__ import annotations

import json

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.context import farm_of, language_of
from api.errors import FAULTS, UNEXPECTED, Fault, fault_of, particulars_of
from cutfarm.errors import CutfarmError

RETRY_AFTER_S = 30
_HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": str(RETRY_AFTER_S)}}

log = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Answer every kind of error of `app`."""
    app.add_exception_handler(CutfarmError, _cutfarm_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def error_reply(request: Request, fault: Fault, particulars: str = "") -> JSONResponse:
    """The reply for one row of the table."""
    language = language_of(request)
    body = {
        "detail": fault.text.text(language),
        "code": fault.code,
        "message": fault.reply_text(particulars, language),
    }
    return JSONResponse(body, status_code=_status(request, fault.status), headers=_HEADERS.get(fault.status))


def unexpected_reply(request: Request) -> JSONResponse:
    """One sentence without particulars, which stand in the log alone."""
    return error_reply(request, UNEXPECTED)


def _status(request: Request, status: int) -> int:
    return 200 if farm_of(request).settings.always_http_200 else status


def _cutfarm_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CutfarmError)
    fault = fault_of(error.kind)
    if fault.status >= 500:
        log.warning("request failed", path=request.url.path, kind=error.kind, detail=str(error))
    return error_reply(request, fault, particulars_of(error))


def _validation_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    texts = [f"{_field(found['loc'])}: {found['msg']}" for found in error.errors()]
    return error_reply(request, FAULTS["RequestError"], "; ".join(texts))


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location if part != "body")


def _http_error(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses: an unknown route or method keeps its number, as in capcut-mate."""
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 413:
            return error_reply(request, FAULTS["UploadTooLarge"], error.detail)
        case 400:
            return error_reply(request, FAULTS["RequestError"], error.detail)
        case status:
            quoted = json.dumps({"detail": error.detail}, ensure_ascii=False, separators=(",", ":"))
            body = {
                "detail": error.detail,
                "code": status,
                "message": f"HTTP Error {status}, detail: {quoted}",
            }
            return JSONResponse(body, status_code=_status(request, status), headers=error.headers)
