"""Animations of captions against the reference tables."""

from __future__ import annotations

import csv
import json

import pytest

from cutfarm.catalogue.text_motions import text_motion, text_motions


def rows_of(shared, kind):
    with (shared / "effects" / f"text_{kind}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("kind", "count"), [("in", 351), ("out", 216), ("loop", 192)])
def test_every_row_by_its_number(shared, kind, count):
    rows = rows_of(shared, kind)
    assert len(rows) == count
    by_number = {}
    for field in ("resource_id", "effect_id"):  # one application's resource is another's effect here and there
        for row in rows:
            by_number.setdefault(row[field], row)
    for number, row in by_number.items():
        assert said(text_motion(number, "translated", kind)) == meant(row), number


@pytest.mark.parametrize("kind", ["in", "out", "loop"])
def test_every_row_by_its_names(shared, kind):
    rows = rows_of(shared, kind)
    for row in rows:
        for field in ("name_zh", "name_en"):
            assert text_motion("", f" {row[field].upper()} ", kind) is not None, row[field]
    assert [said(motion) for motion in text_motions(kind)] == [meant(row) for row in rows]


def said(motion):
    return motion.fidelity, motion.duration_us, [(family, dict(params)) for family, params in motion.ops]


def meant(row):
    params = json.loads(row["params"])
    added = [(op.pop("f"), op) for op in params.pop("add", [])]
    return row["fidelity"], int(row["default_duration_us"]), [(row["family"], params), *added]


def test_names_stay_within_their_kind():
    assert text_motion("", "渐显", "in").ops == (("dissolve", {"unit": "all"}),)
    assert text_motion("", "渐显", "out") is None
    assert text_motion("", "Fade In", "wobble") is None


def test_word_by_word_captions_look_among_loops_first():
    assert text_motion("", "波浪", "caption") == text_motion("", "Wave", "loop")
    assert text_motion("", "打字机 II", "group") == text_motion("", "Type 2", "in")
    assert text_motion("", "卡拉ok", "caption").kind == "in"


def test_a_number_beats_a_name():
    fade = text_motion("", "Fade In", "in")
    number = text_motion("6771294855785091588", "Fade In", "in")
    assert number != fade
    assert number.ops[0][0] == "karaoke"


def test_what_means_nothing_is_none():
    assert text_motion("", "", "in") is None
    assert text_motion("1", "no such motion", "in") is None
