"""POST gen_video_status and the native job routes: what a client sees of a job, from submission to retention."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import ENGLISH, Api, MakeApi

ID = "20261122060536ca60a5c9"
URL = f"http://drafts.invalid/get_draft?draft_id={ID}"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def test_a_pending_job(api: Api) -> None:
    job = api.jobs.submit(URL, ID, {}, queue_limit=9).job
    state = api.status(draft_url=URL)
    assert INSTANT.fullmatch(state.pop("created_at"))
    assert state == {
        "code": 0,
        "message": "成功",
        "draft_url": URL,
        "job_id": job.id,
        "status": "pending",
        "stage": "queued",
        "progress": 0,
        "video_url": "",
        "error_message": "",
        "error_code": None,
        "error_status": None,
        "started_at": None,
        "completed_at": None,
        "warnings": [],
    }


def test_a_job_is_found_by_its_id_by_its_url_and_by_its_draft_id(api: Api) -> None:
    job = api.running(URL, ID)
    other = f"https://other.example/somewhere?draft_id={ID}"
    assert api.status(job_id=job.id) == api.status(draft_url=URL) == api.status(job_id=job.id, draft_url="zzz")
    assert api.status(draft_url=other) == api.status(draft_url=URL) | {"draft_url": other}


def test_a_running_job_shows_stage_and_whole_percents(api: Api) -> None:
    job = api.running(URL, ID)
    api.jobs.progress(job.id, "render", 41.9)
    state = api.status(draft_url=URL)
    assert (state["status"], state["stage"], state["progress"]) == ("processing", "render", 41)
    api.jobs.progress(job.id, "stitch", 12)
    assert api.status(draft_url=URL)["progress"] == 41
    api.jobs.progress(job.id, "stitch", 100)
    assert api.status(draft_url=URL)["progress"] == 99
    assert INSTANT.fullmatch(state["started_at"])
    assert state["completed_at"] is None


def test_a_completed_job_has_a_video_that_downloads(api: Api) -> None:
    job = api.running(URL, ID)
    api.store.put_bytes("outputs/2026-01-02/v.mp4", b"0123456789")
    api.jobs.complete(job.id, "outputs/2026-01-02/v.mp4", [])
    state = api.status(draft_url=URL)
    assert (state["status"], state["progress"], state["error_message"]) == ("completed", 100, "")
    assert INSTANT.fullmatch(state["completed_at"])
    video = api.call("GET", state["video_url"])
    assert (video.status_code, video.content, video.headers["content-type"]) == (200, b"0123456789", "video/mp4")
    part = api.call("GET", state["video_url"], headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"234")


def test_a_store_with_addresses_gives_its_own_signed_anew(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api = make_api(retention_days=3)
    signed: list[int] = []

    def presigned_url(key: str, expires_s: int, download_name: str | None = None) -> str:
        signed.append(expires_s)
        return f"https://bucket.example/{key}?expires={expires_s}&n={len(signed)}&name={download_name}"

    monkeypatch.setattr(api.store, "presigned_url", presigned_url)
    job = api.running(URL, ID)
    api.store.put_bytes("outputs/v.mp4", b"0")
    api.jobs.complete(job.id, "outputs/v.mp4", [])
    first, second = (api.status(draft_url=URL)["video_url"] for _ in range(2))
    assert first.startswith("https://bucket.example/outputs/v.mp4?")
    assert first != second
    assert all(3 * 86_400 - 60 < seconds <= 3 * 86_400 for seconds in signed)
    moved = api.call("GET", f"/v1/jobs/{job.id}/video")
    assert moved.status_code == 307
    assert moved.headers["location"].startswith("https://bucket.example/outputs/v.mp4?expires=3600")


@pytest.mark.parametrize(
    ("age_days", "seconds"), [(0.0, 604_800), (6.99, 3600), (6.5, 43_200)], ids=["fresh", "old", "between"]
)
def test_a_video_link_is_valid_for_an_hour_at_least(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch, age_days: float, seconds: int
) -> None:
    api = make_api()
    monkeypatch.setattr(api.store, "presigned_url", lambda _key, expires_s, _name=None: f"https://b/{expires_s}")
    job = api.running(URL, ID)
    monkeypatch.setattr(api.jobs, "_now", lambda: datetime.now(UTC) - timedelta(days=age_days))
    api.jobs.complete(job.id, "outputs/v.mp4", [])
    signed = int(api.status(draft_url=URL)["video_url"].removeprefix("https://b/"))
    assert abs(signed - seconds) < 60


def test_after_the_retention_time_there_is_no_video(make_api: MakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    api = make_api(retention_days=1)
    job = api.running(URL, ID)
    monkeypatch.setattr(api.jobs, "_now", lambda: datetime.now(UTC) - timedelta(days=2))
    api.store.put_bytes("outputs/v.mp4", b"0")
    api.jobs.complete(job.id, "outputs/v.mp4", [])
    state = api.status(draft_url=URL)
    assert (state["status"], state["video_url"]) == ("completed", "")
    assert api.call("GET", f"/v1/jobs/{job.id}/video").status_code == 404


FAILURES = [
    ("AssetMissing", 400, 2005, "素材无法访问", "Material inaccessible"),
    ("AssetRefused", 400, 2005, "素材无法访问", "Material inaccessible"),
    ("FetchError", 400, 2005, "素材无法访问", "Material inaccessible"),
    ("DraftNotFound", 404, 1002, "草稿不存在", "Draft does not exist"),
    ("DraftEmpty", 400, 2043, "草稿内容为空", "Draft content is empty"),
    ("DraftUnreadable", 400, 2049, "草稿无法读取", "Draft cannot be read"),
    ("DraftEncrypted", 400, 2050, "草稿已加密", "Draft is encrypted"),
    ("DraftBelowFidelity", 400, 2051, "草稿还原度低于要求", "Draft is below the required fidelity"),
    ("RequestError", 400, 1001, "参数校验失败", "Parameter validation failed"),
    ("RenderError", 500, 2044, "视频渲染失败", "Video rendering failed"),
    ("StorageError", 500, 2044, "视频渲染失败", "Video rendering failed"),
    ("ClusterError", 500, 2044, "视频渲染失败", "Video rendering failed"),
    ("SomethingNew", 500, 2044, "视频渲染失败", "Video rendering failed"),
    ("SoundError", 500, 2045, "音频处理失败", "Audio processing failed"),
    ("EncodeError", 500, 2046, "编码失败", "Encoding failed"),
    ("JobTimeout", 504, 2048, "处理超时", "Processing timeout"),
    ("Cancelled", 409, 2052, "视频生成任务已取消", "Video generation task cancelled"),
]


@pytest.mark.parametrize(("kind", "status", "code", "zh", "en"), FAILURES, ids=[row[0] for row in FAILURES])
def test_a_failed_job_says_why(api: Api, kind: str, status: int, code: int, zh: str, en: str) -> None:
    job = api.running(URL, ID)
    api.jobs.progress(job.id, "render", 40)
    api.jobs.fail(job.id, kind, "segment s1: clip.mp4")
    state = api.status(draft_url=URL)
    assert (state["status"], state["video_url"], state["progress"]) == ("failed", "", 40)
    assert (state["error_status"], state["error_code"]) == (status, code)
    assert state["error_message"] == f"{zh}: segment s1: clip.mp4"
    assert INSTANT.fullmatch(state["completed_at"])
    english = api.post("gen_video_status", {"draft_url": URL}, headers=ENGLISH).json()
    assert english["error_message"] == f"{en}: segment s1: clip.mp4"
    assert english["message"] == "Success"


def test_warnings_are_the_report_in_short_and_the_native_route_has_it_whole(api: Api) -> None:
    job = api.running(URL, ID)
    entry: dict[str, Any] = {
        "fidelity": "close",
        "what": "mask",
        "message": "贴纸",
        "segment_id": "s",
        "resource_id": "7",
    }
    api.jobs.progress(job.id, "render", 1, report=[entry] * 60)
    state = api.status(draft_url=URL)
    assert state["warnings"] == ["close: 贴纸"] * 50 + ["… and 10 more"]
    details = api.call("GET", f"/v1/jobs/{job.id}").json()
    assert details == state | {"report": [entry] * 60}


def test_a_job_can_be_cancelled(api: Api) -> None:
    pending = api.jobs.submit(URL, ID, {}, queue_limit=9).job
    reply = api.call("POST", f"/v1/jobs/{pending.id}/cancel")
    assert (reply.status_code, reply.json()["status"], reply.json()["error_code"]) == (200, "failed", 2052)
    running = api.running(URL, ID)
    assert api.call("POST", f"/v1/jobs/{running.id}/cancel").json()["status"] == "processing"
    job = api.jobs.get(running.id)
    assert job is not None
    assert job.cancel_requested


def test_cancelling_needs_a_key_where_keys_are_on(make_api: MakeApi) -> None:
    api = make_api(api_keys="one")
    job = api.running(URL, ID)
    assert api.call("POST", f"/v1/jobs/{job.id}/cancel").status_code == 401
    assert api.call("POST", f"/v1/jobs/{job.id}/cancel", headers={"X-API-Key": "one"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"draft_url": URL}, 404, 2031),
        ({"job_id": "0" * 32}, 404, 2031),
        ({"job_id": "../\x00"}, 404, 2031),
        ({}, 400, 2001),
        ({"draft_url": None, "job_id": None}, 400, 2001),
        ({"draft_url": 5}, 400, 2001),
        ({"job_id": 5}, 400, 1001),
    ],
)
def test_what_is_not_found_or_not_asked_well(api: Api, body: dict[str, Any], status: int, code: int) -> None:
    reply = api.post("gen_video_status", body, headers=ENGLISH)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    if code == 2031:
        assert reply.json()["detail"] == "Video generation task not found"


@pytest.mark.parametrize("route", ["/v1/jobs/{}", "/v1/jobs/{}/video"])
def test_the_native_routes_know_no_other_jobs(api: Api, route: str) -> None:
    for job_id in ("0" * 32, "nobody", "%00"):
        reply = api.call("GET", route.format(job_id))
        assert (reply.status_code, reply.json()["code"]) == (404, 2031)


def test_a_job_without_a_video_has_none_to_download(api: Api) -> None:
    job = api.running(URL, ID)
    assert api.call("GET", f"/v1/jobs/{job.id}/video").status_code == 404
