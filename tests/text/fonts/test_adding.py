from __future__ import annotations

import os

import pytest

from cutfarm.errors import AssetMissing, AssetTooLarge, AssetUnreadable, StorageError
from cutfarm.text.fonts.adding import MAX_ADDED_BYTES, add_font, check_font, remove_font, safe_name


@pytest.mark.parametrize(
    ("name", "first", "safe"),
    [
        ("Anton-Regular.ttf", b"", "Anton-Regular.ttf"),
        ("../../etc/passwd", b"OTTO", "passwd.otf"),
        ("C:\\Fonts\\新青年体.TTF", b"", "新青年体.ttf"),
        ("Inter[opsz,wght].ttf", b"", "Inter[opsz,wght].ttf"),
        ("a\x00b\nc;d$.otf", b"OTTO", "a_b_c_d_.otf"),
        ("...ttf", b"", "font.ttf"),
        ("", b"", "font.ttf"),
        ("really a collection.ttf", b"ttcf", "really a collection.ttc"),
        ("字" * 500 + ".ttf", b"", "字" * 40 + ".ttf"),
        ("lone \udcff.ttf", b"", "lone _.ttf"),
    ],
)
def test_names_are_made_harmless(name, first, safe):
    assert safe_name(name, first) == safe


def test_a_font_is_copied_and_described(make_font, tmp_path):
    source = make_font("Square Deal", "ABaz", weight=700)
    (face,) = add_font(source, tmp_path / "not" / "there yet")
    assert face.path == tmp_path / "not/there yet/Square Deal.ttf"
    assert face.path.read_bytes() == source.read_bytes()
    assert (face.family, face.style, face.weights, face.is_colour) == ("Square Deal", "Bold", (700, 700), False)
    assert face.scripts == ()


def test_scripts_are_those_that_it_has(make_font):
    (face,) = check_font(make_font("Two", "AZazאבת"))
    assert face.scripts == ("Latin", "Hebrew")


def test_a_font_of_the_same_name_is_replaced_at_once(make_font, tmp_path):
    farm = tmp_path / "farm"
    add_font(make_font("One", name="same"), farm)
    (face,) = add_font(make_font("Two", name="same"), farm)
    assert face.family == "Two"
    assert [path.name for path in farm.iterdir()] == ["same.ttf"]


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"just words", "no font that can be drawn"), (b"", "no font that can be drawn"), (b"wOF2" * 9, "web font")],
)
def test_what_is_no_font_is_refused_and_leaves_nothing(tmp_path, data, words):
    (tmp_path / "text.ttf").write_bytes(data)
    with pytest.raises(AssetUnreadable, match=words):
        add_font(tmp_path / "text.ttf", tmp_path / "farm")
    assert not (tmp_path / "farm").exists()


def test_what_is_too_large_is_refused(make_font, tmp_path):
    path = make_font("Large")
    with path.open("ab") as file:
        file.truncate(MAX_ADDED_BYTES + 1)
    with pytest.raises(AssetTooLarge, match="50 MB"):
        add_font(path, tmp_path / "farm")


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(AssetMissing, match=r"gone\.ttf is not there"):
        add_font(tmp_path / "gone.ttf", tmp_path)
    os.mkfifo(tmp_path / "pipe.ttf")
    with pytest.raises(AssetMissing):
        add_font(tmp_path / "pipe.ttf", tmp_path)


def test_a_folder_that_cannot_be_is_the_farms_trouble(make_font, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be written"):
        add_font(make_font("Square"), tmp_path / "file")


def test_a_font_is_removed_by_name_or_stem(make_font, tmp_path):
    farm = tmp_path / "farm"
    for name in ("one", "two"):
        add_font(make_font("Square", name=name), farm)
    assert remove_font("one.ttf", farm) == farm / "one.ttf"
    assert remove_font("two", farm) == farm / "two.ttf"
    with pytest.raises(AssetMissing, match="no font file two"):
        remove_font("two", farm)
    with pytest.raises(AssetMissing):
        remove_font("../one.ttf", farm)
