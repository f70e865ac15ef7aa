"""Finished chunks and sounds in a folder, found again by their content keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

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
    report: Sequence[Mapping[str, Any]]  #: as `Report.as_dicts()` gives it
    segments: Sequence[str]  #: ids of the segments that the report may name, in the order of the timeline

    def report_for(self, segments: Sequence[str]) -> Report:
        """The report in the words of a timeline that shows the same and calls its segments otherwise."""
        names = dict(zip(self.segments, segments, strict=False)) if len(segments) == len(self.segments) else {}
        return Report(tuple(_renamed(entry, names) for entry in Report.from_dicts(self.report)))


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
        try:
            note = _Note(**json.loads(self._store.get_bytes(key)))
            if note.frame_count == spec.frame_count:
                self._store.lend_file(_CONTENT + note.file, path)
                if sha256_of(path) == note.file:
                    return note.report_for(segment_ids(spec.timeline))
        except (StorageError, OSError, ValueError, KeyError, TypeError):
            pass  # whatever is wrong with it: it is made again
        path.unlink(missing_ok=True)
        return None

    def _keep(self, key: str, spec: ChunkSpec | SoundSpec, path: Path, report: Report) -> None:
        if not all(self.files.is_unchanged(Path(asset.path)) for asset in spec.assets.values()):
            return
        note = _Note(sha256_of(path), spec.frame_count, report.as_dicts(), segment_ids(spec.timeline))
        try:
            self._store.put_file(_CONTENT + note.file, path)
            self._store.put_bytes(key, json.dumps(asdict(note), ensure_ascii=False).encode())
        except StorageError as error:
            self.fault = self.fault or str(error)


def _sound_key(spec: SoundSpec) -> str:
    return sound_key(soundtrack_key(spec), "json")


def _renamed(entry: Entry, names: Mapping[str, str]) -> Entry:
    name = names.get(entry.segment_id, "")
    message = entry.message.replace(entry.segment_id, name) if entry.segment_id and name else entry.message
    return replace(entry, segment_id=name, message=message)
