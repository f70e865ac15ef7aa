"""The API over a real job table and a real store, called without a network."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from cluster.jobs import Job, JobTable
from cutfarm.config import Settings
from cutfarm.storage.folder import FolderStore

BASE = "/openapi/capcut-mate/v1"
ENGLISH = {"Accept-Language": "en"}


@dataclass
class Api:
    """The application, what stands behind it, and a client that calls it."""

    app: FastAPI
    jobs: JobTable
    store: FolderStore
    settings: Settings
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def call(self, method: str, url: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://farm.test") as client:
                return await client.request(method, url, **options)

        return self.runner.run(send())

    def post(self, route: str, body: Any, **options: Any) -> httpx.Response:
        """A POST to a capcut-mate route; `body` becomes JSON."""
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} | options.pop("headers", {})
        return self.call("POST", f"{BASE}/{route}", content=content, headers=headers, **options)

    def status(self, **body: Any) -> dict[str, Any]:
        reply = self.post("gen_video_status", body)
        assert reply.status_code == 200, reply.text
        data: dict[str, Any] = reply.json()
        return data

    def running(self, draft_url: str, draft_id: str) -> Job:
        """A job that a worker has just taken."""
        self.jobs.submit(draft_url, draft_id, {}, queue_limit=1000)
        job = self.jobs.claim("worker", 60)
        assert job is not None
        assert job.draft_url == draft_url
        return job


MakeApi = Callable[..., Api]


@pytest.fixture
def make_api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeApi]:
    """Makes an API with the given settings."""
    monkeypatch.chdir(tmp_path)  # no .env of the checkout reaches the settings
    made: list[Api] = []

    def make(**settings: Any) -> Api:
        chosen = Settings(data_dir=tmp_path / "data", **{"allow_private_network": True, **settings})
        jobs = JobTable(chosen.database())
        store = FolderStore(tmp_path / "store")
        made.append(Api(create_app(jobs, store, chosen), jobs, store, chosen))
        return made[-1]

    yield make
    for api in made:
        api.runner.close()
        api.jobs.close()


@pytest.fixture
def api(make_api: MakeApi) -> Api:
    return make_api()


@dataclass
class DraftServer:
    """Another farm's get_draft over real HTTP."""

    base: str
    drafts: dict[str, dict[str, bytes]] = field(default_factory=dict)  #: files by draft id
    replies: dict[str, tuple[int, bytes]] = field(default_factory=dict)  #: whole replies by path
    delay_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    def add(self, draft_id: str, *kinds: str, **files: bytes) -> str:
        """Serve a draft with a segment for each of `kinds`; its draft_url."""
        content = json.dumps(draft_json(*kinds)).encode()
        self.drafts[draft_id] = {"draft_content.json": content, "clip.mp4": b"no media", **files}
        return self.url(draft_id)

    def url(self, draft_id: str) -> str:
        return f"{self.base}/openapi/capcut-mate/v1/get_draft?draft_id={draft_id}"

    def reply(self, path: str, query: str) -> tuple[int, bytes]:
        self.asked.append(path)
        time.sleep(self.delay_s)
        if path in self.replies:
            return self.replies[path]
        if path.endswith("/get_draft"):
            draft_id = parse_qs(query)["draft_id"][0]
            if draft_id not in self.drafts:
                return 200, json.dumps({"code": 2001, "message": "无效的草稿URL"}).encode()
            files = [f"{self.base}/output/draft/{draft_id}/{name}" for name in self.drafts[draft_id]]
            return 200, json.dumps({"code": 0, "message": "成功", "files": files}).encode()
        draft_id, _, name = path.removeprefix("/output/draft/").partition("/")
        data = self.drafts.get(draft_id, {}).get(name)
        return (404, b"") if data is None else (200, data)


@pytest.fixture
def drafts() -> Iterator[DraftServer]:
    """A draft server without drafts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            status, body = server_of_drafts.reply(url.path, url.query)
            with contextlib.suppress(ConnectionError):  # a client that has waited long enough
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server_of_drafts = DraftServer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server_of_drafts
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def draft_url(drafts: DraftServer) -> str:
    """A draft that can be rendered."""
    return drafts.add("20261122060536ca60a5c9", "video", "text")


def draft_json(*kinds: str, name: str = "clip.mp4") -> dict[str, Any]:
    """A small draft with one segment of one second for each of `kinds`: video, audio or text."""
    materials: dict[str, list[dict[str, Any]]] = {"videos": [], "audios": [], "texts": []}
    tracks: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        id_ = f"m{number}"
        by_kind: dict[str, dict[str, Any]] = {
            "video": {"id": id_, "type": "video", "path": f"/app/{name}", "material_name": name, "duration": 9_000_000},
            "audio": {"id": id_, "type": "music", "path": f"/app/{name}", "name": name, "duration": 9_000_000},
            "text": {"id": id_, "type": "text", "content": json.dumps({"text": "你好", "styles": []})},
        }
        materials[f"{kind}s"].append(by_kind[kind])
        time = {"start": 0, "duration": 1_000_000}
        segment = {"id": f"s{number}", "material_id": id_, "target_timerange": time, "source_timerange": time}
        tracks.append({"id": f"t{number}", "type": kind, "segments": [segment]})
    canvas = {"width": 640, "height": 360}
    return {"canvas_config": canvas, "fps": 30, "duration": 1_000_000, "materials": materials, "tracks": tracks}


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()
