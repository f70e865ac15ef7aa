from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutfarm.errors import RenderError
from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.timeline.model import TextSegment
from cutfarm.timeline.reader import read_timeline
from cutfarm.timeline.text import Stroke, TextBlock, TextStyle
from tests.text.conftest import block_of
from tests.text.ink.painting import BLUE, GREEN, RED, around_centre, drawn, edges, square


def test_a_square_lies_where_it_must(squares):
    picture = square(squares)
    assert picture.rgba.dtype == np.uint8
    assert picture.rgba.flags.c_contiguous
    assert around_centre(picture) == (-40, -50, 40, 30)
    assert (picture.block_width_px, picture.block_height_px) == pytest.approx((100, 100))
    assert picture.sampling == 1
    assert picture.font_substitutions == ()


def test_the_centre_is_a_whole_pixel(fonts):
    assert all(float(at).is_integer() for at in drawn(fonts, "Odd widths 7", size=7.3).origin)


def test_scale_enlarges_and_keeps_the_lines(fonts):
    text = "one two three four five six seven"
    small, large = (drawn(fonts, text, wrap_width=0.4, scale=scale) for scale in (1.0, 2.5))
    assert large.block_width_px == pytest.approx(2.5 * small.block_width_px)
    assert large.block_height_px == pytest.approx(2.5 * small.block_height_px)
    assert around_centre(large) == pytest.approx([2.5 * edge for edge in around_centre(small)], abs=2.5)


def test_colours_are_premultiplied_rgba(squares):
    picture = square(squares, colour=(1.0, 0.5, 0.0), alpha=0.5)
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x] == pytest.approx([128, 64, 0, 128], abs=1)


def test_the_blocks_alpha_is_that_of_the_whole(squares):
    strokes = (Stroke(RED, 1.0, 0.1),)
    whole = square(squares, strokes=strokes)
    block = block_of("A", size=100 / 6.21, font_path="Square.ttf", strokes=strokes)
    faded = drawn(squares, TextBlock(block.material_id, block.text, block.styles, alpha=0.25))
    assert faded.rgba.astype(int) == pytest.approx(whole.rgba * 0.25, abs=1)


def test_each_range_has_its_own_colour(squares):
    styles = (
        TextStyle(0, 1, 100 / 6.21, RED, font_path="Square.ttf"),
        TextStyle(1, 2, 100 / 6.21, BLUE, font_path="Square.ttf"),
    )
    picture = drawn(squares, TextBlock("t", "AB", styles))
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x - 50].tolist() == [255, 0, 0, 255]
    assert picture.rgba[y, x + 50].tolist() == [0, 0, 255, 255]
    assert picture.rgba[y, x, 3] == 0


def test_a_stroke_is_as_thick_as_asked_outside_and_under_the_fill(squares):
    picture = square(squares, strokes=(Stroke(RED, 1.0, 0.08),), colour=GREEN)
    assert around_centre(picture) == (-48, -58, 48, 38)
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x - 44].tolist() == [255, 0, 0, 255]
    assert picture.rgba[y, x - 36].tolist() == [0, 255, 0, 255]


def test_stroke_corners_are_round(squares):
    picture = square(squares, strokes=(Stroke(RED, 1.0, 0.2),))
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y - 50 - 18, x - 40 - 18, 3] == 0
    assert picture.rgba[y - 50 - 12, x - 40 - 12, 3] == 255


def test_the_thinner_stroke_is_on_top(squares):
    strokes = (Stroke(RED, 1.0, 0.05), Stroke(BLUE, 1.0, 0.15))
    picture = square(squares, strokes=strokes)
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x - 42].tolist() == [255, 0, 0, 255]
    assert picture.rgba[y, x - 50].tolist() == [0, 0, 255, 255]


def test_every_stroke_is_under_every_fill(squares):
    styles = tuple(
        TextStyle(at, at + 1, 100 / 6.21, GREEN, font_path="Square.ttf", strokes=(Stroke(RED, 1.0, 0.2),))
        for at in range(2)
    )
    picture = drawn(squares, TextBlock("t", "AB", styles, letter_spacing_em=-0.1))
    green = (picture.rgba[..., 1] > 127).sum()
    assert green == 2 * 80 * 80


def test_a_translucent_fill_does_not_show_its_stroke(squares):
    picture = square(squares, strokes=(Stroke(RED, 1.0, 0.1),), colour=GREEN, alpha=0.5)
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x - 38] == pytest.approx([0, 128, 0, 128], abs=1)


def test_overlapping_strokes_do_not_darken_each_other(squares):
    picture = square(squares, "AB", strokes=(Stroke(RED, 0.5, 0.2),), colour=GREEN)
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x] == pytest.approx([128, 0, 0, 128], abs=1)


def test_synthetic_bold_thickens_on_each_side(squares):
    picture = square(squares, size=2000 / 6.21, bold=True)
    assert around_centre(picture) == (-821, -1021, 821, 621)


