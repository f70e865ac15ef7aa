"""Sound that is pulled: whoever needs samples reads them from what comes before."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from kernels.sound import Samples


class Stream(Protocol):
    """Endless stereo sound at the mix's rate, read once, from its start on.

    How it is cut into reads is of no matter to its samples. What lies beyond the end of a file is silence.
    """

    def read(self, count: int) -> Samples:
        """The next `count` samples, float32 (2, count), full scale ±1, left then right; the caller's own to change."""


class Tape(Stream, Protocol):
    """The sound of a file as a stream."""

    @property
    def has_sound(self) -> bool:
        """Whether the file has a sound stream at all."""

    @property
    def channels(self) -> int:
        """1 for a file that is the same on both sides, else 2."""

    @property
    def end_us(self) -> Fraction | None:
        """Media time from which on there is nothing more in the file; None while that is not known."""

    @property
    def damage(self) -> str:
        """What was wrong with the file so far; empty while nothing was."""

    def close(self) -> None:
        """Let go of the file."""
