"""Where a render's CPU time goes: seconds of each stage, over all threads, without the stages inside it."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Literal

Stage = Literal["decode", "convert", "composite", "encode", "sound", "join"]

_tables: list[dict[str, float]] = []  # one for every thread that ever was in a stage
_lock = threading.Lock()


class _Thread(threading.local):
    """The stages that this thread is in, and what it has spent."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.since_s = 0.0
        self.spent_s: dict[str, float] = {}
        with _lock:
            _tables.append(self.spent_s)

    def turn(self) -> None:
        """Count the time since the last turn for the innermost stage."""
        now_s = time.thread_time()
        if self.inside:
            name = self.inside[-1]
            self.spent_s[name] = self.spent_s.get(name, 0.0) + now_s - self.since_s
        self.since_s = now_s


_thread = _Thread()


class stage:  # noqa: N801 - reads as a statement
    """`with stage("decode"):` counts this thread's CPU time; helper threads of codecs are not seen."""

    __slots__ = ("_name",)

    def __init__(self, name: Stage) -> None:
        self._name = name

    def __enter__(self) -> None:
        _thread.turn()
        _thread.inside.append(self._name)

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        _thread.turn()
        _thread.inside.pop()


def spent_s() -> dict[str, float]:
    """CPU seconds of this process by stage, so far."""
    with _lock:
        tables = [dict(table) for table in _tables]
    total: dict[str, float] = {}
    for table in tables:
        for name, seconds in table.items():
            total[name] = total.get(name, 0.0) + seconds
    return total
