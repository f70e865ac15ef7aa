"""The pool of SegmentRenderers: made, given one chunk at a time, replaced when they die or hang, let go when idle."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from actors.admission import PoolLimits, PoolState, backoff_s, wanted_workers
from actors.calls import Calls
from actors.messages import Answer, ChunkTask

STALL_S = 300.0  #: without one more frame, the chunk's material included: such a worker hangs
GRACE_S = 60.0  #: what a worker that was told to stop may take for its present frame
MOST_FALSE_STARTS = 10  #: renderers in a row that did not come up, after which waiting for one is in vain

_LOG = logging.getLogger(__name__)


class Makers(Protocol):
    """Where actors come from and go to."""

    def renderer(self) -> tuple[str, Any]:
        """Name and handle of a new SegmentRenderer, at once; the actor comes up when the cluster has room."""

    def end(self, actor: Any) -> None:
        """End an actor's process, whatever it does."""


@dataclass(slots=True)
class _Worker:
    name: str
    handle: Any
    pid: int = 0  # 0 until it has come up
    task: ChunkTask | None = None
    frames: int = 0  # of the task, as it last said
    is_asked: bool = False  # an answer about its progress is on its way
    moved_at: float = field(default_factory=lambda: time.monotonic())  # when it last began, went on, or ended
    stopped_at: float | None = None  # when it was told to give up its task

    def hangs(self, now: float) -> bool:
        has_stalled = now - self.moved_at > STALL_S
        does_not_stop = self.stopped_at is not None and now - self.stopped_at > GRACE_S
        return self.task is not None and (has_stalled or does_not_stop)


class RendererPool:
    """SegmentRenderers and the chunks that they work on.

    Only a worker that has come up is given a chunk, so that no chunk waits where the cluster has no room; and never
    more than one, so that a worker's death is the doing of that chunk alone.
    """

    def __init__(self, calls: Calls, makers: Makers, limits: PoolLimits) -> None:
        self._calls = calls
        self._makers = makers
        self._limits = limits
        self._workers: dict[str, _Worker] = {}
        self._false_starts = 0
        self._hire_after = 0.0
        self.trouble = ""  #: why no renderer comes up, "" unless many in a row have not

    @property
    def pids(self) -> Mapping[str, int]:
        """Process ids by name; 0 for those that have not come up."""
        return {worker.name: worker.pid for worker in self._workers.values()}

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the workers that a chunk can be given to."""
        return tuple(worker.name for worker in self._workers.values() if worker.pid and worker.task is None)

    def resize(self, queued: int) -> None:
        """Make or let go workers so that their number suits `queued` waiting chunks."""
        now = time.monotonic()
        idle = [worker for worker in self._workers.values() if worker.task is None]
        longest_s = max((now - worker.moved_at for worker in idle), default=0.0)
        state = PoolState(len(self._workers), len(self._workers) - len(idle), queued, longest_s)
        wanted = wanted_workers(state, self._limits)
        if now >= self._hire_after:
            for _ in range(wanted - len(self._workers)):
                self._hire()
        for worker in sorted(idle, key=lambda worker: worker.moved_at)[: max(len(self._workers) - wanted, 0)]:
            self._dismiss(worker)

    def give(self, name: str, task: ChunkTask, on_answer: Callable[[Answer], None]) -> None:
        """Send `task` to the free worker `name`."""
        worker = self._workers[name]
        worker.task, worker.frames, worker.stopped_at, worker.moved_at = task, 0, None, time.monotonic()

        def answered(answer: Answer) -> None:
            worker.task, worker.stopped_at, worker.moved_at = None, None, time.monotonic()
            if answer.is_death:
                self._dismiss(worker)
            on_answer(answer)

        label = f"render {task.job_id[:8]} chunk {task.index}"
        self._calls.send(worker.handle, "render", task, on_answer=answered, label=label)

    def stop(self, run: str) -> None:
        """Tell the workers of a run to give up; who does not do so in time is ended."""
        for worker in self._workers.values():
            if worker.task is not None and worker.task.run == run and worker.stopped_at is None:
                worker.stopped_at = time.monotonic()
                self._calls.send(worker.handle, "stop", run, on_answer=_nothing)

    def frames_done(self, run: str) -> int:
        """Frames of unfinished chunks of a run, as the workers last said."""
        tasks = ((worker.task, worker.frames) for worker in self._workers.values())
        return sum(frames for task, frames in tasks if task is not None and task.run == run)

    def watch(self) -> None:
        """Ask the workers how far they are, and end those that hang; to be called about once a second."""
        now = time.monotonic()
        for worker in list(self._workers.values()):
            if worker.hangs(now):
                _LOG.warning("%s is ended: it does not get on with its chunk", worker.name)
                self._dismiss(worker)
            elif worker.pid and not worker.is_asked:
                self._ask(worker)

    def close(self) -> None:
        """Let go of all workers."""
        for worker in list(self._workers.values()):
            self._dismiss(worker)

    def _ask(self, worker: _Worker) -> None:
        task, worker.is_asked = worker.task, True

        def answered(answer: Answer) -> None:
            worker.is_asked = False
            if answer.is_death and worker.task is None:  # while it has a chunk, that call tells
                self._dismiss(worker)
            frames = answer.values.get("frames", worker.frames)
            if worker.task is task and frames != worker.frames:
                worker.frames, worker.moved_at = frames, time.monotonic()

        self._calls.send(worker.handle, "progress", on_answer=answered)

    def _hire(self) -> None:
        name, handle = self._makers.renderer()
        worker = self._workers[name] = _Worker(name, handle)
        self._calls.send(worker.handle, "hello", on_answer=lambda answer: self._came_up(worker, answer))

    def _came_up(self, worker: _Worker, answer: Answer) -> None:
        worker.moved_at = time.monotonic()
        if answer.is_ok:
            worker.pid, self._false_starts, self.trouble = answer.values["pid"], 0, ""
        elif worker.name in self._workers:
            self._dismiss(worker)
            self._false_starts += 1
            self._hire_after = time.monotonic() + backoff_s(self._false_starts)
            _LOG.error("%s did not come up: %s", worker.name, answer.error_detail)
            if self._false_starts >= MOST_FALSE_STARTS:
                self.trouble = f"no SegmentRenderer comes up: {answer.error_detail}"

    def _dismiss(self, worker: _Worker) -> None:
        if self._workers.pop(worker.name, None) is not None:
            self._makers.end(worker.handle)


def _nothing(_answer: Answer) -> None:
    """The call was all that mattered."""
