"""`cutfarm serve` and a Ctrl-C, which reaches every process of the terminal's foreground group at once."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.farm.conftest import free_port, processes

pytestmark = [pytest.mark.ray, pytest.mark.s3]


class Serve:
    """The command, in a session of its own."""

    def __init__(self, data_dir: Path, temporary: Path) -> None:
        self.data_dir, self.temporary, self.port = data_dir, temporary, free_port()
        command = [str(Path(sys.executable).with_name("cutfarm")), "serve"]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("CUTFARM_", "RAY_"))}
        environment |= {"RAY_AUTH_MODE": "token", "TMPDIR": str(temporary), "CUTFARM_RAY_DASHBOARD": "0"}
        self.process = subprocess.Popen(
            [*command, "--data", str(data_dir), "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self.alarm = threading.Timer(120, self.process.kill)
        self.alarm.start()

    def interrupt(self) -> tuple[int, str, str]:
        """Press Ctrl-C; exit code, output, errors."""
        os.killpg(self.process.pid, signal.SIGINT)
        out, errors = self.process.communicate()
        return self.process.returncode, out, errors

    def left(self) -> dict[int, str]:
        """The processes that are still there after a moment."""
        deadline = time.monotonic() + 45  # Ray's agents find out by themselves that their raylet has gone
        while (found := processes(self.process.pid, self.data_dir)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    temporary = Path(tempfile.mkdtemp(prefix="cf-", dir="/tmp"))  # short: Ray's sockets lie below it
    started = Serve(tmp_path / "farm", temporary)
    yield started
    started.alarm.cancel()
    for pid in processes(started.process.pid, started.data_dir):
        os.kill(pid, signal.SIGKILL)
    started.process.communicate()
    shutil.rmtree(temporary)


def test_ctrl_c_ends_a_farm_in_its_own_order_and_leaves_nothing(serve: Serve) -> None:
    assert serve.process.stdout is not None
    line = serve.process.stdout.readline()
    while "is ready" not in line:
        assert line, serve.process.communicate()
        line = serve.process.stdout.readline()
    assert httpx.get(f"http://127.0.0.1:{serve.port}/healthz", trust_env=False).status_code == 200
    code, out, errors = serve.interrupt()
    assert (code, errors) == (0, "")
    assert out.splitlines()[-1] == "stopping"
    assert serve.left() == {}
    assert list(serve.temporary.iterdir()) == []
    assert sorted(path.name for path in serve.data_dir.iterdir() if path.is_dir()) == ["objects"]


@pytest.mark.parametrize("after_s", [2.0, 4.0])
def test_ctrl_c_while_a_farm_starts_is_heeded_at_once(serve: Serve, after_s: float) -> None:
    time.sleep(after_s)
    began = time.monotonic()
    code, out, errors = serve.interrupt()
    assert "is ready" not in out
    assert (code, errors) == (130, "cutfarm: stopped\n")
    assert time.monotonic() - began < 15
    assert serve.left() == {}
    assert list(serve.temporary.iterdir()) == []
