"""A real local Ray: started, joined, refused."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from cluster.connection import RayConnection, connect
from cutfarm.config import Settings
from cutfarm.errors import ClusterError

pytestmark = pytest.mark.ray

JOIN = """
import sys
from cluster.connection import connect
from cutfarm.config import Settings
from cutfarm.errors import ClusterError
try:
    with connect(Settings(ray_address=sys.argv[1])):
        import ray
        print(int(ray.cluster_resources()["CPU"]), ray.get_runtime_context().namespace)
except ClusterError as error:
    print(error)
"""


def join(address: str, token: str | None, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    environment |= {"HOME": str(folder)} | ({"RAY_AUTH_TOKEN": token} if token is not None else {})
    command = [sys.executable, "-c", JOIN, address]
    ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=60, check=True)
    assert "Traceback" not in ended.stderr
    return ended.stdout.strip()


def token_of_this_farm() -> str:
    return Path(os.environ["RAY_AUTH_TOKEN_PATH"]).read_text()


@pytest.mark.usefixtures("farm")
def test_workers_import_the_farm_and_know_the_token_mode() -> None:
    import ray

    def seen() -> tuple[str, str, str]:
        import cluster.object_store

        return os.environ["RAY_AUTH_MODE"], os.environ["RAY_AUTH_TOKEN_PATH"], cluster.object_store.__name__

    mode, token_path, module = ray.get(ray.remote(seen).remote())
    assert (mode, module) == ("token", "cluster.object_store")
    assert Path(token_path).stat().st_mode & 0o777 == 0o600


def test_every_port_of_a_local_ray_is_on_loopback(farm: RayConnection) -> None:
    assert farm.scratch is not None
    listening = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    ours = set(re.findall(r"pid=(\d+)", listening)) & pids_naming(farm.scratch.name)
    addresses = [line.split()[3] for line in listening.splitlines() if set(re.findall(r"pid=(\d+)", line)) & ours]
    assert len(addresses) >= 4
    assert all("127.0.0.1" in address for address in addresses)


def pids_naming(text: str) -> set[str]:
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if text in (folder / "cmdline").read_text():
                    found.add(folder.name)
            except OSError:
                continue
    return found


def test_dashboard_answers_only_with_the_token(farm: RayConnection) -> None:
    url = f"{farm.dashboard_url}/api/version"
    with pytest.raises(urllib.error.HTTPError, match="401") as refused:
        urllib.request.urlopen(url)
    refused.value.close()
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token_of_this_farm()}"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["ray_version"].startswith("2.60")


def test_joining_with_the_token(farm: RayConnection, tmp_path: Path) -> None:
    assert join(farm.address, token_of_this_farm(), tmp_path) == "2 cutfarm"


@pytest.mark.parametrize("token", ["0" * 64, None])
def test_joining_with_a_wrong_token_or_none_says_so(farm: RayConnection, tmp_path: Path, token: str | None) -> None:
    said = join(farm.address, token, tmp_path)
    assert re.fullmatch(r"The Ray cluster at .* cannot be joined: it refuses our token .*\.", said)


def test_joining_a_cluster_of_other_versions_says_which(farm: RayConnection, tmp_path: Path) -> None:
    from ray._common.usage.usage_constants import CLUSTER_METADATA_KEY
    from ray._private.ray_constants import KV_NAMESPACE_CLUSTER
    from ray.experimental import internal_kv  # the head's own record, which every joining driver compares with

    place = {"key": CLUSTER_METADATA_KEY, "namespace": KV_NAMESPACE_CLUSTER}
    record = internal_kv._internal_kv_get(**place)
    internal_kv._internal_kv_put(**place, value=json.dumps(json.loads(record) | {"ray_version": "2.40.0"}))
    try:
        said = join(farm.address, token_of_this_farm(), tmp_path)
    finally:
        internal_kv._internal_kv_put(**place, value=record)
    assert "it runs Ray 2.40.0 on Python 3." in said
    assert "this process Ray 2.60" in said


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://head:10001", "head", "no-such-host.invalid:6379"])
def test_an_address_without_a_cluster_is_one_sentence(tmp_path: Path, address: str) -> None:
    said = join(address, None, tmp_path)
    assert re.fullmatch(r"The Ray cluster at .* cannot be joined: .*\.", said)


@pytest.mark.usefixtures("farm")
def test_a_second_connection_in_one_process_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="connected to Ray already"):
        connect(Settings(data_dir=tmp_path))
    import ray

    assert ray.is_initialized()


@pytest.mark.usefixtures("farm")
def test_the_handler_of_sigterm_stays_ours() -> None:
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
