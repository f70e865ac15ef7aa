"""Errors outside the routes' own: unknown addresses, broken bodies, a broken table, the unexpected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from structlog.testing import capture_logs

from api.errors import FAULTS, fault_of
from api.guard import Guard
from api.messages import preferred_language
from cluster.schema import metadata
from cutfarm import errors
from cutfarm.errors import CutfarmError
from tests.api.conftest import BASE, ENGLISH, Api, MakeApi

JSON = {"Content-Type": "application/json"}
URL = "http://drafts.invalid/get_draft?draft_id=1"


def post_raw(api: Api, content: bytes, headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    reply = api.call("POST", f"{BASE}/gen_video", content=content, headers=JSON if headers is None else headers)
    body: dict[str, Any] = reply.json()
    return reply.status_code, body


@pytest.mark.parametrize(
    ("content", "headers", "particulars"),
    [
        (b"{oops", JSON, "1: JSON decode error"),
        (b"", JSON, ": Field required"),
        (b"null", JSON, ": "),
        (b"[]", JSON, ": "),
        (b"draft_url=1", {"Content-Type": "application/x-www-form-urlencoded"}, ": "),
        (b'{"draft_url": "' + b"\xff" + b'"}', JSON, ""),
        (b"[" * 100_000, JSON, ""),
        (b'{"output": {"height": ' + b"9" * 5000 + b"}}", JSON, ""),
    ],
    ids=["not JSON", "no body", "null", "list", "form", "not UTF-8", "deep", "long number"],
)
def test_a_body_that_is_no_request_is_1001(api: Api, content: bytes, headers: dict[str, str], particulars: str) -> None:
    status, body = post_raw(api, content, headers)
    assert (status, body["code"], body["detail"]) == (400, 1001, "参数校验失败")
    assert body["message"].startswith(f"参数校验失败({particulars}")


@pytest.mark.parametrize(("method", "url", "status"), [("GET", "/nope", 404), ("GET", f"{BASE}/gen_video", 405)])
def test_unknown_routes_answer_in_json(make_api: MakeApi, method: str, url: str, status: int) -> None:
    reply = make_api().call(method, url)
    text = {404: "Not Found", 405: "Method Not Allowed"}[status]
    message = f'HTTP Error {status}, detail: {{"detail":"{text}"}}'
    assert (reply.status_code, reply.json()) == (status, {"detail": text, "code": status, "message": message})
    old = make_api(always_http_200=True).call(method, url)
    assert (old.status_code, old.json()) == (200, reply.json())


def test_every_error_is_200_where_that_is_wished(make_api: MakeApi) -> None:
    api = make_api(always_http_200=True, queue_limit=1, api_keys="one")
    asked: list[tuple[dict[str, Any], int]] = [({}, 2036), ({"apiKey": "one"}, 2001), ({"apiKey": 1}, 1001)]
    for body, code in asked:
        reply = api.post("gen_video", body)
        assert (reply.status_code, reply.json()["code"]) == (200, code)
    api.running(URL, "1")
    full = api.post("gen_video", {"apiKey": "one", "draft_url": URL + "2"})
    assert (full.status_code, full.json()["code"]) == (200, 2047)
    assert "Retry-After" in full.headers
    missing = api.post("gen_video_status", {"draft_url": URL + "3"})
    assert (missing.status_code, missing.json()["code"]) == (200, 2031)


def test_a_job_table_that_cannot_be_written(api: Api) -> None:
    with api.jobs._write() as connection:
        metadata.drop_all(connection)
    submitted = api.post("gen_video", {"draft_url": URL}, headers=ENGLISH)
    assert (submitted.status_code, submitted.json()["code"]) == (500, 2030)
    assert submitted.json()["detail"] == "Video generation task submission failed"
    assert "INSERT" not in submitted.text
    for reply in (
        api.post("gen_video_status", {"draft_url": URL}),
        api.call("GET", f"{BASE}/gen_video_active_count"),
        api.call("GET", f"/v1/jobs/{'0' * 32}"),
    ):
        assert (reply.status_code, reply.json()["code"], reply.json()["detail"]) == (500, 2032, "视频任务状态查询失败")


def test_the_unexpected_is_one_sentence_to_the_client_and_a_trace_in_the_log(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> int:
        raise ZeroDivisionError("secret particulars")

    monkeypatch.setattr(api.jobs, "active_count", broken)
    with capture_logs() as logs:
        reply = api.call("GET", f"{BASE}/gen_video_active_count", headers=ENGLISH)
    text = "Internal server error"
    assert (reply.status_code, reply.json()) == (500, {"detail": text, "code": 9998, "message": text})
    (entry,) = logs
    assert (entry["event"], entry["exc_info"], entry["path"]) == (
        "unexpected error",
        True,
        f"{BASE}/gen_video_active_count",
    )


def test_a_request_number_comes_back_or_is_given(api: Api) -> None:
    assert api.call("GET", "/nope", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    numbers = {
        api.call("GET", "/nope", headers=headers).headers["X-Request-ID"] for headers in ({}, {"X-Request-ID": "a b"})
    }
    assert len(numbers) == 2
    assert all(len(number) == 32 for number in numbers)


def test_a_large_body_is_refused_whether_announced_or_not(api: Api) -> None:
    large = json.dumps({"draft_url": URL, "x": "y" * (1 << 20)}).encode()
    status, body = post_raw(api, large)
    assert (status, body["code"], body["detail"]) == (413, 2004, "文件大小超出限制")

    async def parts() -> Any:
        yield large

    reply = api.call("POST", f"{BASE}/gen_video", content=parts(), headers=JSON)
    assert (reply.status_code, reply.json()["code"]) == (413, 2004)
    assert api.jobs.active_count() == 0


def test_an_error_after_the_reply_began_is_raised(api: Api) -> None:
    async def half(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    api.app = Guard(half, lambda _method, _path: 1)  # type: ignore[assignment]
    with capture_logs() as logs, pytest.raises(ZeroDivisionError):
        api.call("GET", "/")
    assert logs[0]["event"] == "unexpected error"


def test_replies_are_utf_8_json(api: Api) -> None:
    reply = api.post("gen_video", {})
    assert "是必填项".encode() in reply.content
    assert reply.headers["content-type"] == "application/json"


def test_every_error_of_the_tree_has_a_row() -> None:
    def kinds(base: type[CutfarmError]) -> set[str]:
        return {base.__name__}.union(
            *(kinds(child) for child in base.__subclasses__() if child.__module__ == errors.__name__)
        )

    plain = {"CutfarmError", "UserError"}
    for kind in kinds(CutfarmError) - plain:
        assert fault_of(kind) in FAULTS.values(), kind
    assert fault_of("AssetTooLarge").code == 2005
    assert fault_of("NoSuchKind").code == 2044
    assert {fault.status for fault in FAULTS.values()} == {400, 401, 404, 409, 413, 500, 503, 504}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("EN", "en"),
        ("en;q=0.9", "en"),
        ("fr-FR", "zh"),
        ("zh-CN,en;q=0.5", "zh"),
        ("enx", "zh"),
    ],
)
def test_the_first_language_counts(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


def test_a_client_that_goes_away_leaves_a_line_and_no_trace(api: Api) -> None:
    sent: list[Any] = []

    async def gone() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "PUT",
        "path": "/v1/drafts/d1",
        "raw_path": b"",
        "query_string": b"",
        "headers": [],
    }
    with capture_logs() as logs:
        api.runner.run(api.app(scope | {"server": ("farm.test", 80), "scheme": "http"}, gone, send))
    assert sent == []
    assert [entry["event"] for entry in logs] == ["client went away"]
    assert list((api.settings.data_dir / "uploads").iterdir()) == []
