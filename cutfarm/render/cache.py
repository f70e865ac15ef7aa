"""Finished chunks and sounds in a folder, found again by their content keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cutfarm.errors import AssetUnreadable, RequestError, StorageError
from cutfarm.render.identity import chunk_key, segment_ids, soundtrack_key
from cutfarm.render.spec import Asset, Assets, ChunkSpec, SoundSpec
from cutfarm.storage.folder import FolderStore
from cutfarm.storage.keys import segment_key, sha256_of, sound_key
from cutfarm.storage.known import KnownFiles
from cutfarm.timeline.report import Entry, Report

_CONTENT = "content/"


@dataclass(frozen=True, slots=True)
class _Note:
    """What stands in the cache under a content key: which file, and what its maker found."""

    file: str  #: SHA-256 of its content, hexadecimal, which is also its name
    frame_count: int
    report: Report
    segments: tuple[str, ...]  #: ids of the segments that the report may name, in the order of the timeline

    @classmethod
    def from_json(cls, data: bytes) -> _Note:
        """The note that `as_json` wrote. Raises ValueError for anything else."""
        try:
            plain = json.loads(data)
            report = Report.from_dicts(plain["report"])
            return cls(str(plain["file"]), int(plain["frame_count"]), report, tuple(map(str, plain["segments"])))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("it is no note of the cache") from error

    def as_json(self) -> bytes:
        """The note as it is stored."""
        plain = {"file": self.file, "frame_count": self.frame_count, "report": self.report.as_dicts()}
        return json.dumps({**plain, "segments": self.segments}, ensure_ascii=False).encode()

    def report_for(self, segments: Sequence[str]) -> Report:
        """The report in the words of a timeline that shows the same and calls its segments otherwise."""
        names = dict(zip(self.segments, segments, strict=False)) if len(segments) == len(self.segments) else {}
        return Report(tuple(_renamed(entry, names) for entry in self.report))


class RenderCache:
    """A folder that several renders may use at a time, and that anybody may empty at any time.

    Files lie under the digest of their content and are verified whenever they are found, so that one which is damaged
    is made again. What cannot be written is not kept; `fault` says why. Its methods may be called from many threads.
    """

    def __init__(self, folder: Path, *, device: str = "cpu") -> None:
        """Raise RequestError where the folder cannot be made."""
        try:
            self._store = FolderStore(folder, durable=False)
        except StorageError as error:
            raise RequestError(f"the cache folder {folder} cannot be used: {error}") from error
        self._device = device
        self.files = KnownFiles(self._store)
        self.fault = ""

    def assets(self, assets: Assets) -> Assets:
        """`assets` with the digests that keys are made of. Raises AssetUnreadable."""
        try:
            return {path: Asset(asset.path, self.files.digest(Path(asset.path))) for path, asset in assets.items()}
        except OSError as error:
            raise AssetUnreadable(f"{Path(error.filename).name} cannot be read ({error.strerror})") from error

    def find_chunk(self, spec: ChunkSpec, path: Path) -> Report | None:
        """Give the pictures of `spec` the name `path`, only to be read; their report, None where they are not kept."""
        return self._find(self._chunk_key(spec), spec, path)

    def keep_chunk(self, spec: ChunkSpec, path: Path, report: Report) -> None:
        """Keep the file `path` as the pictures of `spec`."""
        self._keep(self._chunk_key(spec), spec, path, report)

    def find_sound(self, spec: SoundSpec, path: Path) -> Report | None:
        """Give the sound of `spec` the name `path`, only to be read; its report, None where it is not kept."""
        return self._find(_sound_key(spec), spec, path)

    def keep_sound(self, spec: SoundSpec, path: Path, report: Report) -> None:
        """Keep the file `path` as the sound of `spec`."""
        self._keep(_sound_key(spec), spec, path, report)

    def _chunk_key(self, spec: ChunkSpec) -> str:
        return segment_key(chunk_key(spec, self._device), "json")

    def _find(self, key: str, spec: ChunkSpec | SoundSpec, path: Path) -> Report | None:
        note = self._note(key)
        if note is None or note.frame_count != spec.frame_count or not self._lend(note.file, path):
            return None
        return note.report_for(segment_ids(spec.timeline))

    def _note(self, key: str) -> _Note | None:
        try:
            return _Note.from_json(self._store.get_bytes(key))
        except (StorageError, ValueError):  # not there, or not whole: it is made again
            return None

    def _lend(self, digest: str, path: Path) -> bool:
        """Give a file the name `path` if it is what it was."""
        try:
            self._store.lend_file(_CONTENT + digest, path)
            if sha256_of(path) == digest:
                return True
        except (StorageError, OSError):  # somebody has emptied the folder
            pass
        path.unlink(missing_ok=True)
        return False

    def _keep(self, key: str, spec: ChunkSpec | SoundSpec, path: Path, report: Report) -> None:
        if not all(self.files.is_unchanged(Path(asset.path)) for asset in spec.assets.values()):
            return
        note = _Note(sha256_of(path), spec.frame_count, report, segment_ids(spec.timeline))
        try:
            self._store.put_file(_CONTENT + note.file, path)
            self._store.put_bytes(key, note.as_json())
        except StorageError as error:
            self.fault = self.fault or str(error)


def _sound_key(spec: SoundSpec) -> str:
    return sound_key(soundtrack_key(spec), "json")


def _renamed(entry: Entry, names: Mapping[str, str]) -> Entry:
    name = names.get(entry.segment_id, "")
    fact = entry.fact.replace(entry.segment_id, name) if entry.segment_id and name else entry.fact
    return replace(entry, segment_id=name, fact=fact)
