"""Properties of Unicode's characters that Python's own tables lack: line breaking class, vertical orientation."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from functools import cache, lru_cache
from importlib.resources import files

from cutfarm.text.unicode.characters import is_wide

_CLASS_OF_CATEGORY = {"Mn": "CM", "Mc": "CM", "Me": "CM", "Cf": "CM", "Nd": "NU", "Ps": "OP", "Pe": "CL"}
_HANGUL_SYLLABLES = range(0xAC00, 0xD7A4)
_HAN_PLANES = range(0x20000, 0x3FFFE)
_EMOJI_TO_COME = range(0x1F000, 0x1FB00)  # they may take skin tones
_TRAILING_JAMO = 28  # with "none" among them


@lru_cache(maxsize=65536)
def line_break_class(char: str) -> str:
    """The class by UAX #14 with rule LB1 applied: AI, SG and XX are AL, CJ is NS; SA is left to the caller."""
    if named := _lookup("line_break.txt", char):
        return named
    category = unicodedata.category(char)
    if ord(char) in _HANGUL_SYLLABLES:
        return "H3" if (ord(char) - _HANGUL_SYLLABLES.start) % _TRAILING_JAMO else "H2"
    if category in ("Mn", "Mc", "Me", "Cf", "Nd"):
        return _CLASS_OF_CATEGORY[category]
    if category == "Cn":
        return "EB" if ord(char) in _EMOJI_TO_COME else "ID" if ord(char) in _HAN_PLANES else "AL"
    return "ID" if is_wide(char) else _CLASS_OF_CATEGORY.get(category, "AL")


@lru_cache(maxsize=65536)
def vertical_orientation(char: str) -> str:
    """By UAX #50: U stands upright in a column, R lies on its side, Tr does unless the font has a glyph for columns."""
    return _lookup("vertical_orientation.txt", char) or ("U" if is_wide(char) else "R")


def _lookup(name: str, char: str) -> str | None:
    starts, ends, values = _table(name)
    place = bisect_right(starts, ord(char)) - 1
    return values[place] if place >= 0 and ord(char) <= ends[place] else None


@cache
def _table(name: str) -> tuple[list[int], list[int], list[str]]:
    """First and last characters of the ranges in ascending order, and what they are."""
    ranges: list[tuple[int, int, str]] = []
    for line in files("cutfarm.text.unicode").joinpath("tables", name).read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        value, *spans = line.split()
        for span in spans:
            first, _, last = span.partition("-")
            ranges.append((int(first, 16), int(last or first, 16), value))
    ranges.sort()
    starts, ends, values = zip(*ranges, strict=True)
    return list(starts), list(ends), list(values)
