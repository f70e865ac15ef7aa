"""How the farm's worker actors are made: names, resources, width."""

from __future__ import annotations

import contextlib
import itertools
import secrets
from typing import Any

import ray

from actors.crew import Role
from actors.downloader import Downloader
from actors.messages import WorkerSettings
from actors.renderer import SegmentRenderer
from actors.stitcher import Stitcher

_CONTROL = {"control": 1}  # a thread that answers while the others work
_GATHERS, _STITCHES = 16, 2  # calls at a time


class ActorMakers:
    """Makes and ends actors that live no longer than the process that made them.

    A name carries a mark of that process: those of its predecessor may not have gone yet.
    Ray never restarts them: a call that is lost is the Supervisor's to repeat, with another worker.
    """

    def __init__(self, settings: WorkerSettings, gpus_per_renderer: float) -> None:
        self._settings = settings
        self._gpus = gpus_per_renderer
        self._mark = secrets.token_hex(2)
        self._numbers = itertools.count(1)

    def renderer(self) -> tuple[str, Any]:
        """A SegmentRenderer."""
        actor = ray.remote(concurrency_groups=_CONTROL)(SegmentRenderer)
        threads = self._settings.threads
        return self._made(actor, "SegmentRenderer", num_cpus=threads, num_gpus=self._gpus)

    def helper(self, role: Role) -> tuple[str, Any]:
        """A Downloader or a Stitcher."""
        if role == "Downloader":
            return self._made(ray.remote(Downloader), role, num_cpus=0, max_concurrency=_GATHERS)
        actor = ray.remote(concurrency_groups=_CONTROL)(Stitcher)
        return self._made(actor, role, num_cpus=0, max_concurrency=_STITCHES)

    def end(self, actor: Any) -> None:
        """End an actor's process, whatever it does."""
        with contextlib.suppress(ray.exceptions.RayError):
            ray.kill(actor)

    def _made(self, actor: Any, kind: str, **options: Any) -> tuple[str, Any]:
        name = f"{kind}-{self._mark}-{next(self._numbers)}"
        named = actor.options(name=name, max_restarts=0, max_task_retries=0, **options)
        return name, named.remote(self._settings)
