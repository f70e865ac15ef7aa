from __future__ import annotations

import csv

import pytest

from cutfarm.catalogue.transitions import is_dissolve


def test_exactly_the_plain_dissolves_of_the_table(shared):
    with (shared / "effects" / "transitions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1000
    plain = [row for row in rows if row["family"] == "dissolve" and row["params"] == "{}"]
    ids = {row["resource_id"] for row in plain}
    assert {row["resource_id"] for row in rows if is_dissolve(resource_id=row["resource_id"])} == ids
    assert all(is_dissolve(effect_id=row["effect_id"]) for row in plain)
    others = {row["effect_id"] for row in rows if row["resource_id"] not in ids and row["effect_id"]}
    assert not any(is_dissolve(effect_id=effect_id) for effect_id in others)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ({"resource_id": "6724845717472416269", "name": "anything"}, True),
        ({"resource_id": "6724239388189921806", "effect_id": "322577", "name": "Mix"}, False),
        ({"effect_id": "2c1c4fd5-a421-43a1-8a0b-3a7af421761f"}, True),
        ({"effect_id": "1", "name": "Mix"}, False),
        ({"name": " mix "}, True),
        ({"name": "叠化"}, True),
        ({"name": "Dissolve"}, False),
        ({}, False),
    ],
)
def test_the_first_id_that_is_given_decides(ids, expected):
    assert is_dissolve(**ids) is expected
