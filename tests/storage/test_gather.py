"""Drafts and their materials from a real server into a folder: the recorded shape, and the tricks of a hostile list."""

from __future__ import annotations

import asyncio
import json
import threading
from functools import partial
from pathlib import Path

import pytest

from cutfarm.errors import (
    AssetError,
    AssetMissing,
    AssetRefused,
    CutfarmError,
    DraftEmpty,
    DraftNotFound,
    DraftUnreadable,
    FetchError,
    first_fault,
)
from cutfarm.storage import fetch
from cutfarm.storage.fetch import Fetcher, FetchLimits, FetchPolicy
from cutfarm.storage.gather import GatheredDraft, gather_folder, gather_url, place_of
from tests.storage.conftest import Handler, Web

DRAFT_ID = "202611220603068589a104"
ROOT = f"/output/draft/{DRAFT_ID}"
LIMITS = FetchLimits(size_bytes=1 << 20, total_s=5, stall_s=0.3, attempts=2)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_FIRST_WAIT_S", 0.01)


def clips(*materials: tuple[str, str]) -> bytes:
    """A timeline of one-second clips, each a path and a name."""
    videos = [
        {"id": f"m{number}", "type": "video", "path": path, "material_name": name, "duration": 9_000_000}
        for number, (path, name) in enumerate(materials)
    ]
    time = {"duration": 1_000_000, "start": 0}
    segments = [
        {
            "id": f"s{number}",
            "material_id": video["id"],
            "target_timerange": {"start": number * 1_000_000, "duration": 1_000_000},
            "source_timerange": time,
        }
        for number, video in enumerate(videos)
    ]
    draft = {
        "canvas_config": {"width": 640, "height": 360},
        "fps": 30,
        "duration": len(videos) * 1_000_000,
        "materials": {"videos": videos},
        "tracks": [{"id": "t", "type": "video", "segments": segments}],
    }
    return json.dumps(draft).encode()


def serve(web: Web, files: dict[str, bytes], *, listed: list[str] | None = None, seen: list[str] | None = None) -> str:
    """Serve a draft's files by their path below its folder, as get_draft lists them; returns the draft_url.

    The paths that are asked for go into `seen`.
    """

    def answer(request: Handler, place: str, data: bytes) -> None:
        if seen is not None:
            seen.append(place)
        request.reply(200, data)

    for place, data in files.items():
        web.answers[f"{ROOT}/{place}"] = partial(answer, place=place, data=data)
    urls = listed if listed is not None else [web.url(f"{ROOT}/{place}") for place in files]
    reply = json.dumps({"code": 0, "message": "成功", "files": urls}, ensure_ascii=False).encode()
    web.answers["/get_draft"] = lambda request: request.reply(200, reply)
    return web.url(f"/get_draft?draft_id={DRAFT_ID}")


def gathered(web: Web, draft_url: str, folder: Path, *, allowed: bool = True) -> GatheredDraft:
    async def run() -> GatheredDraft:
        policy = FetchPolicy(allowed_hosts=frozenset({web.host} if allowed else ()))
        async with Fetcher(policy, LIMITS) as fetcher:
            return await gather_url(fetcher, draft_url, folder)

    try:
        return asyncio.run(run())
    except BaseExceptionGroup as group:
        raise first_fault(group) from group


# The recorded shape


def test_a_draft_is_fetched_with_what_it_plays_and_nothing_else(web: Web, tmp_path: Path) -> None:
    path, seen = f"/app{ROOT}/assets/videos/a.mp4", list[str]()
    url = serve(
        web,
        {
            "draft_info.json": b"not read",
            "draft_content.json": clips((path, "a.mp4")),
            "assets/videos/a.mp4": b"clip",
            "assets/videos/unused.mp4": b"unused",
            "draft_meta_info.json": b"{}",
        },
        seen=seen,
    )
    draft = gathered(web, url, tmp_path)
    assert {key: file.read_bytes() for key, file in draft.files.items()} == {path: b"clip"}
    assert draft.timeline_file == tmp_path / "draft_content.json"
    assert draft.timeline.tracks[0].segments[0].id == "s0"
    assert seen == ["draft_content.json", "assets/videos/a.mp4"]


