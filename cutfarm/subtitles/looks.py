"""What subtitles look like where their file does not say it, and what of their look cannot be drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from cutfarm.timeline.report import Entry, Fidelity, Report
from cutfarm.timeline.text import Colour, TextStyle

Runs = list[tuple[str, TextStyle]]  #: stretches of text; the places of their styles mean nothing yet

#: What the applications give to a .srt that they import.
DEFAULT_SIZE = 5.0
DEFAULT_SHIFT_Y = -0.8
DEFAULT_WRAP_WIDTH = 0.82

MAX_CHARACTERS = 10_000  #: of one cue


@dataclass(frozen=True, slots=True)
class SubtitleLook:
    """How cues without a style of their own are drawn."""

    size: float | None = None  #: the draft's unit; None: the applications' for imported subtitles
    font: str = ""  #: a family, or a font file; "": the main font
    colour: Colour = (1.0, 1.0, 1.0)  #: R, G, B, 0…1

    @property
    def style(self) -> TextStyle:
        """The style of plain text."""
        size = DEFAULT_SIZE if self.size is None else self.size
        path = font_path(self.font) if self.font_file is None else self.font
        return TextStyle(0, 0, size, colour=self.colour, font_path=path)

    @property
    def font_file(self) -> Path | None:
        """The font file, where it is one."""
        path = Path(self.font)
        return path.resolve() if self.font and path.is_file() else None


@dataclass(slots=True)
class Losses:
    """What a file asks for and does not get: each fact once, with how often it was met and where first."""

    name: str  #: of the file
    _counts: Counter[tuple[Fidelity, str]] = field(default_factory=Counter)
    _first: dict[tuple[Fidelity, str], str] = field(default_factory=dict)

    def lose(self, fact: str, where: str = "") -> None:
        """Something is not drawn."""
        self._add(Fidelity.UNSUPPORTED, fact, where)

    def lose_long(self, text: str) -> bool:
        """Whether a cue's text is longer than any that is drawn."""
        if len(text) > MAX_CHARACTERS:
            self.lose(f"cues of more than {MAX_CHARACTERS} characters are left out")
        return len(text) > MAX_CHARACTERS

    def close(self, fact: str) -> None:
        """Something is drawn differently."""
        self._add(Fidelity.CLOSE, fact, "")

    def report(self) -> Report:
        """One entry for each fact."""
        return Report(tuple(Entry(key[0], "subtitles", self._sentence(key)) for key in self._counts))

    def _add(self, fidelity: Fidelity, fact: str, where: str) -> None:
        self._counts[fidelity, fact] += 1
        self._first.setdefault((fidelity, fact), where)

    def _sentence(self, key: tuple[Fidelity, str]) -> str:
        count, where = self._counts[key], self._first[key]
        often = f" (× {count})" if count > 1 else ""
        place = f", {'the first ' if count > 1 else ''}in {where}" if where else ""
        return f"{self.name}: {key[1]}{often}{place}."


def font_path(name: str) -> str:
    """A font's name as the path of a file, by which it is looked for."""
    return f"{name.strip()}.ttf" if name.strip() else ""


def joined(runs: Iterable[tuple[str, TextStyle]]) -> tuple[str, tuple[TextStyle, ...]]:
    """The text of `runs` without empty lines around it, and styles that cover each character once in order."""
    kept = [(text, style) for text, style in runs if text]
    text = "".join(part for part, _ in kept)
    first = len(text) - len(text.lstrip(" \t\n"))
    last = len(text.rstrip(" \t\n"))
    styles: list[TextStyle] = []
    at = 0
    for part, style in kept:
        start, end = max(at, first), min(at + len(part), last)
        at += len(part)
        if start >= end:
            continue
        placed = replace(style, start=start - first, end=end - first)
        if styles and replace(styles[-1], start=0, end=0) == replace(placed, start=0, end=0):
            placed = replace(placed, start=styles.pop().start)
        styles.append(placed)
    return text[first:last] if first < last else "", tuple(styles)
