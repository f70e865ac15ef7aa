"""Where the reader writes down what is not exact."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cutfarm.timeline.report import Entry, Fidelity, Report


@dataclass(slots=True)
class Notes:
    """Entries in the order in which they were found."""

    _entries: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Note one element."""
        self._entries.append(entry)

    def report(self) -> Report:
        """All entries, each once."""
        return Report() + Report(tuple(self._entries))


@dataclass(frozen=True, slots=True)
class SegmentNotes:
    """The notes of one segment; a segment that nobody sees or hears has nothing to report."""

    notes: Notes
    segment_id: str
    is_silenced: bool = False

    def _add(self, fidelity: Fidelity, what: str, message: str, resource_id: str) -> None:
        if not self.is_silenced:
            self.notes.add(Entry(fidelity, what, message, self.segment_id, resource_id))

    def unsupported(self, what: str, message: str, resource_id: str = "") -> None:
        """Something is not drawn or not heard."""
        self._add(Fidelity.UNSUPPORTED, what, message, resource_id)

    def evocative(self, what: str, message: str, resource_id: str = "") -> None:
        """Something is replaced by a picture of its idea."""
        self._add(Fidelity.EVOCATIVE, what, message, resource_id)

    def close(self, what: str, message: str, resource_id: str = "") -> None:
        """Something is drawn with guessed amounts."""
        self._add(Fidelity.CLOSE, what, message, resource_id)

    def include(self, report: Report) -> None:
        """Everything of a draft within the segment; what concerns no segment of its own concerns this one."""
        if not self.is_silenced:
            for entry in report:
                self.notes.add(entry if entry.segment_id else replace(entry, segment_id=self.segment_id))
