"""The API as a process of its own."""

from __future__ import annotations

import contextlib
import logging

import structlog
import uvicorn

from api.app import create_app
from cluster.jobs import JobTable
from cutfarm.config import Settings
from cutfarm.errors import RequestError
from cutfarm.storage.store import S3Settings, StoreSettings, open_store

SHUTDOWN_LIMIT_S = 15  #: for requests that are under way when the process is asked to stop


def run(settings: Settings, store: StoreSettings | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way.

    `store` defaults to the bucket of the settings. Raises RequestError where there is none, StorageError where the
    job table or the store cannot be opened.
    """
    _log_as_json()
    jobs = JobTable(settings.database())
    try:
        app = create_app(jobs, open_store(store or _configured(settings)), settings)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=SHUTDOWN_LIMIT_S,
        )
        structlog.get_logger().info("listening", host=settings.host, port=settings.port)
        with contextlib.suppress(KeyboardInterrupt):  # raised again by uvicorn once it has shut down
            uvicorn.Server(config).run()
    finally:
        jobs.close()


def _configured(settings: Settings) -> S3Settings:
    bucket = settings.s3()
    if bucket is None:
        raise RequestError("The API needs an object store: set CUTFARM_S3_ENDPOINT, or run `cutfarm serve`.")
    return bucket


def _log_as_json() -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
