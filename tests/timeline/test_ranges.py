from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.timeline.ranges import owners, unit_starts


def test_units_of_utf_16():
    assert unit_starts("a😀b") == [0, 1, 3, 4]


def test_ranges_count_utf_16_units():
    assert owners("a😀bc", [(0, 3), (3, 5)]) == [0, 0, 1, 1]


def test_later_styles_lie_over_earlier_ones():
    assert owners("abcdef", [(0, 6), (1, 3), (2, 5)]) == [0, 1, 2, 2, 2, 0]


def test_gaps_continue_the_style_before_and_the_start_has_the_first():
    assert owners("abcdef", [(1, 2), (4, 5)]) == [0, 0, 0, 0, 1, 1]


def test_a_base_in_bytes_makes_keywords_count_characters():
    assert owners("😀😀key", [(0, 14), (2, 5)]) == [0, 0, 1, 1, 1]


def test_a_partition_that_ends_with_the_characters_counts_characters():
    assert owners("😀😀key", [(0, 2), (2, 5)]) == [0, 0, 1, 1, 1]


def test_a_partition_that_ends_with_the_units_counts_units():
    assert owners("😀😀key", [(0, 4), (4, 7)]) == [0, 0, 1, 1, 1]


def test_a_style_without_a_range_covers_everything():
    assert owners("ab😀", [None]) == [0, 0, 0]
    assert owners("ab😀", [(0, 1), None]) == [1, 1, 1]


def test_ranges_that_cannot_be():
    assert owners("abc", [(5, 2), (-4, 1), (2, 10**12)]) == [1, 1, 2]


def test_a_range_that_ends_before_it_begins_is_read_the_other_way_round():
    assert owners("abcdef", [(0, 6), (4, 1)]) == [0, 1, 1, 1, 0, 0]


@pytest.mark.parametrize("scale", ["utf-16-le", "utf-8"])
def test_ranges_side_by_side_in_bytes(scale):
    parts = ["你好", "😀key", "é!"]
    ends = [0, *accumulate(len(part.encode(scale)) for part in parts)]
    expected = [index for index, part in enumerate(parts) for _ in part]
    assert owners("".join(parts), list(pairwise(ends))) == expected


def test_a_single_range_past_the_end_covers_the_text():
    assert owners("ab你", [(0, 7)]) == [0, 0, 0]


def test_no_ranges():
    assert owners("abc", []) == [0, 0, 0]
    assert owners("", [(0, 3)]) == []


@given(
    st.text(st.characters(codec="utf-8"), max_size=30),
    st.lists(st.none() | st.tuples(st.integers(-5, 80), st.integers(-5, 80)), max_size=6),
)
def test_every_character_has_one_owner_and_the_last_range_over_it_wins(text, ranges):
    found = owners(text, ranges)
    assert len(found) == len(text)
    assert set(found) <= set(range(max(len(ranges), 1)))
    given = [sorted(span) for span in ranges if span is not None]
    are_characters = len(text) == unit_starts(text)[-1] and max((end for _, end in given), default=0) <= len(text)
    if ranges and are_characters:
        for at, owner in enumerate(found):
            over = [i for i, span in enumerate(ranges) if span is None or min(span) <= at < max(span)]
            if over:
                assert owner == over[-1]
