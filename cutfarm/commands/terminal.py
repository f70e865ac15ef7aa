"""How the commands speak: results on standard output, progress and trouble on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn


def say(line: str) -> None:
    """One line of result."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def warn(line: str) -> None:
    """One line of trouble or advice."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def frames_progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar over `total` frames; gives a function, safe for threads, that is told how many more are done."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import MofNCompleteColumn, TextColumn, TimeRemainingColumn

    with _bar(MofNCompleteColumn(), TextColumn("frames"), TimeRemainingColumn()) as progress:
        task = progress.add_task("rendering", total=total)
        yield lambda more: progress.advance(task, more)


@contextmanager
def percent_progress() -> Iterator[Callable[[str, float], None]]:
    """A bar from 0 to 100; gives a function that is told the stage and the percentage."""
    if not sys.stderr.isatty():
        yield lambda _, __: None
        return
    from rich.progress import TaskProgressColumn

    with _bar(TaskProgressColumn()) as progress:
        task = progress.add_task("waiting", total=100.0)
        yield lambda stage, percent: progress.update(task, description=stage, completed=percent)


def _bar(*columns: ProgressColumn) -> Progress:
    """A bar with its words before it and `columns` behind it; gone when it ends."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}"), BarColumn(), *columns, console=Console(stderr=True), transient=True
    )
