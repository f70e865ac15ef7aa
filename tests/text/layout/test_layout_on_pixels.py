"""Where squares of a known font are drawn: lines, alignments, boxes, spacings, sizes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cutfarm.text.caption import CaptionPicture, draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.block import CaptionLayout, lay_out
from cutfarm.timeline.text import TextBlock, TextStyle
from tests.text.conftest import MakeFont, block_of

SQUARE = {"size": 100 / 6.21, "font_path": "Square.ttf", "line_spacing": 0.0}
Box = tuple[float, float, float, float]


@pytest.fixture
def squares(make_font: MakeFont) -> FontLibrary:
    """A font of squares of 0.8 em, 0.1 em inside their 1 em; ascent 0.8 em, descent 0.2 em."""
    return FontLibrary([make_font("Square").parent], system=False)


def drawn(fonts: FontLibrary, text: str, scale: float = 1.0, **fields: object) -> CaptionPicture:
    block = block_of(text, **{**SQUARE, **fields})
    return draw_caption(block, canvas_width_px=1080, canvas_height_px=1920, scale=scale, fonts=fonts)


def laid(fonts: FontLibrary, text: str, **fields: object) -> CaptionLayout:
    return lay_out(block_of(text, **{**SQUARE, **fields}), canvas_width_px=1080, fonts=fonts)


def ink(picture: CaptionPicture) -> list[Box]:
    """Left, top, right, bottom of each square around the block's centre, line by line."""
    solid = picture.rgba[..., 3] > 127
    x, y = picture.origin
    found = []
    for top, bottom in spans(solid.any(axis=1)):
        for left, right in spans(solid[top:bottom].any(axis=0)):
            first, last = spans(solid[top:bottom, left:right].any(axis=1))[0]
            found.append((left - x, top + first - y, right - x, top + last - y))
    return found


def spans(shown: np.ndarray) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shown, [False]]).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def square_at(left_px: float, top_px: float) -> Box:
    """The ink of a square whose em starts there, from the block's centre."""
    return left_px + 10, top_px, left_px + 90, top_px + 80


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.5])
@pytest.mark.parametrize(("alignment", "share"), [(0, 0.0), (1, 0.5), (2, 1.0)])
def test_lines_stand_left_in_the_middle_and_right(squares, alignment, share, scale):
    rows = ("AAAA", "A", "AA")
    picture = drawn(squares, "\n".join(rows), scale, alignment=alignment)
    wanted = [
        square_at(-200 + share * (400 - 100 * len(row)) + 100 * column, -150 + 100 * number)
        for number, row in enumerate(rows)
        for column in range(len(row))
    ]
    for found, box in zip(ink(picture), wanted, strict=True):
        assert found == pytest.approx([scale * edge for edge in box], abs=1)
    assert (picture.block_width_px, picture.block_height_px) == pytest.approx((400 * scale, 300 * scale))


@pytest.mark.parametrize("letter_spacing_em", [-0.1, 0.0, 0.05, 0.5, 2.0])
@pytest.mark.parametrize("alignment", [0, 1, 2])
def test_letters_are_apart_by_the_spacing_and_nothing_follows_the_last(squares, letter_spacing_em, alignment):
    picture = drawn(squares, "AAA\nA", letter_spacing_em=letter_spacing_em, alignment=alignment)
    step = 100 * (1 + letter_spacing_em)
    width = 2 * step + 100
    assert picture.block_width_px == pytest.approx(width)
    first = -width / 2 + (width - 100) * alignment / 2
    wanted = [square_at(-width / 2 + index * step, -100) for index in range(3)] + [square_at(first, 0)]
    assert np.array(ink(picture)) == pytest.approx(np.array(wanted), abs=1)


@pytest.mark.parametrize("line_spacing", [-0.15, 0.02, 0.35, 1.0])
def test_lines_are_apart_by_parts_of_their_height(squares, line_spacing):
    picture = drawn(squares, "A\nA\nA", line_spacing=line_spacing)
    height = 300 + 200 * line_spacing
    tops = [-height / 2 + index * 100 * (1 + line_spacing) for index in range(3)]
    assert [box[1] for box in ink(picture)] == pytest.approx(tops, abs=1)
    assert picture.block_height_px == pytest.approx(height)


