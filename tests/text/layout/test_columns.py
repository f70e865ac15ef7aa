from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest

from cutfarm.text.caption import CaptionPicture, draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.block import CaptionLayout, lay_out
from cutfarm.text.layout.columns import stands
from cutfarm.timeline.text import TextBlock, TextStyle
from tests.text.conftest import MakeFont, block_of
from tests.text.layout import hb_shape

SQUARE = {"size": 100 / 6.21, "font_path": "Square.ttf", "is_vertical": True}


def laid(fonts: FontLibrary, text: str, **fields: object) -> CaptionLayout:
    block = block_of(text, is_vertical=True, **fields)
    return lay_out(block, canvas_width_px=1080, canvas_height_px=1920, fonts=fonts)


def texts(layout: CaptionLayout, text: str) -> list[str]:
    """Each column's characters from top to bottom."""
    return [
        "".join(text[source] for source in dict.fromkeys(glyph.source for run in line.runs for glyph in run.glyphs))
        for line in layout.lines
    ]


@pytest.fixture
def squares(make_font: MakeFont) -> FontLibrary:
    """A font of squares of 0.8 em, 0.1 em inside their 1 em, that also has Han; ascent 0.8 em, descent 0.2 em."""
    return FontLibrary([make_font("Square", "AB春日（、 ").parent], system=False)


def ink(picture: CaptionPicture) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of each square around the block's centre, columns from the right, from top to bottom."""
    solid = picture.rgba[..., 3] > 127
    found = []
    for left, right in reversed(spans(solid.any(axis=0))):
        for top, bottom in spans(solid[:, left:right].any(axis=1)):
            x, y = picture.origin
            first, last = spans(solid[top:bottom, left:right].any(axis=0))[0]
            found.append((left + first - x, top - y, left + last - x, bottom - y))
    return found


