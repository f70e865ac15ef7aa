"""Which font of the catalogue is which: its name, and the kind of font that may stand in for it."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

FontClass = Literal[
    "cjk-brush",
    "cjk-clerical",
    "cjk-display",
    "cjk-kai",
    "cjk-round",
    "cjk-sans",
    "cjk-serif",
    "japanese",
    "korean",
    "latin-display",
    "latin-sans",
    "latin-serif",
    "pixel",
]

_TABLE = "fonts.tsv"
_CLASSES: dict[str, FontClass] = {name: name for name in get_args(FontClass)}


@dataclass(frozen=True, slots=True)
class CatalogueFont:
    """A font that the application offers; its file is in no draft."""

    name: str
    font_class: FontClass


def catalogue_font(font_id: str, name: str = "") -> CatalogueFont | None:
    """The font that these mean, or None: a resource id decides, then an effect id, then the name however spelt."""
    table = _table()
    for field, value in (("resource", font_id.strip()), ("effect", font_id.strip()), ("name", _plain(name))):
        if value and (font := table.get((field, value))) is not None:
            return font
    return None


def catalogue_fonts() -> tuple[CatalogueFont, ...]:
    """All fonts of the table, in its order; several stand in it under more than one number."""
    return tuple(font for _, font in _rows())


@cache
def _table() -> dict[tuple[str, str], CatalogueFont]:
    """Fonts by ("resource" | "effect" | "name", value); of several with the same the first counts."""
    found: dict[tuple[str, str], CatalogueFont] = {}
    for row, font in _rows():
        found.setdefault(("resource", row["resource_id"]), font)
        found.setdefault(("effect", row["effect_id"]), font)
        found.setdefault(("name", _plain(font.name)), font)
    return found


def _rows() -> Iterator[tuple[dict[str, str], CatalogueFont]]:
    with (resources.files(__package__) / _TABLE).open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield row, CatalogueFont(row["name"], _CLASSES[row["class"]])


def _plain(name: str) -> str:
    """A name's letters and digits, without case and width forms."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if character.isalnum())
