"""`cutfarm serve`: a farm until it is stopped."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from cutfarm.commands.farm import running_farm
from cutfarm.commands.terminal import say
from cutfarm.config import Settings
from cutfarm.errors import RequestError


def run(
    *, host: str | None, port: int | None, data_dir: Path | None, allow_private_network: bool, ray_address: str | None
) -> None:
    """Serve until SIGINT or SIGTERM. Raises RequestError, ClusterError, StorageError."""
    given: dict[str, Any] = {"host": host, "port": port, "data_dir": data_dir, "ray_address": ray_address}
    if allow_private_network:
        given["allow_private_network"] = True
    settings = settings_with(given)
    stop = _Stop()
    began = time.monotonic()
    with running_farm(settings) as farm:
        stop.is_starting = False
        say(f"cutfarm is ready at {farm.api_url} after {time.monotonic() - began:.1f} s; POST /openapi/…/gen_video")
        if farm.dashboard_url is not None:
            say(f"Ray's dashboard is at {farm.dashboard_url}")
        while not stop.asked.wait(1.0):
            farm.check()
        say("stopping")


class _Stop:
    """What SIGINT and SIGTERM do: interrupt the start, end the wait, and leave the stopping alone."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.is_starting = True
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._heed)

    def _heed(self, *_: object) -> None:
        is_first = not self.asked.is_set()
        self.asked.set()
        if self.is_starting and is_first:
            raise KeyboardInterrupt


def settings_with(given: dict[str, Any]) -> Settings:
    """The settings of the environment, with those that are given and not None in front. Raises RequestError."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RequestError(f"the setting {where} is not right: {first['msg']}") from error
