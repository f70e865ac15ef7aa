"""The override tags of SubStation Alpha, `{\\an8\\pos(320,40)}`: what the pen writes with after each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from cutfarm.subtitles.looks import Losses
from cutfarm.subtitles.plain import JOINER

_TAG_LIKE = re.compile(r"\\(?=[Nnh{}]|$)")
_BLOCK = re.compile(r"(?<!\\)\{([^{}]*)\}")
# Longer names first: `\s` must not take the beginning of `\shad`.
_NAMES = (
    "xbord ybord xshad yshad bord shad iclip clip blur alpha move fade fscx fscy pos org fad fax fay frx fry frz fsp "
    "pbo fn fs fr fe an be kf ko kt 1c 2c 3c 4c 1a 2a 3a 4a a b i u s c t k K q r p"
)
_TAG = re.compile(rf"\\(?P<name>{'|'.join(_NAMES.split())})(?P<value>\([^()]*(?:\([^()]*\)[^()]*)*\)?|[^\\]*)")
_LOST = {
    "t": "looks that change in time are drawn as they begin",
    "clip": "text is not clipped",
    "iclip": "text is not clipped",
    "blur": "edges are not blurred",
    "be": "edges are not blurred",
    "fax": "text is not sheared",
    "fay": "text is not sheared",
    "frx": "text is not turned out of its plane",
    "fry": "text is not turned out of its plane",
    "kf": "the times of syllables are not followed",
    "ko": "the times of syllables are not followed",
    "kt": "the times of syllables are not followed",
    "k": "the times of syllables are not followed",
    "K": "the times of syllables are not followed",
    "fade": "fades of three steps are not drawn",
    "xbord": "outlines are equally thick on all sides",
    "ybord": "outlines are equally thick on all sides",
}
_MOST = 1e6  # numbers beyond are mistakes
SIZES = (0.01, 1e5)  #: of letters, pixels of the script


def escaped(text: str) -> str:
    r"""Text in which nothing is a tag: a brace is written as `\{`."""
    return _TAG_LIKE.sub("\\\\" + JOINER, text).replace("{", r"\{").replace("}", r"\}")


@dataclass(frozen=True, slots=True)
class Pen:
    """What letters are written with; lengths in pixels of the script, colours R, G, B in 0…255."""

    font: str
    size: float
    bold: bool
    italic: bool
    underline: bool
    colour: tuple[int, int, int]
    outline_colour: tuple[int, int, int]
    shadow_colour: tuple[int, int, int]
    alpha: float  #: 0…1, 1 opaque
    outline_alpha: float
    shadow_alpha: float
    outline: float
    shadow_x: float
    shadow_y: float
    spacing: float
    scale_x: float  #: 1 as designed
    scale_y: float
    turn_deg: float  #: counterclockwise


@dataclass(slots=True)
class Sheet:
    """What holds for an event as a whole."""

    numpad: int
    wraps: bool
    pos: tuple[float, ...] = ()  #: x, y
    move: tuple[float, ...] = ()  #: x, y at first, x, y at last, and the milliseconds of both if given
    org: tuple[float, ...] = ()  #: x, y
    fad: tuple[float, ...] = ()  #: milliseconds in and out
    is_drawing: bool = False


@dataclass(slots=True)
class PenReader:
    """Reads the text of one event."""

    start: Pen  #: of the event's style
    styles: Mapping[str, Pen]
    sheet: Sheet
    losses: Losses
    pen: Pen = field(init=False)
    _is_placed: bool = False

    def __post_init__(self) -> None:
        self.pen = self.start

    def runs(self, text: str) -> list[tuple[str, Pen]]:
        """Stretches of text and what each is written with."""
        found: list[tuple[str, Pen]] = []
        at = 0
        for block in _BLOCK.finditer(text):
            self._write(found, text[at : block.start()])
            at = block.end()
            for tag in _TAG.finditer(block[1]):
                self._obey(tag["name"], tag["value"].strip())
        self._write(found, text[at:])
        return found

    def _write(self, found: list[tuple[str, Pen]], text: str) -> None:
        if text and not self.sheet.is_drawing:
            soft = " " if self.sheet.wraps else "\n"
            plain = text.replace(r"\N", "\n").replace(r"\n", soft).replace(r"\h", "\u00a0")
            plain = plain.replace(r"\{", "{").replace(r"\}", "}").replace(f"\\{JOINER}", "\\")
            found.append((plain, self.pen))

    def _obey(self, name: str, value: str) -> None:
        if name in _LOST:
            self.losses.lose(_LOST[name])
        elif name in _PEN_TAGS:
            self.pen = _PEN_TAGS[name](self.pen, self.start, value)
        elif name == "r":
            self.pen = self.styles.get(value, self.start)
        elif name == "s" and value not in ("", "0"):
            self.losses.lose("text is not struck through")
        else:
            self._lay(name, value)

    def _lay(self, name: str, value: str) -> None:
        numbers = _numbers(value)
        match name, numbers:
            case "p", [float(level), *_]:
                self.sheet.is_drawing = level > 0
                if level > 0:
                    self.losses.lose("drawings are left out")
            case "an", [float(key), *_] if 1 <= key <= 9 and not self._is_placed:
                self.sheet.numpad, self._is_placed = int(key), True
            case "a", [float(key), *_] if not self._is_placed and int(key) in _OLD_KEYS:
                self.sheet.numpad, self._is_placed = _OLD_KEYS[int(key)], True
            case "q", [float(style), *_]:
                self.sheet.wraps = style != 2
            case "pos" | "org", [_, _] if not getattr(self.sheet, name):
                setattr(self.sheet, name, tuple(numbers))
            case "fad", [_, _] if not self.sheet.fad:
                self.sheet.fad = tuple(numbers)
            case "move", [_, _, _, _] | [_, _, _, _, _, _] if not self.sheet.move:
                self.sheet.move = tuple(numbers)


#: Places as the oldest scripts number them, by those of a number pad.
_OLD_KEYS = {1: 1, 2: 2, 3: 3, 5: 7, 6: 8, 7: 9, 9: 4, 10: 5, 11: 6}

Change = Callable[[Pen, Pen, str], Pen]


def _numbers(value: str) -> list[float]:
    numbers = []
    for part in value.strip("() ").split(","):
        try:
            number = float(part)
        except ValueError:
            continue
        if abs(number) <= _MOST:
            numbers.append(number)
    return numbers


def _length(*names: str, factor: float = 1.0, low: float = 0.0) -> Change:
    """A number for some fields of the pen; without one they are what they were at the start."""

    def change(pen: Pen, start: Pen, value: str) -> Pen:
        numbers = _numbers(value)
        changes: dict[str, Any] = {
            name: max(numbers[0] * factor, low) if numbers else getattr(start, name) for name in names
        }
        return replace(pen, **changes)

    return change


def _switch(name: str) -> Change:
    def change(pen: Pen, start: Pen, value: str) -> Pen:
        numbers = _numbers(value)
        # Bold may be a weight.
        changes: dict[str, Any] = {name: numbers[0] == 1 or numbers[0] >= 600 if numbers else getattr(start, name)}
        return replace(pen, **changes)

    return change


def _hex(value: str) -> int | None:
    digits = value.strip("&Hh ")
    try:
        return int(digits, 16) & 0xFFFFFFFF
    except ValueError:
        return None


def _colour(name: str) -> Change:
    def change(pen: Pen, start: Pen, value: str) -> Pen:
        code = _hex(value)
        parts = getattr(start, name) if code is None else (code & 0xFF, code >> 8 & 0xFF, code >> 16 & 0xFF)
        changes: dict[str, Any] = {name: parts}
        return replace(pen, **changes)

    return change


def _alpha(*names: str) -> Change:
    def change(pen: Pen, start: Pen, value: str) -> Pen:
        code = _hex(value)
        changes: dict[str, Any] = {
            name: getattr(start, name) if code is None else 1 - (code & 0xFF) / 255 for name in names
        }
        return replace(pen, **changes)

    return change


def _size(pen: Pen, start: Pen, value: str) -> Pen:
    numbers = _numbers(value)
    if not numbers:
        return replace(pen, size=start.size)
    size = pen.size * (1 + numbers[0] / 10) if value[0] in "+-" else numbers[0]
    return replace(pen, size=min(max(size, SIZES[0]), SIZES[1]) if size > 0 else start.size)


def _font(pen: Pen, start: Pen, value: str) -> Pen:
    return replace(pen, font=start.font if value in ("", "0") else value.lstrip("@"))


_LEAST = -_MOST
_PEN_TAGS: dict[str, Change] = {
    "fn": _font,
    "fs": _size,
    "b": _switch("bold"),
    "i": _switch("italic"),
    "u": _switch("underline"),
    "c": _colour("colour"),
    "1c": _colour("colour"),
    "3c": _colour("outline_colour"),
    "4c": _colour("shadow_colour"),
    "alpha": _alpha("alpha", "outline_alpha", "shadow_alpha"),
    "1a": _alpha("alpha"),
    "3a": _alpha("outline_alpha"),
    "4a": _alpha("shadow_alpha"),
    "bord": _length("outline"),
    "shad": _length("shadow_x", "shadow_y"),
    "xshad": _length("shadow_x", low=_LEAST),
    "yshad": _length("shadow_y", low=_LEAST),
    "fsp": _length("spacing", low=_LEAST),
    "fscx": _length("scale_x", factor=0.01),
    "fscy": _length("scale_y", factor=0.01),
    "fr": _length("turn_deg", low=_LEAST),
    "frz": _length("turn_deg", low=_LEAST),
}
