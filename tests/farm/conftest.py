"""One real farm for all tests: Ray, an S3 server, the API; and a server of drafts as capcut-mate has them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest

from cluster.jobs import JobTable
from cutfarm.commands.sample_media import SCENES, write_clip
from cutfarm.config import Settings

BASE = "/openapi/capcut-mate/v1"
START_S, STOP_S, JOB_S = 90.0, 60.0, 120.0


@dataclass
class Farm:
    """A running farm and a client of it."""

    process: subprocess.Popen[str]
    data_dir: Path
    client: httpx.Client
    table: JobTable

    def ping(self) -> dict[str, Any]:
        """What the Supervisor says of itself and its workers."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("ping\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def post(self, route: str, **body: Any) -> httpx.Response:
        return self.client.post(f"{BASE}/{route}", json=body, headers={"Accept-Language": "en"})

    def submit(self, draft_url: str, **output: Any) -> str:
        """Submit a draft; the job's id."""
        reply = self.post("gen_video", draft_url=draft_url, output=output)
        assert reply.status_code == 200, reply.text
        assert reply.json()["code"] == 0
        return str(reply.json()["job_id"])

    def status(self, job_id: str) -> dict[str, Any]:
        reply = self.post("gen_video_status", job_id=job_id)
        assert reply.status_code == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    def wait(self, job_id: str) -> dict[str, Any]:
        """The final status; on the way there, progress must not fall, and 100 must mean a video that can be read."""
        seen, deadline = 0, time.monotonic() + JOB_S
        while time.monotonic() < deadline:
            status = self.status(job_id)
            assert status["progress"] >= seen, status
            seen = status["progress"]
            assert (seen == 100) == (status["status"] == "completed") == bool(status["video_url"]), status
            if status["status"] in ("completed", "failed"):
                return status
            time.sleep(0.1)
        raise AssertionError(f"job {job_id} did not end: {status}")

    def completed(self, job_id: str) -> dict[str, Any]:
        """The final status of a job that must end well; its video can be read."""
        status = self.wait(job_id)
        assert (status["status"], status["error_message"]) == ("completed", "")
        first = self.client.get(status["video_url"], headers={"Range": "bytes=0-0"})
        assert (first.is_success, len(first.content)) == (True, 1), first.text
        return status

    def upload(self, folder: Path, draft_id: str) -> str:
        """Host a draft folder; its draft_url."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                archive.write(path, path.relative_to(folder))
        reply = self.client.put(f"/v1/drafts/{draft_id}", content=buffer.getvalue())
        assert reply.status_code == 200, reply.text
        return str(reply.json()["draft_url"])

    def outcomes(self, job_id: str) -> dict[int, list[str]]:
        """How the attempts at each chunk of a job ended."""
        found: dict[int, list[str]] = {}
        for attempt in self.table.attempts(job_id):
            found.setdefault(attempt.chunk_index, []).append(str(attempt.outcome or "open"))
        return found

    def done_chunks(self, job_id: str) -> set[int]:
        return {chunk.index for chunk in self.table.chunks(job_id) if chunk.state == "done"}

    def processes(self, *words: str) -> dict[int, str]:
        """Command lines of the farm's living processes that hold all of these words, by process id."""
        return processes(self.process.pid, self.data_dir, *words)

    def until(self, condition: Callable[[], Any], seconds: float = 60.0) -> Any:
        """The condition's first true value."""
        deadline = time.monotonic() + seconds
        while not (value := condition()):
            assert time.monotonic() < deadline, "it did not come to pass"
            time.sleep(0.05)
        return value


