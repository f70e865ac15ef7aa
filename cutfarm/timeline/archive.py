"""Unpacking somebody else's zip: nothing lands outside the folder, and nothing large lands at all."""

from __future__ import annotations

import errno
import lzma
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from cutfarm.errors import DraftUnreadable, StorageError

_DRIVE = re.compile("[A-Za-z]:")
_BLOCK_BYTES = 1 << 20
_UTF8_NAMES, _ENCRYPTED = 0x800, 0x1  #: general purpose bits of an entry


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold."""

    files: int = 20_000
    total_bytes: int = 8 << 30  #: unpacked, counted while writing
    free_bytes: int = 256 << 20  #: up to here the compression may be as high as it likes
    ratio: int = 20  #: beyond, unpacked bytes per byte of the archive; media hardly compress


def extract(archive: Path, into: Path, limits: ArchiveLimits) -> None:
    """Unpack `archive` into the existing, empty folder `into`.

    Raises DraftUnreadable for a broken archive, for entries that leave the folder, are links or are encrypted, and
    for more files or bytes than `limits`; the caller removes what was written by then.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > limits.files:
                raise DraftUnreadable(f"{archive.name} holds {len(entries)} files; {limits.files} are allowed.")
            budget = _Budget(archive.name, _allowed_bytes(archive, limits))
            for entry in entries:
                _extract_entry(opened, entry, into, budget)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError) as error:
        raise DraftUnreadable(f"{archive.name} is not a whole zip archive ({error}).") from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(f"There is no room to unpack {archive.name}.") from error
        raise DraftUnreadable(f"{archive.name} cannot be unpacked ({error.strerror or error}).") from error


def entry_path(name: str, archive_name: str) -> PurePosixPath:
    """The entry's path inside the folder, by either separator.

    Raises DraftUnreadable for names that are absolute, name a drive, or climb with `..`.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if not path.parts or path.is_absolute() or ".." in path.parts or _DRIVE.match(name) or "\0" in name:
        raise DraftUnreadable(f"{archive_name} holds an entry that points outside of it: {name!r}.")
    return path


@dataclass(slots=True)
class _Budget:
    """Bytes that may still be written."""

    archive_name: str
    left_bytes: int

    def spend(self, count: int) -> None:
        self.left_bytes -= count
        if self.left_bytes < 0:
            raise DraftUnreadable(f"{self.archive_name} unpacks to far more bytes than are allowed.")


def _allowed_bytes(archive: Path, limits: ArchiveLimits) -> int:
    return min(limits.total_bytes, limits.free_bytes + limits.ratio * archive.stat().st_size)


def _extract_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path, budget: _Budget) -> None:
    name = _readable_name(entry)
    path = entry_path(name, budget.archive_name)
    if path.parts[0] == "__MACOSX":
        return
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise DraftUnreadable(f"{budget.archive_name} holds {name!r}, which is a link or a device, not a file.")
    if entry.flag_bits & _ENCRYPTED:
        raise DraftUnreadable(f"{budget.archive_name} is protected with a password.")
    target = into / path
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(entry) as source, target.open("wb") as sink:
        _copy(source, sink, budget)


def _copy(source: IO[bytes], sink: IO[bytes], budget: _Budget) -> None:
    while block := source.read(_BLOCK_BYTES):
        budget.spend(len(block))
        sink.write(block)


def _readable_name(entry: zipfile.ZipInfo) -> str:
    """Names that are not marked as UTF-8 were read as code page 437; most are UTF-8 or Chinese Windows' GBK."""
    if entry.flag_bits & _UTF8_NAMES or entry.filename.isascii():
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return entry.filename
