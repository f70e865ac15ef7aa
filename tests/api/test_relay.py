"""A store that listens on loopback alone, asked for by a client that came from elsewhere."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.app import create_app
from cluster.jobs import JobTable
from cluster.object_store import EmbeddedObjectStore
from cutfarm.config import Settings
from cutfarm.storage.store import open_store
from tests.api.conftest import Api

VIDEO = bytes(range(256)) * 5000
URL = "http://farm.test/openapi/capcut-mate/v1/get_draft?draft_id=20260102030405abcdef01"

pytestmark = pytest.mark.s3


def finished_job(api: Api) -> str:
    job = api.running(URL, "20260102030405abcdef01")
    api.store.put_bytes("outputs/2026-01-02/v.mp4", VIDEO)
    api.jobs.complete(job.id, "outputs/2026-01-02/v.mp4", [])
    return job.id


def test_the_api_passes_on_what_the_client_cannot_reach(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    with EmbeddedObjectStore(tmp_path / "s3") as server:
        jobs = JobTable(settings.database())
        api = Api(create_app(jobs, open_store(server.settings), settings), jobs, open_store(server.settings), settings)
        job_id = finished_job(api)

        outside = api.status(job_id=job_id)["video_url"]
        assert outside == f"http://farm.test/v1/jobs/{job_id}/video"
        whole = api.call("GET", outside)
        assert (whole.status_code, whole.content) == (200, VIDEO)
        assert int(whole.headers["content-length"]) == len(VIDEO)
        part = api.call("GET", outside, headers={"Range": "bytes=1000000-1000003"})
        assert (part.status_code, part.content) == (206, VIDEO[1_000_000:1_000_004])

        inside = api.call("GET", f"http://127.0.0.1:1/v1/jobs/{job_id}/video")
        assert inside.status_code == 307
        assert httpx.get(inside.headers["location"], trust_env=False).content == VIDEO
        api.runner.close()
        jobs.close()
