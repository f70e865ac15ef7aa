"""The glyphs of a layout as outlines in its pixels: placed, turned, leaning and underlined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import skia

from cutfarm.text.face import WeightedFont
from cutfarm.text.placed import CaptionLayout, PlacedGlyph, Run
from cutfarm.timeline.text import TextStyle

_SHEAR = math.tan(math.radians(10.0))
_EMBOLDEN_EM = 0.0105
_UNDERLINE_EM, _UNDERLINE_OFFSET_EM = 0.05, 0.22
_TOUCHING_PX = 1e-3
_GLYPHS_TO_A_PATH = 256  # what Skia needs to stroke a path grows with it


@dataclass(frozen=True, slots=True)
class Bar:
    """What underlines a glyph: from its pen to the end of its advance, so that neighbours touch."""

    stretch: int  #: bars of one stretch and one way lie on one line
    pen_px: tuple[float, float]
    way_deg: float  #: clockwise, 0 to the right
    length_px: float
    em_px: float

    @property
    def end_px(self) -> tuple[float, float]:
        """Where the next glyph's bar begins."""
        way = math.radians(self.way_deg)
        return self.pen_px[0] + self.length_px * math.cos(way), self.pen_px[1] + self.length_px * math.sin(way)

    def continued_by(self, after: Bar) -> bool:
        """Whether one bar can be drawn for both."""
        same_line = (self.stretch, self.way_deg) == (after.stretch, after.way_deg)
        return same_line and math.dist(self.end_px, after.pen_px) < _TOUCHING_PX


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One glyph, ready to be painted."""

    style: int  #: index into the block's styles
    font: WeightedFont
    em_px: float
    glyph_id: int
    place: Any  #: skia.Matrix from a glyph at its origin, y down, to the layout
    bar: Bar | None

    @property
    def grow_px(self) -> float:
        """How far the outline is thickened on each side."""
        return _EMBOLDEN_EM * self.em_px if self.font.embolden else 0.0

    @property
    def box(self) -> Any:
        """The skia.Rect around a glyph that brings its own colours, in layout pixels."""
        _, boxes = self.font.sized(self.em_px).getWidthsBounds([self.glyph_id])
        return self.place.mapRect(boxes[0])


@dataclass(slots=True, eq=False)
class Outline:
    """Glyphs in one path, so that neighbours never darken each other."""

    em_px: float
    grow_px: float  #: how far it is thickened on each side
    path: Any = field(default_factory=skia.Path)
    count: int = 0


@dataclass(slots=True, eq=False)
class StyleInk:
    """All that one style paints, in layout pixels."""

    style: TextStyle
    outlines: list[Outline] = field(default_factory=list)
    pictures: list[Piece] = field(default_factory=list)  #: glyphs that bring their own colours

    def outline(self, em_px: float, grow_px: float) -> Outline:
        """The outline of this size that takes the next glyph."""
        for outline in reversed(self.outlines):
            if (outline.em_px, outline.grow_px) == (em_px, grow_px) and outline.count < _GLYPHS_TO_A_PATH:
                outline.count += 1
                return outline
        self.outlines.append(Outline(em_px, grow_px, count=1))
        return self.outlines[-1]


def pieces_of(layout: CaptionLayout, styles: Sequence[TextStyle]) -> tuple[Piece, ...]:
    """The glyphs of a layout by number. What neighbours share is worked out over the whole line."""
    pieces: list[Piece] = []
    stretch = 0
    for line in layout.lines:
        for index, runs in groupby(line.runs, key=lambda run: run.style):
            pieces += _stretch(list(runs), styles[index], stretch)
            stretch += 1
    return tuple(pieces)


def gather(pieces: Iterable[Piece], styles: Sequence[TextStyle]) -> tuple[StyleInk, ...]:
    """The pieces, in reading order, by style: as few outlines as can be."""
    inks: dict[int, StyleInk] = {}
    for piece in pieces:
        ink = inks.setdefault(piece.style, StyleInk(styles[piece.style]))
        if piece.font.face.is_colour:
            ink.pictures.append(piece)
            continue
        unit_px = piece.em_px / piece.font.face.upem
        place = skia.Matrix.Concat(piece.place, skia.Matrix.Scale(unit_px, unit_px))
        ink.outline(piece.em_px, piece.grow_px).path.addPath(piece.font.outline(piece.glyph_id), place)
    for style, bar in _joined_bars(pieces):
        box = skia.Path.Rect(_bar_box(bar))
        inks[style].outline(bar.em_px, 0.0).path.addPath(box, _frame(bar.pen_px, bar.way_deg))
    return tuple(inks[index] for index in sorted(inks))


def _joined_bars(pieces: Iterable[Piece]) -> Iterator[tuple[int, Bar]]:
    """The underlines, those of neighbours in one, each with its style."""
    joined: list[tuple[int, Bar]] = []
    for piece in pieces:
        bar = piece.bar
        if bar is None:
            continue
        if joined and (last := joined[-1][1]).continued_by(bar):
            joined[-1] = (piece.style, replace(last, length_px=last.length_px + bar.length_px))
        else:
            joined.append((piece.style, bar))
    return iter(joined)


def _bar_box(bar: Bar) -> Any:
    top_px = (_UNDERLINE_OFFSET_EM - _UNDERLINE_EM / 2) * bar.em_px
    return skia.Rect.MakeXYWH(0.0, top_px, bar.length_px, _UNDERLINE_EM * bar.em_px)


def _stretch(runs: list[Run], style: TextStyle, number: int) -> Iterator[Piece]:
    """The pieces of neighbouring runs in one style."""
    lean = _lean(runs) if style.italic else skia.Matrix()
    for run in runs:
        for glyph in run.glyphs:
            place = skia.Matrix.Concat(lean, _place(glyph))
            bar = None
            if style.underline:
                bar = Bar(number, glyph.pen_px, glyph.way_deg, glyph.advance_px, runs[0].em_px)
            yield Piece(run.style, run.font, run.em_px, glyph.glyph_id, place, bar)


def _place(glyph: PlacedGlyph) -> Any:
    return _frame((glyph.x_px, glyph.y_px), glyph.turn_deg)


def _frame(origin_px: tuple[float, float], turn_deg: float) -> Any:
    return skia.Matrix.Translate(*origin_px).preRotate(turn_deg)


def _lean(runs: Sequence[Run]) -> Any:
    """To the right about the middle of the ink."""
    box = skia.Rect.MakeEmpty()
    for run in runs:
        if not run.font.face.is_colour:
            unit_px = run.em_px / run.font.face.upem
            for glyph in run.glyphs:
                place = _place(glyph).preScale(unit_px, unit_px)
                box.join(place.mapRect(run.font.outline(glyph.glyph_id).getBounds()))
    matrix = skia.Matrix()
    matrix.setSkew(-_SHEAR, 0.0, 0.0, box.centerY())
    return matrix
