"""A whole farm on this machine: object store, Ray with the Supervisor, and the API as a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from cluster.connection import RayConnection, connect
from cluster.fonts import FontPublisher
from cluster.object_store import EmbeddedObjectStore
from cutfarm.commands.terminal import warn
from cutfarm.config import Settings
from cutfarm.errors import ClusterError, StorageError
from cutfarm.storage.store import StoreSettings, open_store

if TYPE_CHECKING:
    from actors.farm import WatchedSupervisor

_API_READY_S = 30.0
_API_STOP_S = 20.0
_LISTEN_S = 2.0


@dataclass(frozen=True, slots=True)
class RunningFarm:
    """A farm that takes jobs."""

    api_url: str
    dashboard_url: str | None
    supervisor: WatchedSupervisor
    api: multiprocessing.process.BaseProcess
    embedded: EmbeddedObjectStore | None
    fonts: FontPublisher

    def check(self) -> None:
        """Start anew what has ended and can be; to be called about once a second.

        Raises ClusterError where the API or Ray is no longer there.
        """
        if not self.api.is_alive():
            raise ClusterError(f"the API's process ended with code {self.api.exitcode}")
        if self.embedded is not None:
            _check_store(self.embedded)
        self.supervisor.check()
        _publish(self.fonts)


@contextmanager
def running_farm(settings: Settings) -> Iterator[RunningFarm]:
    """Start everything, wait until it takes jobs, and stop it all again. Raises ClusterError and StorageError."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    settings.data_dir.chmod(0o700)  # draft_urls and credentials are nobody else's
    with ExitStack() as stack:
        embedded: EmbeddedObjectStore | None = None
        store: StoreSettings | None = settings.s3()
        if store is None:
            embedded = stack.enter_context(EmbeddedObjectStore(settings.data_dir))
            store = embedded.settings
        api = stack.enter_context(_api_process(settings, store))
        ray = stack.enter_context(connect(settings))
        supervisor = stack.enter_context(_supervisor(settings, store, ray, is_lasting=embedded is None))
        url = f"http://{_reachable(settings.host)}:{settings.port}"
        _await_api(url, api)
        fonts = FontPublisher(settings.font_dir, open_store(store))
        _publish(fonts)
        yield RunningFarm(url, ray.dashboard_url, supervisor, api, embedded, fonts)


@contextmanager
def _supervisor(
    settings: Settings, store: StoreSettings, connection: RayConnection, *, is_lasting: bool
) -> Iterator[WatchedSupervisor]:
    """The Supervisor, which stays behind in a cluster that was joined if its object store does."""
    from actors.farm import WatchedSupervisor, node_count, supervisor_settings

    is_joined = connection.scratch is None
    if is_joined and not is_lasting and node_count() > 1:
        raise ClusterError("a cluster of several nodes needs an object store that all reach: set CUTFARM_S3_ENDPOINT")
    with _scratch(settings, is_joined=is_joined) as scratch:
        supervisor = WatchedSupervisor(supervisor_settings(settings, store, scratch))
        try:
            yield supervisor
        finally:
            if not (is_joined and is_lasting):
                supervisor.end()


@contextmanager
def _scratch(settings: Settings, *, is_joined: bool) -> Iterator[Path]:
    """Where actors work: a path that any node of a cluster can have, else a folder that goes with the farm."""
    if is_joined:
        yield Path(tempfile.gettempdir(), "cutfarm-scratch")
        return
    scratch = settings.data_dir.absolute() / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)  # of a farm that was killed
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _api_process(settings: Settings, store: StoreSettings) -> Iterator[multiprocessing.process.BaseProcess]:
    process = multiprocessing.get_context("spawn").Process(
        target=serve_api, args=(settings, store), name="cutfarm API", daemon=True
    )
    with _deaf_to_ctrl_c():
        process.start()
    try:
        yield process
    finally:
        process.terminate()
        process.join(_API_STOP_S)
        if process.is_alive():
            process.kill()
            process.join()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Processes started here never hear of a Ctrl-C, which reaches the whole foreground group; this one does later.

    The parent passes the stop on in its own order. Ignoring the signal would not do: the server installs a handler.
    """
    resource_tracker.ensure_running()  # starting it lets the signal through again
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)


def serve_api(settings: Settings, store: StoreSettings) -> None:
    """The API's process: serves until it is asked to stop, or its parent is gone."""
    from api.server import run

    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()
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


def _publish(fonts: FontPublisher) -> None:
    try:
        fonts.check()
    except StorageError as error:
        warn(f"fonts that were added here are not on the farm yet: {error}")


def _check_store(store: EmbeddedObjectStore) -> None:
    known = store.settings
    if _listens(known.endpoint):
        return
    store.stop()
    store.start()
    if store.settings != known:
        raise ClusterError(f"the object store's address {known.endpoint} was taken while it was down")


def _listens(endpoint: str) -> bool:
    host, _, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), _LISTEN_S):
            return True
    except OSError:
        return False


def _reachable(host: str) -> str:
    """The address to call a server that listens on `host`."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104  # all addresses, this machine's own among them
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
