"""Which local file each material of a draft is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from cutfarm.errors import AssetError, AssetMissing, AssetRefused
from cutfarm.timeline.audible import is_audible
from cutfarm.timeline.model import (
    ClipSegment,
    Compound,
    ImageBackground,
    PictureMaterial,
    PictureSegment,
    Segment,
    SoundMaterial,
    SoundSegment,
    TextSegment,
    Timeline,
)
from cutfarm.timeline.paths import (
    MaterialLocation,
    PathKind,
    file_key,
    material_location,
    picture_keys,
    picture_rank,
)
from cutfarm.timeline.text import TextBlock
from cutfarm.timeline.text_files import font_paths, textures
from cutfarm.timeline.treatment import SoundTreatment

MAX_FILES = 200_000  #: in a folder that is searched by name


@dataclass(frozen=True, slots=True)
class FontFile:
    """A font that a caption or the words of a mask are set in; another one stands in where it is nowhere."""

    path: str  #: as the draft says it
    id: str = ""
    name: str = ""


FileMaterial = PictureMaterial | SoundMaterial | FontFile


@dataclass(frozen=True, slots=True)
class MediaUse:
    """A material that has to be there, and a segment that plays it."""

    material: FileMaterial
    segment_id: str
    is_optional: bool = False  #: what is rendered without it, and reported

    def __str__(self) -> str:
        name = self.material.name or material_location(self.material.path).name or self.material.id
        return f"Material “{name}” of segment {self.segment_id}"

    @property
    def catalogue_keys(self) -> frozenset[str]:
        """What the picture of a sticker is found by: its number, and the name at the end of its path."""
        if not isinstance(self.material, PictureMaterial) or self.material.kind != "sticker":
            return frozenset()
        names = (self.material.resource_id, material_location(self.material.path).name.partition(".")[0])
        return frozenset(file_key(name) for name in names if name)


def media_uses(timeline: Timeline) -> dict[str, MediaUse]:
    """Each distinct material path that is seen or heard, as the draft says it, with its first use.

    Files within compound clips, background pictures, fonts and textures of captions, and files that the application
    made of a sound are among them.
    """
    uses: dict[str, MediaUse] = {}
    for use in _uses(timeline, is_heard=True):
        known = uses.setdefault(use.material.path, use)
        if known.is_optional and not use.is_optional:
            uses[use.material.path] = use
    return uses


def _uses(timeline: Timeline, *, is_heard: bool) -> Iterator[MediaUse]:
    for track in timeline.tracks:
        if not track.is_hidden:
            for segment in track.segments:
                if segment.is_visible:
                    yield from _uses_of(segment, is_heard=is_heard and not track.is_muted)


def _uses_of(segment: Segment, *, is_heard: bool) -> Iterator[MediaUse]:
    match segment:
        case PictureSegment(material=material):
            yield MediaUse(material, segment.id, is_optional=material.kind == "sticker")
            if segment.is_reversed and material.reverse_path:
                yield MediaUse(_reversed_copy(material), segment.id, is_optional=True)
        case SoundSegment(material=material) if is_heard:
            yield MediaUse(material, segment.id)
        case TextSegment(text=block):
            yield from _caption_uses(block, segment.id)
    if is_heard and is_audible(segment):
        yield from _produced_uses(segment.treatment, segment.id)
    if isinstance(segment, ClipSegment) and isinstance(segment.background, ImageBackground):
        yield MediaUse(_picture(segment.background.path), segment.id, is_optional=True)
    words = segment.mask.text if isinstance(segment, ClipSegment) and segment.mask is not None else None
    if words is not None and words.font_path:
        yield MediaUse(FontFile(words.font_path), segment.id, is_optional=True)
    if isinstance(segment, ClipSegment) and isinstance(segment.material, Compound):
        yield from _uses(segment.material.timeline, is_heard=is_heard and segment.material.has_audio)


def _produced_uses(treatment: SoundTreatment, segment_id: str) -> Iterator[MediaUse]:
    for produced in treatment.produced:
        yield MediaUse(_sound(produced.path), segment_id, is_optional=True)
    if treatment.heard is not None:
        yield MediaUse(_sound(treatment.heard.path), segment_id)


def _caption_uses(block: TextBlock, segment_id: str) -> Iterator[MediaUse]:
    for path in font_paths(block):
        yield MediaUse(FontFile(path), segment_id, is_optional=True)
    for texture in textures(block):
        yield MediaUse(_picture(texture.path), segment_id, is_optional=True)


def _reversed_copy(material: PictureMaterial) -> PictureMaterial:
    """Without a name, by which the file itself would be found."""
    return replace(material, name="", path=material.reverse_path, reverse_path="")


def _sound(path: str) -> SoundMaterial:
    """A sound that no material of the draft stands for; without a name, by which the file itself could be found."""
    return SoundMaterial("", "produced", "", path, 0)


def _picture(path: str) -> PictureMaterial:
    """A picture that no material of the draft stands for."""
    return PictureMaterial("", "photo", material_location(path).name, path, 0, 0, 0, has_audio=False)


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
    looked for by name in `folder`, then in `media_dirs`; the pictures of stickers by their number in the catalogue, as
    a file or a folder of that name. A sandboxed search opens nothing outside of these folders.
    `known` holds files that somebody has brought already, by the same paths. What is optional and nowhere is left out:
    see `only_found`.
    Raises AssetMissing, or AssetRefused for paths that lead where this search may not read and for URLs.
    """
    search = _Search(folder, tuple(media_dirs), sandbox)
    found = {path: known.get(path) or search.find(use) for path, use in media_uses(timeline).items()}
    return {path: file for path, file in found.items() if file is not None}


