from __future__ import annotations

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
    if ranges and len(unit_starts(text)) - 1 == unit_starts(text)[-1]:
        for at, owner in enumerate(found):
            over = [i for i, span in enumerate(ranges) if span is None or span[0] <= at < span[1]]
            if over:
                assert owner == over[-1]
