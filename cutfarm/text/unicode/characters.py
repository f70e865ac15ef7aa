"""What kind of character it is: the facts of Unicode that layout needs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

ZERO_WIDTH_JOINER = "\u200d"
TEXT_VARIATION, EMOJI_VARIATION = "\ufe0e", "\ufe0f"
COMMON_SCRIPT = "Zyyy"

_LINE_FEEDS = frozenset("\n\r\v\f\x85\u2028\u2029")
_VISIBLE_FORMAT = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_IGNORABLE = (
    (0x034F, 0x034F),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFFA0, 0xFFA0),
    (0xE0000, 0xE0FFF),
)
_CONJOINING_JAMO = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))
_EMOJI_MODIFIERS = ((0x1F3FB, 0x1F3FF),)
_REGIONAL_INDICATORS = ((0x1F1E6, 0x1F1FF),)
_EMOJI_BLOCKS = ((0x231A, 0x2E7F), (0x1F000, 0x1FAFF))
_KANA = ((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9D))


@dataclass(frozen=True, slots=True)
class CleanText:
    """The characters that can be drawn; the only control character left is the line feed."""

    text: str
    sources: tuple[int, ...]  #: index of each character in the text that it comes from


def clean(text: str) -> CleanText:
    """Drop control characters, lone surrogates and non-characters; one line feed for each way to end a line."""
    kept: list[tuple[str, int]] = []
    for index, char in enumerate(text):
        if char == "\r" and text[index + 1 : index + 2] == "\n":
            continue
        if char in _LINE_FEEDS:
            kept.append(("\n", index))
        elif char == "\t":
            kept.append((" ", index))
        elif unicodedata.category(char) not in ("Cc", "Cs") and not _is_noncharacter(char):
            kept.append((char, index))
    return CleanText("".join(char for char, _ in kept), tuple(index for _, index in kept))


def clusters(text: str) -> list[tuple[int, int]]:
    """The [start, end) spans that one font must draw: a base with its marks, a joined emoji, a flag."""
    spans: list[tuple[int, int]] = []
    for index in range(len(text)):
        if spans and _extends(text, spans[-1][0], index):
            spans[-1] = (spans[-1][0], index + 1)
        else:
            spans.append((index, index + 1))
    return spans


@lru_cache(maxsize=4096)
def is_ignorable(char: str) -> bool:
    """Whether a font need not have it: joiners, selectors, direction marks and other invisible signs."""
    if unicodedata.category(char) == "Cf":
        return char not in _VISIBLE_FORMAT
    return _within(char, _IGNORABLE)


def is_mark(char: str) -> bool:
    """Whether it combines with the character before it."""
    return unicodedata.category(char).startswith("M")


def is_space(char: str) -> bool:
    """Whether it is a space of any width."""
    return unicodedata.category(char) == "Zs"


def is_wide(char: str) -> bool:
    """Whether it stands on the grid of East Asian text, as Han, kana, hangul and most emoji do."""
    return unicodedata.east_asian_width(char) in ("W", "F")


def wants_emoji(cluster: str) -> bool:
    """Whether a colour font should draw it, by its variation selector or else by its default."""
    if TEXT_VARIATION in cluster:
        return False
    joined = any(char == EMOJI_VARIATION or _within(char, _EMOJI_MODIFIERS) for char in cluster)
    return joined or _is_pictograph(cluster[0]) or _within(cluster[0], _REGIONAL_INDICATORS)


def is_east_asian(text: str) -> bool:
    """Whether any of it is Han, kana, hangul or their punctuation; emoji are not."""
    return any(is_wide(char) and not _is_pictograph(char) for char in text)


def has_kana(text: str) -> bool:
    """Whether its Han characters are most likely Japanese."""
    return any(_within(char, _KANA) for char in text)


@lru_cache(maxsize=65536)
def script_of(char: str) -> str:
    """ISO 15924 code of the character's script; `Zyyy` where it belongs to no single one."""
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(char)
    buffer.guess_segment_properties()
    return buffer.script or COMMON_SCRIPT


def _extends(text: str, start: int, index: int) -> bool:
    char, previous = text[index], text[index - 1]
    if char == "\n" or previous == "\n":
        return False
    if is_mark(char) or is_ignorable(char) or _within(char, _EMOJI_MODIFIERS) or _within(char, _CONJOINING_JAMO):
        return True
    if previous == ZERO_WIDTH_JOINER:
        return ord(char) >= 0x2190 and unicodedata.category(char) in ("So", "Sm", "Cn")
    first_of_pair = index - start == 1 and _within(previous, _REGIONAL_INDICATORS)
    return first_of_pair and _within(char, _REGIONAL_INDICATORS)


def _is_pictograph(char: str) -> bool:
    return is_wide(char) and _within(char, _EMOJI_BLOCKS)


def _is_noncharacter(char: str) -> bool:
    return ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF


def _within(char: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(low <= ord(char) <= high for low, high in ranges)
