"""Running commands as whole processes and reading what the operating system says they took."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median
from typing import Literal

CUTFARM = str(Path(sys.executable).with_name("cutfarm"))

Figure = Literal["wall_s", "cpu_s", "peak_mib"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took."""

    wall_s: float
    cpu_s: float  #: user and system, children included
    peak_mib: float  #: largest resident size of a single process, never less than this program's own


@dataclass(frozen=True, slots=True)
class Program:
    """A command that is measured, and the video that it writes."""

    name: str
    command: Sequence[str]
    out: Path
    environment: Mapping[str, str] | None = None  #: added to this program's own


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Cost:
    """Run `command` to its end. Raises RuntimeError with its last words where it fails."""
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=None if environment is None else {**os.environ, **environment},
    ) as process:
        assert process.stderr is not None
        words = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {words.strip()[-300:]}")
    return Cost(time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turn(programs: Sequence[Program], rounds: int) -> list[list[Cost]]:
    """Run all programs one after the other, `rounds` times, so that a machine that drifts harms none of them.

    Returns the costs of each program, round by round.
    """
    costs: list[list[Cost]] = [[] for _ in programs]
    for _ in range(rounds):
        for program, found in zip(programs, costs, strict=True):
            found.append(run(program.command, program.environment))
    return costs


def middle(costs: Sequence[Cost], figure: Figure) -> float:
    """The median of one figure."""
    return median(_figure(cost, figure) for cost in costs)


def ratio(costs: Sequence[Cost], others: Sequence[Cost], figure: Figure) -> float:
    """The median of the ratios round by round."""
    pairs = zip(costs, others, strict=True)
    return median(_figure(cost, figure) / _figure(other, figure) for cost, other in pairs)


def _figure(cost: Cost, figure: Figure) -> float:
    return float(getattr(cost, figure))


@cache
def render_options() -> str:
    """What `cutfarm render --help` says, to tell which options this version has."""
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run([CUTFARM, "render", "--help"], capture_output=True, text=True, env=environment, check=True)
    return done.stdout


def has_option(name: str) -> bool:
    """Whether `cutfarm render` knows the option."""
    return name in render_options()


def render_command(draft: Path, out: Path, *options: str) -> list[str]:
    """`cutfarm render` with the encoder's settings of every benchmark."""
    return [CUTFARM, "render", str(draft), "-o", str(out), "--preset", "veryfast", "--crf", "23", *options]
