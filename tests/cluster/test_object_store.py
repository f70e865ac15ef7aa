"""The embedded S3 server as a process: it comes up, keeps its identity, and goes with its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from cluster.object_store import EmbeddedObjectStore
from cutfarm.errors import ClusterError, StorageError
from cutfarm.storage.store import S3Settings, open_store

pytestmark = pytest.mark.s3


def processes_on(folder: Path) -> dict[int, str]:
    """Running processes whose command line names the folder, with that line."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if str(folder / "objects") in line:
                found[int(entry.name)] = line
    return found


def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_restart_keeps_objects_port_and_signed_addresses(tmp_path: Path) -> None:
    with EmbeddedObjectStore(tmp_path) as first:
        open_store(first.settings).put_bytes("outputs/a.mp4", b"video")
        url = open_store(first.settings).presigned_url("outputs/a.mp4", 3600)
        before = first.settings
    with EmbeddedObjectStore(tmp_path) as second, urllib.request.urlopen(url) as answer:
        assert answer.read() == b"video"
        assert second.settings == before


def test_credentials_are_long_random_and_for_the_owner_alone(tmp_path: Path) -> None:
    with EmbeddedObjectStore(tmp_path / "a") as one, EmbeddedObjectStore(tmp_path / "b") as other:
        assert len(one.settings.secret_key) == 64
        assert one.settings.secret_key != other.settings.secret_key
        assert (tmp_path / "a" / "object-store.json").stat().st_mode & 0o777 == 0o600
        assert not any(one.settings.secret_key in line for line in processes_on(tmp_path / "a").values())
        known, unknown = one.settings, other.settings
        mixed = open_store(S3Settings(known.endpoint, unknown.access_key, unknown.secret_key, known.bucket))
        with pytest.raises(StorageError, match="InvalidAccessKeyId"):
            mixed.put_bytes("a", b"")


def test_nobody_reads_without_credentials(tmp_path: Path) -> None:
    with EmbeddedObjectStore(tmp_path) as running:
        open_store(running.settings).put_bytes("a", b"1")
        with pytest.raises(urllib.error.HTTPError, match=r"40[03]") as refused:
            urllib.request.urlopen(f"http://{running.settings.endpoint}/cutfarm/a")
        refused.value.close()


def test_it_listens_on_loopback_alone_at_the_port_it_is_given(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with EmbeddedObjectStore(tmp_path, port=port) as running:
        assert running.settings.endpoint == f"127.0.0.1:{port}"
        listening = subprocess.run(["ss", "-Hltn", f"sport = :{port}"], capture_output=True, text=True, check=True)
        assert [line.split()[3] for line in listening.stdout.splitlines()] == [f"127.0.0.1:{port}"]


def test_stopping_leaves_no_process_and_may_be_done_twice(tmp_path: Path) -> None:
    running = EmbeddedObjectStore(tmp_path)
    running.start()
    assert processes_on(tmp_path)
    running.stop()
    running.stop()
    assert processes_on(tmp_path) == {}
    with pytest.raises(ClusterError, match="not running"):
        _ = running.settings


def test_the_kept_port_is_given_up_when_somebody_has_it(tmp_path: Path) -> None:
    with EmbeddedObjectStore(tmp_path) as first:
        old = first.settings
    with socket.create_server(("127.0.0.1", int(old.endpoint.split(":")[1]))), EmbeddedObjectStore(tmp_path) as second:
        assert second.settings.endpoint != old.endpoint
        assert second.settings.secret_key == old.secret_key


def test_a_port_that_is_taken_is_reported(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ClusterError, match="is taken"):
        EmbeddedObjectStore(tmp_path, port=taken.getsockname()[1]).start()
    assert processes_on(tmp_path) == {}


def test_damaged_credentials_are_not_replaced_silently(tmp_path: Path) -> None:
    (tmp_path / "object-store.json").write_text("{")
    with pytest.raises(ClusterError, match=r"object-store\.json is not readable"):
        EmbeddedObjectStore(tmp_path).start()


def test_it_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, threading, time; from pathlib import Path; from cluster.object_store import EmbeddedObjectStore\n"
        "starter = threading.Thread(target=EmbeddedObjectStore(Path(sys.argv[1])).start)\n"
        "starter.start(); starter.join(); print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        servers = set(processes_on(tmp_path)) - {parent.pid}
        assert len(servers) >= 2, "the thread that started it has ended; the server has not"
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not processes_on(tmp_path))


def test_a_server_that_dies_takes_its_guard_along(tmp_path: Path) -> None:
    with EmbeddedObjectStore(tmp_path):
        server = next(
            pid for pid, line in processes_on(tmp_path).items() if "rclone serve" in line and "sh -c" not in line
        )
        os.kill(server, signal.SIGKILL)
        wait_until(lambda: not processes_on(tmp_path))
