"""Shadows and glows against the formulas of what they are, in float64."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from cutfarm.timeline.text import Glow, Gradient, GradientStop, Shadow, Stroke, TextBlock, TextStyle
from tests.text.ink.painting import BLACK, BLUE, EM_100_PX, GREEN, RED, edges, ink_of, painted, square_block

_EDGES_PX = (110.0, 190.0)  # of a square whose layout lies 100 px from the corner, left and right
_erf = np.vectorize(math.erf)


def shadow_alone(fonts, *, scale: float = 1.0, **fields: object) -> NDArray[np.float64]:
    """The alpha, 0…1, of what a square throws; 400 × 300 px at scale 1, the layout's origin at (100, 100)."""
    ink = ink_of(fonts, square_block(**fields))
    size, at = (round(400 * scale), round(300 * scale)), (100.0 * scale, 100.0 * scale)
    return painted(ink, "under", size=size, at=at, scale=scale)[..., 3] / 255.0


def centroid(alpha: NDArray[np.float64]) -> tuple[float, float]:
    """Its x and y in pixels; a pixel's middle lies at a half."""
    rows, columns = np.indices(alpha.shape) + 0.5
    return float((columns * alpha).sum() / alpha.sum()), float((rows * alpha).sum() / alpha.sum())


def blurred_bar(count: int, left: float, right: float, sigma: float) -> NDArray[np.float64]:
    """The mean over each pixel of a bar from `left` to `right` under a Gaussian."""
    x = np.arange(count)[:, None] + (np.arange(16) + 0.5) / 16
    return (_erf((x - left) / sigma / math.sqrt(2)) - _erf((x - right) / sigma / math.sqrt(2))).mean(axis=1) / 2


@pytest.mark.parametrize("angle", [0.0, -45.0, 30.0, 90.0, 180.0, -135.0, 1000.0])
@pytest.mark.parametrize("blur", [0.0, 0.05])
def test_a_shadow_lies_where_its_angle_and_distance_say(squares, angle, blur):
    alpha = shadow_alone(squares, shadows=(Shadow(BLACK, 1.0, angle, 0.3, blur),))
    x, y = centroid(alpha)
    way = math.radians(angle)
    assert x - 150 == pytest.approx(30 * math.cos(way), abs=0.1)
    assert y - 140 == pytest.approx(-30 * math.sin(way), abs=0.1)


@pytest.mark.parametrize("sigma_px", [0.7, 1.5, 3.0, 6.0, 10.0, 17.0, 25.0])
def test_a_shadow_is_blurred_by_a_gaussian(squares, sigma_px):
    alpha = shadow_alone(squares, shadows=(Shadow(BLACK, 1.0, 0.0, 0.0, sigma_px / 100),))
    middle = alpha[140]
    steps = np.diff(middle[:150])  # of its left edge: the Gaussian itself
    at = np.arange(steps.size) + 1.0
    mean = (steps * at).sum() / steps.sum()
    if sigma_px < 20:  # beyond, the other edge is seen too
        assert math.sqrt((steps * (at - mean) ** 2).sum() / steps.sum()) == pytest.approx(sigma_px, rel=0.05)
    if sigma_px < 1.0:  # no more than a few pixels' weights
        return
    expected = blurred_bar(middle.size, *_EDGES_PX, sigma_px)
    assert np.abs(middle - expected * blurred_bar(300, 100.0, 180.0, sigma_px)[140]).max() < 0.02


@pytest.mark.parametrize("scale", [0.5, 2.0, 3.0])
def test_a_shadow_scales_with_the_canvas(squares, scale):
    alpha = shadow_alone(squares, scale=scale, shadows=(Shadow(BLACK, 1.0, 0.0, 0.2, 0.1),))
    across = alpha.sum(axis=0) / alpha.sum()
    x = np.arange(across.size) + 0.5
    mean = (across * x).sum()
    variance = (across * (x - mean) ** 2).sum() - (80.0 * scale) ** 2 / 12
    assert mean == pytest.approx(170 * scale, abs=0.1)
    assert math.sqrt(variance) == pytest.approx(10 * scale, rel=0.05)


