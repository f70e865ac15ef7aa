"""The application: routes, errors and limits put together."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from api import drafts, fonts, gen_video, health, jobs, replies
from api.context import Farm
from api.guard import Guard
from api.preview import Preview
from cluster.hosted import HostedDrafts
from cluster.jobs import JobTable
from cutfarm import __version__
from cutfarm.config import Settings
from cutfarm.storage.store import Store

JSON_LIMIT_BYTES = 1 << 20


def create_app(jobs_table: JobTable, store: Store, settings: Settings) -> FastAPI:
    """The API over a job table and an object store; it needs no Ray, and closes neither of them."""
    app = FastAPI(
        title="cutfarm",
        version=__version__,
        summary="Renders CapCut / JianYing drafts to video.",
        description="Errors hold `detail`, `code` and `message`, in Chinese, or in English for `Accept-Language: en`.",
    )
    hosted = HostedDrafts(store)
    app.state.farm = Farm(jobs_table, store, settings, hosted, Preview(hosted, store, settings))
    for module in (gen_video, drafts, fonts, jobs, health):
        app.include_router(module.router)
    replies.install(app)

    def body_limit(method: str, path: str) -> int:
        if method == "PUT" and path.startswith(fonts.FONTS_PATH):
            return fonts.BODY_LIMIT_BYTES
        is_upload = method == "PUT" and path.startswith(drafts.UPLOAD_PATH)
        return settings.asset_bytes_limit if is_upload else JSON_LIMIT_BYTES

    app.add_middleware(Guard, body_limit=body_limit)
    _leave_out_422(app)
    return app


def _leave_out_422(app: FastAPI) -> None:
    """The framework's own validation reply is never sent, so the OpenAPI page must not show it."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        schema = describe()
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        return schema

    app.openapi = described  # type: ignore[method-assign]
