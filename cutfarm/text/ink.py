"""How a laid out caption is painted, part by part and glyph by glyph, by Skia."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import skia

from cutfarm.text.layout import bounded
from cutfarm.text.motion.moment import Part
from cutfarm.text.outlines import StyleInk, gather, pieces_of
from cutfarm.text.paints import brush, colour4f, pen, sheet
from cutfarm.text.placed import CaptionLayout
from cutfarm.timeline.text import Stroke, TextBlock, TextStyle

_STROKE_WIDTHS_EM = (0.0, 1.0)


class Ink:
    """What a caption paints, in layout pixels: made once, painted whole or in pieces onto any skia.Canvas.

    Parts, bottom first: "back" boxes behind block and lines, "under" boxes behind glyphs, shadows, glows and strokes,
    "over" fills and underlines. `only` is a collection of glyph numbers, positions in `layout.glyphs()`; None is all.
    What all glyphs share does not depend on it. The block's own alpha is left to whoever puts the parts together.
    """

    def __init__(
        self, layout: CaptionLayout, block: TextBlock, files: Mapping[str, Path] = MappingProxyType({})
    ) -> None:
        self._styles = block.styles
        self._files = files
        self._pieces = pieces_of(layout, block.styles)
        self._gathered: tuple[frozenset[int] | None, tuple[StyleInk, ...]] | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be drawn as asked: one sentence each."""
        return ()

    def paint(self, canvas: Any, part: Part, only: Collection[int] | None = None) -> None:
        """Draw one part; leaves the canvas as it was."""
        inks = self._inks(only)
        if part == "under":
            for ink in inks:
                _paint_strokes(canvas, ink)
        elif part == "over":
            for ink in inks:
                _paint_fill(canvas, ink)

    def bounds(self, part: Part, only: Collection[int] | None = None) -> Any | None:
        """A skia.Rect around all that `paint` leaves, in layout pixels; None where that is nothing."""
        if part == "back":
            return None
        boxes: list[Any] = []
        for ink in self._inks(only):
            boxes += _boxes(ink, part)
        return union(boxes)

    def _inks(self, only: Collection[int] | None) -> tuple[StyleInk, ...]:
        """The outlines of some glyphs; those asked for last are kept, as part after part is painted."""
        key = None if only is None else frozenset(only)
        if self._gathered is None or self._gathered[0] != key:
            pieces = self._pieces if key is None else [self._pieces[number] for number in sorted(key)]
            self._gathered = (key, gather(pieces, self._styles))
        return self._gathered[1]


def union(boxes: Iterable[Any]) -> Any | None:
    """The skia.Rect around all boxes that have an area; None where there is none."""
    kept = [box for box in boxes if box.isFinite() and not box.isEmpty()]
    if not kept:
        return None
    whole = kept[0].makeOffset(0, 0)
    for box in kept[1:]:
        whole.join(box)
    return whole


def _boxes(ink: StyleInk, part: Part) -> list[Any]:
    strokes = _strokes(ink.style)
    if part == "under" and not strokes:
        return []
    width_em = max((_width_em(stroke) for stroke in strokes), default=0.0) if part == "under" else 0.0
    boxes = []
    for outline in ink.outlines:
        outset_px = outline.grow_px + width_em * outline.em_px
        boxes.append(outline.path.getBounds().makeOutset(outset_px, outset_px))
    return boxes + ([piece.box for piece in ink.pictures] if part == "over" else [])


def _paint_strokes(canvas: Any, ink: StyleInk) -> None:
    style = ink.style
    strokes = _strokes(style)
    if not strokes or not ink.outlines:
        return
    see_through = style.alpha < 1.0
    if see_through:
        canvas.saveLayer()
    for stroke in sorted(strokes, key=lambda stroke: -stroke.width_em):
        with sheet(canvas, stroke.alpha):
            for outline in ink.outlines:
                width_px = outline.grow_px + _width_em(stroke) * outline.em_px
                canvas.drawPath(outline.path, pen(stroke.colour, 2 * width_px))
    if see_through:
        # A translucent fill shows what is behind the caption, not the inner half of its stroke.
        for outline in ink.outlines:
            canvas.drawPath(outline.path, brush(style.colour, outline.grow_px, skia.BlendMode.kDstOut))
        canvas.restore()


def _paint_fill(canvas: Any, ink: StyleInk) -> None:
    with sheet(canvas, ink.style.alpha):
        for outline in ink.outlines:
            canvas.drawPath(outline.path, brush(ink.style.colour, outline.grow_px))
        for piece in ink.pictures:
            builder = skia.TextBlobBuilder()
            builder.allocRunPos(piece.font.sized(piece.em_px), [piece.glyph_id], [skia.Point(0, 0)])
            canvas.save()
            canvas.concat(piece.place)
            canvas.drawTextBlob(builder.make(), 0, 0, skia.Paint(Color4f=colour4f(ink.style.colour)))
            canvas.restore()


def _strokes(style: TextStyle) -> list[Stroke]:
    return [stroke for stroke in style.strokes if stroke.alpha > 0 and _width_em(stroke) > 0]


def _width_em(stroke: Stroke) -> float:
    return bounded(stroke.width_em, *_STROKE_WIDTHS_EM)
