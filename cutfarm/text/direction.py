"""Which way text runs: the levels and the visual order of Unicode's bidirectional algorithm (UAX #9)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "FSI"))
_NUMBERS = ("EN", "AN")


def embedding_levels(paragraph: str) -> list[int]:
    """The resolved level of each character before reordering; odd levels run right to left.

    The paragraph's own direction is that of its first strong character. An isolate is treated as an embedding.
    """
    if not any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in paragraph):
        return [0] * len(paragraph)
    from bidi import algorithm  # type: ignore[import-untyped]

    storage = algorithm.get_empty_storage()
    base = base_level(paragraph)
    storage.update(base_level=base, base_dir="LR"[base])
    algorithm.get_embedding_levels(paragraph, storage)
    for index, (char, kind) in enumerate(zip(storage["chars"], _isolates_as_embeddings(paragraph), strict=True)):
        char.update(index=index, type=kind)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    _resolve_brackets(storage)
    algorithm.resolve_neutral_types(storage, False)
    algorithm.resolve_implicit_levels(storage, False)
    return _spread_levels(storage, len(paragraph))


def base_level(paragraph: str) -> int:
    """0 where the paragraph runs left to right, 1 where it runs right to left (rules P2, P3)."""
    depth = 0
    for char in paragraph:
        kind = unicodedata.bidirectional(char)
        if kind in ("LRI", "RLI", "FSI"):
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


def _isolates_as_embeddings(paragraph: str) -> list[str]:
    """The bidirectional types, with the isolates that the library does not know as the embeddings it does."""
    kinds = [unicodedata.bidirectional(char) for char in paragraph]
    for index, kind in enumerate(kinds):
        if kind == "LRI":
            kinds[index] = "LRE"
        elif kind == "RLI":
            kinds[index] = "RLE"
        elif kind == "FSI":
            kinds[index] = "RLE" if base_level(paragraph[index + 1 :]) else "LRE"
        elif kind == "PDI":
            kinds[index] = "PDF"
        elif kind == "":
            kinds[index] = "ON"
    return kinds


def _spread_levels(storage: dict[str, Any], length: int) -> list[int]:
    """Give the characters that rule X9 removed the level of the one before them."""
    known = {char["index"]: char["level"] for char in storage["chars"]}
    levels: list[int] = []
    for index in range(length):
        levels.append(known.get(index, levels[-1] if levels else storage["base_level"]))
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
    from bidi.mirror import MIRRORED  # type: ignore[import-untyped]

    waiting: list[tuple[str, int]] = []
    pairs = []
    for index, char in enumerate(chars):
        sign = unicodedata.normalize("NFC", char["ch"])
        category = unicodedata.category(sign[0])
        if char["type"] != "ON" or sign not in MIRRORED:
            continue
        if category == "Ps":
            waiting.append((MIRRORED[sign], index))
        elif category == "Pe":
            found = next((place for place in reversed(range(len(waiting))) if waiting[place][0] == sign), None)
            if found is not None:
                pairs.append((waiting[found][1], index))
                del waiting[found:]
    return sorted(pairs)


def _pair_direction(chars: list[dict[str, Any]], opening: int, closing: int, before: str) -> str | None:
    embedding = "LR"[chars[opening]["level"] % 2]
    inside = {_strong(char["type"]) for char in chars[opening + 1 : closing]} - {None}
    if embedding in inside or not inside:
        return embedding if inside else None
    context = next((strong for char in reversed(chars[:opening]) if (strong := _strong(char["type"]))), before)
    return context if context != embedding else embedding


def _strong(kind: str) -> str | None:
    if kind in _NUMBERS:
        return "R"
    return kind if kind in ("L", "R") else None


def _set_with_marks(chars: list[dict[str, Any]], bracket: int, direction: str) -> None:
    chars[bracket]["type"] = direction
    for char in chars[bracket + 1 :]:
        if char["orig"] != "NSM":
            break
        char["type"] = direction