def test_files_within_compound_clips_are_fetched(web: Web, tmp_path: Path) -> None:
    path = "C:/Users/me/assets/b.mp4"
    outer = json.loads(clips(("", "a stub"), (f"/app{ROOT}/assets/a.mp4", "a.mp4")))
    outer["materials"]["drafts"] = [{"id": "d", "type": "combination", "draft": json.loads(clips((path, "b.mp4")))}]
    outer["tracks"][0]["segments"][0]["extra_material_refs"] = ["d"]
    files = {"draft_content.json": json.dumps(outer).encode(), "assets/a.mp4": b"outer", "assets/b.mp4": b"inner"}
    draft = gathered(web, serve(web, files), tmp_path)
    assert {key: file.read_bytes() for key, file in draft.files.items()} == {
        path: b"inner",
        f"/app{ROOT}/assets/a.mp4": b"outer",
    }


def test_file_names_agree_whatever_case_or_form_they_are_listed_in(web: Web, tmp_path: Path) -> None:
    url = serve(
        web,
        {
            "draft_content.json": clips(("D:\\Videos\\CLIP.MP4", "x"), ("/app/caf\u00e9.mp4", "y")),
            "assets/clip.mp4": b"1",
            "assets/cafe%CC%81.mp4": b"2",
        },
    )
    web.answers[f"{ROOT}/assets/cafe%CC%81.mp4"] = lambda request: request.reply(200, b"2")
    files = gathered(web, url, tmp_path).files
    assert sorted(file.read_bytes() for file in files.values()) == [b"1", b"2"]


def test_of_two_namesakes_each_clip_gets_its_own(web: Web, tmp_path: Path) -> None:
    one, two = f"/app{ROOT}/assets/one/a.mp4", f"/app{ROOT}/assets/two/a.mp4"
    timeline = clips((one, "a.mp4"), (two, "a.mp4"))
    url = serve(web, {"draft_content.json": timeline, "assets/one/a.mp4": b"one", "assets/two/a.mp4": b"two"})
    files = gathered(web, url, tmp_path).files
    assert {path: file.read_bytes() for path, file in files.items()} == {one: b"one", two: b"two"}


def test_materials_that_are_urls_are_fetched_from_there(web: Web, tmp_path: Path) -> None:
    web.answers["/media/b.mp4"] = lambda request: request.reply(200, b"remote")
    remote = web.url("/media/b.mp4?token=secret")
    draft = gathered(web, serve(web, {"draft_content.json": clips((remote, "b.mp4"))}), tmp_path)
    assert draft.files[remote].read_bytes() == b"remote"
    assert draft.files[remote].suffix == ".mp4"
    assert tmp_path in draft.files[remote].parents


def with_optional_pictures(sticker: dict[str, str], background: str) -> bytes:
    """A clip before a background picture, and a sticker."""
    draft = json.loads(clips(("film.mp4", "film.mp4")))
    canvas = {"id": "c", "type": "canvas_image", "image": background}
    draft["materials"] |= {"stickers": [{"id": "s", **sticker}], "canvases": [canvas]}
    draft["tracks"][0]["segments"][0]["extra_material_refs"] = ["c"]
    placed = {"id": "sticker", "material_id": "s", "target_timerange": {"start": 0, "duration": 1_000_000}}
    draft["tracks"].append({"type": "sticker", "segments": [placed]})
    return json.dumps(draft).encode()


@pytest.mark.parametrize("place", ["assets/77.webp", "Resources/77/a/picture.png"])
def test_stickers_are_fetched_by_their_number(web: Web, tmp_path: Path, place: str) -> None:
    path, seen = "C:/Cache/artistEffect/77/abc", list[str]()
    timeline = with_optional_pictures({"resource_id": "77", "path": path}, "D:/wall.png")
    files = {"draft_content.json": timeline, "film.mp4": b"film", place: b"picture", "wall.png": b"wall"}
    draft = gathered(web, serve(web, files | {"78.png": b"other", "77/content.json": b"{}"}, seen=seen), tmp_path)
    found = {key: file.read_bytes() for key, file in draft.files.items()}
    assert found == {"film.mp4": b"film", path: b"picture", "D:/wall.png": b"wall"}
    assert sorted(seen) == sorted(files)


