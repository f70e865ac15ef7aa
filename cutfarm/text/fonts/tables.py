"""Where the tables of a font file lie."""

from __future__ import annotations

import struct
from pathlib import Path

_OFFSET_COLLECTION, _OFFSET_TABLES = 12, 12
_TABLE = struct.Struct(">4s4xII")  # tag, checksum, offset, length
_GLYPH_TABLES = frozenset({b"CFF ", b"CFF2", b"cmap", b"glyf", b"gvar", b"head", b"hmtx", b"loca", b"maxp"})


def table_places(path: Path, index: int) -> dict[bytes, tuple[int, int]]:
    """Offset in the file and length in bytes of each table of a face, by its tag. Raises OSError."""
    with path.open("rb") as file:
        start = 0
        if file.read(4) == b"ttcf":
            file.seek(_OFFSET_COLLECTION + 4 * index)
            start = int.from_bytes(file.read(4), "big")
        file.seek(start + 4)
        count = int.from_bytes(file.read(2), "big")
        file.seek(start + _OFFSET_TABLES)
        records = file.read(count * _TABLE.size)
    whole = records[: len(records) - len(records) % _TABLE.size]
    return {tag: (offset, length) for tag, offset, length in _TABLE.iter_unpack(whole)}


def is_whole(path: Path, index: int) -> bool:
    """Whether the tables that hold the glyphs end within the file: of one that is cut off letters would be empty."""
    size = path.stat().st_size
    places = table_places(path, index)
    return all(sum(place) <= size for tag, place in places.items() if tag in _GLYPH_TABLES)
