"""Whatever JSON is posted, the answer is JSON with a code, and never the farm's own trouble."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Api, DraftServer, MakeApi

TEXT = st.text(st.characters(), max_size=40)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
ANY = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)

OUTPUT = st.fixed_dictionaries(
    {},
    optional={
        "height": ANY | st.integers(16, 4000),
        "fps": ANY | st.floats(1, 240) | st.sampled_from(["30000/1001", "25", "1/0", "0/1", "1e9999"]),
        "codec": ANY | st.sampled_from(["h264", "h265", "ffv1"]),
        "quality": ANY | st.sampled_from(["low", "medium", "high", "20"]),
        "range": ANY
        | st.lists(st.floats() | st.integers(), min_size=2, max_size=2)
        | st.sampled_from(["1:2", ":", "x:y"]),
    },
)
#: None of them needs a name server.
HOSTS = st.sampled_from(
    ["", "[::1", "[", "a b", "127.0.0.1:0", "x:70000", "x:y", "\ud800", "127.0.0.1:1", "me:pw@127.0.0.1:1", "%00", "\n"]
)
URL = st.builds(
    lambda scheme, host, path, query: f"{scheme}{host}{path}{query}",
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", "//", ""]),
    HOSTS,
    st.sampled_from(["", "/", "/get_draft"]) | TEXT,
    st.sampled_from(["?draft_id=1", "?draft_id=", "?", "?draft_id=%00", "?draft_id=../..", "#draft_id=1"]) | TEXT,
)
REQUEST = st.fixed_dictionaries(
    {},
    optional={
        "draft_url": ANY | URL,
        "job_id": ANY | st.sampled_from(["0" * 32, "'; DROP TABLE jobs;--"]),
        "apiKey": ANY,
        "output": ANY | OUTPUT,
        "webhook_url": ANY | URL,
        "strict": ANY | st.sampled_from(["close", "exact"]),
    },
)


@pytest.fixture
def fuzzed(make_api: MakeApi, drafts: DraftServer) -> tuple[Api, str]:
    return make_api(queue_limit=100_000), drafts.add("20261122060536ca60a5c9", "video")


RELAXED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def check(api: Api, route: str, body: Any) -> None:
    reply = api.post(route, body)
    assert reply.status_code < 500, (route, body, reply.text)
    answer = reply.json()
    assert isinstance(answer["code"], int)
    assert isinstance(answer["message"], str)
    assert (answer["code"] == 0) == (reply.status_code == 200)
    if answer["code"]:
        assert isinstance(answer["detail"], str)
    api.post(route, body, headers={"Accept-Language": "en"}).json()


@RELAXED
@given(route=st.sampled_from(["gen_video", "gen_video_status"]), body=ANY)
def test_any_json_is_answered(fuzzed: tuple[Api, str], route: str, body: Any) -> None:
    check(fuzzed[0], route, body)


@RELAXED
@given(route=st.sampled_from(["gen_video", "gen_video_status"]), body=REQUEST)
def test_anything_like_a_request_is_answered(fuzzed: tuple[Api, str], route: str, body: dict[str, Any]) -> None:
    check(fuzzed[0], route, body)


@RELAXED
@given(output=ANY | OUTPUT, strict=ANY, webhook_url=ANY | URL)
def test_any_options_of_a_good_draft_are_answered(
    fuzzed: tuple[Api, str], output: Any, strict: Any, webhook_url: Any
) -> None:
    api, draft_url = fuzzed
    check(api, "gen_video", {"draft_url": draft_url, "output": output, "strict": strict, "webhook_url": webhook_url})


@RELAXED
@given(body=st.binary(max_size=300))
def test_any_bytes_are_answered(fuzzed: tuple[Api, str], body: bytes) -> None:
    for method, url in (("POST", "/openapi/capcut-mate/v1/gen_video"), ("PUT", "/v1/drafts/d1")):
        reply = fuzzed[0].call(method, url, content=body, headers={"Content-Type": "application/json"})
        assert reply.status_code < 500
        assert isinstance(reply.json()["code"], int)
