"""What is known of local files: found out once, and remembered as long as they stay as they are."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cutfarm import __version__
from cutfarm.errors import StorageError
from cutfarm.storage.keys import sha256_of
from cutfarm.storage.store import Store

_FILES = "files/"
_SETTLED_NS = 2_000_000_000  # a file that changes again within the grain of its clock looks as if it had not

_State = tuple[int, int, int]  # size in bytes, time of change in ns, inode


@dataclass(slots=True)
class _Note:
    """What stands in the store about one state of one file."""

    sha256: str = ""
    checks: set[str] = field(default_factory=set)


class KnownFiles:
    """Remembers digests and passed checks in a store, by path, size, time of change and inode.

    A store that cannot be read or written makes it forgetful, not wrong. For one thread.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: dict[Path, _State] = {}
        self._notes: dict[str, _Note] = {}

    def digest(self, path: Path) -> str:
        """SHA-256 of the file's content, hexadecimal. Raises OSError."""
        state = self._states[path] = _state(path)
        note = self._note(path)
        if not note.sha256:
            note.sha256 = sha256_of(path)
            self._write(path, state, note)
        return note.sha256

    def is_unchanged(self, path: Path) -> bool:
        """Whether the file is still what `digest` read."""
        try:
            return self._states.get(path) == _state(path)
        except OSError:
            return False

    def has_passed(self, path: Path, check: str) -> bool:
        """Whether `passed` was told of this check by this version of cutfarm; False where there is no such file."""
        return path.is_file() and check in self._note(path).checks

    def passed(self, path: Path, check: str) -> None:
        """Remember that the file as it is now has passed `check`. Raises OSError."""
        note = self._note(path)
        note.checks.add(check)
        self._write(path, _state(path), note)

    def _note(self, path: Path) -> _Note:
        key = _key(path, _state(path))
        if key not in self._notes:
            self._notes[key] = self._read(key)
        return self._notes[key]

    def _read(self, key: str) -> _Note:
        try:
            plain = json.loads(self._store.get_bytes(key))
            return _Note(str(plain["sha256"]), set(map(str, plain["checks"])))
        except (StorageError, ValueError, KeyError, TypeError):
            return _Note()

    def _write(self, path: Path, state: _State, note: _Note) -> None:
        if state[1] > time.time_ns() - _SETTLED_NS or state != _state(path):
            return
        plain = {"sha256": note.sha256, "checks": sorted(note.checks)}
        try:
            self._store.put_bytes(_key(path, state), json.dumps(plain).encode())
        except StorageError:
            return


def _state(path: Path) -> _State:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def _key(path: Path, state: _State) -> str:
    words = "\n".join([__version__, str(path.absolute()), *map(str, state)])
    return f"{_FILES}{sha256(words.encode()).hexdigest()}.json"
