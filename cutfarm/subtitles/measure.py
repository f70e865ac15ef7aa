"""Lengths that depend on fonts: how large the applications and SubStation Alpha draw them, and where a block ends.

SubStation Alpha counts a font's size as Windows does: from the top to the bottom that `usWinAscent` and `usWinDescent`
of the OS/2 table give its lines. The applications count the line box of `sTypoAscender` and `sTypoDescender`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from cutfarm.text.fonts.face import FontFace
from cutfarm.text.layout.block import CaptionLayout, lay_out
from cutfarm.text.unicode.characters import is_east_asian
from cutfarm.timeline.text import TextBlock, TextStyle

if TYPE_CHECKING:
    from cutfarm.text.fonts.library import FontLibrary

_OFFSET_WINDOWS = 74  # of usWinAscent in the OS/2 table
_PROBE_SIZE = 10.0
_LINE_EM = (0.3, 6.0)  # heights of lines outside of this are mistakes
_is_wide = lru_cache(maxsize=4)(is_east_asian)  # every stretch of a cue asks for the whole of its text


@lru_cache(maxsize=256)
def windows_em(face: FontFace) -> tuple[float, float]:
    """Ascent and descent of a line as Windows counts them, both positive, in parts of an em."""
    table = bytes(face.hb_face.reference_table("OS/2").data)
    ascent, descent = struct.unpack_from(">HH", table, _OFFSET_WINDOWS) if len(table) >= _OFFSET_WINDOWS + 4 else (0, 0)
    line_em = (ascent + descent) / face.upem
    if not _LINE_EM[0] <= line_em <= _LINE_EM[1]:
        return face.vertical_em
    return ascent / face.upem, descent / face.upem


def sunken_em(face: FontFace) -> float:
    """How far the baseline of a line of SubStation Alpha lies below ours where the middles of both lie together."""
    (their_ascent, their_descent), (ascent, descent) = windows_em(face), face.vertical_em
    return ((their_ascent - their_descent) - (ascent - descent)) / 2


@dataclass(frozen=True, slots=True)
class FontSize:
    """What sizes of the draft mean in a font."""

    face: FontFace  #: that draws its letters
    em_px: float  #: pixels of the canvas that an em has for a unit of size
    line_px: float  #: and a line

    def size_of(self, windows_px: float) -> float:
        """The draft's size for a line so high as Windows counts it."""
        return windows_px / sum(windows_em(self.face)) / self.em_px


class Measure:
    """Measures with a catalogue of fonts, for a canvas of a width."""

    def __init__(self, canvas_width_px: int, fonts: FontLibrary) -> None:
        self._canvas_width_px = canvas_width_px
        self._fonts = fonts
        self._sizes: dict[tuple[str, str, bool], FontSize] = {}

    def layout(self, block: TextBlock) -> CaptionLayout:
        """The block as it is drawn, at scale 1."""
        return lay_out(block, canvas_width_px=self._canvas_width_px, fonts=self._fonts)

    def font(self, style: TextStyle, text: str) -> FontSize:
        """The font of a style in a caption of `text`: fonts that stand in are as large as its script asks for."""
        is_wide = _is_wide(text)
        key = (style.font_id, style.font_path, is_wide)
        if key not in self._sizes:
            probe = "H国" if is_wide else "H"
            plain = TextStyle(0, len(probe), _PROBE_SIZE, font_id=style.font_id, font_path=style.font_path)
            line = self.layout(TextBlock("probe", probe, (plain,))).lines[0]
            face = self._fonts.find(style.font_id, style.font_path).face
            self._sizes[key] = FontSize(face, line.runs[0].em_px / _PROBE_SIZE, line.height_px / _PROBE_SIZE)
        return self._sizes[key]
