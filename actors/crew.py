"""The single helpers beside the pool, Downloader and Stitcher: made when first needed, made again when they die."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import ray

from actors.calls import Calls
from actors.downloader import Downloader
from actors.messages import WORKER_DIED, Answer, WorkerSettings
from actors.stitcher import Stitcher

_IDLE_S = 60.0
_ROLES: dict[str, tuple[type, int]] = {"Downloader": (Downloader, 8), "Stitcher": (Stitcher, 2)}  # and calls at a time


class Crew:
    """Calls methods of Downloader and Stitcher; both may be working for several jobs at once."""

    def __init__(self, calls: Calls, settings: WorkerSettings) -> None:
        self._calls = calls
        self._settings = settings
        self._handles: dict[str, Any] = {}
        self._busy: dict[str, int] = {}
        self._idle_since: dict[str, float] = {}

    def gather(self, task: Any, on_answer: Callable[[Answer], None]) -> None:
        """Have the Downloader bring a draft's files into the object store."""
        self._call("Downloader", "gather", task, on_answer)

    def mix(self, task: Any, on_answer: Callable[[Answer], None]) -> None:
        """Have the Stitcher mix a job's sound."""
        self._call("Stitcher", "mix", task, on_answer)

    def stitch(self, task: Any, on_answer: Callable[[Answer], None]) -> None:
        """Have the Stitcher join a job's chunks."""
        self._call("Stitcher", "stitch", task, on_answer)

    def rest(self) -> None:
        """Let go of whom nobody has called for a minute: an idle farm keeps its memory."""
        for role, since in list(self._idle_since.items()):
            if not self._busy.get(role) and time.monotonic() - since > _IDLE_S:
                self._dismiss(role)

    def close(self) -> None:
        """Let go of both."""
        for role in list(self._handles):
            self._dismiss(role)

    def _call(self, role: str, method: str, task: Any, on_answer: Callable[[Answer], None]) -> None:
        handle = self._handles.get(role) or self._make(role)
        self._busy[role] = self._busy.get(role, 0) + 1
        call = getattr(handle, method).options(name=f"{method} {task.job_id[:8]}")

        def answered(answer: Answer) -> None:
            self._busy[role] -= 1
            self._idle_since[role] = time.monotonic()
            if answer.error_kind == WORKER_DIED and self._handles.get(role) is handle:
                del self._handles[role]
            on_answer(answer)

        self._calls.add(call.remote(task), answered)

    def _make(self, role: str) -> Any:
        actor, width = _ROLES[role]
        remote = ray.remote(actor).options(
            name=role, num_cpus=0, max_restarts=0, max_task_retries=0, max_concurrency=width
        )
        self._handles[role] = remote.remote(self._settings)
        return self._handles[role]

    def _dismiss(self, role: str) -> None:
        ray.kill(self._handles.pop(role))
        self._idle_since.pop(role, None)
