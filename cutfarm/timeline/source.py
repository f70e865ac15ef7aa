"""Where a draft lies: a folder, its timeline file, or a zip of it."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cutfarm.errors import DraftEncrypted, DraftError, DraftNotFound, DraftUnreadable
from cutfarm.timeline import fields
from cutfarm.timeline.archive import ArchiveLimits, extract
from cutfarm.timeline.report import Entry, Fidelity, Report

MAX_DRAFT_BYTES = 256 << 20
TIMELINE_NAMES = ("draft_content.json", "draft_info.json")  #: Windows, macOS
_BACKUP_NAMES = ("template-2.tmp", "draft_content.json.bak")
_BLOB = re.compile(rb"[A-Za-z0-9+/_=\-\s]{64,}")  #: what the encrypted files look like


@dataclass(frozen=True, slots=True)
class DraftSource:
    """An open draft; as a context manager it removes what was unpacked for it."""

    folder: Path  #: the draft folder, which placeholders and relative paths start from
    timeline_path: Path  #: the file that was read
    draft: dict[str, Any]  #: its JSON
    report: Report = field(default_factory=Report)  #: what is odd about the files
    unpacked: Path | None = None  #: temporary folder of a zip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was unpacked; harmless when called again."""
        if self.unpacked is not None:
            shutil.rmtree(self.unpacked, ignore_errors=True)


def open_draft(path: Path, *, scratch: Path | None = None, limits: ArchiveLimits | None = None) -> DraftSource:
    """Open a draft folder, a timeline file (its folder is the draft folder) or a `.zip` of a draft folder.

    A zip is unpacked into a new folder under `scratch`, or where the system keeps temporary files, until `close`.
    Raises DraftNotFound, DraftUnreadable or DraftEncrypted.
    """
    if path.is_dir():
        return _open_folder(path)
    if not path.is_file():
        raise DraftNotFound(f"There is no draft at {path}.")
    if path.suffix.lower() == ".zip" or (path.suffix.lower() != ".json" and zipfile.is_zipfile(path)):
        return _open_archive(path, scratch, limits or ArchiveLimits())
    return DraftSource(path.parent, path, _read(path))


def parse_draft(data: bytes, name: str = "The draft") -> dict[str, Any]:
    """The JSON of a timeline file.

    Raises DraftEncrypted for what JianYing 6 and later write, DraftUnreadable for everything else that is no object.
    """
    if len(data) > MAX_DRAFT_BYTES:
        raise DraftUnreadable(f"{name} has more than {MAX_DRAFT_BYTES >> 20} MiB, which no timeline has.")
    if _BLOB.fullmatch(data.strip()):
        raise DraftEncrypted(
            f"{name} is encrypted: JianYing 6 and later encrypt their drafts; "
            "CapCut, JianYing 5.9 and libraries write drafts that can be read."
        )
    try:
        draft = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError) as error:
        raise DraftUnreadable(f"{name} is not JSON ({_reason(error)}).") from error
    if not isinstance(draft, dict):
        raise DraftUnreadable(f"{name} holds no draft: its JSON is not an object.")
    return draft


def _reason(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return f"line {error.lineno}, column {error.colno}: {error.msg}"
        case UnicodeDecodeError():
            return "it is not text"
        case RecursionError():
            return "it is nested too deeply"
        case _:
            return "it holds a number too long to read"


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_DRAFT_BYTES + 1)
    except OSError as error:
        raise DraftUnreadable(f"{path.name} cannot be read ({error.strerror}).") from error
    return parse_draft(data, path.name)


def _open_folder(folder: Path) -> DraftSource:
    """Read the first timeline file that can be read; an encrypted one ends the search, since its copies are older."""
    first_error: DraftError | None = None
    for path in _timeline_files(folder):
        try:
            draft = _read(path)
        except DraftUnreadable as error:
            first_error = first_error or error
            continue
        return DraftSource(folder, path, draft, _fallback_report(path, folder, first_error))
    raise first_error or DraftNotFound(f"There is no {' or '.join(TIMELINE_NAMES)} in {folder}.")


def _fallback_report(path: Path, folder: Path, error: DraftError | None) -> Report:
    if error is None:
        return Report()
    message = f"{error} {path.relative_to(folder)} was read instead."
    return Report((Entry(Fidelity.CLOSE, "draft file", message),))


def _timeline_files(folder: Path) -> Iterator[Path]:
    """The files that may hold the timeline, the one that the application trusts first."""
    main = _main_timeline(folder)
    candidates = [main / name for name in TIMELINE_NAMES] if main is not None else []
    candidates += [folder / name for name in (*TIMELINE_NAMES, *_BACKUP_NAMES)]
    return (path for path in candidates if path.is_file())


def _main_timeline(folder: Path) -> Path | None:
    """`Timelines/<main_timeline_id>`, which newer applications keep beside the root file and trust more."""
    project = folder / "Timelines" / "project.json"
    if not project.is_file():
        return None
    try:
        name = fields.text(_read(project), "main_timeline_id")
    except DraftError:
        return None
    is_plain = bool(name) and name not in (".", "..") and not set(name) & set("/\\\0")
    return folder / "Timelines" / name if is_plain else None


def _open_archive(path: Path, scratch: Path | None, limits: ArchiveLimits) -> DraftSource:
    unpacked = Path(tempfile.mkdtemp(prefix="cutfarm-draft-", dir=scratch))
    try:
        extract(path, unpacked, limits)
        found = _open_folder(_draft_folder(unpacked, path.name))
        return DraftSource(found.folder, found.timeline_path, found.draft, found.report, unpacked)
    except BaseException:
        shutil.rmtree(unpacked, ignore_errors=True)
        raise


def _draft_folder(unpacked: Path, archive_name: str) -> Path:
    """The unpacked folder itself, or the one folder in it that holds a draft."""
    if any(_timeline_files(unpacked)):
        return unpacked
    inner = [folder for folder in sorted(unpacked.iterdir()) if folder.is_dir() and any(_timeline_files(folder))]
    if len(inner) > 1:
        raise DraftUnreadable(f"{archive_name} holds {len(inner)} drafts; send one at a time.")
    if not inner:
        raise DraftNotFound(f"There is no {' or '.join(TIMELINE_NAMES)} in {archive_name}.")
    return inner[0]
