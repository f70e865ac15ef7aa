"""Which style each character of a caption has.

The application counts ranges in UTF-16 units; libraries that write drafts count the base style in bytes of UTF-16
and keywords in characters. Later styles lie over earlier ones, and a gap continues the style before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from heapq import heappop, heappush
from itertools import accumulate

Range = tuple[int, int]


def owners(text: str, ranges: Sequence[Range | None]) -> list[int]:
    """For each character of `text` the index of its range; 0 before the first range, and where there is none.

    A range of None covers the whole text. Ranges may be reversed, negative or past the end.
    """
    starts = unit_starts(text)
    whole = (0, starts[-1])
    in_characters = _count_characters(ranges, len(text), starts[-1])
    opening = []
    for index, given in enumerate(ranges):
        start, end = given or whole
        if not in_characters or given is None:
            start, end = bisect_left(starts, start), bisect_left(starts, end)
        opening.append((start, end, index))
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


def _count_characters(ranges: Sequence[Range | None], characters: int, units: int) -> bool:
    """Whether the ranges count Python characters: a base in bytes tells, or ranges that end with the characters."""
    if characters == units:
        return False
    given = [span for span in ranges if span is not None]
    return (0, 2 * units) in given or max((end for _, end in given), default=units) == characters
