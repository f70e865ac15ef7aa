"""Arrays of any length as a stream that is read in lengths that are asked for."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from kernels.sound import Samples


class Queue:
    """Stereo arrays (2, n), or mono ones (1, n) heard on both sides, taken out in other lengths than they came in."""

    def __init__(self) -> None:
        self._held: deque[Samples] = deque()
        self.count = 0  #: samples held

    def add(self, samples: Samples) -> None:
        """Put samples behind those that are held."""
        self._held.append(samples)
        self.count += samples.shape[1]

    def take(self, count: int) -> Samples:
        """The first `count` samples, float32 (2, count), of at least as many; the caller's own to change."""
        taken = np.empty((2, count), np.float32)
        filled = 0
        while filled < count:
            head = self._held.popleft()
            part = head[:, : count - filled]
            taken[:, filled : filled + part.shape[1]] = part
            filled += part.shape[1]
            if part.shape[1] < head.shape[1]:
                self._held.appendleft(head[:, part.shape[1] :])
        self.count -= count
        return taken


class Pieces:
    """Arrays of sound as a stream, and silence after the last of them."""

    def __init__(self, pieces: Iterator[Samples]) -> None:
        self._pieces = pieces
        self._queue = Queue()

    def read(self, count: int) -> Samples:
        """The next `count` samples, float32 (2, count); the caller's own to change."""
        queue = self._queue
        while queue.count < count:
            piece = next(self._pieces, None)
            queue.add(np.zeros((2, count - queue.count), np.float32) if piece is None else piece)
        return queue.take(count)
