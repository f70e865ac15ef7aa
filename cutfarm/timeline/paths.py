"""What a material's path says, without looking at any disk."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath
from urllib.parse import unquote, urlsplit, urlunsplit

_PLACEHOLDER = re.compile(r"##_draftpath_placeholder_[^/\\]*?_##")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]+):(?=//)|(data|file):", re.IGNORECASE)
_WINDOWS = re.compile(r"[A-Za-z]:|\\|%[A-Za-z()]+%")

#: Endings of the files that can be a sticker's picture, best first: those that move and are clear at the edges.
_PICTURE_SUFFIXES = (".webp", ".gif", ".apng", ".webm", ".mov", ".png", ".avif", ".mp4", ".jpg", ".jpeg", ".bmp")


class PathKind(Enum):
    """Where a path leads."""

    EMPTY = "empty"
    IN_DRAFT = "in the draft's folder"  #: a placeholder or a relative path
    ABSOLUTE = "absolute"  #: POSIX
    WINDOWS = "Windows"  #: with a drive, a share or an environment variable
    FILE_URL = "file URL"
    URL = "URL"


@dataclass(frozen=True, slots=True)
class MaterialLocation:
    """A material's path, taken apart by either separator."""

    kind: PathKind
    parts: tuple[str, ...]  #: below the draft's folder, the root, the drive or the host; `.` and empty ones left out
    shown: str  #: for messages: the path as written, a URL without user, query and fragment

    @property
    def name(self) -> str:
        """The file's name; empty where the path names none."""
        return self.parts[-1] if self.parts and self.parts[-1] != ".." else ""

    @property
    def climbs(self) -> bool:
        """Whether the path leaves through `..`."""
        return ".." in self.parts


def file_key(name: str) -> str:
    """A file's name as Windows and macOS compare it."""
    return unicodedata.normalize("NFC", name).casefold()


def picture_keys(place: PurePath) -> Iterator[str]:
    """The keys by which a catalogue's picture is found at `place`, a path within a folder that is searched.

    They are its name up to the first dot and its folders; what does not end like a picture has none.
    """
    if place.suffix.lower() in _PICTURE_SUFFIXES:
        yield file_key(place.name.partition(".")[0])
        yield from (file_key(folder) for folder in place.parts[:-1])


def picture_rank(place: PurePath) -> tuple[int, str]:
    """Sorts pictures of the same thing, the best first."""
    suffix = place.suffix.lower()
    rank = _PICTURE_SUFFIXES.index(suffix) if suffix in _PICTURE_SUFFIXES else len(_PICTURE_SUFFIXES)
    return rank, place.as_posix()


def material_location(path: str) -> MaterialLocation:
    """Take a material's path apart."""
    path = path.strip()
    if not path:
        return MaterialLocation(PathKind.EMPTY, (), "")
    if (placeholder := _PLACEHOLDER.match(path)) is not None:
        return MaterialLocation(PathKind.IN_DRAFT, _parts(path[placeholder.end() :]), path)
    if (scheme := _SCHEME.match(path)) is not None:
        return _url(path, scheme[0].rstrip(":").lower())
    if (drive := _WINDOWS.match(path)) is not None:
        return MaterialLocation(PathKind.WINDOWS, _parts(path[drive.end() :]), path)
    kind = PathKind.ABSOLUTE if path[0] == "/" else PathKind.IN_DRAFT
    return MaterialLocation(kind, _parts(path), path)


def _url(path: str, scheme: str) -> MaterialLocation:
    if scheme == "data":
        return MaterialLocation(PathKind.URL, (), "a data URL")
    try:
        url = urlsplit(path)
        host = url.hostname or ""
        port = f":{url.port}" if url.port else ""
    except ValueError:
        return MaterialLocation(PathKind.URL, (), f"a broken {scheme} URL")
    shown = urlunsplit((scheme, f"{host}{port}", url.path, "", ""))
    kind = PathKind.FILE_URL if scheme == "file" else PathKind.URL
    return MaterialLocation(kind, _parts(unquote(url.path)), shown)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[/\\]", path) if part not in ("", "."))
