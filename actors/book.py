"""The chunks of one job as its Supervisor sees them: waiting, in work, done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cutfarm.render.spec import ChunkSpec


@dataclass(slots=True)
class ChunkEntry:
    """A chunk and its luck so far."""

    spec: ChunkSpec
    key: str  #: object-store key of its file
    failures: int = 0
    died_on: set[str] = field(default_factory=set)  #: names of the workers that ended with it
    due: float = 0.0  #: not before, by the monotonic clock


class ChunkBook:
    """Moves chunks between waiting, in work and done; each is in one place at a time."""

    def __init__(self, chunks: Mapping[int, tuple[ChunkSpec, str]], done: Collection[int]) -> None:
        """`chunks` have spec and key by index, in the order of the video."""
        self.entries = {index: ChunkEntry(spec, key) for index, (spec, key) in chunks.items()}
        self._waiting = [index for index in self.entries if index not in done]
        self._in_work: set[int] = set()
        self._done = set(done)

    @property
    def in_work(self) -> int:
        """How many chunks a worker has."""
        return len(self._in_work)

    @property
    def is_done(self) -> bool:
        """Whether all chunks are."""
        return len(self._done) == len(self.entries)

    @property
    def frames_done(self) -> int:
        """Frames of the chunks that are done."""
        return sum(self.entries[index].spec.frame_count for index in self._done)

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Key and number of frames of every chunk, in the order of the video."""
        return tuple((entry.key, entry.spec.frame_count) for entry in self.entries.values())

    def due(self, now: float) -> int:
        """How many chunks may be given to a worker now."""
        return sum(1 for index in self._waiting if self.entries[index].due <= now)

    def next(self, now: float) -> int:
        """The chunk that goes next; `due` must have counted one. It stays where it is until `begin`."""
        return next(index for index in self._waiting if self.entries[index].due <= now)

    def begin(self, index: int) -> None:
        """A worker has it."""
        self._waiting.remove(index)
        self._in_work.add(index)

    def finish(self, index: int) -> None:
        """Its file is in the store."""
        self._in_work.remove(index)
        self._done.add(index)

    def put_back(self, index: int, due: float) -> None:
        """It waits again, until `due` at the least."""
        self._in_work.remove(index)
        self._waiting.append(index)
        self.entries[index].due = due
