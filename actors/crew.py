"""The helpers beside the pool, Downloader and Stitcher: made when first needed, made again when they die."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from actors.calls import Calls, Handler
from actors.messages import Answer, GatherTask, SoundTask, StitchTask, fault
from cutfarm.errors import ClusterError

IDLE_S = 60.0  #: a helper that nobody has called for so long goes: an idle farm keeps its memory
GRACE_S = 60.0  #: what a helper may take to give up a call that was stopped

Role = Literal["Downloader", "Stitcher"]
Task = GatherTask | SoundTask | StitchTask

_LOG = logging.getLogger(__name__)


class Makers(Protocol):
    """Where actors come from and go to."""

    def helper(self, role: Role) -> tuple[str, Any]:
        """Name and handle of a new helper, at once."""

    def end(self, actor: Any) -> None:
        """End an actor's process, whatever it does."""


@dataclass(slots=True, eq=False)
class _Helper:
    role: Role
    name: str
    handle: Any
    pid: int = 0  # 0 until it has come up
    busy: int = 0
    idle_since: float = field(default_factory=lambda: time.monotonic())


@dataclass(slots=True, eq=False)
class _Call:
    helper: _Helper
    run: str
    reference: Any = None
    stopped_at: float | None = None


class Crew:
    """Calls methods of Downloader and Stitcher; both may be working for several jobs at once.

    Work that is asked for `alone` gets a helper of its own: after a death nobody knows whose work was the cause.
    """

    def __init__(self, calls: Calls, makers: Makers) -> None:
        self._calls = calls
        self._makers = makers
        self._shared: dict[Role, _Helper] = {}
        self._alone: list[_Helper] = []
        self._under_way: list[_Call] = []

    @property
    def pids(self) -> Mapping[str, int]:
        """Process ids by name; 0 for those that have not come up."""
        return {helper.name: helper.pid for helper in (*self._shared.values(), *self._alone)}

    def gather(self, task: GatherTask, on_answer: Handler, *, alone: bool = False) -> None:
        """Have the Downloader bring a draft's files into the object store."""
        self._call("Downloader", "gather", task, on_answer, alone)

    def mix(self, task: SoundTask, on_answer: Handler, *, alone: bool = False) -> None:
        """Have the Stitcher mix a job's sound."""
        self._call("Stitcher", "mix", task, on_answer, alone)

    def stitch(self, task: StitchTask, on_answer: Handler, *, alone: bool = False) -> None:
        """Have the Stitcher join a job's chunks."""
        self._call("Stitcher", "stitch", task, on_answer, alone)

    def stop(self, run: str) -> None:
        """Have the calls for a run given up; a helper that does not do so in time is ended."""
        for call in self._under_way:
            if call.run == run and call.stopped_at is None:
                call.stopped_at = time.monotonic()
                if call.helper.role == "Downloader":
                    self._calls.cancel(call.reference)
                else:
                    self._calls.send(call.helper.handle, "stop", run, on_answer=_nothing)

    def rest(self) -> None:
        """End whom nobody has called for a while, and who does not give up; to be called about once a second."""
        now = time.monotonic()
        for helper in list(self._shared.values()):
            if not helper.busy and now - helper.idle_since > IDLE_S:
                self._dismiss(helper)
        for call in list(self._under_way):
            if call.stopped_at is not None and now - call.stopped_at > GRACE_S:
                _LOG.warning("%s is ended: it does not give up a call", call.helper.name)
                self._dismiss(call.helper)

    def close(self) -> None:
        """End all."""
        for helper in (*self._shared.values(), *self._alone):
            self._dismiss(helper)

    def _call(self, role: Role, method: str, task: Task, on_answer: Handler, alone: bool) -> None:
        try:
            helper = self._helper(role, alone)
        except Exception as error:
            _LOG.exception("no %s could be made", role)
            on_answer(fault(ClusterError(f"no {role} could be made: {error}")))
            return
        helper.busy += 1
        call = _Call(helper, task.run)
        self._under_way.append(call)

        def answered(answer: Answer) -> None:
            self._under_way.remove(call)
            helper.busy -= 1
            helper.idle_since = time.monotonic()
            if answer.is_death or alone:
                self._dismiss(helper)
            on_answer(answer)

        label = f"{method} {task.job_id[:8]}"
        call.reference = self._calls.send(helper.handle, method, task, on_answer=answered, label=label)

    def _helper(self, role: Role, alone: bool) -> _Helper:
        if not alone and role in self._shared:
            return self._shared[role]
        helper = _Helper(role, *self._makers.helper(role))
        if alone:
            self._alone.append(helper)
        else:
            self._shared[role] = helper

        def came_up(answer: Answer) -> None:
            helper.pid = answer.values.get("pid", 0)

        self._calls.send(helper.handle, "hello", on_answer=came_up)
        return helper

    def _dismiss(self, helper: _Helper) -> None:
        if self._shared.get(helper.role) is helper:
            del self._shared[helper.role]
        elif helper in self._alone:
            self._alone.remove(helper)
        else:
            return
        self._makers.end(helper.handle)


def _nothing(_answer: Answer) -> None:
    """The call was all that mattered."""
