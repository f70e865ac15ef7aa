"""`cutfarm demo`: a farm for a minute, and a sample draft rendered through its API."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import httpx

from cutfarm.commands.farm import running_farm
from cutfarm.commands.sample import write_sample_draft
from cutfarm.commands.serve import settings_with
from cutfarm.commands.submit import download, submit_and_wait
from cutfarm.commands.terminal import percent_progress, say, warn
from cutfarm.errors import RequestError


def run(out: Path) -> None:
    """Start, submit, watch, download, stop. Raises what any of these raises."""
    if not out.absolute().parent.is_dir():
        raise RequestError(f"the folder {out.parent} is not there")
    with tempfile.TemporaryDirectory(prefix="cutfarm-demo-") as name:
        folder = Path(name)
        warn("making the sample draft and its media")
        draft = write_sample_draft(folder / "sample")
        warn("starting the farm: object store, API, Ray")
        began = time.monotonic()
        settings = settings_with({"data_dir": folder / "farm", "port": _free_port()})
        with running_farm(settings) as farm:
            warn(f"the farm is ready after {time.monotonic() - began:.1f} s at {farm.api_url}")
            began = time.monotonic()
            with (
                httpx.Client(base_url=farm.api_url, trust_env=False, timeout=60.0) as client,
                percent_progress() as on_progress,
            ):
                result = submit_and_wait(client, str(draft), on_progress)
            download(result["video_url"], out)
            say(f"{out.absolute()} took {time.monotonic() - began:.1f} s from the submission to the file")
            warn("stopping the farm")


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
