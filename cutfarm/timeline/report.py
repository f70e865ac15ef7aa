"""What of a draft is rendered how faithfully: the report that goes with every job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any


class Fidelity(IntEnum):
    """How near the picture is to the application's, worst first, so that `a < b` reads "a is worse"."""

    UNSUPPORTED = 0  #: not drawn or not heard
    EVOCATIVE = 1  #: our own picture of the idea
    CLOSE = 2  #: the known look with guessed amounts
    EXACT = 3  #: as the application draws it

    @property
    def word(self) -> str:
        """The lower-case name that reports and `--strict` use."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Entry:
    """One element of the draft that is not exact, or that matters to know."""

    fidelity: Fidelity
    what: str  #: the element's kind, such as `transition`, `mask`, `font`
    message: str  #: one sentence: what was found and what was done instead
    segment_id: str = ""  #: the segment concerned, if one is
    resource_id: str = ""  #: the catalogue id concerned, if one is

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Entry:
        """The entry that `as_dict` wrote."""
        return cls(**{**plain, "fidelity": Fidelity[str(plain["fidelity"]).upper()]})

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {**asdict(self), "fidelity": self.fidelity.word}


@dataclass(frozen=True, slots=True)
class Report:
    """All entries of a draft, in the order of the draft. An element without an entry is exact."""

    entries: tuple[Entry, ...] = ()

    def __add__(self, other: Report) -> Report:
        return Report(tuple(dict.fromkeys(self.entries + other.entries)))

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def worst(self) -> Fidelity:
        """The lowest fidelity of all entries; `EXACT` when there is none."""
        return min((entry.fidelity for entry in self.entries), default=Fidelity.EXACT)

    def below(self, level: Fidelity) -> Report:
        """Only what is less faithful than `level`."""
        return Report(tuple(entry for entry in self.entries if entry.fidelity < level))

    @classmethod
    def from_dicts(cls, plain: Iterable[Mapping[str, Any]]) -> Report:
        """The report that `as_dicts` wrote."""
        return cls(tuple(Entry.from_dict(entry) for entry in plain))

    def as_dicts(self) -> list[dict[str, Any]]:
        """Plain data for JSON."""
        return [entry.as_dict() for entry in self.entries]
