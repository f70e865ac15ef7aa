"""Where a render's time goes: CPU seconds of each stage, over all threads, without the stages inside it, and waits."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Literal

Stage = Literal["decode", "convert", "composite", "encode", "sound", "join"]

_WAIT = "wait"  # seconds of the clock, unlike the others

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
            self.add(self.inside[-1], now_s - self.since_s)
        self.since_s = now_s

    def add(self, name: str, seconds: float) -> None:
        """Count `seconds` for `name`."""
        self.spent_s[name] = self.spent_s.get(name, 0.0) + seconds


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


class waiting:  # noqa: N801 - reads as a statement
    """`with waiting():` counts the seconds in which this thread had nothing to do."""

    __slots__ = ("_since_s",)

    def __enter__(self) -> None:
        self._since_s = time.perf_counter()

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        _thread.add(_WAIT, time.perf_counter() - self._since_s)


def spent_s() -> dict[str, float]:
    """CPU seconds of this process by stage, so far; under `wait` the seconds that its threads have waited together."""
    with _lock:
        tables = [dict(table) for table in _tables]
    total: dict[str, float] = {}
    for table in tables:
        for name, seconds in table.items():
            total[name] = total.get(name, 0.0) + seconds
    return total
