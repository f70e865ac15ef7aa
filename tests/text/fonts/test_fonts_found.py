"""How a style's font is found: by the catalogue, by the draft's own files, by its kind."""

from __future__ import annotations

import os

import pytest

from cutfarm.text.fonts import files as font_places
from cutfarm.text.fonts.families import class_of_name
from cutfarm.text.fonts.files import digest_of, font_files
from cutfarm.text.fonts.library import APPLICATION_FONT, FontLibrary, machine_fonts

ANTON, KAI = "6807743423336944142", "7244518590332801592"


class TestCatalogue:
    def test_a_number_finds_the_family_of_its_name(self, make_font):
        path = make_font("Anton", name="whatever")
        match = FontLibrary([path.parent], system=False).find(ANTON, "C:/Cache/effect/0123.ttf")
        assert (match.face.path, match.substitution) == (path, None)

    def test_an_effect_id_finds_it_too(self, make_font):
        path = make_font("Anton")
        assert FontLibrary([path.parent], system=False).find("643585", "").face.path == path

    def test_reports_say_the_name_and_not_the_number(self, fonts):
        wanted, used = fonts.find(ANTON, f"/Library/{'0123456789abcdef' * 2}.ttf").substitution
        assert (wanted, used) == ("Anton", "Inter")

    def test_a_number_goes_before_the_path(self, fonts):
        match = fonts.find(ANTON, "C:/Resources/Font/SystemFont/zh-hans.ttf")
        assert match.substitution == ("Anton", "Inter")

    @pytest.mark.parametrize(
        ("font_path", "family", "weight"),
        [
            ("Caladea-Regular.ttf", "Source Serif 4", 400),
            ("Cardo-Bold.ttf", "Source Serif 4", 700),
            ("ランパート.ttf", "Noto Sans JP", 400),
            ("3D 만화.otf", "Noto Sans KR", 400),
            ("琉璃宋.ttf", "Noto Sans SC", 500),
            ("三极黑宋体中粗.ttf", "Noto Sans SC", 600),
            ("古典体.ttf", "Noto Sans SC", 700),
            ("思源粗宋.otf", "Noto Sans SC", 700),
            ("Great Vibes-Regular.ttf", "Noto Sans SC", 400),
            ("ZY Hope.ttf", "Noto Sans SC", 600),
            ("SourceHanSansTW-Normal.otf", "Noto Sans TC", 400),
        ],
    )
    def test_each_kind_has_its_own_substitute(self, fonts, font_path, family, weight):
        match = fonts.find("", font_path)
        assert (match.face.family, match.weight) == (family, weight)
        assert match.substitution == (font_path.rpartition(".")[0], family)

    @pytest.mark.parametrize(
        ("font_path", "installed"),
        [
            ("琉璃宋.ttf", "Noto Serif SC"),
            ("琉璃宋.ttf", "Source Han Serif CN"),
            ("方正楷体.ttf", "LXGW WenKai"),
            ("方正隶书.ttf", "LiSu"),
            ("某某圆体.ttf", "Resource Han Rounded CN"),
            ("像素体.ttf", "Zpix"),
            ("某某手写.ttf", "Ma Shan Zheng"),
            ("ZY Hope.ttf", "Pacifico"),
        ],
    )
    def test_an_installed_font_of_the_kind_goes_before_a_sans(self, make_font, font_path, installed):
        path = make_font(installed)
        match = FontLibrary([path.parent], system=False).find("", font_path)
        assert match.face.path == path
        assert match.substitution == (font_path.rpartition(".")[0], installed)
        assert not match.same_metrics

    @pytest.mark.parametrize(
        ("font_path", "line_em"), [("arial.ttf", 1922 / 2048), ("Times New Roman.ttf", 1862 / 2048)]
    )
    def test_line_boxes_of_the_most_usual_fonts_are_known(self, fonts, font_path, line_em):
        match = fonts.find("", f"C:/WINDOWS/Fonts/{font_path}")
        assert match.substitution is not None
        assert sum(match.vertical_em) == line_em
        assert match.same_metrics

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("方正书宋", "cjk-serif"),
            ("A1明朝", "cjk-serif"),
            ("華康楷書", "cjk-kai"),
            ("某隶书", "cjk-clerical"),
            ("圆滚滚", "cjk-round"),
            ("优设标题黑", "cjk-sans"),
            ("きらら", "japanese"),
            ("나눔고딕", "korean"),
            ("Lucida Handwriting", "latin-display"),
            ("Unheard", None),
            ("", None),
        ],
    )
    def test_names_tell_kinds(self, name, kind):
        assert class_of_name(name) == kind


