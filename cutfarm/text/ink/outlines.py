"""The glyphs of a layout as outlines in its pixels: placed, turned, leaning and underlined."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.text.fonts.face import WeightedFont
from cutfarm.text.ink.underlines import Bar, clip_of, joined, outline_of, underline
from cutfarm.text.layout.placed import CaptionLayout, PlacedGlyph, Run
from cutfarm.timeline.text import TextStyle

_SHEAR = math.tan(math.radians(10.0))
_EMBOLDEN_EM = 0.0105


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One glyph, ready to be painted."""

    style: int  #: index into the block's styles
    font: WeightedFont
    em_px: float
    glyph_id: int
    place: Any  #: skia.Matrix from a glyph at its origin, y down, to the layout
    bar: Bar | None  #: what underlines it

    @property
    def grow_px(self) -> float:
        """How far the outline is thickened on each side."""
        return _EMBOLDEN_EM * self.em_px if self.font.embolden else 0.0

    @property
    def points(self) -> int:
        """How many points its outline has; one that is thickened is as much work as two."""
        return int(self.font.outline(self.glyph_id).countPoints()) * (2 if self.font.embolden else 1)

    @property
    def is_endless(self) -> bool:
        """Whether it is put together from more glyphs than can be drawn."""
        return self.font.face.composites.is_endless(self.glyph_id)

    @property
    def path(self) -> Any:
        """Its outline in layout pixels, a skia.Path of its own."""
        path = skia.Path(self.font.outline(self.glyph_id))
        path.transform(self._from_design)
        return path

    @property
    def box(self) -> Any:
        """The skia.Rect around its outline, or around its picture where it brings its own colours, in layout pixels."""
        if not self.font.face.is_colour or self.is_endless:
            return self._from_design.mapRect(self.font.outline(self.glyph_id).getBounds())
        _, boxes = self.font.sized(self.em_px).getWidthsBounds([self.glyph_id])
        return self.place.mapRect(boxes[0])

    @property
    def _from_design(self) -> Any:
        return skia.Matrix.Concat(self.place, _design_units(self.font, self.em_px))


@dataclass(slots=True, eq=False)
class Outline:
    """One glyph or a rule: Skia smooths edges by rules of the whole path, so none is drawn with its neighbours."""

    grow_px: float  #: how far it is thickened on each side
    path: Any  #: skia.Path
    clip: Any = None  #: a skia.Path whose inside alone is painted, whole pixels of it; None is everything

    def bounds(self) -> Any:
        """The skia.Rect around the path, as thick as it is."""
        box = self.path.getBounds().makeOutset(self.grow_px, self.grow_px)
        if self.clip is not None and not box.intersect(self.clip.getBounds()):
            box.setEmpty()
        return box


@dataclass(slots=True, eq=False)
class StyleInk:
    """All that one style paints, in layout pixels."""

    style: TextStyle
    em_px: float
    outlines: list[Outline] = field(default_factory=list)
    pictures: list[Piece] = field(default_factory=list)  #: glyphs that bring their own colours
    _edges: NDArray[np.float64] | None = None

    def bounds(self, room_px: float) -> Any | None:
        """The skia.Rect around all outlines with so much room on each side; None without any."""
        edges = self._room(room_px)
        edges = edges[(edges[:, 0] < edges[:, 2]) & (edges[:, 1] < edges[:, 3])]
        if not len(edges):
            return None
        left, top = edges[:, :2].min(axis=0).tolist()
        right, bottom = edges[:, 2:].max(axis=0).tolist()
        return skia.Rect.MakeLTRB(left, top, right, bottom)

    def within(self, box: Any, room_px: float) -> list[Outline]:
        """The outlines that with so much room on each side reach into a skia.Rect."""
        edges = self._room(room_px)
        reaches = (edges[:, 0] < box.right()) & (edges[:, 2] > box.left())
        reaches &= (edges[:, 1] < box.bottom()) & (edges[:, 3] > box.top())
        return [self.outlines[number] for number in np.flatnonzero(reaches).tolist()]

    def _room(self, room_px: float) -> NDArray[np.float64]:
        """Left, top, right and bottom of each outline: found once, as what is painted asks for them again and again."""
        if self._edges is None:
            boxes = [outline.bounds() for outline in self.outlines]
            sides = [(box.left(), box.top(), box.right(), box.bottom()) for box in boxes]
            self._edges = np.array(sides, np.float64).reshape(-1, 4)
        with_room: NDArray[np.float64] = self._edges + np.array((-room_px, -room_px, room_px, room_px))
        return with_room


