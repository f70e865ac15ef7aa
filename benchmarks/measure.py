"""Running commands as whole processes and reading what the operating system says they took."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took."""

    wall_s: float
    cpu_s: float  #: user and system, children included
    peak_mib: float  #: largest resident size of a single process


def run(command: Sequence[str]) -> Cost:
    """Run `command` to its end. Raises RuntimeError with its last words where it fails."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        words = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {words.strip()[-300:]}")
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turn(first: Sequence[str], second: Sequence[str], pairs: int) -> tuple[list[Cost], list[Cost]]:
    """Run both commands `pairs` times, one after the other, so that a machine that drifts harms neither."""
    costs = [(run(first), run(second)) for _ in range(pairs)]
    return [pair[0] for pair in costs], [pair[1] for pair in costs]


def table(names: tuple[str, str], first: Sequence[Cost], second: Sequence[Cost]) -> str:
    """Medians of both and of the ratios pair by pair."""
    lines = [f"{'':16}{names[0]:>12}{names[1]:>12}{'ratio':>10}"]
    for label, figure in (("wall s", "wall_s"), ("CPU s", "cpu_s"), ("peak MiB", "peak_mib")):
        mine = [getattr(cost, figure) for cost in first]
        theirs = [getattr(cost, figure) for cost in second]
        ratio = median(a / b for a, b in zip(mine, theirs, strict=True))
        lines.append(f"{label:16}{median(mine):12.2f}{median(theirs):12.2f}{ratio:10.2f}")
    return "\n".join(lines)
