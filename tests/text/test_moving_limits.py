"""How many pieces of a caption move on their own."""

from __future__ import annotations

import pytest

from cutfarm.text import moving
from cutfarm.text.ink.painting import Ink
from cutfarm.text.layout.block import lay_out
from cutfarm.text.motion.moment import Box
from cutfarm.timeline.model import Animation
from cutfarm.timeline.text import Stroke
from tests.text.conftest import block_of

CANVAS = Box(-100.0, -100.0, 100.0, 100.0)
TYPED, GLOWING = "Type 1", "Bloom I"
STROKES = (Stroke((0.0, 0.0, 0.0), 1.0, 0.05),)


@pytest.mark.parametrize(
    ("name", "looks", "fewer", "more"),
    [
        (TYPED, {}, 900, 1001),
        (TYPED, {"strokes": STROKES}, 900, 1001),
        (GLOWING, {}, 290, 310),
        (GLOWING, {"strokes": STROKES}, 140, 160),
    ],
    ids=["light", "light, stroked", "through layers", "through layers, stroked"],
)
def test_longer_captions_move_in_bigger_pieces(fonts, name, looks, fewer, more):
    kind = "in" if name == TYPED else "loop"

    def unit_of(count):
        block = block_of("\n".join(["春" * 10] * (count // 10) + ["春" * (count % 10)]), size=3, **looks)
        layout = lay_out(block, canvas_width_px=1080, fonts=fonts)
        shown = moving.MovingCaption(
            block,
            layout,
            Ink(layout, block),
            [Animation(kind, name, "", 0, 1_000_000)],
            scale=0.1,
            length_us=1_000_000,
            canvas=CANVAS,
            seed=0,
        )
        [played] = shown._playing
        return played.unit

    assert unit_of(fewer) == "char"
    assert unit_of(more) == "line"
