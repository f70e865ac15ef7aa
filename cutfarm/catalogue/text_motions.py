"""Which animation of captions is which: families of motion and their parameters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from cutfarm.catalogue import tables

MotionFidelity = Literal["exact", "close", "evocative", "unsupported"]

Op = tuple[str, Mapping[str, Any]]
"""A family and its parameters; `unit` among them says what moves as one piece."""

_TABLE = "text_motions.tsv"
#: Where the animations of a segment's kind are looked for, in order.
_TABLES = {"in": ("in",), "out": ("out",), "loop": ("loop",), "caption": ("loop", "in"), "group": ("loop", "in")}


@dataclass(frozen=True, slots=True)
class TextMotion:
    """An animation of the catalogue."""

    kind: str  #: `in`, `out` or `loop`: the table that it stands in
    name: str  #: in English where it has such a name, else in Chinese
    fidelity: MotionFidelity
    duration_us: int  #: what the application proposes; of a loop one turn; 0 where it says nothing
    ops: tuple[Op, ...]  #: the main family first, each further one works on what the one before drew


def text_motion(resource_id: str, name: str, kind: str) -> TextMotion | None:
    """The animation that these mean to a segment's animation of `kind`, or None.

    The number decides, a resource id before an effect id, then the name in Chinese or English. Animations of kinds
    `caption` and `group` have no table of their own: they are looked for among loops, then among those that come in.
    """
    return tables.first_of([_table(table) for table in _TABLES.get(kind, ())], resource_id, name)


def text_motions(kind: str) -> tuple[TextMotion, ...]:
    """All animations of a table, in its order; several stand in it under more than one number."""
    return tuple(motion for _, motion in _rows(kind))


@cache
def _table(kind: str) -> dict[tables.Key, TextMotion]:
    return tables.by_key(_rows(kind))


def _rows(kind: str) -> Iterator[tuple[tables.Cells, TextMotion]]:
    return ((cells, _motion(cells)) for cells in tables.rows(_TABLE, kind))


def _motion(row: tables.Cells) -> TextMotion:
    fidelities: dict[str, MotionFidelity] = {"exact": "exact", "close": "close", "evocative": "evocative"}
    ops = tuple((family, params) for family, params in json.loads(row["ops"]))
    fidelity = fidelities.get(row["fidelity"], "unsupported")
    return TextMotion(
        row["kind"], row["name_en"] or row["name_zh"], fidelity, int(row["default_duration_us"] or 0), ops
    )
