"""Strokes, boxes, underlines and pieces of a caption, against formulas."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutfarm.text.ink.painting import MOST_CASTS, Ink
from cutfarm.text.layout.block import lay_out
from cutfarm.timeline.text import (
    Glow,
    Gradient,
    GradientStop,
    Shadow,
    Stroke,
    TextBackground,
    TextBlock,
    TextStyle,
)
from tests.text.ink.painting import (
    BLACK,
    BLUE,
    EM_100_PX,
    GREEN,
    RED,
    drawn,
    edges,
    ink_of,
    over,
    painted,
    square,
    square_block,
)

WIDE = (1100, 300)
_EDGE_STEPS = 24  # of 255: Skia antialiases slanting edges of long and of short paths in two ways


def box(behind: str, **fields: object) -> TextBackground:
    return TextBackground(behind, **{"colour": RED, **fields})


@pytest.mark.parametrize("width", [0.03, 0.1, 0.37])
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_a_stroke_is_as_thick_outside_as_its_width_says(squares, width, scale):
    ink = ink_of(squares, square_block(strokes=(Stroke(RED, 1.0, width),)))
    alpha = painted(ink, "under", size=(1000, 700), at=(100, 100), scale=scale)[..., 3] / 255.0
    row, left, right = alpha[100 + round(40 * scale)], 100 + round(10 * scale), 100 + round(90 * scale)
    assert row[:left].sum() == pytest.approx(100 * width * scale, abs=0.05)
    assert row[right:].sum() == pytest.approx(100 * width * scale, abs=0.05)


def test_of_three_strokes_each_shows_its_own_ring(squares):
    strokes = (Stroke(RED, 1.0, 0.05), Stroke(BLUE, 1.0, 0.2), Stroke(GREEN, 1.0, 0.1))
    row = painted(ink_of(squares, square_block(strokes=strokes)), "under")[140]
    assert [row[x, :3].tolist() for x in (108, 102, 95)] == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]
    assert row[88, 3] == 0


def test_the_block_has_a_box(squares):
    background = box("block", pad_x=0.2, pad_y=0.1, shift_x=0.3, shift_y=-0.05, alpha=0.4)
    rgba = painted(ink_of(squares, square_block("AB", backgrounds=(background,))), "back")
    rows, columns = np.nonzero(rgba[..., 3])
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (110, 85, 350, 205)
    assert rgba[150, 200] == pytest.approx([102, 0, 0, 102], abs=1)


@pytest.mark.parametrize("radius", [0.0, 0.3, 1.0])
def test_corners_are_quarters_of_a_circle(squares, radius):
    rgba = painted(ink_of(squares, square_block(backgrounds=(box("block", round_radius=radius),))), "back")
    along = rgba[100:150, 100:150, 3] > 127
    radius_px = radius * 50
    rows, columns = np.indices((50, 50)) + 0.5
    distance = np.hypot(radius_px - columns, radius_px - rows)
    inside = (columns >= radius_px) | (rows >= radius_px) | (distance <= radius_px)
    near = (columns < radius_px) & (rows < radius_px) & (np.abs(distance - radius_px) <= 1)
    assert (along == inside)[~near].all()


@pytest.mark.parametrize("spacing", [0.0, 0.02, -0.1])
def test_boxes_of_lines_are_one_even_sheet(squares, spacing):
    background = box("line", alpha=0.5, pad_y=0.1, pad_x=0.05)
    block = square_block("AB\nA\nABA", backgrounds=(background,), line_spacing=spacing)
    rgba = painted(ink_of(squares, block), "back", size=(500, 500))
    assert set(rgba[90:380, 250, 3]) == {128}
    assert rgba[:, 90:94].max() == 0


def test_boxes_of_lines_that_touch_leave_no_seam(fonts):
    for size in (3.3, 7.7, 9.1):
        block = TextBlock("t", "ABC\nABC", (TextStyle(0, 7, size),), line_spacing=0.0, backgrounds=(box("line"),))
        alpha = painted(ink_of(fonts, block), "back")[..., 3]
        column = alpha[:, 105]
        assert (column[101 : np.flatnonzero(column)[-1]] == 255).all()


def test_each_line_has_a_box_of_its_own_width(squares):
    block = square_block("AB\n\nA", backgrounds=(box("line"),), line_spacing=0.0)
    alpha = painted(ink_of(squares, block), "back", size=(400, 500))[..., 3]
    assert np.flatnonzero(alpha[150]).tolist() == list(range(100, 300))
    assert not alpha[205:295].any()
    assert np.flatnonzero(alpha[350]).tolist() == list(range(150, 250))


def test_each_glyph_has_a_box_but_spaces(squares):
    block = square_block("A B", backgrounds=(box("glyph", pad_x=-0.05, pad_y=-0.1),))
    ink = ink_of(squares, block)
    alpha = painted(ink, "under", size=(500, 300))[..., 3]
    assert np.flatnonzero(alpha[150]).tolist() == [*range(105, 195), *range(305, 395)]
    assert np.flatnonzero(alpha[:, 150]).tolist() == list(range(110, 190))
    assert np.flatnonzero(painted(ink, "under", [2], size=(500, 300))[150, :, 3]).tolist() == list(range(305, 395))


def test_a_glyph_stands_in_the_middle_of_its_box_however_far_the_next_one_is(squares):
    block = square_block("AB", backgrounds=(box("glyph"),), letter_spacing_em=0.5)
    alpha = painted(ink_of(squares, block), "under")[..., 3]
    assert np.flatnonzero(alpha[150]).tolist() == [*range(100, 200), *range(250, 350)]


def test_boxes_of_glyphs_lie_under_strokes_and_shadows(squares):
    look = {"strokes": (Stroke(GREEN, 1.0, 0.05),), "shadows": (Shadow(BLUE, 1.0, 0.0, 0.2),)}
    rgba = painted(ink_of(squares, square_block(**look, backgrounds=(box("glyph", pad_x=1),))), "under")
    assert [rgba[140, x, :3].tolist() for x in (90, 107, 205)] == [[255, 0, 0], [0, 255, 0], [0, 0, 255]]


def test_parts_of_boxes_belong_to_glyphs_and_lines(squares):
    block = square_block("AB\nA", backgrounds=(box("line"), box("block", colour=BLUE)), line_spacing=0.0)
    ink = ink_of(squares, block)
    second = painted(ink, "back", [2], size=(400, 400))
    assert edges(second) == (150, 200, 250, 300)
    assert painted(ink, "back", [0, 1, 2], size=(400, 400)).tolist() == painted(ink, "back", size=(400, 400)).tolist()
    assert not painted(ink, "under").any()
    assert ink.bounds("under") is None


def test_boxes_show_behind_a_text_without_colour(squares):
    assert edges(square(squares, alpha=0.0, backgrounds=(box("block"),)).rgba)[2] > 90


@pytest.mark.parametrize("at", [(20.0, 100.0), (20.37, 99.81)])
@pytest.mark.parametrize("scale", [1.0, 1.37])
@pytest.mark.parametrize("look", [{}, {"strokes": (Stroke(RED, 0.5, 0.06),)}, {"alpha": 0.5}])
def test_an_underline_in_pieces_is_the_same_as_whole(squares, at, scale, look):
    ink = ink_of(squares, square_block("A B B", underline=True, **look))
    rows = slice(round(at[1] + 88 * scale), None)  # below the letters
    columns = slice(round(at[0] + 10 * scale), round(at[0] + 490 * scale))  # without the round ends of its stroke
    for part in ("under", "over"):
        whole = painted(ink, part, size=WIDE, at=at, scale=scale)
        pieces = [painted(ink, part, [number], size=WIDE, at=at, scale=scale) for number in range(5)]
        assert whole[rows, columns].any() or not look.get("strokes")
        assert np.abs(whole.astype(int) - np.sum(pieces, axis=0))[rows, columns].max() <= 1


def test_an_underline_of_neighbours_is_one(squares):
    ink = ink_of(squares, square_block("AB", underline=True, alpha=0.5))
    some = painted(ink, "over", [0, 1], at=(20.3, 100.0))
    assert (some == painted(ink, "over", at=(20.3, 100.0))).all()


def test_letters_that_lean_do_not_move_with_their_neighbours(squares):
    ink = ink_of(squares, square_block("A A B", italic=True, underline=True))
    whole = painted(ink, "over", size=WIDE)
    parts = [painted(ink, "over", [number], size=WIDE) for number in range(5)]
    assert np.abs(whole.astype(int) - np.sum(parts, axis=0)).max() <= _EDGE_STEPS


def test_a_glyph_that_is_turned_is_painted_turned(squares):
    block = square_block()
    layout = lay_out(block, canvas_width_px=1080, fonts=squares)
    line = layout.lines[0]
    glyph = replace(line.runs[0].glyphs[0], turn_deg=90.0)
    turned = replace(layout, lines=(replace(line, runs=(replace(line.runs[0], glyphs=(glyph,)),)),))
    rgba = painted(Ink(turned, block), "over", at=(100, 100))
    # Its square, 10…90 to the right and 80 up, turned clockwise about its origin at (100, 180).
    assert edges(rgba) == (100, 190, 180, 270)


def test_a_turned_glyph_leans_along_its_own_line(squares):
    block = square_block(italic=True, underline=True)
    layout = lay_out(block, canvas_width_px=1080, fonts=squares)
    line = layout.lines[0]
    glyph = replace(line.runs[0].glyphs[0], turn_deg=90.0, way_deg=90.0)
    turned = replace(layout, lines=(replace(line, runs=(replace(line.runs[0], glyphs=(glyph,)),)),))
    upright = painted(Ink(layout, block), "over", at=(100, 20), size=(300, 300))
    bent = painted(Ink(turned, block), "over", at=(200, 20), size=(300, 300))
    # About the origin at (100, 100) of the one and (200, 100) of the other.
    expected = np.rot90(upright, -1)[100:300, 0:300]
    assert np.abs(expected.astype(int) - bent[100:300, 0:300]).max() <= _EDGE_STEPS


def test_glyphs_with_their_own_colours_are_painted_where_they_are_turned(squares):
    block = square_block("😀")
    layout = lay_out(block, canvas_width_px=1080, fonts=squares)
    line = layout.lines[0]
    glyph = replace(line.runs[0].glyphs[0], turn_deg=180.0)
    turned = replace(layout, lines=(replace(line, runs=(replace(line.runs[0], glyphs=(glyph,)),)),))
    assert edges(painted(Ink(turned, block), "over")) == (10, 180, 90, 260)


def test_bounds_hold_every_part(squares):
    block = square_block("AB", underline=True, strokes=(Stroke(RED, 1.0, 0.1),), backgrounds=(box("block", pad_x=0.1),))
    ink = ink_of(squares, block)
    for part in ("back", "under", "over"):
        held = ink.bounds(part)
        rows, columns = np.nonzero(painted(ink, part)[..., 3] > _EDGE_STEPS)
        assert columns.min() + 1 > 100 + held.left()
        assert columns.max() < 100 + held.right()
        assert rows.min() + 1 > 100 + held.top()
        assert rows.max() < 100 + held.bottom()


def test_the_picture_is_its_parts_over_each_other(squares):
    block = square_block(
        "AB",
        strokes=(Stroke(RED, 0.8, 0.1),),
        shadows=(Shadow(BLACK, 0.7, -45.0, 0.2, 0.05),),
        backgrounds=(box("block", pad_x=1.0, pad_y=1.0, colour=GREEN, alpha=0.5),),
    )
    picture = drawn(squares, block)
    size = (picture.rgba.shape[1], picture.rgba.shape[0])
    at = (picture.origin[0] - 100, picture.origin[1] - 50)
    back, under, top = (painted(ink_of(squares, block), part, size=size, at=at) for part in ("back", "under", "over"))
    assert np.abs(over(over(back, under).round(), top) - picture.rgba).max() <= 2


def test_a_tall_picture_has_no_seams_between_its_bands(squares):
    look = {"shadows": (Shadow(BLACK, 0.6, -45.0, 0.1, 0.03),), "strokes": (Stroke(RED, 0.5, 0.02),)}
    block = square_block("AB\nAB\nAB", size=500 / 6.21, alpha=0.7, backgrounds=(box("line", alpha=0.5),), **look)
    picture = drawn(squares, block)
    assert picture.rgba.shape[0] * picture.rgba.shape[1] > 1 << 20
    size = (picture.rgba.shape[1], picture.rgba.shape[0])
    ink = ink_of(squares, block)
    at = (picture.origin[0] - picture.block_width_px / 2, picture.origin[1] - picture.block_height_px / 2)
    under, top = (painted(ink, part, size=size, at=at) for part in ("under", "over"))
    whole = over(over(painted(ink, "back", size=size, at=at), under).round(), top)
    assert np.abs(whole - picture.rgba).max() <= 2


def test_too_many_looks_are_named(squares):
    strokes = tuple(Stroke(RED, 0.5, 0.001 * number) for number in range(40))
    shadows = tuple(Shadow(RED, 0.5, float(number), 0.1) for number in range(MOST_CASTS + 1))
    picture = square(squares, strokes=strokes, shadows=shadows)
    assert len(picture.problems) == 2
    assert "40 strokes" in picture.problems[0]
    assert f"{MOST_CASTS + 1} shadows" in picture.problems[1]


numbers = st.one_of(st.floats(), st.sampled_from([0.0, -1.0, 1e30, math.nan, math.inf]))
colours = st.tuples(numbers, numbers, numbers)
fills = st.builds(
    Gradient,
    st.lists(st.builds(GradientStop, numbers, colours, numbers), max_size=3).map(tuple),
    numbers,
    st.booleans(),
)
strokes_of_any_kind = st.builds(Stroke, colours, numbers, numbers, st.none() | fills)
shadows_of_any_kind = st.builds(Shadow, colours, numbers, numbers, numbers, numbers)
boxes_of_any_kind = st.builds(TextBackground, st.sampled_from(["block", "line", "glyph"]), colours, *[numbers] * 6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(strokes_of_any_kind, max_size=2).map(tuple),
    st.lists(shadows_of_any_kind, max_size=2).map(tuple),
    st.none() | st.builds(Glow, st.none() | colours, numbers, numbers),
    st.lists(boxes_of_any_kind, max_size=2).map(tuple),
    colours,
    numbers,
    st.none() | fills,
)
def test_looks_without_sense_are_drawn_within_bounds(squares, strokes, shadows, glow, backgrounds, colour, alpha, fill):
    look = {"strokes": strokes, "shadows": shadows, "glow": glow, "colour": colour, "fill": fill}
    style = TextStyle(0, 2, EM_100_PX / 4, alpha=alpha, font_path="Square.ttf", underline=True, **look)
    picture = drawn(squares, TextBlock("t", "AB", (style,), alpha=alpha, backgrounds=backgrounds))
    assert (picture.rgba[..., :3] <= picture.rgba[..., 3:]).all()
    assert max(picture.rgba.shape[:2]) <= 8192


_GREEDY = """
import resource
from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.timeline.text import *

