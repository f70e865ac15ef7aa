"""Arrays of any length as a stream that is read in lengths that are asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from kernels.sound import Samples


class Pieces:
    """Stereo arrays (2, n), or mono ones (1, n) heard on both sides, and silence after the last of them."""

    def __init__(self, pieces: Iterator[Samples]) -> None:
        self._pieces = pieces
        self._held: deque[Samples] = deque()
        self._held_count = 0

    def read(self, count: int) -> Samples:
        """The next `count` samples, float32 (2, count); the caller's own to change."""
        while self._held_count < count:
            piece = next(self._pieces, None)
            if piece is None:
                piece = np.zeros((2, count - self._held_count), np.float32)
            self._held.append(piece)
            self._held_count += piece.shape[1]
        taken = np.empty((2, count), np.float32)
        filled = 0
        while filled < count:
            head = self._held.popleft()
            part = head[:, : count - filled]
            taken[:, filled : filled + part.shape[1]] = part
            filled += part.shape[1]
            if part.shape[1] < head.shape[1]:
                self._held.appendleft(head[:, part.shape[1] :])
        self._held_count -= count
        return taken
