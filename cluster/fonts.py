"""Fonts of a farm: kept in its object store, and brought to every node that draws words."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cutfarm.errors import AssetMissing, StorageError, UserError
from cutfarm.storage.keys import FONTS, font_key, sha256_of
from cutfarm.storage.store import Store
from cutfarm.text.fonts.adding import check_font
from cutfarm.text.fonts.files import files_below, states


@dataclass(frozen=True, slots=True)
class StoredFont:
    """A font file of the farm."""

    name: str
    sha256: str  #: of its content, hexadecimal
    size: int  #: bytes

    @property
    def key(self) -> str:
        """What the object store calls it."""
        return font_key(self.sha256, self.name)


class FarmFonts:
    """The fonts that were added to a farm. Every method raises StorageError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> tuple[StoredFont, ...]:
        """All of them, by name."""
        found = []
        for stored in self._store.list(FONTS):
            digest, _, name = stored.key.removeprefix(FONTS).partition("/")
            if name:
                found.append(StoredFont(name, digest, stored.size))
        return tuple(sorted(found, key=lambda font: (font.name, font.sha256)))

    def keys(self) -> tuple[str, ...]:
        """What the object store calls them, in one order: equal tuples mean equal fonts."""
        return tuple(font.key for font in self.all())

    def put(self, path: Path) -> StoredFont:
        """Add a checked font file, in place of another one of its name."""
        font = StoredFont(path.name, sha256_of(path), path.stat().st_size)
        if not self._store.exists(font.key):
            self._store.put_file(font.key, path)
        for other in self.all():
            if other.name == font.name and other.key != font.key:
                self._store.delete(other.key)
        return font

    def remove(self, name: str) -> None:
        """Take the font file of that name away. Raises AssetMissing where there is none."""
        found = [font for font in self.all() if font.name == name]
        if not found:
            raise AssetMissing(f"the farm has no font file {name}")
        for font in found:
            self._store.delete(font.key)


class FontPublisher:
    """Adds what lies in this machine's folder of fonts to the farm's; what is taken away here stays there."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._fonts = FarmFonts(store)
        self._published: object = ()

    def check(self) -> None:
        """Add what is new since the last time; what is no font is passed over. Raises StorageError."""
        held = states(files_below(self._folder))
        if held == self._published:
            return
        for path, *_ in held:
            with suppress(UserError):
                check_font(Path(path))
                self._fonts.put(Path(path))
        self._published = held


class NodeFonts:
    """The farm's fonts on a node's own disk, shared by all actors of the node."""

    def __init__(self, root: Path, store: Store) -> None:
        self._root = root
        self._store = store

    def folder(self, keys: tuple[str, ...]) -> Path:
        """A folder that holds just these fonts, under their names; it stays as it is. Raises StorageError."""
        folder = self._root / f"set-{sha256(' '.join(keys).encode()).hexdigest()[:32]}"
        if keys and not folder.is_dir():
            try:
                self._fill(folder, keys)
            except OSError as error:
                raise StorageError(f"the node's fonts {self._root} cannot be written: {error.strerror}") from error
        return folder

    def _fill(self, folder: Path, keys: tuple[str, ...]) -> None:
        """Sets share their files by links, so that a font more costs that font alone."""
        self._root.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="making-", dir=self._root))
        try:
            for key in keys:
                digest, _, name = key.removeprefix(FONTS).partition("/")
                self._place(key, self._root / digest, made / name)
            try:
                made.rename(folder)
            except OSError:
                if not folder.is_dir():  # else another actor was quicker
                    raise
        finally:
            shutil.rmtree(made, ignore_errors=True)

    def _place(self, key: str, kept: Path, place: Path) -> None:
        """Nothing that is kept is ever replaced: a file cannot be linked while it is."""
        try:
            os.link(kept, place)
        except FileNotFoundError:
            self._store.get_file(key, place)
            with suppress(FileExistsError):
                os.link(place, kept)
        except FileExistsError:  # two fonts of one name, put at the same moment
            return
