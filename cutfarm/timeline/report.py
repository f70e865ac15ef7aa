"""What of a draft is rendered how faithfully: the report that goes with every job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import IntEnum
from typing import Any

_SPANS_SAID = 3

Spans = tuple[tuple[int, int], ...]  #: [start, end) in microseconds of the timeline, ascending


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
    fact: str  #: one sentence: what was found and what was done instead
    segment_id: str = ""  #: the segment concerned, if one is
    resource_id: str = ""  #: the catalogue id concerned, if one is
    spans_us: Spans = ()  #: when it is seen or heard, if that is but now and then

    @property
    def message(self) -> str:
        """The fact, and from when to when it holds."""
        return self.fact + _when(self.spans_us)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Entry:
        """The entry that `as_dict` wrote."""
        known = dict(plain)
        fidelity, message = Fidelity[str(known.pop("fidelity")).upper()], str(known.pop("message"))
        spans_us = tuple((int(start), int(end)) for start, end in known.pop("spans_us", ()))
        return cls(fidelity=fidelity, fact=message.removesuffix(_when(spans_us)), spans_us=spans_us, **known)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: the message, and its spans only where there are any."""
        plain = asdict(self)
        spans_us = plain.pop("spans_us")
        plain = {"message" if name == "fact" else name: value for name, value in plain.items()}
        plain |= {"fidelity": self.fidelity.word, "message": self.message}
        return {**plain, "spans_us": [list(span) for span in spans_us]} if spans_us else plain


@dataclass(frozen=True, slots=True)
class Report:
    """All entries of a draft, in the order of the draft. An element without an entry is exact."""

    entries: tuple[Entry, ...] = ()

    def __add__(self, other: Report) -> Report:
        """Both, each entry once: what differs by its times alone, as in the reports of chunks, becomes one entry."""
        merged: dict[Entry, Spans] = {}
        for entry in self.entries + other.entries:
            timeless = replace(entry, spans_us=()) if entry.spans_us else entry
            merged[timeless] = _union(merged.get(timeless, ()) + entry.spans_us)
        return Report(tuple(replace(entry, spans_us=spans) if spans else entry for entry, spans in merged.items()))

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


def _union(spans: Spans) -> Spans:
    """The same times in as few spans as can be."""
    union: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return tuple(union)


def _when(spans: Spans) -> str:
    said = [f"from {start / 1e6:.3f} s to {end / 1e6:.3f} s" for start, end in spans[:_SPANS_SAID]]
    if len(spans) > _SPANS_SAID:
        said.append(f"{len(spans) - _SPANS_SAID} times more until {spans[-1][1] / 1e6:.3f} s")
    return "".join(f", {words}" for words in said)
