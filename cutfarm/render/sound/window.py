"""A stream that is read at rising places, as far back as is still needed."""

from __future__ import annotations

import numpy as np

from cutfarm.render.sound.stream import Stream
from kernels.sound import Samples

_PIECE = 1 << 16  # samples that are read, or skipped, at a time


class Window:
    """The part of a stream around where it is being read; its first sample lies at the place −`lead`."""

    def __init__(self, stream: Stream, lead: int) -> None:
        self._stream = stream
        self._held = np.zeros((2, 0), np.float32)
        self._first = -lead  # the place of the first sample held
        self._end = -lead  # the place of the next sample of the stream

    def between(self, first: int, end: int) -> Samples:
        """The samples at the places [`first`, `end`), the caller's own; silence before the stream and where let go."""
        self._reach(end)
        missing = max(self._first - first, 0)
        if missing == 0:
            return self._held[:, first - self._first : end - self._first].copy()
        held = self._held[:, : max(end - self._first, 0)]
        return np.concatenate((np.zeros((2, end - first - held.shape[1]), np.float32), held), 1)

    def let_go(self, before: int) -> None:
        """Forget what lies before a place; what was not read yet is skipped in pieces."""
        if before <= self._first:
            return
        if before >= self._end:
            self._held = np.zeros((2, 0), np.float32)
            while self._end < before:
                self._end += self._stream.read(min(_PIECE, before - self._end)).shape[1]
        else:
            self._held = self._held[:, before - self._first :]
        self._first = before

    def _reach(self, end: int) -> None:
        if end <= self._end:
            return
        fresh = self._stream.read(end - self._end)
        self._held = np.concatenate((self._held, fresh), 1)
        self._end = end
