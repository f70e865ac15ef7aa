"""Sound that is pulled: whoever needs samples reads them from what comes before."""

from __future__ import annotations

from typing import Protocol

from kernels.sound import Samples


class Stream(Protocol):
    """Endless stereo sound at the mix's rate, read once, from its start on.

    How it is cut into reads is of no matter to its samples. What lies beyond the end of a file is silence.
    """

    def read(self, count: int) -> Samples:
        """The next `count` samples, float32 (2, count), full scale ±1, left then right; the caller's own to change."""