def processes(session: int, data_dir: Path, *words: str) -> dict[int, str]:
    """Processes of a session, and those outside of it that name the data folder: the object store has its own."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):  # it ended while we looked
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                is_ours = os.getsid(int(entry.name)) == session or str(data_dir) in line
                if line and is_ours and all(word in line for word in words):  # a zombie has no line
                    found[int(entry.name)] = line
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(data_dir: Path, **settings: Any) -> Iterator[Farm]:
    """A farm in `data_dir`; when the block ends, however it does, no process and no temporary file of it is left."""
    temporary = Path(tempfile.mkdtemp(prefix="cf-", dir="/tmp"))  # short: Ray's sockets lie below it
    port = free_port()
    options = {"allow_private_network": True, "ray_cpus": 2, "ray_dashboard": False} | settings
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CUTFARM_", "RAY_"))}
    environment |= {"RAY_AUTH_MODE": "token", "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.farm.process", str(data_dir), str(port), json.dumps(options)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    try:
        with _killed_if_late(process, START_S):
            address = _first_address(process)
        table = JobTable(Settings(data_dir=data_dir).database())
        with contextlib.closing(table), httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            yield Farm(process, data_dir, client, table)
    finally:
        left = _stopped(process, data_dir)
        files = sorted(str(path.relative_to(temporary)) for path in temporary.iterdir())
        shutil.rmtree(temporary)
    if process.returncode < 0:
        files = []  # who is killed tidies nothing
    assert not left, f"the farm left processes behind: {left}"
    assert not files, f"the farm left files behind: {files}"


def _first_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("http://"):
            return line.strip()
    raise AssertionError(f"the farm did not start: it ended with code {process.wait()}")


@contextmanager
def _killed_if_late(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    alarm = threading.Timer(seconds, process.kill)
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


def _stopped(process: subprocess.Popen[str], data_dir: Path) -> dict[int, str]:
    """End the farm and whatever it leaves; returns what that was."""
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    with _killed_if_late(process, STOP_S):
        process.stdout.read()
        process.wait()
    process.stdout.close()
    # Ray's agents take more than a minute to notice that all the others were killed.
    slow = ("ray::DashboardAgent", "ray::RuntimeEnvAgent") if process.returncode < 0 else ()
    deadline = time.monotonic() + 15
    while True:
        all_left = processes(process.pid, data_dir)
        left = {pid: line for pid, line in all_left.items() if not line.startswith(slow)}
        if not left or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    for pid in all_left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return left


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """The farm that most tests share."""
    with running(tmp_path_factory.mktemp("farm")) as started:
        yield started


# Drafts


@dataclass
class DraftServer:
    """A capcut-mate server's get_draft and its files."""

    base: str
    drafts: dict[str, dict[str, bytes]] = field(default_factory=dict)  #: files by draft id and place
    slow_s: float = 0.0  #: before each material
    missing: set[str] = field(default_factory=set)  #: places that are listed and not there
    asked: list[str] = field(default_factory=list)

    def add(self, draft_id: str, files: dict[str, bytes]) -> str:
        """Serve these files; the draft_url."""
        self.drafts[draft_id] = files
        return f"{self.base}{BASE}/get_draft?draft_id={draft_id}"

    def reply(self, path: str, query: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if path.endswith("/get_draft"):
            draft_id = parse_qs(query)["draft_id"][0]
            if draft_id not in self.drafts:
                return 200, json.dumps({"code": 2001, "message": "无效的草稿URL"}).encode()
            files = [f"{self.base}/output/draft/{draft_id}/{place}" for place in self.drafts[draft_id]]
            return 200, json.dumps({"code": 0, "message": "成功", "files": files}).encode()
        draft_id, _, place = path.removeprefix("/output/draft/").partition("/")
        data = self.drafts.get(draft_id, {}).get(place)
        if place.startswith("assets/"):
            time.sleep(self.slow_s)
        return (404, b"") if data is None or place in self.missing else (200, data)


@pytest.fixture
def drafts() -> Iterator[DraftServer]:
    """A server of drafts, on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            status, body = served.reply(unquote(url.path), url.query)
            with contextlib.suppress(ConnectionError):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = DraftServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds of a moving scene."""
    return write_clip(tmp_path_factory.mktemp("clip") / "waves.mp4", SCENES["waves"], seconds=5)


def timeline(seconds: int, path: str = "assets/waves.mp4") -> bytes:
    """A draft of so many seconds, 640 × 360 at 30 frames a second: one clip over and over, a caption over each."""
    materials: dict[str, list[dict[str, Any]]] = {"videos": [], "texts": []}
    clips, captions = [], []
    materials["videos"].append(
        {"id": "m", "type": "video", "path": path, "material_name": "waves.mp4", "duration": 5_000_000}
    )
    for start_s in range(0, seconds, 5):
        length_us = min(5, seconds - start_s) * 1_000_000
        place = {"start": start_s * 1_000_000, "duration": length_us}
        text = {"text": f"{start_s} s", "styles": []}
        materials["texts"].append({"id": f"x{start_s}", "type": "text", "content": json.dumps(text)})
        source = {"start": 0, "duration": length_us}
        clips.append({"id": f"s{start_s}", "material_id": "m", "target_timerange": place, "source_timerange": source})
        captions.append({"id": f"c{start_s}", "material_id": f"x{start_s}", "target_timerange": place})
    draft = {
        "canvas_config": {"width": 640, "height": 360},
        "fps": 30,
        "duration": seconds * 1_000_000,
        "materials": materials,
        "tracks": [{"id": "v", "type": "video", "segments": clips}, {"id": "t", "type": "text", "segments": captions}],
    }
    return json.dumps(draft).encode()


@pytest.fixture(scope="session")
def long_draft(farm: Farm, clip: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The draft_url of forty seconds, four chunks, that the farm hosts."""
    folder = tmp_path_factory.mktemp("long")
    (folder / "assets").mkdir()
    shutil.copy(clip, folder / "assets" / "waves.mp4")
    (folder / "draft_content.json").write_bytes(timeline(40))
    return farm.upload(folder, "forty-seconds")
