"""Faces of font files: what they say of themselves, and files that mean harm."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cutfarm.text.fonts.face import FontFace, FontQuery, WeightedFont
from cutfarm.text.fonts.library import FontLibrary, faces_of

Edit = Callable[[Callable[[Any], None]], Path]


@pytest.fixture
def edited(make_font, tmp_path) -> Edit:
    """Writes a good font after a change to its tables."""
    lib = pytest.importorskip("fontTools.ttLib", reason="fontTools makes the test fonts")

    def edit(change: Callable[[Any], None]) -> Path:
        font = lib.TTFont(make_font("Square"))
        change(font)
        font.save(tmp_path / "edited.ttf")
        return tmp_path / "edited.ttf"

    return edit


def raw_table(tag: str, data: bytes) -> Any:
    from fontTools.ttLib.tables.DefaultTable import DefaultTable

    table = DefaultTable(tag)
    table.data = data
    return table


def weight_axis(low: float, default: float, high: float) -> Any:
    from fontTools.ttLib import newTable
    from fontTools.ttLib.tables._f_v_a_r import Axis

    axis = Axis()
    axis.axisTag, axis.axisNameID = "wght", 256
    axis.minValue, axis.defaultValue, axis.maxValue = low, default, high
    table = newTable("fvar")
    table.axes, table.instances = [axis], []
    return table


def collection(font: bytes, count: int) -> bytes:
    """A TTC whose faces are all the same one."""
    offset = 12 + 4 * count
    moved = bytearray(font)
    for record in range(12, 12 + 16 * struct.unpack(">H", font[4:6])[0], 16):
        (place,) = struct.unpack_from(">I", font, record + 8)
        struct.pack_into(">I", moved, record + 8, place + offset)
    return b"ttcf" + struct.pack(">HHI", 1, 0, count) + struct.pack(">I", offset) * count + bytes(moved)


def draws(face: FontFace) -> bool:
    font = WeightedFont(face, 700, embolden=False)
    return not font.outline(font.hb_font.get_nominal_glyph(ord("A"))).isEmpty()


@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("三极黑宋体中粗", 600),
        ("字魂特粗", 900),
        ("某体细", 300),
        ("猫啃网烟波宋-B", 700),
        ("Some-H", 900),
        ("Vitamin-B12", None),
        ("-B", None),
        ("粗", None),
    ],
)
def test_names_say_weights_in_other_words(name, weight):
    assert FontQuery.parse(name).weight == weight


def test_a_letter_that_says_a_weight_is_no_part_of_the_family():
    assert FontQuery.parse("Some-B").family == FontQuery.parse("Some Bold").family == "some"


class TestGrid:
    @pytest.mark.parametrize("upem", [16, 1000, 16384])
    def test_any_that_the_format_allows(self, edited, upem):
        face = FontFace(edited(lambda font: setattr(font["head"], "unitsPerEm", upem)))
        assert face.usable
        assert 0.5 <= sum(face.vertical_em) <= 4.0

    @pytest.mark.parametrize("upem", [0, 1, 15, 16385, 65535])
    def test_others_make_the_font_useless(self, edited, upem):
        assert not FontFace(edited(lambda font: setattr(font["head"], "unitsPerEm", upem))).usable


class TestLineBox:
    def test_without_os2_it_is_that_of_hhea(self, edited):
        face = FontFace(edited(lambda font: font.__delitem__("OS/2")))
        assert face.usable
        assert (face.vertical_em, face.weights, face.italic) == ((0.8, 0.2), (400, 400), False)

    @pytest.mark.parametrize("data", [b"", b"\0" * 3, b"\xff" * 96, b"\0" * 200])
    def test_nonsense_is_not_believed(self, edited, data):
        face = FontFace(edited(lambda font: font.__setitem__("OS/2", raw_table("OS/2", data))))
        assert 0.5 <= sum(face.vertical_em) <= 4.0
        assert 1 <= face.weights[0] <= face.weights[1] <= 1000

    @pytest.mark.parametrize(("ascent", "descent"), [(0, 0), (-500, -500), (32767, 32767)])
    def test_no_box_is_empty_or_endless(self, make_font, ascent, descent):
        assert 0.5 <= sum(FontFace(make_font("Odd", ascent=ascent, descent=descent)).vertical_em) <= 4.0


class TestWeightAxis:
    @pytest.mark.parametrize(
        ("axis", "weights"),
        [
            ((400, 400, 400), (400, 400)),
            ((0, 0, 0), (1, 1)),
            ((-32768, 400, 32767), (1, 1000)),
            ((100, 400, 900), (100, 900)),
        ],
    )
    def test_its_ends_are_weights(self, edited, axis, weights):
        face = FontFace(edited(lambda font: font.__setitem__("fvar", weight_axis(*axis))))
        assert face.weights == weights
        assert draws(face)

    def test_one_that_ends_before_it_begins(self, edited):
        face = FontFace(edited(lambda font: font.__setitem__("fvar", weight_axis(900, 400, 100))))
        assert face.weights[0] <= face.weights[1]
        assert draws(face)

    def test_no_axis_at_all(self, edited):
        def empty(font: Any) -> None:
            font["fvar"] = weight_axis(1, 1, 1)
            font["fvar"].axes = []

        face = FontFace(edited(empty))
        assert face.weights == (400, 400)
        assert draws(face)


class TestNames:
    def test_thousands_are_not_all_read(self, edited):
        def many(font: Any) -> None:
            records = b"".join(struct.pack(">HHHHHH", 3, 1, number, 1, 2 * 30_000, 0) for number in range(5_000))
            text = "字".encode("utf-16-be") * 30_000
            font["name"] = raw_table("name", struct.pack(">HHH", 0, 5_000, 6 + len(records)) + records + text)

        face = FontFace(edited(many))
        began = time.process_time()
        assert len(face.queries) <= 257
        assert max(len(query.family) for query in face.queries) <= 256
        assert len(face.family) <= 256
        assert time.process_time() - began < 2.0

    def test_signs_that_rule_a_terminal_are_left_out(self, make_font):
        face = FontFace(make_font("Red\x1b[31m\nfont", name="red"))
        assert face.family == "Red [31m font"

    def test_licence_and_style_are_told(self, edited):
        def say(font: Any) -> None:
            font["name"].setName("Ours alone", 13, 3, 1, 0x409)
            font["name"].setName("Semi", 17, 3, 1, 0x409)

        face = FontFace(edited(say))
        assert (face.licence, face.style) == ("Ours alone", "Semi")


class TestFiles:
    @pytest.mark.parametrize(
        "data", [b"", b"ttcf", b"OTTO" + b"\xff" * 500, b"just words\n" * 100, b"wOF2" + b"\0" * 99]
    )
    def test_what_is_no_font_is_not_used(self, tmp_path, data):
        path = tmp_path / "no font.ttf"
        path.write_bytes(data)
        face = FontFace(path)
        assert not face.usable
        assert face.queries == (FontQuery("nofont", None, False),)

    def test_a_gigabyte_is_not_read(self, make_font):
        path = make_font("Huge")
        with path.open("ab") as file:
            file.truncate(1 << 30)
        assert not FontFace(path).usable

    def test_a_pipe_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "pipe.ttf")
        (tmp_path / "folder.ttf").mkdir()
        assert not FontFace(tmp_path / "pipe.ttf").usable
        assert not any(face.path.parent == tmp_path for face in FontLibrary([tmp_path], system=False).faces)

    def test_a_font_cut_off_anywhere_does_no_harm(self, make_font):
        path = make_font("Cut")
        whole = path.read_bytes()
        for length in range(0, len(whole), 61):
            path.unlink()  # others have mapped it
            path.write_bytes(whole[:length])
            face = FontFace(path)
            if face.usable:
                assert 0.5 <= sum(face.vertical_em) <= 4.0
                assert face.queries
                draws(face)


class TestCollections:
    def test_each_face_of_one_is_found(self, make_font, tmp_path):
        path = tmp_path / "two.ttc"
        path.write_bytes(collection(make_font("Square").read_bytes(), 2))
        faces = list(faces_of(path))
        assert [face.index for face in faces] == [0, 1]
        assert all(draws(face) for face in faces)

    @pytest.mark.parametrize("count", [200, 10_000])
    def test_of_thousands_the_first_are_looked_at(self, make_font, tmp_path, count):
        path = tmp_path / "many.ttc"
        path.write_bytes(collection(make_font("Square").read_bytes(), count))
        assert len(list(faces_of(path))) <= 64

    def test_one_without_an_ending_is_known_by_its_content(self, make_font, tmp_path):
        path = tmp_path / ("0123456789abcdef" * 4)
        path.write_bytes(collection(make_font("Square").read_bytes(), 3))
        assert len(list(faces_of(path))) == 3


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_font_whose_glyphs_are_cut_off_is_not_usable(tmp_path, share):
    whole = FontLibrary(system=False).main.path.read_bytes()
    cut = tmp_path / "cut.ttf"
    cut.write_bytes(whole[: int(share * len(whole))])
    assert not FontFace(cut).usable
    cut.write_bytes(whole)
    assert FontFace(cut).usable
