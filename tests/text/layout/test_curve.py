from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout.block import CaptionLayout, lay_out
from cutfarm.text.layout.placed import Line, PlacedGlyph
from tests.text.conftest import MakeFont, block_of

SQUARE = {"size": 100 / 6.21, "font_path": "Square.ttf", "line_spacing": 0.0}


@pytest.fixture
def squares(make_font: MakeFont) -> FontLibrary:
    """A font of squares of 0.8 em, 0.1 em inside their 1 em; ascent 0.8 em, descent 0.2 em."""
    return FontLibrary([make_font("Square").parent], system=False)


def laid(fonts: FontLibrary, text: str, **fields: object) -> CaptionLayout:
    return lay_out(block_of(text, **fields), canvas_width_px=1080, fonts=fonts)


def glyphs_of(line: Line) -> list[PlacedGlyph]:
    return [glyph for run in line.runs for glyph in run.glyphs]


def middle_of_advance(glyph: PlacedGlyph) -> tuple[float, float]:
    way = math.radians(glyph.way_deg)
    half = glyph.advance_px / 2
    return glyph.pen_px[0] + half * math.cos(way), glyph.pen_px[1] + half * math.sin(way)


def circle(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Centre and radius of the circle through the points, by least squares."""
    rows = np.array([[2 * x, 2 * y, 1] for x, y in points])
    (x, y, rest), *_ = np.linalg.lstsq(rows, np.array([x * x + y * y for x, y in points]), rcond=None)
    return float(x), float(y), math.sqrt(rest + x * x + y * y)


@pytest.mark.parametrize("angle_deg", [60, 180, 360, -120, -360])
def test_a_line_lies_on_an_arc_of_its_own_length(squares, angle_deg):
    (line,) = laid(squares, "A" * 12, curve_deg=angle_deg, **SQUARE).lines
    glyphs = glyphs_of(line)
    x, y, radius = circle([middle_of_advance(glyph) for glyph in glyphs])
    assert radius == pytest.approx(1200 / math.radians(abs(angle_deg)))
    turns = [glyph.turn_deg for glyph in glyphs]
    step = angle_deg / 12
    assert turns == pytest.approx([step * (index - 5.5) for index in range(12)])
    for glyph in glyphs:
        ray = math.atan2(middle_of_advance(glyph)[0] - x, (y - middle_of_advance(glyph)[1]) * np.sign(angle_deg))
        assert math.degrees(ray) == pytest.approx(glyph.turn_deg * np.sign(angle_deg))


@pytest.mark.parametrize(("angle_deg", "is_up"), [(90, True), (-90, False)])
def test_positive_angles_have_the_middle_up(squares, angle_deg, is_up):
    first, middle, last = (
        glyph.y_px for glyph in glyphs_of(laid(squares, "AAA", curve_deg=angle_deg, **SQUARE).lines[0])
    )
    assert (middle < min(first, last)) is is_up


def test_lines_are_concentric_and_a_line_apart(squares):
    for angle_deg in (100, -100):
        lines = laid(squares, "A" * 6 + "\n" + "A" * 9 + "\n" + "A" * 4, curve_deg=angle_deg, **SQUARE).lines
        circles = [circle([middle_of_advance(glyph) for glyph in glyphs_of(line)]) for line in lines]
        assert [x for x, _, _ in circles] == pytest.approx([circles[0][0]] * 3)
        assert [y for _, y, _ in circles] == pytest.approx([circles[0][1]] * 3)
        radii = [radius for _, _, radius in circles]
        assert np.diff(radii) == pytest.approx([-100 * np.sign(angle_deg)] * 2)
        sweeps = [math.degrees(100 * len(glyphs_of(line)) / radius) for line, radius in zip(lines, radii, strict=True)]
        assert max(sweeps) == pytest.approx(100)


@pytest.mark.parametrize("alignment", [0, 1, 2])
def test_shorter_lines_start_or_end_where_the_arc_does(squares, alignment):
    long, short = laid(squares, "A" * 8 + "\nAA", curve_deg=120, alignment=alignment, **SQUARE).lines
    _, _, radius = circle([middle_of_advance(glyph) for glyph in glyphs_of(long)])
    sweep = math.degrees(100 / (radius - 100))
    first = glyphs_of(short)[0].turn_deg
    assert first == pytest.approx([-60 + sweep / 2, -sweep / 2, 60 - 1.5 * sweep][alignment])


def test_the_block_is_the_box_of_the_bent_lines(squares):
    layout = laid(squares, "A" * 10, curve_deg=180, **SQUARE)
    radius = 1000 / math.pi
    assert layout.width_px == pytest.approx(2 * (radius + 80))
    assert layout.height_px == pytest.approx(radius + 80)
    ring = laid(squares, "A" * 10, curve_deg=-360, **SQUARE)
    assert ring.width_px == pytest.approx(2 * (radius / 2 + 20))
    assert ring.height_px == pytest.approx(2 * (radius / 2 + 20))


@pytest.mark.parametrize("angle_deg", [35, 120, 300, -80])
def test_squares_are_drawn_where_they_must(squares, angle_deg):
    picture = draw_caption(
        block_of("A A A", curve_deg=angle_deg, **SQUARE), canvas_width_px=1080, canvas_height_px=1920, fonts=squares
    )
    layout = laid(squares, "A A A", curve_deg=angle_deg, **SQUARE)
    ys, xs = np.mgrid[: picture.rgba.shape[0], : picture.rgba.shape[1]]
    x = xs + 0.5 - picture.origin[0] + layout.width_px / 2
    y = ys + 0.5 - picture.origin[1] + layout.height_px / 2
    inside, outside = np.zeros(x.shape, bool), np.ones(x.shape, bool)
    sign = math.copysign(1.0, angle_deg)
    radius = 500 / math.radians(abs(angle_deg))
    centre_x, centre_y, _ = circle([middle_of_advance(glyph) for glyph in glyphs_of(layout.lines[0])])
    for index in (0, 2, 4):
        turn = math.radians(angle_deg) * ((index + 0.5) / 5 - 0.5)
        foot_x, foot_y = centre_x + sign * radius * math.sin(turn), centre_y - sign * radius * math.cos(turn)
        right = (x - foot_x) * math.cos(turn) + (y - foot_y) * math.sin(turn)
        up = (x - foot_x) * math.sin(turn) - (y - foot_y) * math.cos(turn)
        inside |= (abs(right) < 39) & (abs(up - 40) < 39)
        outside &= (abs(right) > 41) | (abs(up - 40) > 41)
    assert inside.sum() > 3 * 75 * 75
    assert picture.rgba[inside, 3].min() == 255
    assert picture.rgba[outside, 3].max() == 0


@given(st.floats(0.011, 0.5), st.sampled_from([-1, 1]))
def test_small_angles_tend_to_straight(angle_deg, sign):
    fonts = FontLibrary(system=False)
    straight = laid(fonts, "Straight\nlines", size=10)
    bent = laid(fonts, "Straight\nlines", size=10, curve_deg=sign * angle_deg)
    assert bent.width_px == pytest.approx(straight.width_px, abs=1.5 * angle_deg)
    assert bent.height_px == pytest.approx(straight.height_px, abs=1.5 * angle_deg)
    for ours, theirs in zip(bent.glyphs(), straight.glyphs(), strict=True):
        assert (ours.x_px, ours.y_px) == pytest.approx((theirs.x_px, theirs.y_px), abs=2.5 * angle_deg)


def test_no_angle_is_straight(fonts):
    straight = laid(fonts, "Straight")
    for angle_deg in (0.0, -0.0, 0.001, float("nan")):
        assert laid(fonts, "Straight", curve_deg=angle_deg) == straight


def test_more_than_a_circle_is_a_circle(fonts):
    assert laid(fonts, "round", curve_deg=1e9) == laid(fonts, "round", curve_deg=360)


def test_marks_turn_with_their_base(fonts):
    glyphs = laid(fonts, "q\u0323\u0301 क्षि", curve_deg=200).glyphs()
    turns: dict[int, set[float]] = {}
    for glyph in glyphs:
        turns.setdefault(glyph.source, set()).add(glyph.turn_deg)
    assert all(len(together) == 1 for together in turns.values())


@pytest.mark.parametrize("text", ["", "\n\n", " ", "A", "A\n" * 60, "\nA", "\u200b"])
def test_odd_lines_can_be_bent(fonts, text):
    for angle_deg in (1, 200, 360, -360):
        layout = laid(fonts, text, curve_deg=angle_deg)
        places = [value for glyph in layout.glyphs() for value in (glyph.x_px, glyph.y_px, *glyph.box_px)]
        assert np.isfinite([layout.width_px, layout.height_px, *places]).all()
