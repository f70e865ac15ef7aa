"""Where font files lie: in folders of the caller, in packages that come with cutfarm, and where the system has them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

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
    """The font files below `folders`, then the bundled ones, then the system's: files by name, each once."""
    places = [*folders, *_package_folders()]
    if system:
        places += [Path(folder).expanduser() for folder in _SYSTEM_FOLDERS]
    found: dict[Path, None] = {}
    for place in places:
        for parent, children, names in os.walk(place):
            children.sort()
            for name in sorted(names):
                if name.lower().endswith(_SUFFIXES):
                    found[Path(parent, name)] = None
    return list(found)


def _package_folders() -> Iterator[Path]:
    for package in _PACKAGES:
        spec = find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(folder)
