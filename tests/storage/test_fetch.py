"""Fetching from real servers that redirect, break off, stall, lie and never end."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cutfarm.errors import AssetMissing, AssetRefused, AssetTooLarge, CutfarmError, DraftUnreadable, FetchError
from cutfarm.storage import fetch
from cutfarm.storage.fetch import Fetched, Fetcher, FetchLimits, FetchPolicy, redact_url
from tests.storage.conftest import Handler, Web

BODY = bytes(range(256)) * 1024
QUICK = FetchLimits(size_bytes=1 << 20, total_s=5, stall_s=0.3, attempts=3)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "_FIRST_WAIT_S", 0.01)


def fetched(web: Web, path: str, to: Path, limits: FetchLimits = QUICK) -> Fetched:
    async def run() -> Fetched:
        async with Fetcher(FetchPolicy(allowed_hosts=frozenset({web.host})), limits) as fetcher:
            return await fetcher.file(web.url(path), to)

    return asyncio.run(run())


def ranges(web: Web) -> list[str | None]:
    return [request.headers.get("Range") for request in web.requests]


def broken_at(size: int, **headers: str) -> Callable[[Handler], None]:
    """Promise the whole body, send its beginning and hang up; afterwards serve ranges as asked."""

    def answer(request: Handler) -> None:
        asked = request.headers.get("Range")
        if asked is None:
            request.head(200, Content_Length=str(len(BODY)), **headers)
            request.wfile.write(BODY[:size])
            request.hang_up()
        else:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            request.reply(206, BODY[start:], Content_Range=f"bytes {start}-{len(BODY) - 1}/{len(BODY)}", **headers)

    return answer


def test_a_whole_file_with_digest_size_and_type(web: Web, tmp_path: Path) -> None:
    web.answers["/a.png"] = lambda request: request.reply(200, BODY, Content_Type="Image/PNG; charset=x")
    result = fetched(web, "/a.png", tmp_path / "a")
    assert result == Fetched(hashlib.sha256(BODY).hexdigest(), len(BODY), "image/png")
    assert (tmp_path / "a").read_bytes() == BODY
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_a_broken_download_goes_on_where_it_broke(web: Web, tmp_path: Path) -> None:
    web.answers["/a"] = broken_at(100_000, ETag='"v1"')
    assert fetched(web, "/a", tmp_path / "a").sha256 == hashlib.sha256(BODY).hexdigest()
    assert ranges(web) == [None, "bytes=100000-"]
    assert web.requests[1].headers["If-Range"] == '"v1"'


def test_a_server_without_ranges_sends_all_again(web: Web, tmp_path: Path) -> None:
    def answer(request: Handler) -> None:
        if len(web.requests) == 1:
            request.head(200, Content_Length=str(len(BODY)))
            request.wfile.write(b"x" * 5000)
            request.hang_up()
        else:
            request.reply(200, BODY)

    web.answers["/a"] = answer
    fetched(web, "/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY


def test_a_wrong_range_is_not_appended(web: Web, tmp_path: Path) -> None:
    def answer(request: Handler) -> None:
        match len(web.requests):
            case 1:
                broken_at(5000)(request)
            case 2:
                request.reply(206, BODY[4000:], Content_Range=f"bytes 4000-{len(BODY) - 1}/{len(BODY)}")
            case _:
                request.reply(200, BODY)

    web.answers["/a"] = answer
    fetched(web, "/a", tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == BODY
    assert ranges(web) == [None, "bytes=5000-", None]


def test_a_file_that_grew_meanwhile_is_read_anew(web: Web, tmp_path: Path) -> None:
    def answer(request: Handler) -> None:
        match len(web.requests):
            case 1:
                broken_at(5000)(request)
            case 2:
                request.reply(206, BODY[5000:] + b"more", Content_Range=f"bytes 5000-{len(BODY) + 3}/{len(BODY) + 4}")
            case _:
                request.reply(200, BODY + b"more")

    web.answers["/a"] = answer
    assert fetched(web, "/a", tmp_path / "a").size == len(BODY) + 4


@pytest.mark.parametrize(("total", "requests"), [(len(BODY), 2), (len(BODY) + 1, 3)])
def test_416_is_the_end_if_the_total_is_what_we_have(web: Web, tmp_path: Path, total: int, requests: int) -> None:
    def answer(request: Handler) -> None:
        if len(web.requests) == 2:
            request.reply(416, Content_Range=f"bytes */{total}")
        elif len(web.requests) == 1:  # all of it, in a chunked body that lacks its end
            request.head(200, Transfer_Encoding="chunked")
            request.wfile.write(f"{len(BODY):x}\r\n".encode() + BODY + b"\r\n")
            request.hang_up()
        else:
            request.reply(200, BODY)

    web.answers["/a"] = answer
    assert fetched(web, "/a", tmp_path / "a").sha256 == hashlib.sha256(BODY).hexdigest()
    assert len(web.requests) == requests


def test_a_compressed_reply_is_unpacked_and_never_resumed(web: Web, tmp_path: Path) -> None:
    import gzip

    packed = gzip.compress(BODY)

    def answer(request: Handler) -> None:
        request.head(200, Content_Length=str(len(packed)), Content_Encoding="gzip")
        request.wfile.write(packed if len(web.requests) > 1 else packed[:-20])
        request.hang_up()

    web.answers["/a"] = answer
    assert fetched(web, "/a", tmp_path / "a").sha256 == hashlib.sha256(BODY).hexdigest()
    assert ranges(web) == [None, None]


def test_503_then_200_waits_as_long_as_the_server_asks(web: Web, tmp_path: Path) -> None:
    def answer(request: Handler) -> None:
        if len(web.requests) == 1:
            request.reply(503, Retry_After="1")
        else:
            request.reply(200, BODY)

    web.answers["/a"] = answer
    began = time.monotonic()
    fetched(web, "/a", tmp_path / "a")
    assert 1.0 <= time.monotonic() - began < 3.0


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_server_in_trouble_for_good_is_a_fetch_error(web: Web, tmp_path: Path, status: int) -> None:
    web.answers["/a"] = lambda request: request.reply(status)
    with pytest.raises(FetchError, match=f"it answers {status}"):
        fetched(web, "/a", tmp_path / "a")
    assert len(web.requests) == QUICK.attempts
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [204, 401, 403, 404, 410, 416])
def test_what_no_attempt_mends_is_missing_at_once(web: Web, tmp_path: Path, status: int) -> None:
    web.answers["/a"] = lambda request: request.reply(status)
    with pytest.raises(AssetMissing, match=f"it answers {status}"):
        fetched(web, "/a", tmp_path / "a")
    assert len(web.requests) == 1


def test_a_body_that_never_ends_stops_at_the_limit(web: Web, tmp_path: Path) -> None:
    def answer(request: Handler) -> None:
        request.head(200, Connection="close")
        while True:
            request.wfile.write(b"x" * 65536)

    web.answers["/a"] = answer
    with pytest.raises(AssetTooLarge, match="more than 1,048,576 bytes"):
        fetched(web, "/a", tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_promised_size_above_the_limit_is_not_read(web: Web, tmp_path: Path) -> None:
    web.answers["/a"] = lambda request: request.head(200, Content_Length=str(1 << 40))
    with pytest.raises(AssetTooLarge):
        fetched(web, "/a", tmp_path / "a")


def test_a_compressed_body_is_limited_by_what_it_unpacks_to(web: Web, tmp_path: Path) -> None:
    import gzip

    web.answers["/a"] = lambda request: request.reply(200, gzip.compress(bytes(20 << 20)), Content_Encoding="gzip")
    with pytest.raises(AssetTooLarge):
        fetched(web, "/a", tmp_path / "a")


def test_a_server_that_stalls_is_left(web: Web, tmp_path: Path) -> None:
    release = threading.Event()

    def answer(request: Handler) -> None:
        request.head(200, Content_Length=str(len(BODY)))
        request.wfile.write(BODY[:1000])
        request.wfile.flush()
        release.wait(10)

    web.answers["/a"] = answer
    began = time.monotonic()
    try:
        with pytest.raises(FetchError, match="it stops sending"):
            fetched(web, "/a", tmp_path / "a")
    finally:
        release.set()
    assert time.monotonic() - began < 4
    assert ranges(web) == [None, "bytes=1000-", "bytes=1000-"]
    assert list(tmp_path.iterdir()) == []


def test_a_trickle_ends_with_the_total_time(web: Web, tmp_path: Path) -> None:
    def answer(request: Handler) -> None:
        request.head(200, Connection="close")
        for _ in range(100):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(0.05)

    web.answers["/a"] = answer
    with pytest.raises(AssetTooLarge, match=r"not read within 0\.6 s"):
        fetched(web, "/a", tmp_path / "a", FetchLimits(total_s=0.6, stall_s=0.5))


def test_cancelling_leaves_nothing_behind(web: Web, tmp_path: Path) -> None:
    started, release = threading.Event(), threading.Event()

    def answer(request: Handler) -> None:
        request.head(200, Content_Length="10")
        request.wfile.flush()
        started.set()
        release.wait(10)

    async def run() -> None:
        async with Fetcher(FetchPolicy(allow_private_network=True)) as fetcher:
            task = asyncio.create_task(fetcher.file(web.url("/a"), tmp_path / "a"))
            await asyncio.to_thread(started.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    web.answers["/a"] = answer
    try:
        asyncio.run(run())
    finally:
        release.set()
    assert list(tmp_path.iterdir()) == []


def test_redirects_are_followed_to_a_limit_and_their_bodies_are_not_read(web: Web, tmp_path: Path) -> None:
    def endless(request: Handler) -> None:
        request.head(302, Location="/file", Connection="close")
        while True:
            request.wfile.write(b"x" * 65536)

    web.answers["/endless"] = endless
    web.answers["/file"] = lambda request: request.reply(200, BODY)
    web.answers["/round"] = lambda request: request.reply(302, Location="/round")
    assert fetched(web, "/endless", tmp_path / "a").size == len(BODY)
    web.requests.clear()
    with pytest.raises(AssetMissing, match="redirects more than 5 times"):
        fetched(web, "/round", tmp_path / "b")
    assert len(web.requests) == 6


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:{other}/", "http://localhost:{other}/", "http://0x7f000001:{other}/"]
)
def test_a_redirect_into_the_private_network_is_refused(web: Web, tmp_path: Path, target: str) -> None:
    location = target.format(other=web.port + 1 if web.port < 65535 else 1)
    web.answers["/a"] = lambda request: request.reply(302, Location=location)
    with pytest.raises(AssetRefused, match="private network"):
        fetched(web, "/a", tmp_path / "a")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.com/x", "gopher://example.com/"])
def test_a_redirect_to_another_scheme_is_refused(web: Web, tmp_path: Path, target: str) -> None:
    web.answers["/a"] = lambda request: request.reply(302, Location=target)
    with pytest.raises(AssetRefused, match="only http and https"):
        fetched(web, "/a", tmp_path / "a")


def refusal(url: str, tmp_path: Path, error: type[CutfarmError]) -> str:
    async def run() -> None:
        async with Fetcher(limits=FetchLimits(attempts=1)) as fetcher:
            await fetcher.file(url, tmp_path / "a")

    with pytest.raises(error) as caught:
        asyncio.run(run())
    return str(caught.value)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "127.1", "0.0.0.0", "[::1]",
     "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1]", "[ff02::1]", "10.0.0.1", "169.254.169.254", "224.0.0.1",
     "100.64.0.1"],
)  # fmt: skip
def test_no_spelling_of_a_private_address_is_read(host: str, tmp_path: Path) -> None:
    assert "private network" in refusal(f"http://{host}:1/", tmp_path, AssetRefused)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.com/", "example.com/a", "http://", "http://0177.0.0.1/", ""]
)
def test_only_http_addresses_are_read(url: str, tmp_path: Path) -> None:
    assert "only http and https" in refusal(url, tmp_path, AssetRefused)


def test_a_port_beyond_all_ports_is_refused(tmp_path: Path) -> None:
    assert "no port 99999" in refusal("http://localhost:99999/", tmp_path, AssetRefused)


def test_a_host_that_does_not_exist_is_missing(tmp_path: Path) -> None:
    assert "there is no host no-such-host.invalid" in refusal("http://no-such-host.invalid/", tmp_path, AssetMissing)


def test_the_farms_own_server_is_let_through_by_host_and_port_alone(web: Web, tmp_path: Path) -> None:
    web.answers["/a"] = lambda request: request.reply(200, BODY)
    fetched(web, "/a", tmp_path / "a")

    async def run() -> None:
        async with Fetcher(FetchPolicy(allowed_hosts=frozenset({f"localhost:{web.port}"}))) as fetcher:
            await fetcher.file(web.url("/a"), tmp_path / "b")

    with pytest.raises(AssetRefused):
        asyncio.run(run())


def test_a_refused_connection_is_a_fetch_error(web: Web, tmp_path: Path) -> None:
    async def run() -> None:
        async with Fetcher(FetchPolicy(allow_private_network=True), QUICK) as fetcher:
            await fetcher.file("http://127.0.0.1:1/", tmp_path / "a")

    with pytest.raises(FetchError, match="cannot be connected to"):
        asyncio.run(run())
    assert web.requests == []


def test_proxies_of_the_environment_are_not_used(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    web.answers["/a"] = lambda request: request.reply(200, BODY)
    assert fetched(web, "/a", tmp_path / "a").size == len(BODY)


def test_messages_and_logs_hold_no_secrets(web: Web, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    web.answers["/a"] = lambda request: request.reply(404)
    url = f"http://me:word@{web.host}/a?draft_id=d1&Signature=hush#part"

    async def run() -> None:
        async with Fetcher(FetchPolicy(allow_private_network=True)) as fetcher:
            await fetcher.file(url, tmp_path / "a")

    with pytest.raises(AssetMissing) as caught:
        asyncio.run(run())
    assert str(caught.value) == f"Cannot fetch http://{web.host}/a?draft_id=d1&Signature=…: it answers 404."
    assert "hush" not in caplog.text
    assert web.requests[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/x", "https://h/x"),
        ("https://u:p@H:8443/x?a=1&b", "https://h:8443/x?a=…&b=…"),
        ("http://[::1]:80/", "http://[::1]:80/"),
        ("http://[1", "an unreadable address"),
        ("http://h:99999/", "an unreadable address"),
    ],
)
def test_redacted_urls(url: str, shown: str) -> None:
    assert redact_url(url) == shown


def test_json_of_a_draft_server(web: Web) -> None:
    web.answers["/good"] = lambda request: request.reply(200, b'{"code": 0, "files": []}')
    web.answers["/bad"] = lambda request: request.reply(200, b"<html>")
    web.answers["/deep"] = lambda request: request.reply(200, b"[" * 200_000)
    web.answers["/slow"] = lambda _: time.sleep(1)

    async def run(path: str, total_s: float = 5) -> object:
        async with Fetcher(FetchPolicy(allow_private_network=True)) as fetcher:
            return await fetcher.json(web.url(path), total_s=total_s)

    assert asyncio.run(run("/good")) == {"code": 0, "files": []}
    for path in ("/bad", "/deep"):
        with pytest.raises(DraftUnreadable, match="does not answer with JSON"):
            asyncio.run(run(path))
    with pytest.raises(AssetTooLarge, match=r"within 0\.2 s"):
        asyncio.run(run("/slow", total_s=0.2))
