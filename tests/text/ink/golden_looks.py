"""One small caption for each look, and its golden picture.

`python -m tests.text.ink.golden_looks` makes the pictures in `tests/text/ink/golden` anew, with the fonts of the font
packages alone; `python -m tests.text.ink.golden_looks FILE` puts all of them on grey into one picture to look at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.timeline.text import (
    Colour,
    Glow,
    Gradient,
    GradientStop,
    Shadow,
    Stroke,
    TextBackground,
    TextBlock,
    TextStyle,
    Texture,
)
from tests.text.conftest import block_of
from tests.text.ink.smiley import write_smiley, write_texture

FOLDER = Path(__file__).with_name("golden")
SCALE = 0.6
BLACK, WHITE, RED, YELLOW = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), (0.95, 0.15, 0.2), (1.0, 0.85, 0.1)
BLUE, GREEN, PINK = (0.1, 0.3, 0.9), (0.2, 0.8, 0.3), (1.0, 0.5, 0.75)


def _gradient(*colours: Colour, **fields: object) -> Gradient:
    stops = [GradientStop(index / (len(colours) - 1), colour) for index, colour in enumerate(colours)]
    return Gradient(tuple(stops), **fields)


def _mixed() -> TextBlock:
    text = "Big red, small 蓝色 end"
    cuts = {0: (12.0, RED), 8: (6.0, WHITE), 15: (9.0, BLUE), 17: (7.0, YELLOW)}
    ends = [*list(cuts)[1:], len(text)]
    styles = [
        TextStyle(start, end, size, colour, bold=start == 0, italic=start == 8, underline=start == 17)
        for (start, (size, colour)), end in zip(cuts.items(), ends, strict=True)
    ]
    return TextBlock("mixed", text, tuple(styles))


_OUTLINED = (Stroke(BLACK, 1.0, 0.08),)
_SHADE = Shadow(BLACK, 0.8, -45.0, 0.1, 0.05)

LOOKS: Mapping[str, TextBlock] = MappingProxyType(
    {
        "plain": block_of("Plain text"),
        "bold": block_of("Bold 粗体", bold=True),
        "italic": block_of("Italic 斜体", italic=True),
        "underline": block_of("Underlined gypsy", underline=True),
        "translucent": block_of("Half there", alpha=0.5),
        "block-alpha": replace(block_of("Block alpha", strokes=_OUTLINED, shadows=(_SHADE,)), alpha=0.4),
        "gradient-straight": block_of("Gradient", fill=_gradient(RED, YELLOW, BLUE)),
        "gradient-steep": block_of("Two lines\nof it", fill=_gradient(YELLOW, RED, angle_deg=75.0)),
        "gradient-radial": block_of("From within", fill=_gradient(WHITE, PINK, RED, is_radial=True)),
        "gradient-fading": block_of(
            "Fading", fill=Gradient((GradientStop(0.0, YELLOW), GradientStop(1.0, RED, 0.1))), strokes=_OUTLINED
        ),
        "texture": block_of("Textured", fill=Texture("stripes"), bold=True),
        "stroke": block_of("Stroke", strokes=_OUTLINED),
        "strokes-three": block_of(
            "Three 三",
            strokes=(Stroke(WHITE, 1.0, 0.04), Stroke(RED, 1.0, 0.09), Stroke(BLUE, 1.0, 0.14)),
            colour=YELLOW,
        ),
        "stroke-gradient": block_of("Gradient", strokes=(Stroke(BLACK, 1.0, 0.1, _gradient(RED, BLUE)),)),
        "stroke-texture": block_of("Textured", strokes=(Stroke(BLACK, 1.0, 0.12, Texture("stripes")),)),
        "stroke-translucent": block_of("Overlaps", strokes=(Stroke(BLACK, 0.5, 0.12),), colour=YELLOW),
        "see-through": block_of("See through", alpha=0.4, strokes=_OUTLINED),
        "hollow": block_of(
            "Hollow", alpha=0.0, strokes=(Stroke(WHITE, 1.0, 0.03),), shadows=(Shadow(BLACK, 1.0, -45.0, 0.05),)
        ),
        "shadow-hard": block_of("Hard", shadows=(Shadow(BLACK, 1.0, -45.0, 0.1),)),
        "shadow-soft": block_of("Soft shadow", shadows=(_SHADE,), strokes=(Stroke(RED, 1.0, 0.05),)),
        "shadows-two": block_of("Two", shadows=(Shadow(BLUE, 1.0, -45.0, 0.14), Shadow(PINK, 1.0, -45.0, 0.07))),
        "glow": block_of("Glow", glow=Glow(GREEN, 1.0, 0.15)),
        "glow-own": block_of("Own light", fill=_gradient(YELLOW, RED), glow=Glow(None, 1.0, 0.12)),
        "box-block": block_of("One box\nfor both", backgrounds=(TextBackground("block", BLUE, 0.8, 0.3, 0.2, 0.1),)),
        "box-lines": block_of(
            "A box for each\nof the lines", backgrounds=(TextBackground("line", BLACK, 0.5, 0.6, 0.2, 0.1),)
        ),
        "box-glyphs": block_of(
            "Tiles 字", letter_spacing_em=0.2, backgrounds=(TextBackground("glyph", RED, 1.0, 0.3, 0.06, -0.04),)
        ),
        "box-shifted": block_of(
            "Shifted", backgrounds=(TextBackground("block", YELLOW, 1.0, 0.0, 0.1, -0.2, 0.1, 0.25),), colour=BLACK
        ),
        "mixed": _mixed(),
        "letter-spacing": block_of("Spaced out", letter_spacing_em=0.3),
        "left": block_of("Left aligned\ntext of\nthree lines", size=7.0, alignment=0),
        "right": block_of("Right aligned\ntext of\nthree lines", size=7.0, alignment=2, line_spacing=0.3),
        "han": block_of("春日影，（字幕）", strokes=_OUTLINED, colour=YELLOW),
        "arabic": block_of("مرحبا بالعالم", strokes=(Stroke(BLUE, 0.6, 0.08),)),
        "devanagari": block_of("नमस्ते दुनिया", shadows=(_SHADE,)),
        "emoji": block_of("Yes 😀 no", strokes=_OUTLINED, shadows=(_SHADE,)),
        "columns": block_of("春日影、\nABC（字）", is_vertical=True, strokes=_OUTLINED, underline=True),
        "curve-up": block_of("Round and round", curve_deg=120.0, strokes=_OUTLINED, italic=True),
        "curve-down": block_of("Round and round", curve_deg=-90.0, underline=True, fill=_gradient(YELLOW, RED)),
        "everything": block_of(
            "Everything 全",
            italic=True,
            bold=True,
            underline=True,
            fill=_gradient(YELLOW, RED, angle_deg=90.0),
            strokes=(Stroke(WHITE, 1.0, 0.05), Stroke(BLUE, 1.0, 0.1)),
            shadows=(Shadow(BLACK, 0.8, -60.0, 0.2, 0.08),),
            glow=Glow(GREEN, 1.0, 0.2),
            backgrounds=(TextBackground("block", BLACK, 0.4, 0.5, 0.3, 0.2),),
        ),
    }
)


class Stage:
    """The fonts and files that looks are drawn with."""

    def __init__(self, folder: Path) -> None:
        write_smiley(folder / "Smiley.ttf")
        self._fonts = FontLibrary([folder], system=False)
        self._files = {"stripes": write_texture(folder / "stripes.png")}

    def picture(self, name: str) -> NDArray[np.uint8]:
        """The look as R, G, B, A, premultiplied."""
        caption = draw_caption(
            LOOKS[name], canvas_width_px=1080, canvas_height_px=1920, scale=SCALE, fonts=self._fonts, files=self._files
        )
        assert caption.problems == ()
        return caption.rgba


def load(name: str) -> NDArray[np.uint8]:
    """The golden picture as R, G, B, A, premultiplied."""
    image = Image.open(FOLDER / f"{name}.png").convert("RGBa")
    return np.frombuffer(image.tobytes(), np.uint8).reshape(image.height, image.width, 4)


def save(rgba: NDArray[np.uint8], name: str) -> None:
    """Keep a premultiplied picture as PNG."""
    Image.frombytes("RGBa", (rgba.shape[1], rgba.shape[0]), rgba.tobytes()).convert("RGBA").save(
        FOLDER / f"{name}.png", optimize=True
    )


def contact_sheet(pictures: Mapping[str, NDArray[np.uint8]], width_px: int = 1400) -> Image.Image:
    """All on grey, row by row."""
    sheet = Image.new("RGBA", (width_px, 4000), (128, 128, 128, 255))
    x = y = tallest = 0
    for rgba in pictures.values():
        height, width = rgba.shape[:2]
        if x + width > width_px:
            x, y, tallest = 0, y + tallest + 10, 0
        sheet.alpha_composite(Image.frombytes("RGBa", (width, height), rgba.tobytes()).convert("RGBA"), (x, y))
        x, tallest = x + width + 10, max(tallest, height)
    return sheet.crop((0, 0, width_px, y + tallest)).convert("RGB")


def main() -> None:
    """See the module."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        pictures = {name: stage.picture(name) for name in LOOKS}
    if len(sys.argv) > 1:
        contact_sheet(pictures).save(sys.argv[1])
        return
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.glob("*.png"):
        stale.unlink()
    for name, rgba in pictures.items():
        save(rgba, name)


if __name__ == "__main__":
    main()
