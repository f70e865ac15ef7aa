"""GET /healthz and the OpenAPI page."""

from __future__ import annotations

import time

import pytest

import api.health
from cluster.schema import metadata
from cutfarm.errors import StorageError
from tests.api.conftest import BASE, Api


def test_a_farm_that_works(api: Api) -> None:
    reply = api.call("GET", "/healthz")
    assert (reply.status_code, reply.json()) == (200, {"status": "ok", "job_table": "ok", "object_store": "ok"})


def test_a_job_table_that_is_down_is_named(api: Api) -> None:
    with api.jobs._write() as connection:
        metadata.drop_all(connection)
    reply = api.call("GET", "/healthz")
    assert reply.status_code == 503
    body = reply.json()
    assert (body["status"], body["object_store"]) == ("down", "ok")
    assert "no such table" in body["job_table"]


def test_a_store_that_is_down_is_named(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_key: str) -> bool:
        raise StorageError("the object store does not answer")

    monkeypatch.setattr(api.store, "exists", down)
    reply = api.call("GET", "/healthz")
    assert (reply.status_code, reply.json()["object_store"]) == (503, "the object store does not answer")


def test_a_store_that_hangs_is_named_in_time(fast_limit: float, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.store, "exists", lambda _key: time.sleep(1.0))
    began = time.monotonic()
    reply = api.call("GET", "/healthz")
    assert time.monotonic() - began < 0.9
    assert (reply.status_code, reply.json()["object_store"]) == (503, f"no answer within {fast_limit:g} s")


@pytest.fixture
def fast_limit(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(api.health, "LIMIT_S", 0.1)
    return 0.1


def test_the_openapi_page_shows_what_is_answered(api: Api) -> None:
    schema = api.call("GET", "/openapi.json").json()
    operations = {(path, method) for path, methods in schema["paths"].items() for method in methods}
    assert {
        (f"{BASE}/gen_video", "post"),
        (f"{BASE}/gen_video_status", "post"),
        (f"{BASE}/gen_video_active_count", "get"),
        (f"{BASE}/get_draft", "get"),
        ("/v1/drafts/{draft_id}", "put"),
        ("/v1/drafts/{draft_id}/files/{path}", "get"),
        ("/v1/fonts", "get"),
        ("/v1/fonts/{name}", "put"),
        ("/v1/fonts/{name}", "delete"),
        ("/v1/jobs/{job_id}", "get"),
        ("/v1/jobs/{job_id}/cancel", "post"),
        ("/v1/jobs/{job_id}/video", "get"),
        ("/healthz", "get"),
    } == operations
    assert "422" not in str(schema["paths"])
    assert schema["components"]["schemas"]["GenVideoRequest"]["required"] == ["draft_url"]
    assert api.call("GET", "/docs").status_code == 200
