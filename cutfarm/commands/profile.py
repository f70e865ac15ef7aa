"""What a render's CPU time went into, as a file."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from cutfarm.stages import spent_s


class Profile:
    """Counts from the moment when the job is planned."""

    def __init__(self) -> None:
        self._start_s = time.process_time()
        self._first_frame_s: float | None = None

    def watched(self, on_frames: Callable[[int], None]) -> Callable[[int], None]:
        """`on_frames`, and the first call is noted."""

        def told(count: int) -> None:
            if self._first_frame_s is None:
                self._first_frame_s = time.process_time()
            on_frames(count)

        return told

    def write(self, path: Path, frame_count: int) -> None:
        """CPU seconds of the whole process by stage: `start` is all before the first chunk, `other` what no stage saw.

        Threads that a codec starts for itself are seen in `other` alone.
        """
        total_s = time.process_time()
        stages = spent_s()
        wait_s = stages.pop("wait", 0.0)
        cpu_s = {"start": self._start_s, **stages}
        found = {
            "frames": frame_count,
            "total_cpu_s": total_s,
            "first_frame_cpu_s": self._first_frame_s,
            "cpu_s": {**cpu_s, "other": max(total_s - sum(cpu_s.values()), 0.0)},
            "wait_s": wait_s,
        }
        path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
