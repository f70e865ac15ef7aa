"""A whole farm on this machine: object store, Ray with the Supervisor, and the API as a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from cluster.connection import RayConnection, connect
from cluster.object_store import EmbeddedObjectStore
from cutfarm.config import Settings
from cutfarm.errors import ClusterError, RequestError
from cutfarm.storage.store import StoreSettings

_API_READY_S = 30.0
_API_STOP_S = 20.0
_PING_S = 60.0


@dataclass(frozen=True, slots=True)
class RunningFarm:
    """A farm that takes jobs."""

    api_url: str
    dashboard_url: str | None
    api: multiprocessing.process.BaseProcess
    supervisor: Any  #: the actor's handle

    def check(self) -> None:
        """Raise ClusterError where the API is no longer there."""
        if not self.api.is_alive():
            raise ClusterError(f"the API's process ended with code {self.api.exitcode}")


@contextmanager
def running_farm(settings: Settings) -> Iterator[RunningFarm]:
    """Start everything, wait until it takes jobs, and stop it all again. Raises ClusterError and StorageError."""
    if settings.ray_address is not None and settings.s3() is None:
        raise RequestError("a joined Ray cluster needs an object store that all nodes reach: set CUTFARM_S3_ENDPOINT")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        store: StoreSettings | None = settings.s3()
        if store is None:
            store = stack.enter_context(EmbeddedObjectStore(settings.data_dir)).settings
        api = stack.enter_context(_api_process(settings, store))
        ray = stack.enter_context(connect(settings))
        supervisor = _supervised(stack, settings, store, ray)
        url = f"http://{_reachable(settings.host)}:{settings.port}"
        _await_api(url, api)
        yield RunningFarm(url, ray.dashboard_url, api, supervisor)


def _supervised(stack: ExitStack, settings: Settings, store: StoreSettings, connection: RayConnection) -> Any:
    import ray

    from actors.farm import supervisor_settings
    from actors.supervisor import start_supervisor

    scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cutfarm-scratch-")))
    supervisor = start_supervisor(supervisor_settings(settings, store, scratch))
    try:
        ray.get(supervisor.ping.remote(), timeout=_PING_S)
    except ray.exceptions.RayError as error:
        raise ClusterError(f"the Supervisor did not start: {error}") from error
    if connection.scratch is not None:
        stack.callback(ray.kill, supervisor)
    return supervisor


@contextmanager
def _api_process(settings: Settings, store: StoreSettings) -> Iterator[multiprocessing.process.BaseProcess]:
    process = multiprocessing.get_context("spawn").Process(
        target=serve_api, args=(settings, store), name="cutfarm API", daemon=True
    )
    process.start()
    try:
        yield process
    finally:
        process.terminate()
        process.join(_API_STOP_S)
        if process.is_alive():
            process.kill()
            process.join()


def serve_api(settings: Settings, store: StoreSettings) -> None:
    """The API's process: serves until it is asked to stop, or its parent is gone."""
    from api.server import run

    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
    # A Ctrl-C reaches the whole foreground group; the parent passes the stop on in its own order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run(settings, store)


def _end_after(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _await_api(url: str, process: multiprocessing.process.BaseProcess) -> None:
    deadline = time.monotonic() + _API_READY_S
    with httpx.Client(trust_env=False, timeout=2.0) as client:
        while time.monotonic() < deadline:
            if not process.is_alive():
                raise ClusterError(f"the API did not start at {url}: is the port taken?")
            try:
                if client.get(f"{url}/healthz").status_code == httpx.codes.OK:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
    raise ClusterError(f"the API did not answer at {url} within {_API_READY_S:g} s")


def _reachable(host: str) -> str:
    """The address to call a server that listens on `host`."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104  # all addresses, this machine's own among them
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