class TestFilesOfTheDraft:
    PATH = "##_draftpath_placeholder_0E685133_##/fonts/Mine-Bold.ttf"

    def test_the_very_file_is_used(self, fonts, make_font):
        path = make_font("Anything", name="x")
        match = fonts.find("", self.PATH, {self.PATH: path})
        assert (match.face.path, match.weight, match.substitution) == (path, 400, None)

    def test_it_goes_before_a_namesake_here(self, make_font):
        path = make_font("Mine", weight=700, name="Mine-Bold")
        library = FontLibrary([path.parent], system=False)
        own = path.rename(path.parent / "0123456789abcdef")
        assert library.find("", self.PATH, {self.PATH: own}).face.path == own

    def test_without_it_the_name_finds_another(self, fonts, make_font):
        path = make_font("Mine", weight=700, name="Mine-Bold")
        library = FontLibrary([path.parent], system=False)
        assert library.find("", self.PATH).face.path == path
        assert fonts.find("", self.PATH).substitution == ("Mine-Bold", "Noto Sans SC")

    def test_one_that_is_no_font_is_replaced_and_reported(self, fonts, tmp_path):
        (tmp_path / "Mine.ttf").write_bytes(b"words")
        match = fonts.find("", self.PATH, {self.PATH: tmp_path / "Mine.ttf"})
        assert match.substitution == ("Mine-Bold", "Noto Sans SC")

    def test_one_that_is_gone_is_replaced_and_reported(self, fonts, tmp_path):
        match = fonts.find("", self.PATH, {self.PATH: tmp_path / "gone.ttf"})
        assert match.substitution == ("Mine-Bold", "Noto Sans SC")

    def test_the_applications_own_font_may_be_given(self, fonts, make_font):
        path, wanted = make_font("System"), "D:/JianyingPro/Resources/Font/SystemFont/zh-hans.ttf"
        assert fonts.find("", wanted, {wanted: path}).substitution is None
        assert fonts.find("", wanted).substitution == (APPLICATION_FONT, "Noto Sans SC")


class TestPlaces:
    @pytest.fixture(autouse=True)
    def bare(self, monkeypatch):
        """A machine without fonts of its own."""
        monkeypatch.setattr(font_places, "_SYSTEM_FOLDERS", ())

    def test_the_farms_folder_is_searched_and_looked_at_again(self, make_font, tmp_path, monkeypatch):
        farm = tmp_path / "farm"
        monkeypatch.setenv("CUTFARM_FONT_DIR", str(farm))
        before = machine_fonts()
        assert before is machine_fonts()
        assert before.find("", "Mine.ttf").substitution == ("Mine", "Noto Sans SC")
        farm.mkdir()
        path = make_font("Mine").rename(farm / "Mine.ttf")
        assert machine_fonts().find("", "Mine.ttf").face.path == path
        path.unlink()
        assert machine_fonts().find("", "Mine.ttf").substitution == ("Mine", "Noto Sans SC")

    def test_the_farms_fonts_go_before_the_packages(self, make_font, tmp_path, monkeypatch):
        monkeypatch.setenv("CUTFARM_FONT_DIR", str(tmp_path))
        path = make_font("Inter")
        assert FontLibrary().find("", "Inter.ttf").face.path == path
        assert FontLibrary(system=False).find("", "Inter.ttf").face.path != path

    def test_the_order_is_that_of_names_whatever_the_folders(self, tmp_path):
        for place in ("one/z/b.ttf", "one/a.ttf", "two/y/a.ttf", "two/x/y/b.ttf"):
            path = tmp_path / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(path.name.encode())
        one, two = (
            [path for path in font_files([tmp_path / place], system=False) if path.is_relative_to(tmp_path)]
            for place in ("one", "two")
        )
        assert [path.name for path in one] == [path.name for path in two] == ["a.ttf", "b.ttf"]
        assert digest_of(one) == digest_of(two) != digest_of(one[:1])

    def test_a_machine_without_a_home_has_fonts(self, monkeypatch):
        monkeypatch.delenv("HOME", raising=False)
        monkeypatch.delenv("CUTFARM_FONT_DIR", raising=False)
        monkeypatch.setattr(os.path, "expanduser", lambda path: path)
        assert FontLibrary().main.family == "Noto Sans SC"


class TestEmoji:
    def test_colour_comes_first_for_emoji(self, make_font):
        path = make_font("Colourful", "😀A ", coloured=True)
        library = FontLibrary([path.parent], system=False)
        assert library.fallback("😀", emoji=True).path == path
        assert library.fallback("A", emoji=False).path != path

    def test_pictures_that_cannot_be_drawn_are_no_colours(self, make_font):
        tables = pytest.importorskip("fontTools.ttLib")
        path = make_font("Vector", "😀 ")
        font = tables.TTFont(path)
        font["SVG "] = tables.newTable("SVG ")
        font["SVG "].docList = [('<svg xmlns="http://www.w3.org/2000/svg" id="glyph1"/>', 1, 1)]
        font.save(path.parent / "svg.ttf")
        path.unlink()
        face = next(face for face in FontLibrary([path.parent], system=False).faces if face.path.name == "svg.ttf")
        assert face.hb_face.has_color_svg
        assert not face.is_colour
