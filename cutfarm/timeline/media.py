"""Which local file each material of a draft is."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from cutfarm.errors import AssetMissing, AssetRefused
from cutfarm.timeline.model import PictureMaterial, PictureSegment, SoundMaterial, SoundSegment, Timeline
from cutfarm.timeline.paths import MaterialLocation, PathKind, material_location

MAX_FILES = 200_000  #: in a folder that is searched by name

FileMaterial = PictureMaterial | SoundMaterial


@dataclass(frozen=True, slots=True)
class MediaUse:
    """A material that has to be there, and a segment that plays it."""

    material: FileMaterial
    segment_id: str

    def __str__(self) -> str:
        name = self.material.name or material_location(self.material.path).name or self.material.id
        return f"Material “{name}” of segment {self.segment_id}"


def media_uses(timeline: Timeline) -> dict[str, MediaUse]:
    """Each distinct material path that is seen or heard, as the draft says it, with its first use."""
    uses: dict[str, MediaUse] = {}
    for track in timeline.tracks:
        for segment in track.segments:
            match segment:
                case PictureSegment(material=material):
                    is_played = segment.is_visible and not track.is_hidden
                case SoundSegment(material=material):
                    is_played = segment.is_visible and not track.is_hidden and not track.is_muted
                case _:
                    continue
            if is_played:
                uses.setdefault(material.path, MediaUse(material, segment.id))
    return uses


def find_media(
    timeline: Timeline,
    folder: Path,
    *,
    media_dirs: Sequence[Path] = (),
    known: Mapping[str, Path] = MappingProxyType({}),
    sandbox: bool,
) -> dict[str, Path]:
    """An existing local file for each material path that the timeline plays, by the path as the draft says it.

    Placeholders and relative paths lie in `folder`, the draft's own. Files that are not where the draft says are
    looked for by name in `folder`, then in `media_dirs`. A sandboxed search opens nothing outside of these folders.
    `known` holds files that somebody has brought already, by the same paths.
    Raises AssetMissing, or AssetRefused for paths that lead where this search may not read and for URLs.
    """
    search = _Search(folder, tuple(media_dirs), sandbox)
    return {path: known.get(path) or search.find(use) for path, use in media_uses(timeline).items()}


@dataclass(frozen=True, slots=True)
class _Search:
    folder: Path
    media_dirs: tuple[Path, ...]
    is_sandboxed: bool
    _indexes: dict[Path, dict[str, list[Path]]] = field(default_factory=dict)

    def find(self, use: MediaUse) -> Path:
        location = material_location(use.material.path)
        match location.kind:
            case PathKind.FILE_URL:
                raise AssetRefused(f"{use} is a file URL, {location.shown}, which is never read.")
            case PathKind.IN_DRAFT:
                found = self._in_draft(location, use)
            case PathKind.ABSOLUTE:
                found = self._absolute(location)
            case _:
                found = None
        found = found or self._by_name(location, use)
        if found is None:
            raise self._not_found(location, use)
        return found

    def _in_draft(self, location: MaterialLocation, use: MediaUse) -> Path | None:
        path = self.folder.joinpath(*location.parts)
        if location.climbs and not _is_inside(path, self.folder):
            raise AssetRefused(f"{use} points outside of the draft's folder: {location.shown}.")
        return self._held(path, self.folder, use)

    def _absolute(self, location: MaterialLocation) -> Path | None:
        path = Path("/", *location.parts)
        if self.is_sandboxed and not any(_is_inside(path, root) for root in (self.folder, *self.media_dirs)):
            return None
        return path.resolve() if _is_file(path) else None

    def _by_name(self, location: MaterialLocation, use: MediaUse) -> Path | None:
        names = dict.fromkeys(_key(name) for name in (location.name, use.material.name) if name)
        for root in (self.folder, *self.media_dirs):
            index = self._index(root)
            for name in names:
                for path in sorted(index.get(name, ()), key=lambda path: _likeness(path, location), reverse=True):
                    if (held := self._held(path, root, use)) is not None:
                        return held
        return None

    def _index(self, root: Path) -> dict[str, list[Path]]:
        if root not in self._indexes:
            index: dict[str, list[Path]] = {}
            for path in _files(root):
                index.setdefault(_key(path.name), []).append(path)
            self._indexes[root] = index
        return self._indexes[root]

    def _held(self, path: Path, root: Path, use: MediaUse) -> Path | None:
        """`path` without links if it is a file; a link that leads out of `root` is refused."""
        if not _is_file(path):
            return None
        if not _is_inside(path, root):
            raise AssetRefused(f"{use} is a link that leads out of its folder: {path.name}.")
        return path.resolve()

    def _not_found(self, location: MaterialLocation, use: MediaUse) -> AssetMissing | AssetRefused:
        match location.kind:
            case PathKind.URL:
                return AssetRefused(f"{use} is a URL, {location.shown}: give the farm the URL or download it first.")
            case PathKind.ABSOLUTE if self.is_sandboxed:
                where = f"outside of the draft's folder: {location.shown}"
                return AssetRefused(f"{use} points {where}; put the file into that folder.")
            case PathKind.EMPTY:
                return AssetMissing(f"{use} names no file.")
            case _:
                return AssetMissing(f"{use} is nowhere to be found: {location.shown}.")


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _files(root: Path) -> Iterator[Path]:
    """Files under `root`, in a fixed order, without following links to folders."""

    def all_files() -> Iterator[Path]:
        for folder, subfolders, names in os.walk(root):
            subfolders.sort()
            yield from (Path(folder, name) for name in sorted(names))

    for count, path in enumerate(all_files()):
        if count >= MAX_FILES:
            return
        yield path


def _key(name: str) -> str:
    """File names compare as Windows and macOS compare them."""
    return unicodedata.normalize("NFC", name).casefold()


def _likeness(path: Path, location: MaterialLocation) -> int:
    """Number of path parts that agree, counted from the file's name upwards."""
    return sum(1 for _ in _agreeing(reversed(path.parts), reversed(location.parts)))


def _agreeing(left: Iterable[str], right: Iterable[str]) -> Iterator[str]:
    for mine, theirs in zip(left, right, strict=False):
        if _key(mine) != _key(theirs):
            return
        yield mine
