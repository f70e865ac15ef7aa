"""Where a render's time goes, stage by stage, by `cutfarm render --profile`."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import run

OPTION = "--profile"
STAGES = ("decode", "convert", "composite", "encode", "sound", "join")


@dataclass(frozen=True, slots=True)
class Profile:
    """One render's profile, and what its whole process took by the operating system."""

    frames: int
    cpu_s: dict[str, float]  #: by stage; `start` is what was spent before the first chunk
    first_frame_s: float  #: CPU until the first frame was encoded
    wait_s: float  #: in which threads had nothing to do, together
    whole_s: float  #: CPU of the process

    @property
    def rest_s(self) -> float:
        """CPU that no stage claims."""
        claimed = sum(self.cpu_s.get(stage, 0.0) for stage in ("start", *STAGES))
        return max(self.whole_s - claimed, 0.0)

    def overhead(self, *, with_sound: bool = False) -> float:
        """The share of all CPU that neither decodes nor encodes pictures."""
        needed = ("decode", "encode") if with_sound else ("decode", "encode", "sound")
        return 1 - sum(self.cpu_s.get(stage, 0.0) for stage in needed) / self.whole_s


def profiled(command: Sequence[str], out: Path) -> Profile:
    """Run a `cutfarm render` command once more, with a worker for every core.

    Then every codec has one thread and all that it spends is seen; threads that a codec starts are in no stage.
    """
    path = out.with_suffix(".profile.json")
    cores = str(len(os.sched_getaffinity(0)))
    whole_s = run([*command, "--workers", cores, OPTION, str(path)]).cpu_s
    found = json.loads(path.read_text(encoding="utf-8"))
    return Profile(found["frames"], found["cpu_s"], found["first_frame_cpu_s"] or 0.0, found["wait_s"], whole_s)


def profile_table(profiles: dict[str, Profile]) -> str:
    """Milliseconds of CPU a frame by stage, one row a render; what comes once is in seconds."""
    names = [f"{stage:>10}" for stage in (*STAGES, "rest", "wait")]
    lines = [f"{'ms a frame':26}{'start s':>9}{'first s':>9}{''.join(names)}{'overhead':>10}{'with sound':>11}"]
    for name, profile in profiles.items():
        spent = [profile.cpu_s.get(stage, 0.0) for stage in STAGES]
        figures = [f"{1000 * second / profile.frames:10.2f}" for second in (*spent, profile.rest_s, profile.wait_s)]
        once = f"{profile.cpu_s.get('start', 0.0):9.2f}{profile.first_frame_s:9.2f}"
        shares = f"{100 * profile.overhead():9.1f}%{100 * profile.overhead(with_sound=True):10.1f}%"
        lines.append(f"{name:26}{once}{''.join(figures)}{shares}")
    return "\n".join(lines)
