"""What `cutfarm render --profile` wrote: where a render's time went, stage by stage."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

OPTION = "--profile"
STAGES = ("decode", "convert", "composite", "encode", "sound", "join")
_CODEC = ("decode", "encode")


@dataclass(frozen=True, slots=True)
class Profile:
    """One render's profile, and what its whole process took by the operating system."""

    frames: int
    cpu_s: dict[str, float]  #: by stage
    wait_s: float
    whole_s: float  #: CPU of the process

    @property
    def rest_s(self) -> float:
        """CPU that no stage claims."""
        return max(self.whole_s - sum(self.cpu_s.values()), 0.0)

    @property
    def overhead(self) -> float:
        """The share of all CPU that is neither decoding, encoding nor sound."""
        return 1 - sum(self.cpu_s.get(stage, 0.0) for stage in (*_CODEC, "sound")) / self.whole_s


def read_profile(path: Path, whole_s: float) -> Profile:
    """The profile in the file that `--profile` wrote."""
    found = json.loads(path.read_text(encoding="utf-8"))
    return Profile(found["frames"], found["cpu_s"], found["wait_s"], whole_s)


def profile_table(profiles: dict[str, Profile]) -> str:
    """Milliseconds of CPU a frame by stage, one row a render; the start is in seconds, since it comes once."""
    names = [f"{stage:>10}" for stage in (*STAGES, "rest", "wait")]
    lines = [f"{'ms a frame':30}{'start s':>10}{''.join(names)}{'overhead':>10}"]
    for name, profile in profiles.items():
        spent = [profile.cpu_s.get(stage, 0.0) for stage in STAGES]
        figures = [f"{1000 * second / profile.frames:10.2f}" for second in (*spent, profile.rest_s, profile.wait_s)]
        start_s = profile.cpu_s.get("start", 0.0)
        lines.append(f"{name:30}{start_s:10.2f}{''.join(figures)}{100 * profile.overhead:9.1f}%")
    return "\n".join(lines)