@pytest.mark.parametrize("background", ["D:/wall.png", "url"])
def test_a_draft_is_gathered_without_pictures_that_are_nowhere(web: Web, tmp_path: Path, background: str) -> None:
    web.answers["/gone/wall.png"] = lambda request: request.reply(404, b"")
    background = web.url("/gone/wall.png") if background == "url" else background
    timeline = with_optional_pictures({"resource_id": "77"}, background)
    draft = gathered(web, serve(web, {"draft_content.json": timeline, "film.mp4": b"film"}), tmp_path)
    assert list(draft.files) == ["film.mp4"]
    assert [[segment.id for segment in track.segments] for track in draft.timeline.tracks] == [["s0"], []]
    said = {(entry.what, entry.segment_id) for entry in draft.timeline.report}
    assert said == {("background", "s0"), ("sticker", "sticker")}


def test_a_folder_that_is_there_already_is_gathered_without_a_list(tmp_path: Path) -> None:
    (tmp_path / "draft_content.json").write_bytes(clips(("assets/a.mp4", "a.mp4")))
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.mp4").write_bytes(b"clip")

    async def run() -> GatheredDraft:
        async with Fetcher() as fetcher:
            return await gather_folder(fetcher, tmp_path)

    assert asyncio.run(run()).files["assets/a.mp4"].read_bytes() == b"clip"


def test_what_is_odd_about_the_files_is_reported(tmp_path: Path) -> None:
    (tmp_path / "draft_content.json").write_bytes(b"{oops")
    (tmp_path / "draft_info.json").write_bytes(clips(("a.mp4", "a.mp4")))
    (tmp_path / "a.mp4").write_bytes(b"clip")

    async def run() -> GatheredDraft:
        async with Fetcher() as fetcher:
            return await gather_folder(fetcher, tmp_path)

    assert "draft_info.json was read instead" in asyncio.run(run()).report.entries[0].message


# What is missing or refused


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (b'{"code": 2001, "message": "x"}', DraftNotFound, "2001"),
        (b'{"code": 0, "files": []}', DraftEmpty, "is empty"),
        (b'{"code": 0, "files": [1]}', DraftUnreadable, "file list"),
        (b'{"code": 0}', DraftUnreadable, "file list"),
        (b"[]", DraftUnreadable, "file list"),
        (b"<html>", DraftUnreadable, "JSON"),
        (json.dumps({"code": 0, "files": ["http://x/a"] * 10_001}).encode(), DraftUnreadable, "10000 files"),
        (b'{"code": 0, "files": ["http://x/other.json"]}', DraftNotFound, "draft_content.json"),
    ],
)
def test_a_reply_that_is_no_draft(web: Web, tmp_path: Path, body: bytes, error: type[CutfarmError], words: str) -> None:
    web.answers["/get_draft"] = lambda request: request.reply(200, body)
    with pytest.raises(error, match=words):
        gathered(web, web.url("/get_draft?draft_id=x&token=secret"), tmp_path)


