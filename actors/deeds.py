"""What is still to be done, again and again until the job table takes it."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable
from dataclasses import dataclass

from actors.admission import backoff_s
from cutfarm.errors import StorageError

_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Deed:
    do: Callable[[], None]
    due: float  # by the monotonic clock
    failures: int = 0


class Deeds:
    """Deeds are done in `step`, by one thread.

    One that the table refuses is repeated, so it must write before it changes anything in memory. Any other exception
    goes to `on_fault`; that of the last deed repeats it.
    """

    def __init__(self, name: str, on_fault: Callable[[Exception], None]) -> None:
        self._name = name
        self._on_fault = on_fault
        self._inbox: queue.SimpleQueue[_Deed] = queue.SimpleQueue()
        self._waiting: list[_Deed] = []
        self._last: _Deed | None = None

    def add(self, do: Callable[[], None], after_s: float = 0.0) -> None:
        """Have it done in so many seconds; may be called from any thread."""
        self._inbox.put(_Deed(do, time.monotonic() + after_s))

    def last(self, do: Callable[[], None]) -> None:
        """Have this done, whatever it takes, and what was to be done before it as far as that goes."""
        self._last = self._last or _Deed(do, time.monotonic())

    def step(self, is_over: Callable[[], bool]) -> None:
        """Do what is due, until `is_over`."""
        while not self._inbox.empty():
            self._waiting.append(self._inbox.get())
        now = time.monotonic()
        due = [deed for deed in self._waiting if deed.due <= now]
        self._waiting = [deed for deed in self._waiting if deed.due > now]
        for deed in due:
            if not is_over():
                self._attempt(deed)
        if self._last is not None and self._last.due <= now and not is_over():
            self._attempt(self._last)

    def _attempt(self, deed: _Deed) -> None:
        try:
            deed.do()
        except StorageError as error:
            self._put_off(deed, error)
        except Exception as error:
            if deed is self._last:
                self._put_off(deed, error)
            else:
                self._on_fault(error)

    def _put_off(self, deed: _Deed, error: Exception) -> None:
        deed.failures += 1
        deed.due = time.monotonic() + backoff_s(deed.failures)
        if deed is not self._last:
            self._waiting.append(deed)
        _LOG.warning("%s waits: %s", self._name, error)
