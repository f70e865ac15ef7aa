"""Words in a picture of the sound, drawn as captions are, so that names in any script can be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import skia

from cutfarm.text.caption import draw_caption
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.timeline.text import TextBlock, TextStyle

_CANVAS_PX = 1080
_SIZE_PER_EM_PX = 1.448 / 6.21  # the line box of the main font, by the draft's unit of size
_MOST_LETTERS = 160


@dataclass(frozen=True, slots=True)
class Word:
    """White letters on nothing."""

    image: Any  #: skia.Image
    left_px: float  #: from the image's left edge to that of the line
    middle_px: float  #: from the image's top edge to the middle of the line
    width_px: float  #: of the line


@dataclass(slots=True)
class Words:
    """Draws words, each once however often it is asked for."""

    fonts: FontLibrary
    _drawn: dict[tuple[str, float, bool], Word] = field(default_factory=dict)

    def word(self, text: str, em_px: float, *, bold: bool = False) -> Word:
        """One line of at most 160 characters."""
        key = (text, em_px, bold)
        if key not in self._drawn:
            self._drawn[key] = self._draw(*key)
        return self._drawn[key]

    def _draw(self, text: str, em_px: float, bold: bool) -> Word:
        line = "".join(char if char.isprintable() else " " for char in text[:_MOST_LETTERS]).strip()
        style = TextStyle(0, len(line), em_px * _SIZE_PER_EM_PX, bold=bold)
        block = TextBlock("words", line, (style,))
        picture = draw_caption(block, canvas_width_px=_CANVAS_PX, canvas_height_px=_CANVAS_PX, fonts=self.fonts)
        image = skia.Image.fromarray(picture.rgba, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        left_px = picture.origin[0] - picture.block_width_px / 2
        return Word(image, left_px, picture.origin[1], picture.block_width_px)

    def write(
        self, canvas: Any, text: str, x_px: float, middle_px: float, em_px: float, colour: int, *, bold: bool = False
    ) -> float:
        """Write from `x_px` on, around the height `middle_px`, in an 0xAARRGGBB colour; returns the line's width."""
        word = self.word(text, em_px, bold=bold)
        tint = skia.ColorFilters.Blend(colour, skia.BlendMode.kModulate)
        at = round(x_px - word.left_px), round(middle_px - word.middle_px)
        canvas.drawImage(word.image, *at, skia.SamplingOptions(), skia.Paint(ColorFilter=tint))
        return word.width_px
