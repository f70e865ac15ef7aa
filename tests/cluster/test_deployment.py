"""`ray-cluster.yaml`: what Ray's own checks say of it, and its start commands run for real on this machine."""

from __future__ import annotations

import copy
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

JOIN = """
import sys
from cluster.connection import connect
from cutfarm.config import Settings
with connect(Settings(ray_address=sys.argv[1])):
    import ray
    task = ray.remote(lambda: ray.get_runtime_context().get_node_id())
    here = ray.get_runtime_context().get_node_id()
    print(len(ray.nodes()), int(ray.cluster_resources()["CPU"]), ray.get(task.remote()) != here)
"""


@pytest.fixture
def config() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "ray-cluster.yaml").read_text())
    return loaded


def check(config: dict[str, Any]) -> dict[str, Any]:
    """Do what `ray up` does before it asks the provider for anything; raises what Ray raises."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    prepared: dict[str, Any] = prepare_config(copy.deepcopy(config))
    validate_config(prepared)
    return prepared


def test_ray_accepts_the_file(config: dict[str, Any]) -> None:
    assert set(check(config)["available_node_types"]) == {"head", "cpu", "gpu"}


@pytest.mark.parametrize(
    "place",
    [
        "max_wrokers",
        "auth/ssh_usr",
        "docker/imgae",
        "available_node_types/cpu/min_worker",
        "available_node_types/gpu/idle_timeout",
        "available_node_types/gpu/docker/image",
    ],
)
def test_ray_rejects_a_misspelt_key(config: dict[str, Any], place: str) -> None:
    from jsonschema import ValidationError

    *folders, key = place.split("/")
    inner = config
    for folder in folders:
        inner = inner[folder]
    inner[key] = 1
    with pytest.raises(ValidationError, match=key):
        check(config)


def test_ray_rejects_a_head_type_that_is_not_there(config: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="head_node_type"):
        check(config | {"head_node_type": "hed"})


def test_images_are_pinned_to_our_ray_and_python(config: dict[str, Any]) -> None:
    import ray

    images = re.findall(r"\S*image: (\S+)", (ROOT / "ray-cluster.yaml").read_text())
    assert len(images) == 2
    assert all(image.startswith(f"rayproject/ray:{ray.__version__}-py311-") for image in images)
    assert config["docker"]["image"] in images


def test_no_chunk_lands_on_the_head_and_idle_workers_go(config: dict[str, Any]) -> None:
    types = config["available_node_types"]
    assert types["head"]["resources"] == {"CPU": 0}
    workers = [kind for name, kind in types.items() if name != "head"]
    assert all(kind["min_workers"] == 0 and kind["idle_timeout_s"] >= 300 for kind in workers)
    assert sum(kind["max_workers"] for kind in workers) <= config["max_workers"]


def test_every_start_asks_for_the_token_and_bounds_the_store(config: dict[str, Any]) -> None:
    starts = [line for key in ("head", "worker") for line in config[f"{key}_start_ray_commands"] if "ray start" in line]
    assert len(starts) == 2
    for line in starts:
        assert line.startswith("RAY_AUTH_MODE=token ray start ")
        assert "--object-store-memory=" in line
    assert "--dashboard-host=127.0.0.1" in starts[0]
    assert "-e RAY_AUTH_MODE=token" in config["docker"]["run_options"]


def test_what_is_mounted_and_installed_is_there(config: dict[str, Any]) -> None:
    assert config["file_mounts"]["/home/ray/cutfarm"] == "."
    installed = re.findall(r"/home/ray/cutfarm(/\S+)?", " ".join(config["setup_commands"]))
    assert all((ROOT / name.lstrip("/")).exists() for name in installed)


@contextmanager
def started(command: str, changes: dict[str, str], environment: dict[str, str], said: str, log: Path) -> Iterator[None]:
    """Run a `ray start` of the file with some options changed, in a process group that ends with the block."""
    words = [word for word in shlex.split(command) if not word.startswith(("RAY_AUTH_MODE", "--autoscaling-config"))]
    words = [f"{name}={changes.pop(name)}" if (name := word.partition("=")[0]) in changes else word for word in words]
    words += [f"{name}={value}" if value else name for name, value in changes.items()]
    with log.open("w") as output:
        process = subprocess.Popen(words, stdout=output, stderr=output, env=environment, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while said not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.ray
@pytest.mark.slow
def test_the_start_commands_make_a_cluster_that_is_joined_by_way_of_loopback(
    config: dict[str, Any], tmp_path: Path
) -> None:
    with socket.socket() as probe:
        probe.bind(("", 0))
        port = str(probe.getsockname()[1])
    token = tmp_path / "token"
    token.write_text("5" * 64)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    environment |= {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN_PATH": str(token),
        "RAY_HEAD_IP": "127.0.0.1",
        "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0",
        "PATH": f"{sysconfig.get_path('scripts')}:{environment['PATH']}",
    }
    common = {"--block": "", "--dashboard-agent-listen-port": "0", "--metrics-export-port": "0"}
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="cf-", ignore_cleanup_errors=True))
        head = {"--port": port, "--include-dashboard": "false", "--temp-dir": scratch} | common
        head["--object-store-memory"] = str(100 << 20)
        worker = {"--address": f"127.0.0.1:{port}", "--num-cpus": "2"} | common
        worker["--object-store-memory"] = str(100 << 20)
        head_start = next(line for line in config["head_start_ray_commands"] if "ray start" in line)
        worker_start = next(line for line in config["worker_start_ray_commands"] if "ray start" in line)
        stack.enter_context(started(head_start, head, environment, "Ray runtime started", tmp_path / "head.log"))
        stack.enter_context(started(worker_start, worker, environment, "Ray runtime started", tmp_path / "worker.log"))
        command = [sys.executable, "-c", JOIN, f"127.0.0.1:{port}"]
        joined = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=90)
    assert joined.stdout.split() == ["2", "2", "True"], joined.stderr
