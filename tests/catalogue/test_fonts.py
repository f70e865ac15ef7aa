from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cutfarm.catalogue.fonts import CatalogueFont, catalogue_font, catalogue_fonts


@pytest.mark.parametrize(
    ("font_id", "name", "font"),
    [
        ("6807743423336944142", "", CatalogueFont("Anton", "latin-sans")),
        ("643585", "", CatalogueFont("Anton", "latin-sans")),
        (" 7246698168547545602 ", "", CatalogueFont("A1明朝", "cjk-serif")),
        ("", "great-vibes REGULAR", CatalogueFont("Great Vibes-Regular", "latin-display")),
        ("", "３Ｄ 만화", CatalogueFont("3D 만화", "korean")),
        ("6807743423336944142", "3D 만화", CatalogueFont("Anton", "latin-sans")),
        ("1", "", None),
        ("", "no font of that name", None),
        ("", "", None),
    ],
)
def test_a_number_decides_and_then_a_name_however_spelt(font_id, name, font):
    assert catalogue_font(font_id, name) == font


def test_every_row_of_the_open_tables_is_known(shared):
    with (shared / "effects/fonts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(catalogue_fonts())
    for row in rows:
        font = catalogue_font(row["resource_id"])
        assert font is not None
        assert catalogue_font(row["effect_id"]) is not None
        assert catalogue_font("", row["name_zh"]) is not None
        if "serif" in json.loads(row["params"])["substitute"].casefold():
            assert font.font_class in {"cjk-serif", "latin-serif"}


def test_the_table_is_read_when_first_asked():
    code = "from cutfarm.catalogue import fonts; assert fonts._table.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
