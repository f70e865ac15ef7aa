"""Calls under way to other actors, and what is done with their answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError

from actors.messages import WORKER_DIED, Answer, fault

Handler = Callable[[Answer], None]


class Calls:
    """Waits for many calls at once. Every call is answered: an actor that died answers with the kind WORKER_DIED."""

    def __init__(self) -> None:
        self._handlers: dict[Any, Handler] = {}

    def add(self, reference: Any, handler: Handler) -> None:
        """Have `handler` told how the call ended."""
        self._handlers[reference] = handler

    def poll(self, timeout_s: float) -> None:
        """Hand out the answers that are there, waiting up to `timeout_s` for the first."""
        if not self._handlers:
            return
        waiting = list(self._handlers)
        done, _ = ray.wait(waiting, num_returns=len(waiting), timeout=0)
        if not done:
            done, _ = ray.wait(waiting, num_returns=1, timeout=timeout_s)
        for reference in done:
            self._handlers.pop(reference)(_answer(reference))

    def __len__(self) -> int:
        return len(self._handlers)


def _answer(reference: Any) -> Answer:
    try:
        answer = ray.get(reference)
    except RayActorError as error:
        return fault(error, WORKER_DIED)
    except RayError as error:
        logging.getLogger(__name__).exception("a call failed outside of the actor's own code")
        return fault(error)
    return answer if isinstance(answer, Answer) else fault(TypeError(f"an actor answered with {type(answer).__name__}"))
