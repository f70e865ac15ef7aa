"""What gen_video answers at once about a draft on another server, on this farm, or nowhere."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from api import preview
from tests.api.conftest import BASE, ENGLISH, Api, DraftServer, MakeApi, draft_json, zipped

ID = "20261122060536ca60a5c9"


def submit(api: Api, draft_url: str, **fields: Any) -> tuple[int, int, str]:
    """Status, code and message."""
    reply = api.post("gen_video", {"draft_url": draft_url, **fields}, headers=ENGLISH)
    body = reply.json()
    accepted = api.jobs.newest(draft_url) is not None
    assert accepted == (reply.status_code == 200)
    return reply.status_code, body["code"], body["message"]


def test_a_good_draft_is_accepted_and_only_its_timeline_fetched(api: Api, drafts: DraftServer) -> None:
    assert submit(api, drafts.add(ID, "video", "audio", "text"))[:2] == (200, 0)
    assert drafts.asked == [f"{BASE}/get_draft", f"/output/draft/{ID}/draft_content.json"]


def test_a_draft_that_its_server_does_not_know(api: Api, drafts: DraftServer) -> None:
    status, code, message = submit(api, drafts.url("20990101000000deadbeef") + "&token=secret")
    assert (status, code) == (404, 1002)
    assert message.startswith("Draft does not exist(")
    assert drafts.base in message
    assert "secret" not in message


def test_a_server_that_answers_404(api: Api, drafts: DraftServer) -> None:
    drafts.replies[f"{BASE}/get_draft"] = (404, b"")
    assert submit(api, drafts.url(ID))[:2] == (404, 1002)


def test_a_host_that_is_not_there(api: Api) -> None:
    nowhere = "x" * 64  # no label of a name is that long, so no name server is asked
    assert submit(api, f"http://{nowhere}.example/get_draft?draft_id=1")[:2] == (404, 1002)


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (b'{"code": 0, "files": []}', 400, 2043),
        (b'{"code": 0, "files": ["http://x/readme.txt"]}', 404, 1002),
        (b'{"code": 0, "files": 7}', 400, 2049),
        (b"<html>", 400, 2049),
        (b"[]", 400, 2049),
    ],
)
def test_a_file_list_that_is_none(api: Api, drafts: DraftServer, reply: bytes, status: int, code: int) -> None:
    drafts.replies[f"{BASE}/get_draft"] = (200, reply)
    assert submit(api, drafts.url(ID))[:2] == (status, code)


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [
        (json.dumps(draft_json()).encode(), 2043, "no video"),
        (b"{oops", 2049, "draft_content.json"),
        (b"QUJD" * 100, 2050, "JianYing 6"),
        (json.dumps(draft_json("video") | {"canvas_config": {}}).encode(), 2049, "canvas"),
    ],
    ids=["empty", "not JSON", "encrypted", "no canvas"],
)
def test_a_timeline_that_cannot_be_exported(
    api: Api, drafts: DraftServer, content: bytes, code: int, named: str
) -> None:
    url = drafts.add(ID, **{"draft_content.json": content})
    status, answered, message = submit(api, url)
    assert (status, answered) == (400, code)
    assert named in message


def test_a_material_that_nobody_lists_is_named(api: Api, drafts: DraftServer) -> None:
    url = drafts.add(ID, "text", "video")
    del drafts.drafts[ID]["clip.mp4"]
    status, code, message = submit(api, url)
    assert (status, code) == (400, 2005)
    assert message.startswith("Material inaccessible(")
    assert "clip.mp4" in message
    assert "s1" in message


def test_materials_elsewhere_are_judged_in_the_job(api: Api, drafts: DraftServer) -> None:
    draft = draft_json("video")
    draft["materials"]["videos"][0]["path"] = "https://media.invalid/clip.mp4"
    url = drafts.add(ID, **{"draft_content.json": json.dumps(draft).encode()})
    del drafts.drafts[ID]["clip.mp4"]
    assert submit(api, url)[:2] == (200, 0)


def test_names_compare_as_on_windows(api: Api, drafts: DraftServer) -> None:
    url = drafts.add(ID, "video", **{"CLIP.MP4": b""})
    del drafts.drafts[ID]["clip.mp4"]
    assert submit(api, url)[:2] == (200, 0)


def test_strictness_and_range_are_judged_at_once(api: Api, drafts: DraftServer) -> None:
    draft = draft_json("text")
    draft["tracks"].append({"id": "x", "type": "sticker", "segments": draft["tracks"][0]["segments"]})
    url = drafts.add(ID, **{"draft_content.json": json.dumps(draft).encode()})
    assert submit(api, url, strict="close")[:2] == (400, 2051)
    assert submit(api, url, output={"range": [5, 6]})[:2] == (400, 1001)
    assert submit(api, url)[:2] == (200, 0)


def test_a_private_network_is_refused(make_api: MakeApi, drafts: DraftServer) -> None:
    api = make_api(allow_private_network=False)
    url = drafts.add(ID, "video")
    status, code, message = submit(api, url)
    assert (status, code) == (400, 2005)
    assert "private network" in message
    assert drafts.asked == []
    host = drafts.base.removeprefix("http://")
    assert submit(make_api(allow_private_network=False, allowed_hosts=host), url)[:2] == (200, 0)


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_in_trouble_is_left_to_the_job(api: Api, drafts: DraftServer, status: int) -> None:
    drafts.replies[f"{BASE}/get_draft"] = (status, b"")
    began = time.monotonic()
    assert submit(api, drafts.url(ID))[:2] == (200, 0)
    assert time.monotonic() - began < 2


def test_a_server_that_refuses_is_left_to_the_job(api: Api) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert submit(api, f"http://127.0.0.1:{port}/get_draft?draft_id=1")[:2] == (200, 0)


def test_a_slow_server_is_left_to_the_job_after_the_limit(
    api: Api, drafts: DraftServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert preview.LIMIT_S == 3.0
    monkeypatch.setattr(preview, "LIMIT_S", 0.3)
    drafts.delay_s = 1.0
    url = drafts.add(ID)  # an empty draft, which a look would refuse
    began = time.monotonic()
    assert submit(api, url)[:2] == (200, 0)
    assert 0.25 < time.monotonic() - began < 0.9


def test_a_timeline_too_large_for_a_look_is_left_to_the_job(
    api: Api, drafts: DraftServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "TIMELINE_LIMIT_BYTES", 2000)
    large = json.dumps(draft_json() | {"padding": "x" * 3000}).encode()
    assert submit(api, drafts.add(ID, **{"draft_content.json": large}))[:2] == (200, 0)


def test_when_too_many_look_at_once_the_rest_is_accepted(
    api: Api, drafts: DraftServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "MOST_AT_A_TIME", 0)
    assert submit(api, drafts.add(ID))[:2] == (200, 0)
    assert drafts.asked == []


def test_a_hosted_draft_is_read_without_http(make_api: MakeApi) -> None:
    api = make_api(allow_private_network=False)
    content = json.dumps(draft_json("video")).encode()
    api.call("PUT", f"/v1/drafts/{ID}", content=zipped({"draft_content.json": content, "clip.mp4": b""}))
    for host in ("farm.test", "127.0.0.1:1", "nowhere.invalid"):
        assert submit(api, f"http://{host}{BASE}/get_draft?draft_id={ID}")[:2] == (200, 0)


def test_a_hosted_draft_without_its_material(api: Api) -> None:
    content = json.dumps(draft_json("video")).encode()
    url = api.call("PUT", f"/v1/drafts/{ID}", content=zipped({"draft_content.json": content})).json()["draft_url"]
    assert submit(api, url)[:2] == (400, 2005)


def test_an_own_draft_url_that_is_not_hosted(make_api: MakeApi) -> None:
    api = make_api(allow_private_network=False)
    assert submit(api, f"http://farm.test{BASE}/get_draft?draft_id={ID}")[:2] == (404, 1002)
