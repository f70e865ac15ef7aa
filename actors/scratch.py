"""A node's own disk, as one actor uses it."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from cutfarm.errors import StorageError

_LOCK = "lock"
_PREFIX = "work-"


class Scratch:
    """Folders for work below `root`, which exists or not: nodes differ, and tidy programs empty temporary folders.

    All of an actor's folders lie in one that it keeps locked. What an actor left behind when it was killed has no lock
    any more, and the next actor on the node removes it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._mine: Path | None = None
        self._lock: IO[bytes] | None = None  # held as long as this process lives
        self._placing = threading.Lock()

    @contextmanager
    def folder(self, purpose: str) -> Iterator[Path]:
        """An empty folder, gone when the block ends. Raises StorageError."""
        try:
            folder = Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=self._place()))
        except OSError as error:
            raise StorageError(f"the node's scratch folder {self._root} cannot be used: {error.strerror}") from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove what is left, and the lock with it."""
        if self._mine is not None and self._lock is not None:
            shutil.rmtree(self._mine, ignore_errors=True)
            self._lock.close()
        self._mine = self._lock = None

    def _place(self) -> Path:
        with self._placing:
            if self._mine is None or not self._mine.is_dir():
                self.close()
                self._mine, self._lock = self._locked_folder()
            return self._mine

    def _locked_folder(self) -> tuple[Path, IO[bytes]]:
        self._root.mkdir(parents=True, exist_ok=True)
        with _alone(self._root):
            self._sweep()
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._root))
            lock = (folder / _LOCK).open("wb")
            fcntl.flock(lock, fcntl.LOCK_EX)
        return folder, lock

    def _sweep(self) -> None:
        for left in self._root.glob(f"{_PREFIX}*"):
            with contextlib.suppress(OSError), (left / _LOCK).open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Nobody else makes or sweeps folders meanwhile, so none is taken for abandoned before it is locked."""
    with (root / ".sweeping").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
