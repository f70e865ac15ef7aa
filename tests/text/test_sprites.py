"""Pieces of a caption as pictures, against the caption drawn whole."""

from __future__ import annotations

import numpy as np
import pytest
import skia

from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.ink.painting import Ink
from cutfarm.text.layout.block import lay_out
from cutfarm.text.layout.units import units_of
from cutfarm.text.motion.moment import Tint
from cutfarm.text.sprites import Sprites
from cutfarm.timeline.text import Gradient, GradientStop, Shadow, Stroke, TextBackground
from tests.text.conftest import block_of

LOOK = {
    "colour": (1.0, 0.9, 0.2),
    "strokes": (Stroke((0.1, 0.0, 0.4), 1.0, 0.08),),
    "shadows": (Shadow((0.0, 0.0, 0.0), 0.7, -45.0, 0.08, 0.03),),
}


def laid_together(sprites, size, origin, drawn):
    """Parts of glyphs laid onto a picture of a size: (part or coat, glyphs, tint) each."""
    surface = skia.Surface.MakeRaster(skia.ImageInfo.Make(*size, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType))
    canvas = surface.getCanvas()
    canvas.translate(*origin)
    for coat, glyphs, tint in drawn:
        draw = sprites.drawing(coat if isinstance(coat, tuple) else (coat, None), glyphs)
        if draw is not None:
            draw(canvas, tint)
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    surface.readPixels(surface.imageInfo(), pixels, 4 * size[0], 0, 0)
    return pixels.astype(int)


def rest_and_units(block, fonts, kind, scale):
    """A caption drawn whole, and its units drawn together."""
    whole = draw_caption(block, canvas_width_px=1080, canvas_height_px=1920, scale=scale, fonts=fonts)
    layout = lay_out(block, canvas_width_px=1080, fonts=fonts)
    sprites = Sprites(layout, Ink(layout, block), scale)
    units = [unit.glyphs for unit in units_of(layout, block, kind)]
    drawn = [(coat, glyphs, Tint()) for coat in sprites.coats for glyphs in ([None] if coat[0] == "back" else units)]
    height, width = whole.rgba.shape[:2]
    assert whole.rgba.max() == 255
    return whole.rgba.astype(int), laid_together(sprites, (width, height), whole.origin, drawn)


@pytest.mark.parametrize("kind", ["char", "word", "line", "all"])
def test_units_together_are_the_caption_at_rest(make_font, kind):
    path = make_font("Square", "AB ")
    library = FontLibrary([path.parent], system=False)
    background = TextBackground("line", (0.2, 0.5, 0.3), 0.8, 0.0, 0.1, 0.1)
    gradient = Gradient((GradientStop(0.0, (1.0, 0.2, 0.1)), GradientStop(1.0, (0.2, 0.4, 1.0))), 90.0)
    strokes = (Stroke((0.1, 0.0, 0.4), 1.0, 0.05),)
    block = block_of("AB A\nBA", font_path="Square.ttf", fill=gradient, strokes=strokes, backgrounds=(background,))
    rest, together = rest_and_units(block, library, kind, 100 / 62.1)
    assert np.abs(together - rest).max() <= 2


@pytest.mark.parametrize("kind", ["char", "word", "line", "all"])
@pytest.mark.parametrize("scale", [0.5, 1.37])
def test_curved_edges_are_as_at_rest(fonts, kind, scale):
    """But for a few pixels whose edges are rounded the other way; the letters' shadows do not reach each other."""
    block = block_of("Hello you\n春天 AV", **LOOK, letter_spacing_em=0.3)
    rest, together = rest_and_units(block, fonts, kind, scale)
    difference = np.abs(together - rest).max(axis=-1)
    assert difference.max() <= 40
    assert (difference > 2).sum() < 0.004 * (rest[..., 3] > 0).sum()


def test_no_neighbour_lies_on_a_stroke(fonts):
    """Neither its shadow nor its wider stroke: all of those come first, as at rest."""
    strokes = (Stroke((1.0, 1.0, 1.0), 1.0, 0.04), Stroke((0.9, 0.1, 0.1), 1.0, 0.12))
    shadows = (Shadow((0.0, 0.3, 0.0), 1.0, 180.0, 0.15),)
    block = block_of("爱你AVA", strokes=strokes, shadows=shadows)
    rest, together = rest_and_units(block, fonts, "char", 1.0)
    difference = np.abs(together - rest).max(axis=-1)
    assert difference.max() <= 40
    assert (difference > 2).sum() < 0.004 * (rest[..., 3] > 0).sum()


def test_what_looks_the_same_in_any_order_is_one_drawing(fonts):
    black, red = (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)
    shadow, stroke = Shadow(black, 0.7, -45.0, 0.08, 0.03), Stroke(black, 1.0, 0.08)
    for strokes, layers in (((stroke,), 1), ((Stroke(red, 1.0, 0.04),), 2), ((stroke, Stroke(red, 1.0, 0.04)), 2)):
        block = block_of("AB", shadows=(shadow,), strokes=strokes)
        assert Ink(lay_out(block, canvas_width_px=1080, fonts=fonts), block).layers == layers


def test_what_fades_shows_what_is_behind_and_not_its_own_stroke(fonts):
    block = block_of("I", size=60, **LOOK)
    layout = lay_out(block, canvas_width_px=1080, fonts=fonts)
    sprites = Sprites(layout, Ink(layout, block), 1.0)
    tint = Tint(0.5)
    faded = laid_together(sprites, (600, 600), (300, 300), [("under", None, tint), ("over", None, tint)])
    plain = laid_together(sprites, (600, 600), (300, 300), [("over", None, Tint())])
    inside = plain[..., 3] == 255
    assert inside.sum() > 500
    assert np.abs(faded[inside] - plain[inside] / 2).max() <= 2


@pytest.mark.parametrize("alpha", [0.1, 0.35, 0.65, 0.9, 0.99])
def test_fading_is_that_of_the_whole(fonts, alpha):
    block = block_of("春", size=40, **LOOK)
    layout = lay_out(block, canvas_width_px=1080, fonts=fonts)
    sprites = Sprites(layout, Ink(layout, block), 1.0)
    tints = (Tint(), Tint(alpha))
    rest, faded = (
        laid_together(sprites, (400, 400), (200, 200), [("under", None, t), ("over", None, t)]) for t in tints
    )
    assert np.abs(faded - alpha * rest).max() <= 16
    assert np.abs(faded - alpha * rest).mean() < 0.3


def test_a_part_without_ink_is_none(fonts):
    block = block_of("A b")
    layout = lay_out(block, canvas_width_px=1080, fonts=fonts)
    sprites = Sprites(layout, Ink(layout, block), 1.0)
    assert sprites.drawing(("back", None), None) is None
    assert sprites.drawing(("under", None), (0,)) is None
    assert sprites.drawing(("over", None), (1,)) is None
    assert sprites.drawing(("over", None), (0,)) is sprites.drawing(("over", None), (0,))
