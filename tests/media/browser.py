"""What a headless Chromium shows of a video: sought frame by frame, and played to its end."""

from __future__ import annotations

import base64
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.media.film import Picture

_PATIENCE_S = 120
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required")
_PAGE = """<!doctype html><meta charset=utf-8><video id=v muted preload=auto></video><canvas id=c></canvas><script>
const wanted = WANTED;
const once = name => new Promise((good, bad) => {
  v.addEventListener(name, good, {once: true});
  v.addEventListener('error', () => bad(v.error.message), {once: true});
});
function look() {
  const context = c.getContext('2d', {willReadFrequently: true});
  context.drawImage(v, 0, 0);
  const rgba = context.getImageData(0, 0, c.width, c.height).data;
  let green = '';
  for (let i = 1; i < rgba.length; i += 4) green += String.fromCharCode(rgba[i]);
  return btoa(green);
}
async function watch() {
  const film = await (await fetch('/film')).blob();
  let event = once('loadeddata');
  v.src = URL.createObjectURL(film);
  await event;
  [c.width, c.height] = [v.videoWidth, v.videoHeight];
  const sought = [];
  for (const at of wanted.seek) {
    event = once('seeked');
    const shown = new Promise(good => v.requestVideoFrameCallback(good));
    v.currentTime = at;
    await event;
    await Promise.race([shown, new Promise(good => setTimeout(good, 1000))]);  // `seeked` may come before the picture
    sought.push(look());
  }
  event = once('seeked');
  v.currentTime = 0;
  await event;
  const played = [];
  const note = (_, frame) => { played.push([frame.mediaTime, look()]); v.requestVideoFrameCallback(note); };
  v.requestVideoFrameCallback(note);
  v.playbackRate = wanted.rate;
  event = once('ended');
  await v.play();
  await event;
  return {width: c.width, height: c.height, duration: v.duration, sought, played};
}
watch().catch(fault => ({fault: String(fault)}))
  .then(said => fetch('/said', {method: 'POST', body: JSON.stringify(said)}));
</script>"""


@dataclass(frozen=True, slots=True)
class Watched:
    """Green samples (H, W), which for grey films are the luma in full range."""

    duration_s: float
    sought: list[Picture]
    played: list[tuple[float, Picture]]  #: with the media times that the browser names; it may leave frames out


def watch(film: Path, seek_s: Sequence[float], *, rate: float = 0.5) -> Watched:
    """Seek to each of `seek_s`, then play at `rate`. Fails where the player reports an error."""
    if shutil.which("chromium") is None:
        pytest.skip("no chromium to play in")
    said: queue.Queue[dict[str, Any]] = queue.Queue()
    page = _PAGE.replace("WANTED", json.dumps({"seek": list(seek_s), "rate": rate}))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, film, page, said))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    profile = film.parent / "chromium"
    command = ["chromium", *_FLAGS, f"--user-data-dir={profile}", f"http://127.0.0.1:{server.server_port}/"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        seen = said.get(timeout=_PATIENCE_S)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        server.shutdown()
        server.server_close()
        shutil.rmtree(profile, ignore_errors=True)
    assert "fault" not in seen, seen["fault"]
    shape = seen["height"], seen["width"]

    def picture(green: str) -> Picture:
        return np.frombuffer(base64.b64decode(green), np.uint8).reshape(shape)

    played = [(float(time_s), picture(green)) for time_s, green in seen["played"]]
    return Watched(seen["duration"], [picture(green) for green in seen["sought"]], played)


class _Handler(BaseHTTPRequestHandler):
    """Serves the page and the film, and takes what the page has seen."""

    def __init__(self, film: Path, page: str, said: queue.Queue[dict[str, Any]], *rest: Any) -> None:
        self._film, self._page, self._said = film, page, said
        super().__init__(*rest)

    def do_GET(self) -> None:
        is_film = self.path == "/film"
        body = self._film.read_bytes() if is_film else self._page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "video/mp4" if is_film else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._said.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
