"""The driver's tie to Ray: a local one that is started here, or a cluster that is joined."""

from __future__ import annotations

import ipaddress
import logging
import os
import re
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cluster.processes import descendants, kill
from cluster.resources import usable_cores
from cutfarm.config import Settings
from cutfarm.errors import ClusterError

NAMESPACE = "cutfarm"

_ENVIRONMENT = {
    "RAY_AUTH_MODE": "token",  # left unset, joining a cluster that has a token fails
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1",  # an actor that asked for no GPU sees none
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_prestart_worker_first_driver": "0",  # else a process of 46 MB a core waits for plain tasks
}
_LOG = logging.getLogger(__name__)
_REACH_TIMEOUT_S = 5
_VERSIONS = r"Ray: (\S+)\s+Python: (\S+)\s+"
_MISMATCH = re.compile(f"Version mismatch.*?{_VERSIONS}This process.*?{_VERSIONS}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RayConnection:
    """An open connection; `close` it, or use it as a context manager."""

    address: str  #: host:port of the head
    dashboard_url: str | None  #: http://…, answers only who sends the token
    scratch: Path | None  #: sockets and logs of a local Ray, removed with it; None for a joined cluster

    def close(self) -> None:
        """Leave the cluster; a local Ray stops and leaves nothing behind."""
        import ray

        ray.shutdown()
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(settings: Settings) -> RayConnection:
    """Join the cluster at `settings.ray_address`, or start a local Ray where there is none.

    A token comes from RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token; a local Ray without one gets its own
    in the data folder. Ray may have been imported before; a process has one connection.
    Raises `ClusterError` where Ray does not start, does not answer, refuses the token, or has other versions than ours.
    """
    address = settings.ray_address
    os.environ.update(_ENVIRONMENT)
    import ray

    if ray.is_initialized():
        raise ClusterError("This process is connected to Ray already.")
    with _sigterm_kept(), _one_sentence(address):
        return _start(settings) if address is None else _join(address)


def _start(settings: Settings) -> RayConnection:
    _ensure_token(settings.data_dir.absolute() / "ray-token")
    _keep_to_loopback()
    scratch = Path(tempfile.mkdtemp(prefix="cutfarm-"))  # short, since socket paths end at 107 bytes
    before = descendants()
    try:
        return _init(
            scratch,
            address="local",
            num_cpus=settings.ray_cpus or usable_cores(),
            object_store_memory=settings.ray_object_store_mb << 20,
            include_dashboard=settings.ray_dashboard,
            dashboard_host="127.0.0.1",
            dashboard_port=settings.ray_dashboard_port,
            _temp_dir=str(scratch),
        )
    except BaseException:
        born = descendants() - before  # agents whose raylet dies while they start wait for a head that never comes
        RayConnection("", None, scratch).close()
        kill(born)
        raise


def _join(address: str) -> RayConnection:
    from ray.util import get_node_ip_address

    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ClusterError("an address is host:port of a cluster's head, and this process runs on one of its nodes")
    with socket.create_connection((host.strip("[]"), int(port)), _REACH_TIMEOUT_S) as probe:
        is_loopback = ipaddress.ip_address(probe.getpeername()[0]).is_loopback
    if is_loopback and not _is_open(get_node_ip_address(), int(port)):
        _keep_to_loopback()
    os.environ.setdefault("RAY_gcs_server_port_wait_time_s", str(_REACH_TIMEOUT_S))
    return _init(None, address=address)


def _init(scratch: Path | None, **options: Any) -> RayConnection:
    import ray
    from ray._raylet import AuthenticationTokenLoader, Config  # type: ignore[attr-defined]  # compiled

    ray._private.worker.print_to_stdstream = _note_event
    Config.initialize("")  # what an earlier import or an earlier connection has read is read again
    AuthenticationTokenLoader.instance().reset_cache()
    context = ray.init(**options, namespace=NAMESPACE, log_to_driver=False, logging_level="ERROR")
    url = context.dashboard_url
    return RayConnection(context.address_info["gcs_address"], f"http://{url}" if url else None, scratch)


def _is_open(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _REACH_TIMEOUT_S).close()
    except OSError:
        return False
    return True


def _note_event(data: dict[str, Any], **_: Any) -> None:
    """What Ray would print on our standard output whenever a worker ends, whatever `log_to_driver` says."""
    _LOG.info("%s", " ".join(" ".join(data["lines"]).split()))


def _keep_to_loopback() -> None:
    """Ray's only switch that keeps all its ports on 127.0.0.1; it is read when Ray is imported, so it is set twice."""
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
    from ray._private import ray_constants

    ray_constants.ENABLE_RAY_CLUSTER = False


def _ensure_token(path: Path) -> None:
    """Keep a token of the farm's own, readable by its user alone, unless the user has one."""
    home = Path.home() / ".ray" / "auth_token"
    named = os.environ.get("RAY_AUTH_TOKEN_PATH")
    if "RAY_AUTH_TOKEN" in os.environ or (named and Path(named).is_file()) or home.is_file():
        return
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    os.environ["RAY_AUTH_TOKEN_PATH"] = str(path)


@contextmanager
def _sigterm_kept() -> Iterator[None]:
    """Ray puts its own handler in place of the process's; who serves requests must be able to end them first."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _one_sentence(address: str | None) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        where = "A local Ray does not start" if address is None else f"The Ray cluster at {address} cannot be joined"
        raise ClusterError(f"{where}: {_reason(str(error))}.") from error


def _reason(text: str) -> str:
    if theirs := _MISMATCH.search(text):
        return "it runs Ray {} on Python {}, this process Ray {} on Python {}".format(*theirs.groups())
    if "Failed to connect" in text or "authentication token" in text:
        return (
            "it refuses our token (RAY_AUTH_TOKEN, RAY_AUTH_TOKEN_PATH or ~/.ray/auth_token), we have none, "
            "or it is no Ray of this version"
        )
    return " ".join(text.split())[:300].rstrip(".")
