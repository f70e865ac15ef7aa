"""Where a line may end, and where it does."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from cutfarm.text.characters import is_ignorable, is_space, is_wide

_GLUE = frozenset("\u00a0\u2007\u202f\u2060\ufeff")
_ZERO_WIDTH_SPACE = "\u200b"
_HYPHENS = frozenset("-\u2010\u2013\u2014")
_NEVER_FIRST = frozenset(
    "!%),.:;?]}¢°’”†‡›℃、。々〉》」』】〕〗〙〟ゝゞ・ヽヾー！％），．：；？］｝～｡｣､･…‥—―"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ"
)
_NEVER_LAST = frozenset("$([{£¥‘“〈《「『【〔〖〘〝＄（［｛｢￡￥€")


@dataclass(frozen=True, slots=True)
class LineSpan:
    """The characters [start, end) of one line; those from `ink_end` on are spaces that hang beyond it."""

    start: int
    ink_end: int
    end: int


def may_break_before(text: str, index: int) -> bool:
    """Whether a line may start with the character at `index`.

    Han, kana and hangul break anywhere but next to the punctuation that must not start or end a line; other scripts
    break after spaces and hyphens.
    """
    if not 0 < index < len(text):
        return False
    before, after = text[index - 1], text[index]
    if (is_space(after) and after not in _GLUE) or is_ignorable(after) or unicodedata.category(after).startswith("M"):
        return False
    if before == _ZERO_WIDTH_SPACE:
        return True
    if before in _GLUE or after in _GLUE:
        return False
    if is_space(before):
        return True
    if after in _NEVER_FIRST or before in _NEVER_LAST:
        return False
    if before in _HYPHENS:
        return text[index - 2 : index - 1].isalnum() and after.isalpha()
    return is_wide(_base_before(text, index)) or is_wide(after)


def wrap(text: str, advances_px: Sequence[float], limit_px: float | None) -> list[LineSpan]:
    """Fill lines greedily up to `limit_px`; a word longer than a line is cut between two clusters.

    `advances_px` holds each cluster's width at its first character and 0 at its others. Never empty.
    """
    lines: list[LineSpan] = []
    start = 0
    while True:
        end = len(text) if limit_px is None else _line_end(text, advances_px, start, limit_px)
        ink_end = end
        while ink_end > start and is_space(text[ink_end - 1]):
            ink_end -= 1
        lines.append(LineSpan(start, ink_end, end))
        if end >= len(text):
            return lines
        start = end


def _base_before(text: str, index: int) -> str:
    """The last character before `index` that shows, past joiners and variation selectors."""
    base = index - 1
    while base > 0 and is_ignorable(text[base]):
        base -= 1
    return text[base]


def _line_end(text: str, advances_px: Sequence[float], start: int, limit_px: float) -> int:
    width_px = 0.0
    last_break = start
    for index in range(start, len(text)):
        if index > start and may_break_before(text, index):
            last_break = index
        width_px += advances_px[index]
        if is_space(text[index]) or advances_px[index] <= 0 or width_px <= limit_px:
            continue
        if last_break > start:
            return last_break
        if index > start:
            return index
    return len(text)
