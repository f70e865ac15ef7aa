"""What Chromium makes of the sound files: the length and the place of every sample, of the formats that it has right.

Of Opus and MP3 in mp4 it leaves out the encoder's delay twice, 312 and 1105 samples.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from contextlib import suppress
from fractions import Fraction
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cutfarm.media.codecs import SoundFormat, sound_format
from cutfarm.media.join import join
from tests.media.test_audio import Samples
from tests.media.test_join import encode
from tests.media.test_sound_writer import assert_is, music, write

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_PATIENCE_S = 120
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu")
_PAGE = """<!doctype html><script>
async function decode(number, rate) {
  const file = await (await fetch('/' + number)).arrayBuffer();
  const sound = await new OfflineAudioContext(2, 1, rate).decodeAudioData(file);
  return new Blob([sound.getChannelData(0), sound.getChannelData(1)]);
}
async function all(rates) {
  for (let n = 0; n < rates.length; n++)
    await fetch('/', {method: 'POST', body: await decode(n, rates[n]).catch(fault => String(fault))});
}
all(RATES);
</script>"""


class _Handler(BaseHTTPRequestHandler):
    """Serves the page and the files, and takes the samples."""

    def __init__(self, files: list[bytes], page: str, heard: queue.Queue[bytes], *rest: Any) -> None:
        self._files, self._page, self._heard = files, page, heard
        super().__init__(*rest)

    def do_GET(self) -> None:
        number = self.path[1:]
        if number and not number.isdigit():
            self.send_error(404)
            return
        body = self._files[int(number)] if number else self._page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream" if number else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._heard.put(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def heard_in(folder: Path, files: list[Path], rates_hz: list[int]) -> list[Samples]:
    """The samples of all files as the browser decodes them."""
    if shutil.which("chromium") is None:
        pytest.skip("no chromium to play in")
    heard: queue.Queue[bytes] = queue.Queue()
    page = _PAGE.replace("RATES", json.dumps(rates_hz))
    handler = partial(_Handler, [file.read_bytes() for file in files], page, heard)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        command = ["chromium", *_FLAGS, f"--user-data-dir={folder / 'chromium'}"]
        address = f"http://127.0.0.1:{server.server_port}/"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([*command, address], start_new_session=True, **quiet)  # type: ignore[call-overload]
        try:
            raw = [heard.get(timeout=_PATIENCE_S) for _ in files]
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            server.shutdown()
            shutil.rmtree(folder / "chromium", ignore_errors=True)
    assert all(len(body) % 8 == 0 and len(body) > 1000 for body in raw), [body[:200] for body in raw]
    return [np.frombuffer(body, np.float32).reshape(2, -1) for body in raw]


def assert_is_heard(got: Samples, wanted: Samples, sound: SoundFormat) -> None:
    assert got.shape == wanted.shape
    if sound.bit_rate:
        assert_is(got, wanted, sound)
    else:  # the browser works with 16 to 24 bits
        assert np.abs(got - wanted).max() < 1e-4


def test_sound_alone(tmp_path: Path) -> None:
    sounds = [
        sound_format(suffix, rate_hz=rate_hz)
        for suffix in (".m4a", ".mp3", ".wav", ".flac", ".ogg")
        for rate_hz in ((44_100, 48_000) if suffix != ".ogg" else (48_000,))
    ]
    waves = [music(sound.rate_hz * 2 + 777, sound.rate_hz) for sound in sounds]
    files = [
        write(tmp_path / f"{number}{sound.suffix}", wave, sound)
        for number, (sound, wave) in enumerate(zip(sounds, waves, strict=True))
    ]
    for got, wave, sound in zip(
        heard_in(tmp_path, files, [sound.rate_hz for sound in sounds]), waves, sounds, strict=True
    ):
        assert_is_heard(got, wave, sound)


def test_sound_of_videos(tmp_path: Path) -> None:
    part = encode(tmp_path / "part.mp4", range(60))
    sounds = [sound_format(".m4a", codec, rate_hz) for codec in ("aac", "flac") for rate_hz in (44_100, 48_000)]
    waves = [music(sound.rate_hz * 2, sound.rate_hz) for sound in sounds]
    films = []
    for number, (sound, wave) in enumerate(zip(sounds, waves, strict=True)):
        films.append(tmp_path / f"{number}.mp4")
        join([part], write(tmp_path / "sound.m4a", wave, sound), films[-1], Fraction(30))
    for got, wave, sound in zip(
        heard_in(tmp_path, films, [sound.rate_hz for sound in sounds]), waves, sounds, strict=True
    ):
        assert_is_heard(got, wave, sound)
