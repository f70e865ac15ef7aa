"""Glyphs of TrueType that are put together from others: how many there are in one, all levels counted.

A few hundred bytes of components that name components can ask for billions; what draws outlines follows them all.
"""

from __future__ import annotations

import mmap
from pathlib import Path

from cutfarm.text.fonts.tables import table_places

MOST_COMPONENTS = 1000  #: of a glyph; of real ones some have twenty
_MOST_LEVELS = 16
_WORDS, _MORE = 0x0001, 0x0020
_SCALES = ((0x0008, 2), (0x0040, 4), (0x0080, 8))  # flag, and bytes of the scale that it announces
_HEADER = 10
_OFFSET_LOCA_FORMAT = 50  # in the `head` table


class Composites:
    """Counts the components of glyphs in a font file, each glyph once. Raises OSError where it cannot be read."""

    def __init__(self, path: Path, index: int) -> None:
        places = table_places(path, index)
        self._glyf, self._loca = places.get(b"glyf"), places.get(b"loca")
        head = places.get(b"head")
        self._counts: dict[int, int] = {}
        self._data: bytes | mmap.mmap = b""
        if self._glyf is not None and self._loca is not None and head is not None:
            with path.open("rb") as file:
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            self._is_long = self._number(head[0] + _OFFSET_LOCA_FORMAT, 2) != 0

    def is_endless(self, glyph_id: int) -> bool:
        """Whether a glyph has more components than any real one."""
        return bool(self._data) and self._count(glyph_id, 0) > MOST_COMPONENTS

    def _count(self, glyph_id: int, level: int) -> int:
        if level > _MOST_LEVELS:
            return MOST_COMPONENTS + 1
        if glyph_id not in self._counts:
            count = 1
            for component in self._components(glyph_id):
                count += self._count(component, level + 1)
                if count > MOST_COMPONENTS:
                    break
            self._counts[glyph_id] = count
        return self._counts[glyph_id]

    def _components(self, glyph_id: int) -> list[int]:
        """The glyphs that a glyph names, as many as count."""
        start, end = self._span(glyph_id)
        found: list[int] = []
        if end - start < _HEADER or self._number(start, 2) < 0x8000:  # contours of its own
            return found
        at, more = start + _HEADER, True
        while more and at + 4 <= end and len(found) <= MOST_COMPONENTS:
            flags = self._number(at, 2)
            found.append(self._number(at + 2, 2))
            at += 8 if flags & _WORDS else 6
            at += next((size for flag, size in _SCALES if flags & flag), 0)
            more = bool(flags & _MORE)
        return found

    def _span(self, glyph_id: int) -> tuple[int, int]:
        """Where a glyph lies in the file; nowhere where its place is beyond its table."""
        assert self._glyf is not None and self._loca is not None  # noqa: PT018
        size = 4 if self._is_long else 2
        at = self._loca[0] + glyph_id * size
        if (glyph_id + 2) * size > self._loca[1]:
            return 0, 0
        start, end = (self._number(at + step, size) * (1 if self._is_long else 2) for step in (0, size))
        return self._glyf[0] + start, self._glyf[0] + min(end, self._glyf[1])

    def _number(self, at: int, size: int) -> int:
        return int.from_bytes(self._data[at : at + size], "big")
