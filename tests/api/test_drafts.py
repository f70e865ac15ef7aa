"""PUT /v1/drafts, get_draft and the files: a zip goes in, a draft that gen_video takes comes out."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from cluster.hosted import HostedDrafts
from tests.api.conftest import BASE, ENGLISH, Api, MakeApi, draft_json, zipped

ID = "20261122060536ca60a5c9"


def content(*kinds: str) -> bytes:
    return json.dumps(draft_json(*kinds)).encode()


def put(api: Api, files: dict[str, bytes], draft_id: str = ID, **headers: str) -> httpx.Response:
    return api.call("PUT", f"/v1/drafts/{draft_id}", content=zipped(files), headers=headers)


def uploads(api: Api) -> list[Path]:
    return list((api.settings.data_dir / "uploads").iterdir())


def test_an_uploaded_draft_is_listed_file_by_file_and_downloads(api: Api) -> None:
    files = {"draft_content.json": content("video"), "assets/videos/片段 1.mp4": b"0123456789", "a/b/photo.JPG": b"jpg"}
    reply = put(api, files)
    assert reply.status_code == 200
    body = reply.json()
    assert (body["code"], body["draft_id"], body["files"]) == (0, ID, 3)
    assert body["draft_url"] == f"http://farm.test{BASE}/get_draft?draft_id={ID}"
    listed = api.call("GET", body["draft_url"]).json()
    assert (listed["code"], listed["message"]) == (0, "成功")
    got = {}
    for url in listed["files"]:
        assert url.isascii()
        place = unquote(url).partition(f"/{ID}/")[2]  # how capcut-mate's clients find a file's place
        got[place] = api.call("GET", url).content
        assert api.call("GET", f"/v1/drafts/{ID}/files/{place}").content == got[place]
    assert got == files
    assert uploads(api) == []


def test_the_draft_url_of_an_upload_is_for_gen_video(api: Api) -> None:
    draft_url = put(api, {"draft_content.json": content("text")}).json()["draft_url"]
    assert api.post("gen_video", {"draft_url": draft_url}).status_code == 200
    assert api.status(draft_url=draft_url)["status"] == "pending"


def test_a_zip_of_the_folder_itself_will_do(api: Api) -> None:
    put(api, {"my draft/draft_info.json": content("text"), "my draft/x.mp4": b"x"})
    draft = HostedDrafts(api.store).get(ID)
    assert draft is not None
    assert (draft.timeline, set(draft.files)) == ("draft_info.json", {"draft_info.json", "x.mp4"})


def test_a_second_upload_replaces_the_first(api: Api) -> None:
    put(api, {"draft_content.json": content("video"), "old.mp4": b"o", "same.mp4": b"1"})
    put(api, {"draft_content.json": content("text"), "same.mp4": b"2"})
    listed = api.call("GET", f"{BASE}/get_draft?draft_id={ID}").json()["files"]
    assert [url.rpartition("/")[2] for url in listed] == ["draft_content.json", "same.mp4"]
    assert api.call("GET", listed[1]).content == b"2"
    assert api.call("GET", f"/v1/drafts/{ID}/files/old.mp4").status_code == 404


def test_a_refused_upload_leaves_the_older_version(api: Api) -> None:
    put(api, {"draft_content.json": content("video")})
    assert put(api, {"draft_content.json": b"{oops"}).status_code == 400
    listed = api.call("GET", f"{BASE}/get_draft?draft_id={ID}").json()["files"]
    assert api.call("GET", listed[0]).content == content("video")


def test_the_reply_tells_what_will_not_be_exact(api: Api) -> None:
    draft = draft_json("text")
    draft["tracks"].append({"id": "x", "type": "sticker", "segments": draft["tracks"][0]["segments"]})
    warnings = put(api, {"draft_content.json": json.dumps(draft).encode()}).json()["warnings"]
    assert any(text.startswith("unsupported: ") for text in warnings)


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        ({"draft_content.json": b"{oops"}, 2049, "draft_content.json"),
        ({"readme.txt": b"x"}, 2049, "draft_content.json"),
        ({"a/draft_content.json": b"{}", "b/draft_content.json": b"{}"}, 2049, "2 drafts"),
        ({"draft_content.json": b"QUJD" * 100}, 2050, "encrypted"),
        ({"draft_content.json": content()}, 2043, "no video"),
        ({"../../evil.json": b"x", "draft_content.json": b"{}"}, 2049, "outside"),
        ({"/etc/evil": b"x", "draft_content.json": b"{}"}, 2049, "outside"),
    ],
    ids=["not JSON", "no timeline", "two drafts", "encrypted", "empty", "climbing", "absolute"],
)
def test_a_zip_that_holds_no_draft_is_refused(api: Api, files: dict[str, bytes], code: int, named: str) -> None:
    reply = put(api, files)
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert named in reply.json()["message"]
    assert str(api.settings.data_dir) not in reply.text
    assert uploads(api) == []
    assert api.call("GET", f"{BASE}/get_draft?draft_id={ID}").status_code == 404


@pytest.mark.parametrize("body", [b"", b"no zip", zipped({"draft_content.json": content("text")})[:-30]])
def test_a_body_that_is_no_zip_is_refused(api: Api, body: bytes) -> None:
    reply = api.call("PUT", f"/v1/drafts/{ID}", content=body)
    assert (reply.status_code, reply.json()["code"]) == (400, 2049)


@pytest.mark.parametrize("draft_id", ["a.b", "x" * 65, "%E8%8D%89", "a b"])
def test_an_id_that_cannot_be_is_refused(api: Api, draft_id: str) -> None:
    reply = put(api, {"draft_content.json": content("text")}, draft_id)
    assert (reply.status_code, reply.json()["code"]) == (400, 1001)
    assert "draft_id" in reply.json()["message"]


def test_an_upload_over_the_limit_is_refused(make_api: MakeApi) -> None:
    api = make_api(asset_bytes_limit=10_000)
    large = {"draft_content.json": content("text"), "x.mp4": bytes(20_000)}

    async def parts() -> Any:
        for _ in range(30):
            yield bytes(1000)

    for body in (zipped(large), parts()):
        reply = api.call("PUT", f"/v1/drafts/{ID}", content=body, headers=ENGLISH)
        assert (reply.status_code, reply.json()["code"]) == (413, 2004)
        assert "10000 bytes" in reply.json()["message"]
    assert uploads(api) == []


def test_an_upload_needs_a_key_where_keys_are_on(make_api: MakeApi) -> None:
    api = make_api(api_keys="one")
    files = {"draft_content.json": content("text")}
    assert put(api, files).status_code == 401
    assert put(api, files, Authorization="Bearer one").status_code == 200


def test_a_public_address_is_used_in_links(make_api: MakeApi) -> None:
    api = make_api(public_url="https://videos.example/render/")
    reply = put(api, {"draft_content.json": content("text")}).json()
    assert reply["draft_url"] == f"https://videos.example/render{BASE}/get_draft?draft_id={ID}"


def test_a_strangers_file_is_saved_and_not_run(api: Api) -> None:
    put(api, {"draft_content.json": content("text"), "page.html": b"<script>"})
    reply = api.call("GET", f"/v1/drafts/{ID}/files/page.html")
    assert reply.headers["content-disposition"] == 'attachment; filename="page.html"'
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["content-security-policy"] == "sandbox"


def test_head_tells_the_size_and_ranges_work(api: Api) -> None:
    put(api, {"draft_content.json": content("text"), "x.mp4": b"0123456789"})
    url = f"/output/draft/{ID}/x.mp4"
    head = api.call("HEAD", url)
    assert (head.status_code, head.headers["content-length"], head.headers["content-type"]) == (200, "10", "video/mp4")
    part = api.call("GET", url, headers={"Range": "bytes=7-"})
    assert (part.status_code, part.content) == (206, b"789")


@pytest.mark.parametrize("path", ["../../../data/cutfarm.sqlite", "%2e%2e/x", "nope.mp4", "", "manifest.json"])
def test_only_files_of_the_draft_are_served(api: Api, path: str) -> None:
    put(api, {"draft_content.json": content("text")})
    for url in (f"/v1/drafts/{ID}/files/{path}", f"/output/draft/{ID}/{path}"):
        assert api.call("GET", url).status_code == 404


@pytest.mark.parametrize("draft_id", ["20990101000000deadbeef", "abc", "..", "../../etc", "草稿"])
def test_a_draft_that_is_not_hosted_is_not_found(api: Api, draft_id: str) -> None:
    reply = api.call("GET", f"{BASE}/get_draft", params={"draft_id": draft_id}, headers=ENGLISH)
    assert (reply.status_code, reply.json()["code"], reply.json()["detail"]) == (404, 1002, "Draft does not exist")


def test_get_draft_without_an_id_names_the_field(api: Api) -> None:
    reply = api.call("GET", f"{BASE}/get_draft")
    assert (reply.status_code, reply.json()["message"]) == (400, "参数校验失败(query.draft_id: Field required)")


def test_a_store_that_fails_is_told_as_such(api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(api.store, "_scratch", tmp_path / "file" / "gone")
    reply = put(api, {"draft_content.json": content("text")}, **ENGLISH)
    assert (reply.status_code, reply.json()["code"], reply.json()["detail"]) == (500, 2002, "Draft creation failed")
    assert uploads(api) == []


def test_a_file_that_left_the_store_is_not_found(api: Api) -> None:
    put(api, {"draft_content.json": content("text"), "x.mp4": b"x"})
    draft = HostedDrafts(api.store).get(ID)
    assert draft is not None
    api.store.delete(draft.files["x.mp4"])
    for method in ("GET", "HEAD"):
        assert api.call(method, f"/v1/drafts/{ID}/files/x.mp4").status_code == 404


def test_an_upload_that_finds_no_room_is_told_as_such(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("api.drafts.anyio.open_file", full)
    reply = put(api, {"draft_content.json": content("text")}, **ENGLISH)
    assert (reply.status_code, reply.json()["code"]) == (500, 2002)
    assert "No space left" in reply.json()["message"]
    assert uploads(api) == []
