"""How the commands speak: results on standard output, progress and trouble on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_OUT = Console(soft_wrap=True, highlight=False, markup=False)
_ERR = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)


def say(line: str) -> None:
    """One line of result."""
    _OUT.print(line)


def warn(line: str) -> None:
    """One line of trouble or advice."""
    _ERR.print(line)


@contextmanager
def frames_progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar over `total` frames; gives a function, safe for threads, that is told how many more are done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_ERR, transient=True, disable=not _ERR.is_terminal) as progress:
        task = progress.add_task("rendering", total=total)
        yield lambda more: progress.advance(task, more)


@contextmanager
def percent_progress() -> Iterator[Callable[[str, float], None]]:
    """A bar from 0 to 100; gives a function that is told the stage and the percentage."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=_ERR, transient=True, disable=not _ERR.is_terminal) as progress:
        task = progress.add_task("waiting", total=100.0)
        yield lambda stage, percent: progress.update(task, description=stage, completed=percent)
