"""Which way text runs: the levels and the visual order of Unicode's bidirectional algorithm (UAX #9)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import islice, takewhile
from typing import Any

_NOT_PLAIN = frozenset(("R", "AL", "AN", "LRE", "LRO", "LRI", "RLE", "RLO", "RLI", "FSI"))
_ISOLATE_INITIATORS = ("LRI", "RLI", "FSI")
_NUMBERS = ("EN", "AN")
_DEEPEST_ISOLATE = 60  # the library knows 61 levels
_MOST_OPEN_BRACKETS = 63


def embedding_levels(paragraph: str) -> list[int]:
    """The resolved level of each character before reordering; odd levels run right to left.

    The paragraph's own direction is that of its first strong character.
    """
    if not any(unicodedata.bidirectional(char) in _NOT_PLAIN for char in paragraph):
        return [0] * len(paragraph)
    return _levels(paragraph, base_level(paragraph))


def base_level(paragraph: str) -> int:
    """0 where the paragraph runs left to right, 1 where it runs right to left (rules P2, P3)."""
    depth = 0
    for char in paragraph:
        kind = unicodedata.bidirectional(char)
        if kind in _ISOLATE_INITIATORS:
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif depth == 0 and kind in ("L", "R", "AL"):
            return int(kind != "L")
    return 0


def visual_order(levels: Sequence[int]) -> list[int]:
    """The indices of a line's pieces from left to right, given each piece's level (rule L2)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(order):
            end = start
            while end < len(order) and levels[order[end]] >= level:
                end += 1
            order[start:end] = reversed(order[start:end])
            start = max(end, start + 1)
    return order


def _levels(text: str, base: int) -> list[int]:
    """Levels of a text whose own level is `base`: what an isolate holds counts as one neutral sign around it."""
    isolates = _isolates(text) if base < _DEEPEST_ISOLATE else []
    inside = {index for start, end in isolates for index in range(start + 1, end)}
    outer = [index for index in range(len(text)) if index not in inside]
    levels = [base] * len(text)
    embeddings = dict.fromkeys(outer, base)
    for index, embedding, level in _plain_levels([text[index] for index in outer], base):
        embeddings[outer[index]], levels[outer[index]] = embedding, level
    for start, end in isolates:
        content, embedding = text[start + 1 : end], embeddings[start]
        kind = unicodedata.bidirectional(text[start])
        to_left = kind == "RLI" or (kind == "FSI" and base_level(content) == 1)
        levels[start + 1 : end] = _levels(content, (embedding + 1) | 1 if to_left else (embedding + 2) & ~1)
    return levels


def _isolates(text: str) -> list[tuple[int, int]]:
    """The outermost isolates: the place of the sign that opens each, and of the one that closes it or the end."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for index, char in enumerate(text):
        kind = unicodedata.bidirectional(char)
        if kind in _ISOLATE_INITIATORS:
            opened.append(index)
        elif kind == "PDI" and opened:
            start = opened.pop()
            if not opened:
                spans.append((start, index))
    return [*spans, (opened[0], len(text))] if opened else spans


def _plain_levels(chars: Sequence[str], base: int) -> list[tuple[int, int, int]]:
    """(index, level of the embedding, resolved level) of each character; what rule X9 removes is like that before."""
    from bidi import algorithm

    storage = algorithm.get_empty_storage()
    storage.update(base_level=base, base_dir="LR"[base % 2])
    algorithm.get_embedding_levels(chars, storage)
    for index, char in enumerate(storage["chars"]):
        neutral = char["type"] == "" or char["type"] == "PDI" or char["type"] in _ISOLATE_INITIATORS
        char.update(index=index, type="ON" if neutral else char["type"])
    algorithm.explicit_embed_and_overrides(storage)
    embeddings = {char["index"]: char["level"] for char in storage["chars"]}
    algorithm.resolve_weak_types(storage)
    _resolve_brackets(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    resolved = {char["index"]: char["level"] for char in storage["chars"]}
    levels: list[tuple[int, int, int]] = []
    before = (base, base)
    for index in range(len(chars)):
        before = (embeddings.get(index, before[0]), resolved.get(index, before[1]))
        levels.append((index, *before))
    return levels


def _resolve_brackets(storage: dict[str, Any]) -> None:
    """Rule N0: both brackets of a pair take one direction. The library leaves it out."""
    for run in storage["runs"]:
        chars = storage["chars"][run["start"] : run["start"] + run["length"]]
        for opening, closing in _bracket_pairs(chars):
            direction = _pair_direction(chars, opening, closing, run["sor"])
            if direction:
                for bracket in (opening, closing):
                    _set_with_marks(chars, bracket, direction)


def _bracket_pairs(chars: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Matching brackets by rule BD16, in the order of the opening ones."""
    from bidi.mirror import MIRRORED

    waiting: list[tuple[str, int]] = []
    pairs = []
    for index, char in enumerate(chars):
        sign = unicodedata.normalize("NFC", char["ch"])
        category = unicodedata.category(sign[0])
        if char["type"] != "ON" or sign not in MIRRORED:
            continue
        if category == "Ps":
            if len(waiting) == _MOST_OPEN_BRACKETS:
                break
            waiting.append((MIRRORED[sign], index))
        elif category == "Pe":
            found = next((place for place in reversed(range(len(waiting))) if waiting[place][0] == sign), None)
            if found is not None:
                pairs.append((waiting[found][1], index))
                del waiting[found:]
    return sorted(pairs)


def _pair_direction(chars: list[dict[str, Any]], opening: int, closing: int, before: str) -> str | None:
    embedding = "LR"[chars[opening]["level"] % 2]
    inside = {_strong(char["type"]) for char in islice(chars, opening + 1, closing)} - {None}
    if embedding in inside or not inside:
        return embedding if inside else None
    earlier = (_strong(chars[index]["type"]) for index in range(opening - 1, -1, -1))
    return next((strong for strong in earlier if strong), before)


def _strong(kind: str) -> str | None:
    if kind in _NUMBERS:
        return "R"
    return kind if kind in ("L", "R") else None


def _set_with_marks(chars: list[dict[str, Any]], bracket: int, direction: str) -> None:
    chars[bracket]["type"] = direction
    for char in takewhile(lambda char: char["orig"] == "NSM", islice(chars, bracket + 1, None)):
        char["type"] = direction
