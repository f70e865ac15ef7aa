"""Boxes behind the text: round the block, each line or each glyph."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import skia

from cutfarm.text.layout.block import bounded
from cutfarm.text.layout.placed import Bounds, CaptionLayout, Line, PlacedGlyph, Run
from cutfarm.timeline.text import TextBackground, TextBlock

_PADS = (-0.5, 10.0)
_SHIFTS = (-10.0, 10.0)


class Boxes:
    """The boxes of a caption's glyphs, lines and block, by glyph number."""

    def __init__(self, layout: CaptionLayout, block: TextBlock) -> None:
        self._block_box = (0.0, 0.0, layout.width_px, layout.height_px)
        self._lines = [(line.box_px, _thickness_px(line, block)) for line in layout.lines]
        self._glyphs: list[Bounds | None] = []
        self._line_of: list[int] = []  # its number
        for number, line in enumerate(layout.lines):
            for run in line.runs:
                for glyph in run.glyphs:
                    is_space = block.text[glyph.source].isspace()
                    self._glyphs.append(None if is_space else _close_box(glyph, run, block))
                    self._line_of.append(number)

    def path(self, background: TextBackground, only: frozenset[int] | None) -> Any:
        """All boxes of a background as one skia.Path in layout pixels, so that neighbours do not darken each other.

        Of glyphs those in `only` have boxes, of lines those that have one of them; the block has its own only where
        `only` is None or every glyph. Spaces and lines without glyphs have none.
        """
        path = skia.Path()
        for box, line_px in self._boxes(background, only):
            rect = skia.Rect.MakeLTRB(*box)
            rect.outset(bounded(background.pad_x, *_PADS) * line_px, bounded(background.pad_y, *_PADS) * line_px)
            rect.offset(
                bounded(background.shift_x, *_SHIFTS) * line_px, bounded(background.shift_y, *_SHIFTS) * line_px
            )
            if not rect.isEmpty() and rect.isFinite():
                radius_px = bounded(background.round_radius, 0.0, 1.0) * min(rect.width(), rect.height()) / 2
                path.addRRect(skia.RRect.MakeRectXY(rect, radius_px, radius_px))
        return path

    def _boxes(self, background: TextBackground, only: frozenset[int] | None) -> Iterator[tuple[Bounds, float]]:
        """Each box before its room and shift, and the line's height that they are counted in."""
        numbers: Sequence[int] = range(len(self._glyphs)) if only is None else sorted(only)
        match background.behind:
            case "glyph":
                for number in numbers:
                    if (box := self._glyphs[number]) is not None:
                        yield box, self._lines[self._line_of[number]][1]
            case "line":
                for line in dict.fromkeys(self._line_of[number] for number in numbers):
                    yield self._lines[line]
            case "block":
                if numbers and len(numbers) == len(self._glyphs):
                    yield self._block_box, max(line_px for _, line_px in self._lines)


def _close_box(glyph: PlacedGlyph, run: Run, block: TextBlock) -> Bounds:
    """The glyph's box without the letter spacing after it, which would leave it off the middle."""
    left, top, right, bottom = glyph.box_px
    spacing_px = block.letter_spacing_em * run.em_px
    if not math.isfinite(spacing_px) or glyph.way_deg not in (0.0, 90.0):
        return glyph.box_px
    if glyph.way_deg == 90.0:
        return left, top, right, bottom - spacing_px
    own_px = run.font.hb_font.get_glyph_h_advance(glyph.glyph_id) * run.em_px / run.font.face.upem
    is_spaced = abs(own_px + spacing_px - glyph.advance_px) < abs(own_px - glyph.advance_px)
    return left, top, right - spacing_px if is_spaced else right, bottom


def _thickness_px(line: Line, block: TextBlock) -> float:
    return line.width_px if block.is_vertical else line.height_px
