"""What a farm is sent of a draft with subtitles over it: a server takes the upload down, and it is read as a draft."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from cutfarm.commands.loading import LoadOptions, loaded
from cutfarm.commands.submit import upload
from cutfarm.errors import RequestError
from tests.commands.drafts import Ran

CUES = "1\n00:00:00,500 --> 00:00:01,000\n<b>Hello</b>\n\n2\n00:00:05,000 --> 00:00:06,000\nlate\n"


class Taker(BaseHTTPRequestHandler):
    """Keeps the last body and answers as a farm does."""

    body = b""

    def do_PUT(self) -> None:
        length = self.headers.get("Content-Length")
        type(self).body = self._chunks() if length is None else self.rfile.read(int(length))
        answer = json.dumps({"code": 0, "draft_url": "http://renderer/draft"}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with HTTPServer(("127.0.0.1", 0), Taker) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{server.server_port}", trust_env=False) as client:
                yield client
        finally:
            server.shutdown()
            thread.join()


def test_they_are_part_of_the_draft_that_is_sent(
    folder: Path, tmp_path: Path, client: httpx.Client, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.srt").write_text(CUES, "utf-8")
    assert upload(client, folder, [tmp_path / "a.srt"]) == "http://renderer/draft"
    (tmp_path / "sent.zip").write_bytes(Taker.body)
    with loaded(str(tmp_path / "sent.zip"), LoadOptions(sandbox=True)) as (timeline, assets):
        [segment] = timeline.tracks[1].segments
        assert (segment.text.text, segment.text.styles[0].bold) == ("Hello", True)
        assert (segment.target.start_us, segment.transform.shift_y) == (500_000, -0.8)
        assert list(assets) == ["film.mp4"]
        assert timeline.duration_us == 2_000_000
    assert "1 cue of a.srt is outside the draft's time" in capfd.readouterr().err


def test_scripts_are_not_sent(folder: Path, tmp_path: Path, client: httpx.Client) -> None:
    (tmp_path / "a.ass").write_text("[Script Info]", "utf-8")
    with pytest.raises(RequestError, match=r"a farm is sent \.srt and \.vtt alone, not a\.ass"):
        upload(client, folder, [tmp_path / "a.ass"])


def test_a_draft_url_takes_none(tmp_path: Path, cutfarm: Callable[..., Ran]) -> None:
    (tmp_path / "a.srt").write_text(CUES, "utf-8")
    code, _, trouble = cutfarm("submit", "https://farm.test/draft", "--subtitles", tmp_path / "a.srt")
    assert (code, trouble) == (
        2,
        "cutfarm: subtitles are laid over drafts that are uploaded, not over a draft_url\n",
    )