def pieces_of(layout: CaptionLayout, styles: Sequence[TextStyle]) -> tuple[Piece, ...]:
    """The glyphs of a layout by number. What neighbours share is worked out over the whole line."""
    pieces: list[Piece] = []
    for line in layout.lines:
        for index, runs in groupby(line.runs, key=lambda run: run.style):
            pieces += _stretch(list(runs), styles[index])
    return tuple(pieces)


def gather(pieces: Sequence[Piece], styles: Sequence[TextStyle]) -> tuple[StyleInk, ...]:
    """The pieces, in reading order, by style."""
    inks: dict[int, StyleInk] = {}
    for piece in pieces:
        ink = inks.setdefault(piece.style, StyleInk(styles[piece.style], piece.em_px))
        if piece.font.face.is_colour and not piece.is_endless:
            ink.pictures.append(piece)
            continue
        if not (path := piece.path).isEmpty():
            ink.outlines.append(Outline(piece.grow_px, path))
    underlined = ((piece.style, piece.bar) for piece in pieces if piece.bar is not None)
    for style, bar in joined(underlined):
        clip = None if bar.is_whole else clip_of(bar)
        inks[style].outlines.append(Outline(0.0, outline_of(bar.rule), clip))
    return tuple(inks[index] for index in sorted(inks))


def _stretch(runs: Sequence[Run], style: TextStyle) -> Iterator[Piece]:
    """The pieces of neighbouring runs in one style."""
    placed = [(run, glyph) for run in runs for glyph in run.glyphs]
    lean = _lean(placed) if style.italic else None
    bars: Iterable[Bar | None] = [None] * len(placed)
    if style.underline:
        bars = underline([glyph for _, glyph in placed], runs[0].em_px)
    for (run, glyph), bar in zip(placed, bars, strict=True):
        place = _place(glyph)
        if lean is not None:
            frame = _baseline(glyph)
            place = skia.Matrix.Concat(skia.Matrix.Concat(frame, lean), skia.Matrix.Concat(_inverse(frame), place))
        yield Piece(run.style, run.font, run.em_px, glyph.glyph_id, place, bar)


def _lean(placed: Sequence[tuple[Run, PlacedGlyph]]) -> Any:
    """To the right about the middle of the ink, as seen from the baseline."""
    box = skia.Rect.MakeEmpty()
    for run, glyph in placed:
        if not run.font.face.is_colour:
            place = skia.Matrix.Concat(_inverse(_baseline(glyph)), _place(glyph))
            place.preConcat(_design_units(run.font, run.em_px))
            box.join(place.mapRect(run.font.outline(glyph.glyph_id).getBounds()))
    matrix = skia.Matrix()
    matrix.setSkew(-_SHEAR, 0.0, 0.0, box.centerY())
    return matrix


def _baseline(glyph: PlacedGlyph) -> Any:
    """The frame in which the glyph stands upright: that of its baseline unless it is not turned with it."""
    if glyph.turn_deg == glyph.way_deg:
        return skia.Matrix.Translate(*glyph.pen_px).preRotate(glyph.way_deg)
    return _place(glyph)


def _place(glyph: PlacedGlyph) -> Any:
    return skia.Matrix.Translate(glyph.x_px, glyph.y_px).preRotate(glyph.turn_deg)


def _design_units(font: WeightedFont, em_px: float) -> Any:
    unit_px = em_px / font.face.upem
    return skia.Matrix.Scale(unit_px, unit_px)


def _inverse(matrix: Any) -> Any:
    inverse = skia.Matrix()
    matrix.invert(inverse)
    return inverse
