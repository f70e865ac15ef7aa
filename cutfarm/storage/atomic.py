"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_file(path: Path, *, scratch: Path | None = None, durable: bool = False) -> Iterator[BinaryIO]:
    """Open a temporary file that takes the name `path` when the block ends well, and vanishes when it does not.

    `scratch` is the folder of the temporary file, on the same file system; the target's own folder by default.
    `durable` waits until the bytes are on the disk, so that a power cut leaves no empty file under a final name.
    Raises what the file system raises.
    """
    handle, name = tempfile.mkstemp(prefix=".", suffix=".partial", dir=scratch or path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