def test_a_server_that_has_no_such_draft(web: Web, tmp_path: Path) -> None:
    web.answers["/get_draft"] = lambda request: request.reply(404)
    with pytest.raises(DraftNotFound, match="404") as caught:
        gathered(web, web.url("/get_draft?draft_id=x&token=secret"), tmp_path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("remote", [False, True])
def test_a_material_that_cannot_be_fetched_is_named_with_its_segment(web: Web, tmp_path: Path, remote: bool) -> None:
    path = web.url("/media/gone.mp4?token=secret") if remote else "/app/gone.mp4"
    web.answers["/media/gone.mp4"] = web.answers[f"{ROOT}/gone.mp4"] = lambda request: request.reply(404)
    listed = [web.url(f"{ROOT}/{name}") for name in ("draft_content.json", "gone.mp4")]
    url = serve(web, {"draft_content.json": clips((path, "gone.mp4"))}, listed=listed[: 1 if remote else 2])
    with pytest.raises(AssetMissing, match=r"Material “gone.mp4” of segment s0: .*404") as caught:
        gathered(web, url, tmp_path)
    assert "secret" not in str(caught.value)


def test_a_download_that_breaks_off_is_worth_another_try_and_named(web: Web, tmp_path: Path) -> None:
    def broken(request: Handler) -> None:
        request.head(200, Content_Length="100")
        request.hang_up()

    url = serve(web, {"draft_content.json": clips(("/app/a.mp4", "a.mp4")), "a.mp4": b""})
    web.answers[f"{ROOT}/a.mp4"] = broken
    with pytest.raises(FetchError, match="segment s0") as caught:
        gathered(web, url, tmp_path)
    assert caught.value.retryable


def test_a_material_that_nobody_lists_is_missing(web: Web, tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"segment s0"):
        gathered(web, serve(web, {"draft_content.json": clips(("/app/a.mp4", "a.mp4"))}), tmp_path)


@pytest.mark.parametrize("path", ["/etc/passwd", "file:///etc/passwd", "../../../../etc/passwd", "C:\\..\\etc\\passwd"])
def test_a_material_outside_of_the_draft_is_not_read(web: Web, tmp_path: Path, path: str) -> None:
    with pytest.raises(AssetError, match="segment s0"):
        gathered(web, serve(web, {"draft_content.json": clips((path, "passwd"))}), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["draft_content.json"]


def test_a_private_address_is_refused_as_draft_and_as_material(web: Web, tmp_path: Path) -> None:
    with pytest.raises(AssetRefused, match="private network"):
        gathered(web, web.url("/get_draft?draft_id=x"), tmp_path, allowed=False)
    assert web.requests == []
    private = f"http://localhost:{web.port}/admin"  # another name of the address that is allowed
    with pytest.raises(AssetRefused, match=r"segment s0: .*private network"):
        gathered(web, serve(web, {"draft_content.json": clips((private, "a.mp4"))}), tmp_path)


def test_no_list_leads_out_of_the_folder(web: Web, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    places = ["draft_content.json", "%2e%2e/%2e%2e/a.mp4", "..%2fb.mp4", "x/..%5c..%5cc.mp4"]
    timeline = clips(("/q/a.mp4", "a.mp4"), ("/q/b.mp4", "b.mp4"))
    gathered(web, serve(web, {**dict.fromkeys(places, b"clip"), "draft_content.json": timeline}), inside)
    assert {path.name for path in tmp_path.iterdir()} == {"inside"}
    assert all(path.resolve().is_relative_to(inside) for path in inside.rglob("*"))


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://h/d/draft_content.json", "draft_content.json"),
        ("http://h/d/assets/a%20b.mp4?sig=x", "assets/a b.mp4"),
        ("http://h/elsewhere/c.mp4", "c.mp4"),
        ("http://h/d/../../e.mp4", "e.mp4"),
        ("http://h/d/", "unnamed"),
        ("http://h", "unnamed"),
    ],
)
def test_where_a_listed_file_lies(url: str, place: str) -> None:
    assert place_of(url, ["http://h/d/draft_content.json", url]) == place


def test_files_are_fetched_several_at_a_time(web: Web, tmp_path: Path) -> None:
    together = threading.Barrier(3)

    def answer(request: Handler) -> None:
        together.wait(5)
        request.reply(200, b"clip")

    names = ("a.mp4", "b.mp4", "c.mp4")
    for name in names:
        web.answers[f"/media/{name}"] = answer
    timeline = clips(*((web.url(f"/media/{name}"), name) for name in names))
    assert len(gathered(web, serve(web, {"draft_content.json": timeline}), tmp_path).files) == 3
