"""Which style each character of a caption has.

The application counts ranges in UTF-16 units; libraries that write drafts count them in characters or in bytes, or the
base style in bytes of UTF-16 and keywords in characters. Later styles lie over earlier ones, and a gap continues the
style before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import accumulate, pairwise

Range = tuple[int, int]


def owners(text: str, ranges: Sequence[Range | None]) -> list[int]:
    """For each character of `text` the index of its range; 0 before the first range, and where there is none.

    A range of None covers the whole text. Ranges may be negative or past the end; one that ends before it begins is
    read the other way round.
    """
    starts = _starts_of(text, [span for span in ranges if span is not None])
    opening = []
    for index, given in enumerate(ranges):
        first, last = (0, starts[-1]) if given is None else sorted(given)
        opening.append((bisect_left(starts, first), bisect_left(starts, last), index))
    return list(_topmost(sorted(opening, reverse=True), len(text)))


def _topmost(opening: list[tuple[int, int, int]], length: int) -> Iterator[int]:
    """For each place the highest index of the spans over it, else the index before; `opening` is sorted backwards."""
    over: list[tuple[int, int]] = []
    owner = 0
    for at in range(length):
        while opening and opening[-1][0] <= at:
            _, end, index = opening.pop()
            heappush(over, (-index, end))
        while over and over[0][1] <= at:
            heappop(over)
        owner = -over[0][0] if over else owner
        yield owner


def unit_starts(text: str) -> list[int]:
    """The UTF-16 unit at which each character begins, and the number of units at the end."""
    return [0, *accumulate(2 if character > "\uffff" else 1 for character in text)]


def _starts_of(text: str, ranges: Sequence[Range]) -> Sequence[int]:
    """Where each character begins, and the text ends, in what the ranges count: told by where the last one ends.

    Bytes are taken for what they are only where several ranges lie side by side from the start to that end.
    """
    units = unit_starts(text)
    end = max((max(span) for span in ranges), default=units[-1])
    characters = range(len(text) + 1)
    if end == units[-1]:
        return units
    if end == len(text) or (0, 2 * units[-1]) in ranges:
        return characters
    if _is_partition(ranges):
        utf_8 = [0, *accumulate(len(character.encode()) for character in text)]
        for starts in ([2 * unit for unit in units], utf_8):
            if end == starts[-1]:
                return starts
    return units


def _is_partition(ranges: Sequence[Range]) -> bool:
    return len(ranges) > 1 and ranges[0][0] == 0 and all(left[1] == right[0] for left, right in pairwise(ranges))