@dataclass(frozen=True, slots=True)
class _Search:
    folder: Path
    media_dirs: tuple[Path, ...]
    is_sandboxed: bool
    _indexes: dict[Path, _Index] = field(default_factory=dict)

    def find(self, use: MediaUse) -> Path | None:
        """The file of `use`; None for what is optional and nowhere, or where it may not be read."""
        if not use.is_optional:
            return self._needed(use)
        try:
            return self._by_number(use) if use.catalogue_keys else self._needed(use)
        except AssetError:
            return None

    def _needed(self, use: MediaUse) -> Path:
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

    def _by_number(self, use: MediaUse) -> Path | None:
        """The picture of a sticker: what its path names, be it a folder, else what is named like its number."""
        location = material_location(use.material.path)
        given = self.folder if location.kind is PathKind.IN_DRAFT else Path("/")
        if location.kind in (PathKind.IN_DRAFT, PathKind.ABSOLUTE) and location.parts and not location.climbs:
            place = given.joinpath(*location.parts)
            if self._may_read(place) and (found := _best_picture(place)) is not None:
                return found
        for root in (self.folder, *self.media_dirs):
            pictures = self._index(root).pictures
            places = {path for key in use.catalogue_keys for path in pictures.get(key, ())}
            for path in sorted(places, key=picture_rank):
                if (held := self._held(path, root, use)) is not None:
                    return held
        return None

    def _in_draft(self, location: MaterialLocation, use: MediaUse) -> Path | None:
        path = self.folder.joinpath(*location.parts)
        if location.climbs and not _is_inside(path, self.folder):
            raise AssetRefused(f"{use} points outside of the draft's folder: {location.shown}.")
        return self._held(path, self.folder, use)

    def _absolute(self, location: MaterialLocation) -> Path | None:
        path = Path("/", *location.parts)
        return path.resolve() if self._may_read(path) and _is_file(path) else None

    def _may_read(self, path: Path) -> bool:
        return not self.is_sandboxed or any(_is_inside(path, root) for root in (self.folder, *self.media_dirs))

    def _by_name(self, location: MaterialLocation, use: MediaUse) -> Path | None:
        names = dict.fromkeys(file_key(name) for name in (location.name, use.material.name) if name)
        for root in (self.folder, *self.media_dirs):
            by_name = self._index(root).by_name
            for name in names:
                for path in sorted(by_name.get(name, ()), key=lambda path: _likeness(path, location), reverse=True):
                    if (held := self._held(path, root, use)) is not None:
                        return held
        return None

    def _index(self, root: Path) -> _Index:
        if root not in self._indexes:
            self._indexes[root] = _index_of(root)
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


@dataclass(frozen=True, slots=True)
class _Index:
    """The files of a folder."""

    by_name: dict[str, list[Path]] = field(default_factory=dict)
    pictures: dict[str, list[Path]] = field(default_factory=dict)  #: by the keys of `picture_keys`


def _index_of(root: Path) -> _Index:
    index = _Index()
    for path in _files(root):
        index.by_name.setdefault(file_key(path.name), []).append(path)
        for key in picture_keys(path.relative_to(root)):
            index.pictures.setdefault(key, []).append(path)
    return index


def _best_picture(place: Path) -> Path | None:
    """A file, or the best picture of a folder."""
    if _is_file(place):
        return place.resolve()
    pictures = (path for path in _files(place) if any(picture_keys(path)) and _is_inside(path, place))
    return next((path.resolve() for path in sorted(pictures, key=picture_rank)), None)


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


def _likeness(path: Path, location: MaterialLocation) -> int:
    """Number of path parts that agree, counted from the file's name upwards."""
    return sum(1 for _ in _agreeing(reversed(path.parts), reversed(location.parts)))


def _agreeing(left: Iterable[str], right: Iterable[str]) -> Iterator[str]:
    for mine, theirs in zip(left, right, strict=False):
        if file_key(mine) != file_key(theirs):
            return
        yield mine
