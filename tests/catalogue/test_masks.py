"""Masks of both generations against the reference tables."""

from __future__ import annotations

import csv
import json

import pytest

from cutfarm.catalogue.masks import mask_shape

SHAPES = {"band": "mirror", "ellipse": "circle", "rrect": "rectangle", "raster": None, "path": None}


@pytest.fixture(scope="module")
def rows(shared):
    with (shared / "effects" / "masks.csv").open(encoding="utf-8", newline="") as file:
        return [(row, SHAPES.get(shape, shape)) for row in csv.DictReader(file) for shape in (_shape(row),)]


def _shape(row):
    return json.loads(row["params"])["shape"]


def _type(row):
    return row["note"].partition(";")[0].removeprefix("resource_type=")


def test_every_row_by_all_that_a_draft_says(rows):
    assert len(rows) == 15
    for row, shape in rows:
        found = mask_shape(resource_id=row["resource_id"], resource_type=_type(row), name=row["name_zh"])
        assert found == shape, row


def test_every_row_by_its_number_its_type_or_its_name_alone(rows):
    for row, shape in rows:
        if shape is not None:
            assert mask_shape(resource_id=row["resource_id"]) == shape
            assert mask_shape(name=row["name_zh"]) == shape
            assert mask_shape(name=row["name_en"].upper()) == shape
        if _type(row) != "geometric_shape":
            assert mask_shape(resource_type=_type(row)) == shape


def test_a_number_decides_before_a_type_and_a_type_before_a_name():
    assert mask_shape(resource_id="6791652175668843016", resource_type="circle", name="Heart") == "line"
    assert mask_shape(resource_id="1", resource_type="circle", name="Heart") == "circle"
    assert mask_shape(resource_type="geometric_shape", name="爱心") == "heart"


def test_what_is_drawn_by_hand_is_no_star():
    assert mask_shape(resource_id="7374021798087627265", resource_type="custom") is None
    assert mask_shape(resource_id="7374021798087627265", resource_type="pentagram") == "star"
    assert mask_shape(resource_type="geometric_shape") is None
    assert mask_shape() is None
