"""Calls under way to other actors, and who is told how they end: the Supervisor's one way to speak to its farm."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from typing import Any

import ray
from ray import exceptions

from actors.messages import WORKER_DIED, Answer, fault
from cutfarm.errors import ClusterError

Handler = Callable[[Answer], None]

_DIED = (
    exceptions.RayActorError,
    exceptions.WorkerCrashedError,
    exceptions.NodeDiedError,
    exceptions.LocalRayletDiedError,
    exceptions.OutOfMemoryError,
)
_LOG = logging.getLogger(__name__)


class Calls:
    """Sends calls and hands out their answers.

    Every call is answered, by WORKER_DIED where the actor's process is gone.
    """

    def __init__(self) -> None:
        self._handlers: dict[Any, Handler] = {}
        self._unsent: list[tuple[Handler, Answer]] = []

    def send(self, actor: Any, method: str, *arguments: Any, on_answer: Handler, label: str = "") -> Any:
        """Call `method` of `actor`, under the name `label` on the dashboard; returns what `cancel` takes."""
        try:
            call = getattr(actor, method)
            reference = (call.options(name=label) if label else call).remote(*arguments)
        except exceptions.RayError as error:
            self._unsent.append((on_answer, fault(ClusterError(f"a call could not be sent: {_sentence(error)}"))))
            return None
        self._handlers[reference] = on_answer
        return reference

    def cancel(self, reference: Any) -> None:
        """Interrupt a call of an asynchronous actor; its handler is told as ever."""
        if reference in self._handlers:
            with contextlib.suppress(exceptions.RayError, ValueError):
                ray.cancel(reference)

    def poll(self, timeout_s: float) -> None:
        """Hand out the answers that are there, waiting up to `timeout_s` for the first."""
        unsent, self._unsent = self._unsent, []
        for handler, answer in unsent:
            _tell(handler, answer)
        if not self._handlers:
            return
        waiting = list(self._handlers)
        done, _ = ray.wait(waiting, num_returns=len(waiting), timeout=0, fetch_local=False)
        if not done:
            done, _ = ray.wait(waiting, num_returns=1, timeout=timeout_s)
        for reference in done:
            _tell(self._handlers.pop(reference), _answer(reference))

    def __len__(self) -> int:
        return len(self._handlers) + len(self._unsent)


def _tell(handler: Handler, answer: Answer) -> None:
    """One handler's fault is no other one's."""
    try:
        handler(answer)
    except Exception:
        _LOG.exception("the answer to a call was not taken")


def _answer(reference: Any) -> Answer:
    try:
        answer = ray.get(reference)
    except _DIED as error:
        return Answer(WORKER_DIED, _sentence(error), is_retryable=True)
    except exceptions.TaskCancelledError:
        return Answer(ClusterError.__name__, "the call was cancelled", is_retryable=True)
    except Exception as error:
        _LOG.exception("a call failed outside of the actor's own code")
        return fault(error)
    return answer if isinstance(answer, Answer) else fault(TypeError(f"an actor answered with {type(answer).__name__}"))


def _sentence(error: Exception) -> str:
    """The first line of what Ray says, and the last where it is the cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    return lines[0] if len(lines) == 1 else f"{lines[0]} {lines[-1]}"
