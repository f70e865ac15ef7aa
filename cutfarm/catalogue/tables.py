"""The catalogue's tables: rows of a kind, and what they are found by."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import TypeVar

_Row = TypeVar("_Row")

Cells = Mapping[str, str]
Key = tuple[str, str]  #: ("resource" | "effect" | "name", value)


def rows(table: str, kind: str) -> Iterator[Cells]:
    """The rows of a file of tab-separated values in this package whose column `kind` says so, in their order."""
    with (resources.files(__package__) / table).open(encoding="utf-8") as file:
        for cells in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if cells["kind"] == kind:
                yield cells


def by_key(found: Iterable[tuple[Cells, _Row]]) -> dict[Key, _Row]:
    """Rows by resource id, by effect id, and by name in Chinese and English; of several with the same the first."""
    keyed: dict[Key, _Row] = {}
    for cells, row in found:
        names = (("name", plain(cells["name_zh"])), ("name", plain(cells["name_en"])))
        for key in (("resource", cells["resource_id"]), ("effect", cells["effect_id"]), *names):
            keyed.setdefault(key, row)
    return keyed


def first_of(tables: Iterable[Mapping[Key, _Row]], id_: str, name: str) -> _Row | None:
    """The row that these mean: a number decides, as a resource id before an effect id, then the name."""
    held = list(tables)
    for key in (("resource", id_.strip()), ("effect", id_.strip()), ("name", plain(name))):
        for table in held:
            if key[1] and (row := table.get(key)) is not None:
                return row
    return None


def plain(name: str) -> str:
    """A name without its case, its width forms, spaces, hyphens and underscores."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(character for character in folded if not character.isspace() and character not in "-_")