def test_a_shadow_has_its_alpha_and_colour(squares):
    ink = ink_of(squares, square_block(shadows=(Shadow((1.0, 0.5, 0.0), 0.6, 0.0, 0.0, 0.0),)))
    assert painted(ink, "under")[140, 150] == pytest.approx([153, 76.5, 0, 153], abs=1)


def test_strokes_throw_shadows_too(squares):
    look = {"strokes": (Stroke(RED, 1.0, 0.1),), "shadows": (Shadow(BLUE, 1.0, 0.0, 1.5),)}
    blue = painted(ink_of(squares, square_block(**look)), "under")
    blue[blue[..., 2] < 128] = 0
    assert edges(blue) == (250, 90, 350, 190)


def test_the_shadow_of_a_clear_fill_is_hollow(squares):
    alpha = shadow_alone(squares, alpha=0.0, strokes=(Stroke(RED, 1.0, 0.1),), shadows=(Shadow(BLUE, 1.0, 0.0, 1.5),))
    assert alpha[140, 300] == 0.0
    assert alpha[140, 255] == 1.0


def test_what_is_clear_and_has_no_stroke_throws_nothing(squares):
    assert not shadow_alone(squares, alpha=0.0, shadows=(Shadow(BLUE, 1.0, 0.0, 1.5),)).any()


def test_every_shadow_lies_under_everything_else(squares):
    styles = (
        TextStyle(0, 1, EM_100_PX, BLUE, font_path="Square.ttf", strokes=(Stroke(GREEN, 1.0, 0.05),)),
        TextStyle(1, 2, EM_100_PX, BLUE, font_path="Square.ttf", shadows=(Shadow(RED, 1.0, 180.0, 1.2),)),
    )
    rgba = painted(ink_of(squares, TextBlock("t", "AB", styles)), "under")
    assert rgba[140, 95].tolist() == [255, 0, 0, 255]
    assert rgba[140, 107].tolist() == [0, 255, 0, 255]


def test_the_first_shadow_lies_lowest(squares):
    shadows = (Shadow(RED, 1.0, 0.0, 0.2), Shadow(BLUE, 1.0, 0.0, 0.1))
    rgba = painted(ink_of(squares, square_block(shadows=shadows)), "under")
    assert rgba[140, 195].tolist() == [0, 0, 255, 255]
    assert rgba[140, 205].tolist() == [255, 0, 0, 255]


def test_one_shadow_of_two_styles_does_not_darken_itself(squares):
    shadow = Shadow(BLACK, 0.5, -90.0, 0.2, 0.02)
    styles = tuple(
        TextStyle(at, at + 1, EM_100_PX, colour, font_path="Square.ttf", shadows=(shadow,))
        for at, colour in enumerate((RED, GREEN))
    )
    ink = ink_of(squares, TextBlock("t", "AB", styles, letter_spacing_em=-0.3))
    assert painted(ink, "under")[..., 3].max() == 128


def test_a_glow_spreads_evenly_in_its_colour(squares):
    rgba = painted(ink_of(squares, square_block(glow=Glow(GREEN, 1.0, 0.1))), "under", size=(300, 280))
    assert (rgba[..., [0, 2]] == 0).all()
    alpha = rgba[..., 3].astype(int)
    assert np.abs(alpha - alpha[:, ::-1]).max() <= 1
    assert np.abs(alpha - alpha[::-1]).max() <= 1
    assert alpha[140, 110] == pytest.approx(127.5, abs=6)


