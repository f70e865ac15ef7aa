"""From a draft's JSON to the size of its letters, by the rule of the format's §10, for five fonts."""

from __future__ import annotations

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.acceptance.drafts import Draft, clip, words
from tests.acceptance.shots import draw
from tests.text.layout.hb_shape import font_paths
from tests.text.layout.test_measure import CANVASES, FONTS, LINE, extent_px, outlines

SCALES = (0.8, 1.0, 1.6)
LETTER_SIZE, LINE_SIZE = 20.0, 7.0
LETTER_SHIFT, LINE_SHIFT = 0.4, -0.4  # of their middles from the canvas's, half canvases up
BLACK, WHITE = 16.0, 235.0


def shown(font: str, canvas_px: tuple[int, int], scale: float) -> NDArray[np.float64]:
    """How far each pixel is covered by a letter in the upper half and a line in the lower half."""
    draft = Draft(canvas_px)
    for text, size, shift in (("H", LETTER_SIZE, LETTER_SHIFT), (LINE, LINE_SIZE, LINE_SHIFT)):
        material = words(text, size)
        content = json.loads(material["content"])
        content["styles"][0]["font"]["path"] = f"C:/fonts/{font_paths()[font].name}"
        material["content"] = json.dumps(content)
        own = clip(scale=(scale, scale), shift=(0.0, shift))
        draft.still(draft.track("text"), draft.add("texts", **material), clip=own)
    [shot] = draw(draft.raw, size_px=canvas_px)
    return (shot.y - BLACK) / (WHITE - BLACK)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("canvas_px", CANVASES)
@pytest.mark.parametrize("font", FONTS)
def test_letters_and_lines_are_as_large_as_measured(font, canvas_px, scale):
    covered = shown(font, canvas_px, scale)
    shape = outlines(font_paths()[font])
    unit_px = 6.21 * canvas_px[0] / 1080 * scale / shape.line
    half = canvas_px[1] // 2
    letter, line = covered[:half], covered[half:]
    assert extent_px(letter.max(axis=1)) == pytest.approx(shape.height * LETTER_SIZE * unit_px, rel=0.01)
    width_px = (shape.advances - shape.left - shape.right) * LINE_SIZE * unit_px
    assert extent_px(line.max(axis=0)) == pytest.approx(width_px, rel=0.01)


@pytest.mark.parametrize(("canvas_px", "columns"), [((640, 360), 1), ((640, 240), 2)])
def test_a_vertical_subtitle_has_the_height_of_the_canvas(canvas_px, columns):
    """Its four letters of 55 px need 221 px: 0.82 of the one canvas are 295, of the other 197."""
    draft = Draft(canvas_px)
    material = words("竖排文字", 15.0) | {"typesetting": 1, "type": "subtitle", "line_max_width": 0.82}
    draft.still(draft.track("text"), draft.add("texts", **material))
    [shot] = draw(draft.raw, size_px=canvas_px)
    inked = np.flatnonzero((shot.y > BLACK + 60).any(axis=0))
    line_px = 6.21 * 15.0 * canvas_px[0] / 1080
    assert (columns - 1) * line_px < inked[-1] - inked[0] + 1 <= columns * 1.02 * line_px
