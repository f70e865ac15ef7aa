from __future__ import annotations

import pytest

from cutfarm.timeline import fields


@pytest.mark.parametrize("value", [None, "3", True, float("nan"), float("inf"), 10**400, [], {}])
def test_what_is_no_number(value):
    assert fields.finite(value) is None
    assert fields.number({"k": value}, "k", 7.0) == 7.0


def test_numbers_are_held():
    assert fields.number({"k": 5}, "k", low=0, high=1) == 1
    assert fields.integer({"k": 2.6}, "k") == 3


@pytest.mark.parametrize(("value", "read"), [(True, True), (0, False), (2.5, True), ("yes", None), (None, None)])
def test_flags(value, read):
    for default in (True, False):
        assert fields.flag({"k": value}, "k", default=default) is (default if read is None else read)


@pytest.mark.parametrize("value", [None, 3, "x", [1]])
def test_objects_and_lists_of_the_wrong_type(value):
    assert fields.node({"k": value}, "k") == {}
    assert fields.nodes({"k": value}, "k") == []


def test_items_that_are_no_objects_are_passed_over():
    assert fields.nodes({"k": [1, {"a": 1}, None]}, "k") == [{"a": 1}]
