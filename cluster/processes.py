"""The processes that this one has started, as Linux tells of them."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

_PARENT, _STARTED = 1, 19  # fields of /proc/<pid>/stat behind the command's name

Process = tuple[int, str]  #: id and start time: an id alone may be somebody else's later


def descendants() -> frozenset[Process]:
    """All living children, their children, and so on."""
    parents: dict[Process, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):  # it has ended meanwhile
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name), fields[_STARTED]] = int(fields[_PARENT])
    found: set[Process] = set()
    ids = {os.getpid()}
    while new := {process for process, parent in parents.items() if parent in ids} - found:
        found |= new
        ids = {process[0] for process in new}
    return frozenset(found)


def kill(processes: frozenset[Process]) -> None:
    """End those of `processes` that still live, at once."""
    for number, started in processes:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[_STARTED] == started:
                os.kill(number, signal.SIGKILL)
