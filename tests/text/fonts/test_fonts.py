from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cutfarm.errors import RenderError
from cutfarm.text.fonts.face import FontFace, FontQuery
from cutfarm.text.fonts.library import APPLICATION_FONT, FontLibrary, font_name


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("Poppins-BoldItalic", FontQuery("poppins", 700, True)),
        ("poppins semi bold", FontQuery("poppins", 600, False)),
        ("NotoSansSC[wght]", FontQuery("notosanssc", None, False)),
        ("Inter-Italic[opsz,wght]", FontQuery("inter", None, True)),
        ("Arial", FontQuery("arial", None, False)),
        ("Black", FontQuery("black", None, False)),
        ("新青年体", FontQuery("新青年体", None, False)),
    ],
)
def test_names_are_taken_apart(name, query):
    assert FontQuery.parse(name) == query


def test_a_font_is_found_by_file_name_wherever_it_lay(fonts):
    match = fonts.find("", "C:/Windows/Fonts/NotoSerif-Bold.ttf")
    assert match.face.family == "Noto Serif"
    assert match.weight == 700
    assert match.substitution is None


def test_a_font_is_found_by_family_name(make_font):
    path = make_font("Square Deal", name="x17")
    library = FontLibrary([path.parent], system=False)
    assert library.find("", "/fonts/SquareDeal.otf").face.path == path


def test_a_font_is_found_by_the_name_of_its_id(fonts):
    library = FontLibrary(names={"42": "Inter"}, system=False)
    assert library.find("42", "").face.family == "Inter"
    assert library.find("42", "").substitution is None
    assert fonts.find("42", "").substitution == ("42", "Noto Sans SC")


def test_the_callers_folder_comes_first(make_font):
    path = make_font("Noto Sans SC")
    assert FontLibrary([path.parent], system=False).main.path == path


def test_a_missing_font_is_the_main_one_and_is_reported(fonts):
    match = fonts.find("", "D:\\fonts\\猫啃网烟波宋-B.ttf")
    assert match.face is fonts.main
    assert match.substitution == ("猫啃网烟波宋-B", "Noto Sans SC")
    assert not match.same_metrics


def test_a_missing_bold_font_is_the_main_one_in_bold(fonts):
    assert fonts.find("", "Poppins-Bold.ttf").weight == 700


def test_a_weight_that_the_family_lacks_is_reported(make_font):
    library = FontLibrary([make_font("Lonely").parent], system=False)
    match = library.find("", "Lonely-Black.ttf")
    assert match.face.family == "Lonely"
    assert match.substitution == ("Lonely-Black", "Lonely 400")
    assert match.same_metrics


def test_the_han_font_of_the_application_has_a_stand_in(fonts):
    match = fonts.find("", "D:/JianyingPro/Resources/Font/SystemFont/zh-hans.ttf")
    assert match.substitution == (APPLICATION_FONT, "Noto Sans SC")
    assert match.same_metrics


def test_a_broken_file_is_passed_over(tmp_path, make_font):
    make_font("Good")
    (tmp_path / "broken.ttf").write_bytes(b"no font at all")
    (tmp_path / "empty.ttc").write_bytes(b"")
    library = FontLibrary([tmp_path], system=False)
    assert library.find("", "broken.ttf").substitution == ("broken", "Noto Sans SC")
    assert library.find("", "Good.ttf").substitution is None


def test_no_font_at_all_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("cutfarm.text.fonts.files._PACKAGES", ())
    with pytest.raises(RenderError, match="No font file"):
        FontLibrary([tmp_path], system=False).find("", "")


@pytest.mark.parametrize(
    ("cluster", "family"),
    [
        ("ع", "Noto Sans Arabic"),
        ("א", "Noto Sans Hebrew"),
        ("क", "Noto Sans Devanagari"),
        ("ก", "Noto Sans Thai"),
        ("ខ", "Noto Sans Khmer"),
        ("春", "Noto Sans SC"),
        ("한", "Noto Sans KR"),
        ("あ", "Noto Sans JP"),
        ("አ", "Noto Sans Ethiopic"),
        ("a", "Noto Sans"),
    ],
)
def test_fallback_follows_the_script(fonts, cluster, family):
    assert fonts.fallback(cluster, emoji=False).family == family


def test_han_between_kana_is_japanese(fonts):
    assert fonts.fallback("春", emoji=False, context="春のうた").family == "Noto Sans JP"


def test_no_font_has_a_private_character(fonts):
    assert fonts.fallback("\U0010fffd", emoji=False) is None


def test_colour_fonts_are_for_emoji_alone(make_font):
    path = make_font("Colourful", "A★😀 ", coloured=True)
    library = FontLibrary([path.parent], system=False)
    assert library.fallback("😀", emoji=True).path == path
    assert library.fallback("★", emoji=False).path != path


def test_bold_of_a_variable_font_is_its_own_weight(fonts):
    font = fonts.weighted(fonts.main, 400, bold=True)
    assert (font.weight, font.embolden) == (700, False)
    assert fonts.weighted(fonts.main, 900, bold=True).weight == 900


def test_bold_of_a_family_is_its_bold_file(make_font):
    regular, bold = make_font("Twin"), make_font("Twin", weight=700, name="Twin-Bold")
    library = FontLibrary([regular.parent], system=False)
    font = library.weighted(library.find("", "Twin.ttf").face, 400, bold=True)
    assert font.face.path == bold
    assert not font.embolden


def test_bold_of_a_lonely_font_is_thickened(make_font):
    path = make_font("Lonely")
    library = FontLibrary([path.parent], system=False)
    assert library.weighted(library.find("", "Lonely.ttf").face, 400, bold=True).embolden


def test_weights_reach_shaping_and_drawing_alike(fonts):
    for weight in (100, 400, 900):
        font = fonts.weighted(fonts.main, weight, bold=False)
        glyph = font.hb_font.get_nominal_glyph(ord("国"))
        extents = font.hb_font.get_glyph_extents(glyph)
        bounds = font.outline(glyph).getBounds()
        assert bounds.left() == pytest.approx(extents.x_bearing, abs=2)
        assert bounds.top() == pytest.approx(-extents.y_bearing, abs=2)
        assert bounds.width() == pytest.approx(extents.width, abs=3)
    assert fonts.weighted(fonts.main, 1, bold=False).weight == 100


def test_line_box_is_that_of_os2(fonts, make_font):
    assert fonts.main.vertical_em == (0.88, 0.12)
    assert fonts.find("", "Inter.ttf").face.vertical_em == (1984 / 2048, 494 / 2048)
    assert FontFace(make_font("Tall", ascent=1300, descent=300)).vertical_em == (1.3, 0.3)


def test_an_absurd_line_box_is_not_believed(make_font):
    assert FontFace(make_font("Flat", ascent=10, descent=0)).vertical_em == (0.88, 0.12)


@pytest.mark.parametrize(
    ("font_id", "font_path", "name"),
    [
        ("", "", APPLICATION_FONT),
        ("", "C:/CapCut/Resources/Font/SystemFont/en.ttf", APPLICATION_FONT),
        ("7", "C:\\Fonts\\impact.ttf", "impact"),
        ("7", f"/Library/Fonts/{'0123456789abcdef' * 2}.ttf", "7"),
        ("42", "/x/y.ttf", "Anton"),
    ],
)
def test_names_for_the_report(font_id, font_path, name):
    assert font_name(font_id, font_path, {"42": "Anton"}) == name


def test_importing_the_front_door_loads_no_engine():
    code = "import sys, cutfarm.text.caption; assert not {'skia', 'uharfbuzz', 'bidi'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