def spans(shown: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shown, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def drawn(fonts: FontLibrary, text: str, **fields: object) -> CaptionPicture:
    return draw_caption(
        block_of(text, **{**SQUARE, **fields}), canvas_width_px=1080, canvas_height_px=1920, fonts=fonts
    )


def test_han_stands_and_letters_lie(squares):
    # Upright squares are 0.1 em from the sides and their ink's middle is in the middle of their em; a letter that
    # lies has its foot, the baseline, 0.2 em from the left, and starts 0.1 em below its pen.
    picture = drawn(squares, "春A日")
    assert ink(picture) == [(-40, -140, 40, -60), (-30, -40, 50, 40), (-40, 60, 40, 140)]
    assert (picture.block_width_px, picture.block_height_px) == pytest.approx((100, 300))


@pytest.mark.parametrize("spacing", [0.0, 0.3])
def test_the_first_column_is_on_the_right(squares, spacing):
    picture = drawn(squares, "春日\n春", alignment=0, line_spacing=spacing)
    gap = 100 * spacing
    first, second, third = ink(picture)
    assert first == pytest.approx((gap / 2 + 10, -90, gap / 2 + 90, -10), abs=1)
    assert second == pytest.approx((gap / 2 + 10, 10, gap / 2 + 90, 90), abs=1)
    assert third == pytest.approx((-gap / 2 - 90, -90, -gap / 2 - 10, -10), abs=1)
    assert picture.block_width_px == pytest.approx(200 + gap)


@pytest.mark.parametrize(("alignment", "share"), [(0, 0), (3, 0), (1, 0.5), (7, 0.5), (2, 1), (4, 1)])
def test_columns_are_aligned_at_top_middle_or_bottom(squares, alignment, share):
    picture = drawn(squares, "春日春\n春", alignment=alignment, line_spacing=0.0)
    top = -150 + 200 * share + 10
    assert ink(picture)[-1] == pytest.approx((-90, top, -10, top + 80), abs=1)


def test_letters_are_spaced_down_the_column_but_not_after_the_last(squares):
    picture = drawn(squares, "春A日", letter_spacing_em=0.5)
    assert picture.block_height_px == pytest.approx(400)
    assert [top for _, top, _, _ in ink(picture)] == pytest.approx([-190, -40, 110], abs=1)


def test_columns_wrap_at_parts_of_the_canvas_height(squares):
    block = block_of("春日" * 6, wrap_width=0.25, **SQUARE)
    layout = lay_out(block, canvas_width_px=1080, canvas_height_px=1920, fonts=squares)
    assert [line.height_px for line in layout.lines] == pytest.approx([400, 400, 400])
    whole = lay_out(block, canvas_width_px=1080, fonts=squares)
    assert len(whole.lines) == 1


def test_punctuation_starts_no_column(fonts):
    text = "春眠不覺曉，處處聞啼鳥。"
    columns = texts(laid(fonts, text, size=30, wrap_width=5 * 186.3 / 1920), text)
    assert "".join(columns) == text
    assert all(column[0] not in "，。" for column in columns)


def test_mixed_sizes_share_the_middle_of_the_column(squares):
    styles = (TextStyle(0, 1, 200 / 6.21, font_path="Square.ttf"), TextStyle(1, 2, 100 / 6.21, font_path="Square.ttf"))
    block = TextBlock("t", "春日", styles, is_vertical=True)
    picture = draw_caption(block, canvas_width_px=1080, canvas_height_px=1920, fonts=squares)
    assert picture.block_width_px == pytest.approx(200)
    assert ink(picture) == [(-80, -130, 80, 30), (-40, 60, 40, 140)]


def test_an_empty_column_takes_its_room(squares):
    assert drawn(squares, "春\n\n日", line_spacing=0.0).block_width_px == pytest.approx(300)


@pytest.mark.parametrize(
    ("cluster", "upright"),
    [
        *((char, True) for char in "春あアー한、。！（）「」：；㎏①"),
        *((char, False) for char in "AéЖ1%שدहไ…—(ｱ"),
        *((emoji, True) for emoji in ("😀", "1\ufe0f\u20e3", "🇩🇪", "👨\u200d👩\u200d👧", "❤\ufe0f")),
    ],
)
def test_what_stands_upright(fonts, cluster, upright):
    assert stands(cluster, fonts.weighted(fonts.main, 400, bold=False)) is upright


def test_brackets_lie_where_the_font_has_none_for_columns(squares):
    plain = squares.weighted(squares.find("", "Square.ttf").face, 400, bold=False)
    assert not stands("（", plain)
    assert stands("、", plain)


def test_emoji_stand_whole(tmp_path):
    hb_shape.write_pictures(tmp_path)
    fonts = FontLibrary([tmp_path], system=False)
    (column,) = laid(fonts, "好👨\u200d👩\u200d👧a👍🏽").lines
    assert [glyph.turn_deg for run in column.runs for glyph in run.glyphs] == [0.0, 0.0, 90.0, 0.0]


def test_pens_run_down_the_column_and_boxes_fill_it(fonts):
    layout = laid(fonts, "春A日b\nx", letter_spacing_em=0.1)
    for line in layout.lines:
        glyphs = [glyph for run in line.runs for glyph in run.glyphs]
        tops = [glyph.pen_px[1] for glyph in glyphs]
        assert tops == pytest.approx([line.top_px + sum(g.advance_px for g in glyphs[:at]) for at in range(len(tops))])
        for glyph in glyphs:
            top = glyph.pen_px[1]
            assert glyph.way_deg == 90.0
            assert glyph.box_px == pytest.approx((line.x_px, top, line.x_px + line.width_px, top + glyph.advance_px))
            assert glyph.pen_px[0] == pytest.approx(line.baseline_px)


def test_columns_are_not_bent(fonts):
    assert laid(fonts, "春日", curve_deg=90) == laid(fonts, "春日")


def test_hebrew_among_han_is_in_bidirectional_order(fonts):
    text = "春שלום日"
    assert texts(laid(fonts, text), text) == ["春םולש日"]


@pytest.mark.skipif(not hb_shape.is_there(), reason="hb-shape (Debian: libharfbuzz-bin) is not on this machine")
@pytest.mark.parametrize("font", ["NotoSansSC", "NotoSansJP", "NotoSansTC", "NotoSansKR"])
def test_upright_glyphs_are_those_of_harfbuzzs_own_tool(fonts, font):
    text = "春眠、（書）「日」ーょ。！"
    path = hb_shape.font_paths()[font]
    (column,) = laid(fonts, text, font_path=path.name, size=10).lines
    unit_px = column.runs[0].em_px / 1000
    command = ["hb-shape", f"--font-file={path}", "--direction=ttb", "--variations=wght=400", "--output-format=json"]
    answer = subprocess.run([*command, "--no-glyph-names", text], check=True, capture_output=True, text=True).stdout
    pen = 0.0
    glyphs = [glyph for run in column.runs for glyph in run.glyphs]
    for glyph, theirs in zip(glyphs, json.loads(answer), strict=True):
        assert (glyph.glyph_id, glyph.source) == (theirs["g"], theirs["cl"])
        assert glyph.advance_px == pytest.approx(-theirs["ay"] * unit_px)
        assert glyph.x_px == pytest.approx(column.width_px / 2 + theirs["dx"] * unit_px)
        assert glyph.y_px == pytest.approx(pen - theirs["dy"] * unit_px)
        pen += glyph.advance_px
