"""Where a line may end (UAX #14), and where it does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from cutfarm.text.unicode.characters import ZERO_WIDTH_JOINER, clusters, is_mark, is_space, is_wide
from cutfarm.text.unicode.properties import line_break_class

_GLUE = frozenset("\u00a0\u2007\u202f")
_ROUNDING_PX = 1e-3  # sums of advances that are just as long as the line
_FULL_WIDTH_TILDE = "～"  # Chinese writes the wave dash with it, which starts no line

# Thai and Lao write some vowels as letters before or after the consonant that they belong to.
_WITH_NEXT = frozenset("เแโใไເແໂໃໄ")
_WITH_PREVIOUS = frozenset("ะาำๅๆฯະາຳໆ")

_NAMES = (  # the classes, with openings as narrow and wide ones, and quotes that open and that close
    "AL B2 BA BB CB CL CP EB EM EX GL H2 H3 HL HY ID IN IS JL JT JV NS NU PO PR QU RI SP SY WJ ZW ON OW QI QF"
)
_CODES = {name: chr(ord("a") + index) for index, name in enumerate(_NAMES.split())}
_FAMILIES = {"OP": "ON OW", "QQ": "QU QI QF", "AA": "AL HL", "IE": "ID EB EM", "HG": "JL JV JT H2 H3"}


def _pattern(words: str) -> str:
    """A regular expression over class codes, from one over class names; spaces mean nothing."""

    def codes(name: re.Match[str]) -> str:
        return "".join(re.escape(_CODES[member]) for member in _FAMILIES.get(name[0], name[0]).split())

    return re.sub(r"[A-Z][A-Z0-9]", codes, words.replace(" ", ""))


def _rule(may_break: bool, before: str, after: str) -> tuple[bool, re.Pattern[str]]:
    return may_break, re.compile(f"{_pattern(before)}(?={_pattern(after)})")


# The first rule that speaks of a place decides it; numbers are those of UAX #14.
_RULES = (
    _rule(False, "", "[SP ZW]"),  # 7
    _rule(True, "ZW SP*", ""),  # 8
    _rule(False, "", "WJ"),  # 11
    _rule(False, "WJ", ""),
    _rule(False, "GL", ""),  # 12
    _rule(False, "[^SP BA HY]", "GL"),
    _rule(False, "", "[CL CP EX IS SY]"),  # 13
    _rule(False, "[OP] SP*", ""),  # 14
    _rule(False, "(?<![^OP QQ GL SP ZW]) QI SP*", ""),  # 15
    _rule(False, "", "QF (?:[SP GL WJ CL QQ CP EX IS SY ZW]|$)"),
    _rule(False, "[CL CP] SP*", "NS"),  # 16
    _rule(False, "B2 SP*", "B2"),  # 17
    _rule(True, "SP", ""),  # 18
    _rule(False, "", "[QU QF]"),  # 19
    _rule(False, "[QU QI]", ""),
)
_RULES_AFTER_QUOTES = (
    _rule(True, "", "CB"),  # 20
    _rule(True, "CB", ""),
    _rule(False, "(?<![^SP ZW GL]) HY", "[AA]"),
    _rule(False, "", "[BA HY NS]"),  # 21
    _rule(False, "BB", ""),
    _rule(False, "HL [HY BA]", ""),
    _rule(False, "SY", "HL"),
    _rule(False, "", "IN"),  # 22
    _rule(False, "[AA]", "NU"),  # 23
    _rule(False, "NU", "[AA]"),
    _rule(False, "PR", "[IE]"),
    _rule(False, "[IE]", "PO"),
    _rule(False, "[PR PO]", "[AA]"),  # 24
    _rule(False, "[AA]", "[PR PO]"),
    _rule(False, "[PR PO]", "[OP HY]? NU"),  # 25
)
_NUMBER = re.compile(_pattern("[PR PO]? [OP HY]? NU [NU SY IS]* [CL CP]? [PR PO]?"))  # 25
_RULES_AFTER_NUMBERS = (
    _rule(False, "JL", "[JL JV H2 H3]"),  # 26
    _rule(False, "[JV H2]", "[JV JT]"),
    _rule(False, "[JT H3]", "JT"),
    _rule(False, "[HG]", "PO"),  # 27
    _rule(False, "PR", "[HG]"),
    _rule(False, "[AA]", "[AA]"),  # 28
    _rule(False, "IS", "[AA]"),  # 29
    _rule(False, "[AA NU]", "ON"),  # 30
    _rule(False, "CP", "[AA NU]"),
    _rule(False, "EB", "EM"),
)
_FLAG = re.compile(_pattern("RI RI"))  # 30a


@dataclass(frozen=True, slots=True)
class LineSpan:
    """The characters [start, end) of one line; those from `ink_end` on are spaces that hang beyond it."""

    start: int
    ink_end: int
    end: int


def line_starts(text: str) -> list[bool]:
    """For each character of a text without line feeds whether a line may start with it; False for the first.

    By UAX #14 of Unicode 15, with two changes: a quotation mark holds on to what it quotes but not to Han outside of
    it (much as Unicode 16 has it), and a hyphen before a word to that word. Thai, Lao, Khmer and Burmese, which put
    no spaces between words, may break at the spaces that they have: there is no dictionary here.
    """
    units = _units(text)
    codes = "".join(_code(text[start]) for start, _ in units)
    decided: dict[int, bool] = {
        place: False for place, (start, _) in enumerate(units) if start and text[start - 1] == ZERO_WIDTH_JOINER
    }
    _apply(_RULES, codes, decided)
    _hold_quotes([is_wide(text[start]) for start, _ in units], codes, decided)
    _apply(_RULES_AFTER_QUOTES, codes, decided)
    _hold_inside(_NUMBER, codes, decided)
    _apply(_RULES_AFTER_NUMBERS, codes, decided)
    _hold_inside(_FLAG, codes, decided)
    starts = [False] * len(text)
    for place, (start, _) in enumerate(units):
        starts[start] = place > 0 and decided.get(place, True)
    return starts


def wrap(
    text: str, advances_px: Sequence[float], limit_px: float | None, *, last_gaps_px: Sequence[float] | None = None
) -> list[LineSpan]:
    """Fill lines greedily up to `limit_px`; a word longer than a line is cut between two clusters.

    `advances_px` holds each cluster's width at its first character and 0 at its others; `last_gaps_px`, alike, what
    of it does not count where the cluster is a line's last. Never empty.
    """
    if limit_px is None:
        return [LineSpan(0, _ink_end(text, 0, len(text)), len(text))]
    starts = line_starts(text)
    cuts = _cuts(text)
    gaps_px = last_gaps_px or [0.0] * len(text)
    lines: list[LineSpan] = []
    start = 0
    while True:
        end = _line_end(text, advances_px, gaps_px, starts, cuts, start, limit_px)
        lines.append(LineSpan(start, _ink_end(text, start, end), end))
        if end >= len(text):
            return lines
        start = end


def _units(text: str) -> list[tuple[int, int]]:
    """The [start, end) of each character with the marks that follow it (rule LB9)."""
    units: list[tuple[int, int]] = []
    for index, char in enumerate(text):
        joins = _class(char) in ("CM", "ZWJ")
        if joins and units and _class(text[units[-1][0]]) not in ("SP", "ZW"):
            units[-1] = (units[-1][0], index + 1)
        else:
            units.append((index, index + 1))
    return units


def _class(char: str) -> str:
    if char == _FULL_WIDTH_TILDE:
        return "NS"
    named = line_break_class(char)
    if named == "SA":
        return "CM" if is_mark(char) else "AL"
    return named


def _code(char: str) -> str:
    name = _class(char)
    if name == "QU":
        name = {"Pi": "QI", "Pf": "QF"}.get(unicodedata.category(char), "QU")
    elif name == "OP":
        name = "OW" if unicodedata.east_asian_width(char) in ("W", "F", "H") else "ON"
    return _CODES.get(name, _CODES["AL"])  # a mark without a base is like a letter (rule LB10)


def _apply(rules: Sequence[tuple[bool, re.Pattern[str]]], codes: str, decided: dict[int, bool]) -> None:
    for may_break, pattern in rules:
        for match in pattern.finditer(codes):
            decided.setdefault(match.end(), may_break)


def _hold_inside(pattern: re.Pattern[str], codes: str, decided: dict[int, bool]) -> None:
    for match in pattern.finditer(codes):
        for place in range(match.start() + 1, match.end()):
            decided.setdefault(place, False)


def _hold_quotes(wide: Sequence[bool], codes: str, decided: dict[int, bool]) -> None:
    """Outside of a pair of quotes a line may start or end next to full-width characters alone."""
    for place, code in enumerate(codes):
        if code == _CODES["QI"] and not (place and wide[place - 1]):
            decided.setdefault(place, False)
        elif code == _CODES["QF"] and not (place + 1 < len(codes) and wide[place + 1]):
            decided.setdefault(place + 1, False)


def _cuts(text: str) -> list[bool]:
    """For each character whether a word may be cut before it where nothing else helps."""
    cuts = [False] * len(text)
    for start, _ in clusters(text):
        cuts[start] = text[start] not in _WITH_PREVIOUS and text[start - 1 : start] not in _WITH_NEXT
    return cuts


def _hangs(char: str) -> bool:
    return is_space(char) and char not in _GLUE


def _ink_end(text: str, start: int, end: int) -> int:
    while end > start and _hangs(text[end - 1]):
        end -= 1
    return end


def _line_end(
    text: str,
    advances_px: Sequence[float],
    gaps_px: Sequence[float],
    starts: Sequence[bool],
    cuts: Sequence[bool],
    start: int,
    limit_px: float,
) -> int:
    width_px = 0.0
    last_break = last_cut = start
    for index in range(start, len(text)):
        if starts[index]:
            last_break = index
        if cuts[index] and advances_px[index] > 0:
            last_cut = index
        width_px += advances_px[index]
        if _hangs(text[index]) or advances_px[index] <= 0 or width_px - gaps_px[index] <= limit_px + _ROUNDING_PX:
            continue
        if max(last_break, last_cut) > start:
            return last_break if last_break > start else last_cut
    return len(text)
