"""`python -m api` as a process of its own, over the embedded object store: real HTTP, real signatures, real signals."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from cluster.jobs import JobTable
from cluster.object_store import EmbeddedObjectStore
from cutfarm.storage.s3 import S3Store
from tests.api.conftest import BASE, DraftServer, draft_json, zipped

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Server:
    """A running API and what it stands on."""

    process: subprocess.Popen[str]
    client: httpx.Client
    store: S3Store
    jobs: JobTable


def start(data_dir: Path, **environment: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CUTFARM_")}
    return subprocess.Popen(
        [sys.executable, "-m", "api"],
        cwd=data_dir,
        env=inherited | {"PYTHONPATH": str(ROOT), "CUTFARM_DATA_DIR": str(data_dir)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def object_store(tmp_path: Path) -> Iterator[EmbeddedObjectStore]:
    with EmbeddedObjectStore(tmp_path / "s3") as store:
        yield store


@pytest.fixture
def server(tmp_path: Path, object_store: EmbeddedObjectStore) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    s3 = object_store.settings
    process = start(
        tmp_path,
        CUTFARM_PORT=str(port),
        CUTFARM_ALLOW_PRIVATE_NETWORK="1",
        CUTFARM_S3_ENDPOINT=s3.endpoint,
        CUTFARM_S3_ACCESS_KEY=s3.access_key,
        CUTFARM_S3_SECRET_KEY=s3.secret_key,
    )
    jobs = JobTable(f"sqlite:///{tmp_path}/cutfarm.sqlite")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client:
        wait_for(client, process)
        yield Server(process, client, S3Store(s3), jobs)
    jobs.close()
    process.kill()
    process.communicate()


def wait_for(client: httpx.Client, process: subprocess.Popen[str]) -> None:
    for _ in range(200):
        assert process.poll() is None, process.communicate()
        try:
            client.get("/healthz")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the API does not answer")


@pytest.mark.s3
def test_a_job_from_upload_to_video(server: Server) -> None:
    assert server.client.get("/healthz").json() == {"status": "ok", "job_table": "ok", "object_store": "ok"}
    files = {"draft_content.json": json.dumps(draft_json("video")).encode(), "片段/clip.mp4": b"0123456789"}
    uploaded = server.client.put("/v1/drafts/d1", content=zipped(files)).json()
    listed = server.client.get(uploaded["draft_url"]).json()["files"]
    clip = next(url for url in listed if url.endswith(".mp4"))
    assert server.client.get(clip, follow_redirects=True).content == b"0123456789"
    head = server.client.head(clip)
    assert (head.status_code, head.headers["content-length"]) == (200, "10")

    submitted = server.client.post(f"{BASE}/gen_video", json={"draft_url": uploaded["draft_url"]}).json()
    job = server.jobs.claim("worker", 60)
    assert job is not None
    assert job.id == submitted["job_id"]
    server.store.put_bytes("outputs/v.mp4", b"video bytes")
    server.jobs.complete(job.id, "outputs/v.mp4", [])
    state = server.client.post(f"{BASE}/gen_video_status", json={"job_id": job.id}).json()
    video = httpx.get(state["video_url"], trust_env=False)
    assert (video.status_code, video.content, video.headers["content-type"]) == (200, b"video bytes", "video/mp4")
    assert httpx.get(state["video_url"].partition("?")[0], trust_env=False).is_client_error
    native = server.client.get(f"/v1/jobs/{job.id}/video", follow_redirects=True)
    assert native.content == b"video bytes"
    assert f"{job.id}.mp4" in native.headers["content-disposition"]


@pytest.mark.s3
def test_a_request_under_way_is_answered_before_the_process_ends(server: Server, drafts: DraftServer) -> None:
    url = drafts.add("d1", "video")
    drafts.delay_s = 0.5
    answers: list[httpx.Response] = []
    asking = threading.Thread(
        target=lambda: answers.append(server.client.post(f"{BASE}/gen_video", json={"draft_url": url}))
    )
    asking.start()
    while not drafts.asked:
        time.sleep(0.01)
    server.process.send_signal(signal.SIGTERM)
    asking.join()
    assert answers[0].status_code == 200
    out, _ = server.process.communicate(timeout=20)
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert events == ["listening"]
    assert server.jobs.newest(url) is not None


@pytest.mark.s3
def test_an_object_store_that_stops_is_reported_in_time(server: Server, object_store: EmbeddedObjectStore) -> None:
    object_store.stop()
    began = time.monotonic()
    reply = server.client.get("/healthz")
    assert time.monotonic() - began < 5
    body = reply.json()
    assert (reply.status_code, body["status"], body["job_table"]) == (503, "down", "ok")
    assert body["object_store"] != "ok"
    submitted = server.client.post(f"{BASE}/gen_video", json={"draft_url": "http://127.0.0.1:1/get_draft?draft_id=d1"})
    assert submitted.status_code == 200  # the job table alone takes submissions
    assert time.monotonic() - began < 10


def test_without_an_object_store_it_says_what_to_set(tmp_path: Path) -> None:
    process = start(tmp_path)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 1
    assert error == ("cutfarm API: The API needs an object store: set CUTFARM_S3_ENDPOINT, or run `cutfarm serve`.\n")


def test_it_loads_neither_torch_nor_ray(tmp_path: Path) -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, api.server; print(*{'torch', 'ray', 'av'} & set(sys.modules))"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "\n"