def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

def draw(text, styles):
    block = TextBlock("t", text, styles, wrap_width=8.0)
    return draw_caption(block, canvas_width_px=1080, canvas_height_px=1920, fonts=fonts)

fonts, black = FontLibrary(system=False), (0.0, 0.0, 0.0)
draw("Aa\\u5b57", (TextStyle(0, 3, 5.0),))
before = peak_mb()
strokes = tuple(Stroke(black, 0.5, 0.01 * number) for number in range(100))
shadows = tuple(Shadow(black, 0.5, float(number), 1e9, 1e9) for number in range(100))
look = {"alpha": 0.5, "strokes": strokes, "shadows": shadows, "glow": Glow(None, 1.0, 1e9), "underline": True}
assert draw("Word", (TextStyle(0, 4, 1000.0, **look),)).rgba.any()
ranges = [(number * 66, 20_000 if number == 299 else (number + 1) * 66) for number in range(300)]
few = {**look, "strokes": strokes[:4], "shadows": shadows[:2]}
assert draw("Word and " * 2222 + "so", tuple(TextStyle(a, b, 1000.0, **few) for a, b in ranges)).rgba.any()
every = "".join(chr(0x4E00 + number) for number in range(20_000))
assert draw(every, (TextStyle(0, 20_000, 10.0, **{**few, "strokes": strokes[:2], "shadows": ()}),)).rgba.any()
print(peak_mb() - before)
"""


@pytest.mark.slow
def test_no_caption_takes_more_than_200_mb():
    done = subprocess.run([sys.executable, "-c", _GREEDY], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 200
