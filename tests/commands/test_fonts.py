"""`cutfarm fonts`: on this machine, and on a farm."""

from __future__ import annotations

import json
import shutil

import pytest

from cutfarm.text.fonts import files as font_places
from tests.text.conftest import make_font

__all__ = ["make_font"]


@pytest.fixture(autouse=True)
def farm(tmp_path, monkeypatch):
    """A machine whose only fonts of its own are those that were added."""
    monkeypatch.setenv("CUTFARM_FONT_DIR", str(tmp_path / "farm"))
    monkeypatch.setattr(font_places, "_SYSTEM_FOLDERS", ())
    monkeypatch.chdir(tmp_path)
    return tmp_path / "farm"


def listed(cutfarm, *words):
    code, out, err = cutfarm("fonts", "list", "--json", *words)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_a_font_is_added_listed_and_removed(cutfarm, make_font, farm):
    path = make_font("Square Deal", "AZaz", weight=700)
    code, out, err = cutfarm("fonts", "add", path)
    assert (code, err) == (0, "")
    assert out.splitlines() == ["Square Deal Bold, weight 700; Latin", f"added as {farm / 'Square Deal.ttf'}"]
    (face,) = listed(cutfarm, "--family", "square")
    assert face == {
        "family": "Square Deal",
        "style": "Bold",
        "weights": [700, 700],
        "italic": False,
        "colour": False,
        "scripts": ["Latin"],
        "file": str(farm / "Square Deal.ttf"),
        "from": "added",
        "licence": "",
    }
    assert cutfarm("fonts", "remove", "Square Deal.ttf") == (0, f"removed {farm / 'Square Deal.ttf'}\n", "")
    assert listed(cutfarm, "--family", "square") == []


def test_a_caption_is_drawn_with_it(cutfarm, make_font):
    from cutfarm.text.fonts.library import machine_fonts

    assert machine_fonts().find("", "Square Deal.ttf").substitution is not None
    cutfarm("fonts", "add", make_font("Square Deal"))
    assert machine_fonts().find("", "Square Deal.ttf").substitution is None


def test_several_are_added_up_to_the_first_that_is_none(cutfarm, make_font, tmp_path, farm):
    (tmp_path / "text.ttf").write_text("words")
    code, _, err = cutfarm("fonts", "add", make_font("One"), tmp_path / "text.ttf", make_font("Two"))
    assert (code, err) == (2, "cutfarm: text.ttf is no font that can be drawn with\n")
    assert [path.name for path in farm.iterdir()] == ["One.ttf"]


@pytest.mark.parametrize("words", [("add", "gone.ttf"), ("remove", "gone.ttf"), ("list", "--script", "klingon")])
def test_what_cannot_be_is_one_sentence(cutfarm, words):
    code, out, err = cutfarm("fonts", *words)
    assert (code, out) == (2, "")
    assert err.startswith("cutfarm: ")
    assert err.count("\n") == 1


def test_fonts_are_listed_by_script(cutfarm):
    thai = listed(cutfarm, "--script", "thai")
    assert {face["family"] for face in thai} == {"Noto Sans Thai"}
    assert {face["from"] for face in thai} == {"package"}
    assert {face["family"] for face in listed(cutfarm, "--script", "traditional")} == {
        "Noto Sans JP",
        "Noto Sans KR",
        "Noto Sans SC",
        "Noto Sans TC",
    }


def test_the_table_has_a_line_for_each_face(cutfarm):
    code, out, _ = cutfarm("fonts", "list", "--family", "noto sans sc")
    header, line = out.splitlines()
    assert code == 0
    assert header.split() == ["family", "style", "weight", "file", "from", "licence"]
    assert line.split() == [
        "Noto",
        "Sans",
        "SC",
        "Variable",
        "100–900",
        "NotoSansSC[wght].ttf",
        "package",
        line.split()[-1],
    ]
    assert line.split()[-1].endswith("scripts.sil.org/OFL")


def test_names_are_no_markup(cutfarm, make_font):
    cutfarm("fonts", "add", make_font("[bold]:smile:", name="plain"))
    assert "[bold]:smile:" in cutfarm("fonts", "list", "--family", "smile")[1]


def test_a_farm_that_is_not_there_is_said(cutfarm, make_font):
    code, _, err = cutfarm("fonts", "list", "--api", "http://127.0.0.1:9")
    assert code == 1
    assert "http://127.0.0.1:9" in err
    assert cutfarm("fonts", "add", make_font("Square"), "--api", "http://127.0.0.1:9")[0] == 1
    shutil.rmtree("farm", ignore_errors=True)