def test_italic_leans_ten_degrees_about_its_middle(squares):
    picture = square(squares, size=1000 / 6.21, italic=True)
    left, _, right, _ = edges(picture.rgba)
    opaque = picture.rgba[..., 3] > 127
    top_row, bottom_row = opaque[edges(picture.rgba)[1] + 1], opaque[edges(picture.rgba)[3] - 2]
    lean_px = int(np.argmax(top_row)) - int(np.argmax(bottom_row))
    assert lean_px == pytest.approx(800 * np.tan(np.radians(10)), abs=3)
    assert (left + right) / 2 == pytest.approx(picture.origin[0], abs=1)


def test_an_underline_lies_below_the_baseline(squares):
    picture = square(squares, "A B", size=200 / 6.21, underline=True)
    x, y = (int(at) for at in picture.origin)
    baseline = y + 60
    assert np.flatnonzero(picture.rgba[:, x, 3] > 127).tolist() == list(range(baseline + 39, baseline + 49))
    assert edges(picture.rgba)[0] == x - 300


def test_colour_glyphs_keep_their_colours(squares):
    picture = square(squares, "A😀", colour=RED, font_path="Square.ttf")
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x - 50].tolist() == [255, 0, 0, 255]
    assert picture.rgba[y, x + 50].tolist() == [0, 0, 255, 255]


def test_colour_glyphs_fade_with_their_style(squares):
    picture = square(squares, "😀", alpha=0.5)
    x, y = (int(at) for at in picture.origin)
    assert picture.rgba[y, x] == pytest.approx([0, 0, 128, 128], abs=1)


@pytest.mark.parametrize("text", ["", "   ", "\n \n", "\x00\x07", "\ud83d", "\u200b\u2066", "\U0010fffd"])
def test_what_shows_nothing_is_one_transparent_pixel(fonts, text):
    picture = drawn(fonts, text)
    assert picture.rgba.shape == (1, 1, 4)
    assert not picture.rgba.any()


def test_missing_characters_are_named_and_not_drawn(fonts):
    with_missing, without = drawn(fonts, "ab\U0010fffd"), drawn(fonts, "ab")
    assert with_missing.missing == ("\U0010fffd",)
    assert (with_missing.rgba == without.rgba).all()


def test_control_characters_draw_nothing(fonts):
    assert (drawn(fonts, "a\x00b\ud800\x1bc").rgba == drawn(fonts, "abc").rgba).all()


def test_the_same_caption_is_the_same_bytes(fonts):
    block = block_of("Hello 春日影 مرحبا", strokes=(Stroke(RED, 0.7, 0.08),), italic=True, bold=True)
    again = FontLibrary(system=False)
    assert drawn(fonts, block, scale=1.7).rgba.tobytes() == drawn(again, block, scale=1.7).rgba.tobytes()


@pytest.mark.parametrize("size", [0.0, -5.0, 10_000.0, float("nan"), float("inf")])
@pytest.mark.parametrize("scale", [0.0, -1.0, 1.0, 1e12, float("nan")])
def test_no_picture_is_too_large(fonts, size, scale):
    picture = drawn(fonts, "Wide text\nof two lines", size=size, scale=scale, strokes=(Stroke(RED, 1.0, 9e9),))
    height, width = picture.rgba.shape[:2]
    assert max(height, width) <= 8192
    assert picture.rgba.nbytes <= 48_000_000
    assert 0 < picture.sampling <= 1


def test_a_picture_that_is_too_large_says_how_much_smaller_it_is(fonts):
    text = "A long line of words that goes on and on"
    full, bounded = drawn(fonts, text, size=10), drawn(fonts, text, size=10, scale=20)
    assert bounded.sampling < 1
    expected = full.rgba.shape[1] * 20 * bounded.sampling
    assert bounded.rgba.shape[1] == pytest.approx(expected, rel=0.01)
    assert bounded.block_width_px == pytest.approx(20 * full.block_width_px)


def test_a_canvas_without_area_is_an_error(fonts):
    with pytest.raises(RenderError, match="text-1"):
        draw_caption(block_of("a"), canvas_width_px=0, canvas_height_px=1080, fonts=fonts)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=30), st.floats(), st.floats(), st.sampled_from([None, 0.1, 0.8]))
def test_any_text_can_be_drawn(fonts, text, spacing, line_spacing, wrap_width):
    more = {"letter_spacing_em": spacing, "line_spacing": line_spacing, "wrap_width": wrap_width}
    picture = drawn(fonts, text, size=3, bold=True, underline=True, **more)
    assert (picture.rgba[..., :3] <= picture.rgba[..., 3:]).all()


def test_the_captions_of_real_drafts_are_drawn(shared: Path, fonts):
    captions = 0
    for path in sorted((shared / "drafts").glob("*.json")):
        timeline = read_timeline(json.loads(path.read_text("utf-8")))
        for segment in (segment for track in timeline.tracks for segment in track.segments):
            if not isinstance(segment, TextSegment):
                continue
            canvas = timeline.canvas
            picture = draw_caption(
                segment.text,
                canvas_width_px=canvas.width_px,
                canvas_height_px=canvas.height_px,
                scale=0.25,
                fonts=fonts,
            )
            assert picture.missing == ()
            assert picture.rgba.any() == bool(segment.text.text.strip())
            captions += 1
    assert captions > 300