def test_sizes_in_a_line_share_its_baseline(squares):
    styles = tuple(TextStyle(at, at + 1, size / 6.21, font_path="Square.ttf") for at, size in enumerate((100, 200, 50)))
    block = TextBlock("t", "ABA", styles)
    picture = draw_caption(block, canvas_width_px=1080, canvas_height_px=1920, fonts=squares)
    wanted = [(-165, -20, -85, 60), (-55, -100, 105, 60), (130, 20, 170, 60)]
    assert np.array(ink(picture)) == pytest.approx(np.array(wanted), abs=1)
    assert picture.block_height_px == pytest.approx(200)


def test_an_empty_line_is_as_high_as_its_style(squares):
    assert [box[1] for box in ink(drawn(squares, "A\n\nA"))] == pytest.approx([-150, 50], abs=1)
    styles = (TextStyle(0, 2, 100 / 6.21, font_path="Square.ttf"), TextStyle(2, 4, 300 / 6.21, font_path="Square.ttf"))
    layout = lay_out(TextBlock("t", "A\n\nA", styles, line_spacing=0.0), canvas_width_px=1080, fonts=squares)
    assert [line.height_px for line in layout.lines] == pytest.approx([100, 300, 300])


@pytest.mark.parametrize("alignment", [0, 1, 2])
def test_spaces_at_the_end_hang_and_those_at_the_start_push(squares, alignment):
    assert laid(squares, "AB   ", alignment=alignment).width_px == pytest.approx(200)
    layout = laid(squares, "  A", alignment=alignment)
    assert layout.width_px == pytest.approx(300)
    assert layout.glyphs()[-1].x_px == pytest.approx(200)


def test_a_tab_is_a_space(squares):
    assert laid(squares, "A\tB").width_px == laid(squares, "A B").width_px


def test_lines_wrap_where_the_box_ends(squares):
    text = "AB AB AB ABAB"
    # 500 px take five squares, spaces that hang not counted, and the last letter's spacing neither.
    assert [line.width_px for line in laid(squares, text, wrap_width=500 / 1080).lines] == pytest.approx(
        [500, 200, 400]
    )
    spaced = laid(squares, "AAA AAA", wrap_width=400.1 / 1080, letter_spacing_em=0.5)
    assert [line.width_px for line in spaced.lines] == pytest.approx([400, 400])


@pytest.mark.parametrize("alignment", [0, 1, 2])
def test_wrapped_lines_are_aligned_in_what_the_longest_takes(squares, alignment):
    first, second = laid(squares, "AAAA AA", wrap_width=450 / 1080, alignment=alignment).lines
    assert (first.x_px, second.x_px) == pytest.approx((0, 100 * alignment))


def test_pens_boxes_and_runs_fill_their_line(fonts):
    text = "Hello שלום, नमस्ते\n春日 office"
    layout = lay_out(
        TextBlock("t", text, (TextStyle(0, 8, 10), TextStyle(8, len(text), 20)), letter_spacing_em=0.1),
        canvas_width_px=1080,
        fonts=fonts,
    )
    for line in layout.lines:
        pen = line.x_px
        for run in line.runs:
            assert run.x_px == pytest.approx(pen)
            for glyph in run.glyphs:
                assert glyph.pen_px == pytest.approx((pen, line.baseline_px))
                pen += glyph.advance_px
                left, top, right, bottom = glyph.box_px
                assert (left, right) == pytest.approx((glyph.pen_px[0], pen))
                assert (top, bottom) == pytest.approx((line.top_px, line.top_px + line.height_px))
                assert (glyph.turn_deg, glyph.way_deg) == (0.0, 0.0)
            assert run.x_px + run.width_px == pytest.approx(pen)
    numbers = list(itertools.chain.from_iterable(run.glyphs for line in layout.lines for run in line.runs))
    assert list(layout.glyphs()) == numbers
