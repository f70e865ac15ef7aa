"""Colours as drafts write them."""

from __future__ import annotations

import pytest

from cutfarm.timeline.colours import rgba_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("#FF0000", (1, 0, 0, 1)),
        ("#ff000080", (1, 0, 0, 128 / 255)),
        ("00ff00", (0, 1, 0, 1)),
        (" #0000FF ", (0, 0, 1, 1)),
        ([0.5, 2, -1], (0.5, 1, 0, 1)),
        ([0.5, 0.5, 0.5, 0.25], (0.5, 0.5, 0.5, 0.25)),
        ("", None),
        ("#FFF", None),
        ("#GG0000", None),
        ("red", None),
        ([1, 2], None),
        ([1, 2, float("nan")], None),
        ([1, 2, "3"], None),
        (None, None),
        (7, None),
        ({}, None),
    ],
)
def test_colours(written, read):
    assert rgba_of(written) == read
