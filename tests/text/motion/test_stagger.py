"""Who moves when, against the formula."""

from __future__ import annotations

import pytest

from cutfarm.text.motion.stagger import order_of, ranks, turn_progress, unit_of, unit_progress


@pytest.mark.parametrize("progress", [0.0, 0.1, 0.37, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("rank", range(5))
def test_units_start_one_after_the_other(progress, rank):
    start = rank / 4 * 0.6
    wanted = min(max((progress - start) / 0.4, 0), 1)
    assert unit_progress("slide", {"unit": "char"}, progress, rank, 5) == pytest.approx(wanted)


@pytest.mark.parametrize("overlap", [0.0, 0.2, 0.8, 1.0])
def test_overlap_says_what_share_of_the_time_a_unit_takes(overlap):
    share = 1 / (1 + 4 * (1 - overlap))
    params = {"unit": "char", "overlap": overlap}
    for rank in range(5):
        start = rank / 4 * (1 - share)
        assert unit_progress("slide", params, start, rank, 5) == pytest.approx(0)
        assert unit_progress("slide", params, start + share / 2, rank, 5) == pytest.approx(0.5)
        assert unit_progress("slide", params, start + share, rank, 5) == pytest.approx(1)


def test_one_unit_takes_all_the_time():
    assert unit_progress("slide", {"unit": "line"}, 0.3, 0, 1) == 0.3


def test_lines_are_sung_one_after_the_other():
    progress = [unit_progress("karaoke", {}, 0.5, rank, 4) for rank in range(4)]
    assert progress == pytest.approx([1, 1, 0, 0])


def test_orders():
    assert ranks("fwd", 5, 0) == (0, 1, 2, 3, 4)
    assert ranks(None, 3, 0) == (0, 1, 2)
    assert ranks("rev", 5, 0) == (4, 3, 2, 1, 0)
    assert ranks("center", 5, 0) == (3, 1, 0, 2, 4)
    assert sorted(ranks("random", 50, 7)) == list(range(50))
    assert ranks("random", 50, 7) == ranks("random", 50, 7) != ranks("random", 50, 8)
    assert ranks("random", 0, 7) == ()


def test_typing_is_undone_from_the_end():
    assert order_of("out", "typewriter", {}) == "rev"
    assert order_of("in", "typewriter", {}) == "fwd"
    assert order_of("out", "typewriter", {"order": "random"}) == "random"


def test_what_a_row_moves_as_one_piece():
    assert unit_of("slide", {"unit": "word"}) == "word"
    assert unit_of("slide", {"unit": 7}) == "all"
    assert unit_of("karaoke", {}) == "line"
    assert unit_of("text_path", {"shape": "arc"}) == "char"
    assert unit_of("text_path", {"shape": "tile_rows"}) == "all"


def test_loops_are_alike_but_for_entrances_and_cards():
    assert turn_progress("wave", {"unit": "char"}, 0.3, 3, 5) == 0.3
    assert turn_progress("slide", {"mode": "marquee"}, 0.3, 3, 5) == 0.3
    assert turn_progress("slide", {"unit": "char"}, 0.8, 4, 5) == 1
    assert turn_progress("slide", {"unit": "char"}, 0.1, 4, 5) == 0
    assert turn_progress("flip3d", {"unit": "char"}, 0.4, 0, 5) == pytest.approx(1)
