"""Where font files lie: in folders of the caller, in the farm's own, in our packages, and where the system has them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

MAX_FILES = 20_000  #: of one folder

_PACKAGES = (
    "justmytype_intl_cjk",
    "justmytype_western_core",
    "justmytype_intl_rtl",
    "justmytype_intl_south_asia",
    "justmytype_intl_sea",
    "justmytype_intl_africa",
)
_SYSTEM_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")


def font_files(folders: Iterable[Path] = (), *, system: bool = True) -> list[Path]:
    """The font files below `folders`, then the farm's, the bundled and the system's, each once.

    `system=False` leaves out the farm's and the system's. Within each place they come by name, in whatever folder they
    lie, so that machines with the same files list them alike.
    """
    places = [*folders]
    if system:
        places.append(farm_folder())
    places += _package_folders()
    if system:
        places += [Path(os.path.expanduser(folder)) for folder in _SYSTEM_FOLDERS]  # noqa: PTH111  # needs no home
    return list(dict.fromkeys(path for place in places for path in files_below(place)))


def files_below(place: Path) -> list[Path]:
    """The font files of one place, by name."""
    found = islice(_walk(place), MAX_FILES)
    return sorted(found, key=lambda path: (path.name, path.relative_to(place).as_posix()))


def farm_folder() -> Path:
    """The folder of fonts that were added here, setting `CUTFARM_FONT_DIR`; it need not be there."""
    from cutfarm.config import FontSettings  # captions without the farm's fonts need no settings

    return FontSettings().font_dir


def package_of(path: Path) -> str | None:
    """The bundled package that a font file belongs to."""
    return next((package for package in _PACKAGES if package in path.parts), None)


def states(paths: Iterable[Path]) -> tuple[tuple[str, int, int], ...]:
    """Path, size in bytes and time of change in ns of those that are there: equal while no file has changed."""
    found = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        found.append((str(path), status.st_size, status.st_mtime_ns))
    return tuple(found)


def digest_of(paths: Iterable[Path]) -> str:
    """SHA-256, hexadecimal, of the files' names and contents in their order; not of where they lie."""
    digest = sha256()
    for path, size, changed_ns in states(paths):
        digest.update(
            f"{Path(path).name}\n{_content_digest(path, size, changed_ns)}\n".encode(errors="surrogateescape")
        )
    return digest.hexdigest()


@lru_cache(maxsize=MAX_FILES)
def _content_digest(path: str, size: int, changed_ns: int) -> str:  # noqa: ARG001  # a changed file is another one
    digest = sha256()
    try:
        with Path(path).open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    except OSError:
        return "unreadable"
    return digest.hexdigest()


def _walk(place: Path) -> Iterator[Path]:
    for parent, children, names in os.walk(place):
        children.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if name.lower().endswith(_SUFFIXES) and path.is_file():
                yield path


def _package_folders() -> Iterator[Path]:
    for package in _PACKAGES:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(folder)