def test_a_glow_without_a_colour_has_that_of_the_glyphs(squares):
    gradient = Gradient((GradientStop(0.0, RED), GradientStop(1.0, BLUE)))
    rgba = painted(ink_of(squares, square_block(fill=gradient, glow=Glow(None, 1.0, 0.03))), "under")
    left, right = rgba[140, 112] / 255.0, rgba[140, 187] / 255.0
    assert left[:3] / left[3] == pytest.approx([0.875, 0.0, 0.125], abs=0.02)
    assert right[:3] / right[3] == pytest.approx([0.125, 0.0, 0.875], abs=0.02)
    plain = painted(ink_of(squares, square_block(colour=RED, glow=Glow(None, 1.0, 0.03))), "under")
    assert plain[140, 150].tolist() == [255, 0, 0, 255]


def test_a_glow_lies_under_the_strokes_and_over_the_shadows(squares):
    look = {"strokes": (Stroke(RED, 1.0, 0.05),), "glow": Glow(GREEN, 1.0, 0.0)}
    shadows = (Shadow(BLUE, 1.0, 0.0, 0.1),)
    rgba = painted(ink_of(squares, square_block(**look, shadows=shadows)), "under")
    assert rgba[140, 192].tolist() == [255, 0, 0, 255]
    assert rgba[140, 200].tolist() == [0, 0, 255, 255]
    stroked = replace(square_block(**look).styles[0], strokes=())
    rgba = painted(ink_of(squares, replace(square_block(shadows=shadows), styles=(stroked,))), "under")
    assert rgba[140, 150].tolist() == [0, 255, 0, 255]


def test_glyphs_with_their_own_colours_throw_shadows(squares):
    ink = ink_of(squares, square_block("😀", shadows=(Shadow(RED, 1.0, 0.0, 1.5),)))
    rgba = painted(ink, "under")
    assert edges(rgba) == (260, 100, 340, 180)
    assert rgba[140, 300].tolist() == [255, 0, 0, 255]


@pytest.mark.parametrize("blur", [0.0, 0.03, 0.1, 0.4, 0.9])
@pytest.mark.parametrize("look", ["shadow", "glow"])
def test_what_is_seen_through_a_clip_is_the_same(squares, blur, look):
    looks = {"shadow": {"shadows": (Shadow(BLACK, 0.9, -30.0, 0.3, blur),)}, "glow": {"glow": Glow(RED, 0.7, blur)}}
    ink = ink_of(squares, square_block("AB", **looks[look]))
    whole = painted(ink, "under", size=(500, 400), at=(150.3, 150.7), scale=1.1)
    for left, top in ((0, 0), (161, 67), (299, 203)):
        part = painted(ink, "under", size=(120, 100), at=(150.3 - left, 150.7 - top), scale=1.1)
        expected = whole[top : top + 100, left : left + 120]
        assert np.abs(part.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("blur", [0.0, 0.03, 0.1, 0.2])
def test_a_shadow_painted_alone_is_that_of_the_whole(squares, blur):
    block = square_block("A      B", shadows=(Shadow(BLACK, 0.9, -30.0, 0.3, blur),))
    ink = ink_of(squares, block)
    size = (1100, 300)
    whole = painted(ink, "under", size=size)
    first, last = painted(ink, "under", [0], size=size), painted(ink, "under", [7], size=size)
    assert first.any()
    assert last.any()
    assert np.abs(whole.astype(int) - (first.astype(int) + last)).max() <= 1


def test_bounds_hold_all_that_is_thrown(squares):
    shadows = (Shadow(BLACK, 1.0, -30.0, 0.3, 0.1), Shadow(BLACK, 1.0, 180.0, 0.5, 0.0))
    ink = ink_of(squares, square_block(shadows=shadows))
    box = ink.bounds("under")
    rows, columns = np.nonzero(painted(ink, "under")[..., 3])
    assert columns.min() + 1 >= 100 + box.left()
    assert columns.max() <= 100 + box.right()
    assert rows.min() + 1 >= 100 + box.top()
    assert rows.max() <= 100 + box.bottom()
