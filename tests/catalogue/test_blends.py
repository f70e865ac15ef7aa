"""Blend modes against the reference table."""

from __future__ import annotations

import csv
import json

import pytest

from cutfarm.catalogue.blends import blend_mode, is_normal


def test_every_row_by_each_of_its_names_and_numbers(shared):
    with (shared / "effects" / "mix_modes.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row, json.loads(row["params"])["mode"]) for row in csv.DictReader(file)]
    assert len(rows) == 10
    for row, mode in rows:
        assert blend_mode(resource_id=row["resource_id"]) == mode
        assert blend_mode(effect_id=row["effect_id"]) == mode
        assert blend_mode(name=row["name_zh"]) == mode
        assert blend_mode(name=row["name_en"]) == mode
        assert blend_mode(resource_id=row["resource_id"], effect_id=row["effect_id"], name="translated") == mode


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("multiply_blend_mode", "multiply"),
        ("color_dodge", "color_dodge"),
        ("darken_color", "color_burn"),
        ("soft_light", "soft_light"),
        ("glare_pc", "hard_light"),
        ("color_filter", "screen"),
        ("over_lay", "overlay"),
        ("bright_en", "lighten"),
        ("dark_en", "darken"),
        ("Difference", None),
        ("", None),
    ],
)
def test_names_of_the_applications_shaders(name, mode):
    assert blend_mode(name=name) == mode


def test_laying_over_is_no_mode():
    assert is_normal("Normal")
    assert is_normal("正常")
    assert not is_normal("Multiply")
    assert blend_mode(name="Normal") is None
