"""How the outlines of one style are stroked and filled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import skia

from cutfarm.text.ink.outlines import Outline, Piece, StyleInk
from cutfarm.text.ink.paints import Substance, Substances, brush, colour4f, pen, sheet
from cutfarm.text.layout.block import bounded
from cutfarm.timeline.text import Stroke, TextStyle

MOST_STROKES = 16  #: of a style
_WIDTHS_EM = (0.0, 1.0)
_BLACK = Substance((0.0, 0.0, 0.0))


def strokes_of(style: TextStyle) -> list[Stroke]:
    """The strokes that show, the widest first."""
    shown = [stroke for stroke in style.strokes if stroke.alpha > 0 and stroke_width_em(stroke) > 0]
    return sorted(shown[:MOST_STROKES], key=stroke_width_em, reverse=True)


def stroke_width_em(stroke: Stroke) -> float:
    """Its thickness outside the glyph, within bounds."""
    return bounded(stroke.width_em, *_WIDTHS_EM)


def reach_px(ink: StyleInk) -> float:
    """How far the widest stroke reaches out of the glyphs, in layout pixels."""
    return max((stroke_width_em(stroke) for stroke in strokes_of(ink.style)), default=0.0) * ink.em_px


def stroke_bounds(ink: StyleInk) -> Any | None:
    """The skia.Rect around all strokes, in layout pixels; None without any."""
    room_px = reach_px(ink)
    return ink.bounds(room_px) if room_px > 0 else None


def fill_bounds(ink: StyleInk) -> Any | None:
    """The skia.Rect around all fills, in layout pixels; None without any."""
    if ink.style.alpha <= 0:
        return None
    boxes = (ink.bounds(0.0), *(piece.box for piece in ink.pictures))
    return union(box for box in boxes if box is not None)


def silhouette_bounds(ink: StyleInk) -> Any | None:
    """The skia.Rect around glyphs and strokes, in layout pixels; None where neither shows."""
    return union(box for box in (stroke_bounds(ink), fill_bounds(ink)) if box is not None)


def paint_stroke(canvas: Any, ink: StyleInk, rank: int, substances: Substances) -> None:
    """Draw the stroke that has so many narrower ones, corners round; glyphs that bring their own colours have none.

    Where the fill does not hide what lies under it, the inner half is left out: a translucent fill shows what is behind
    the caption.
    """
    bounds, strokes = stroke_bounds(ink), strokes_of(ink.style)
    if bounds is None or rank >= len(strokes):
        return
    stroke = strokes[-1 - rank]
    substance, width_px = substances.of(stroke.colour, stroke.fill), stroke_width_em(stroke) * ink.em_px
    is_hidden = ink.style.alpha >= 1.0 and substances.of(ink.style.colour, ink.style.fill).is_opaque
    if not is_hidden:
        canvas.saveLayer(bounds)
    with sheet(canvas, stroke.alpha, bounds):
        _stroke(canvas, ink, substance, width_px, bounds)
    if not is_hidden:
        _fill(canvas, ink, _BLACK, skia.BlendMode.kDstOut)
        canvas.restore()


def paint_fill(canvas: Any, ink: StyleInk, substances: Substances) -> None:
    """Draw glyphs and underlines."""
    bounds = fill_bounds(ink)
    if bounds is None:
        return
    with sheet(canvas, ink.style.alpha, bounds):
        with _dipped(canvas, substances.of(ink.style.colour, ink.style.fill), bounds) as substance:
            _fill(canvas, ink, substance)
        for piece in ink.pictures:
            _draw_picture(canvas, piece, colour4f(ink.style.colour))


def paint_silhouette(canvas: Any, ink: StyleInk) -> None:
    """Draw all that the glyphs and their strokes cover in opaque black; a glyph whose fill is clear is hollow."""
    width_px = reach_px(ink)
    if ink.style.alpha > 0:
        _fill(canvas, ink, _BLACK, room_px=width_px)
        for piece in ink.pictures:
            _draw_picture(canvas, piece, colour4f(_BLACK.colour))
    elif width_px > 0:
        canvas.saveLayer(silhouette_bounds(ink))
        _stroke(canvas, ink, _BLACK, width_px, None)
        _fill(canvas, ink, _BLACK, skia.BlendMode.kDstOut)
        canvas.restore()


def union(boxes: Iterable[Any]) -> Any | None:
    """The skia.Rect around all boxes that have an area; None where there is none."""
    kept = [box for box in boxes if box.isFinite() and not box.isEmpty()]
    if not kept:
        return None
    whole = kept[0].makeOffset(0, 0)
    for box in kept[1:]:
        whole.join(box)
    return whole


def _stroke(canvas: Any, ink: StyleInk, substance: Substance, width_px: float, bounds: Any) -> None:
    with _dipped(canvas, substance, bounds) as dipped:
        _draw(canvas, ink, lambda grow_px: pen(dipped, 2 * (grow_px + width_px)), width_px)


def _fill(
    canvas: Any,
    ink: StyleInk,
    substance: Substance,
    blend: Any = skia.BlendMode.kSrcOver,
    *,
    room_px: float = 0.0,
) -> None:
    _draw(canvas, ink, lambda grow_px: brush(substance, grow_px + room_px, blend), room_px)


def _draw(canvas: Any, ink: StyleInk, paint_of: Callable[[float], Any], room_px: float) -> None:
    """Draw what the canvas shows of all outlines, each with the paint for its thickness."""
    paints: dict[float, Any] = {}
    for outline in ink.within(canvas.getLocalClipBounds(), room_px):
        paint = paints.get(outline.grow_px)
        if paint is None:
            paint = paints[outline.grow_px] = paint_of(outline.grow_px)
        if outline.clip is None:
            canvas.drawPath(outline.path, paint)
            continue
        with _clipped(canvas, outline):
            canvas.drawPath(outline.path, paint)


@contextmanager
def _dipped(canvas: Any, substance: Substance, bounds: Any) -> Iterator[Substance]:
    """What to paint several outlines with so that they do not darken each other where it lets light through."""
    if substance.is_opaque:
        yield substance
        return
    canvas.saveLayer(bounds)
    yield _BLACK
    canvas.drawPaint(skia.Paint(Shader=substance.shader, BlendMode=skia.BlendMode.kSrcIn))
    canvas.restore()


@contextmanager
def _clipped(canvas: Any, outline: Outline) -> Iterator[None]:
    """Inside the outline's clip, without antialiasing: every pixel belongs to one of two neighbours."""
    canvas.save()
    canvas.clipPath(outline.clip, skia.ClipOp.kIntersect, False)
    try:
        yield
    finally:
        canvas.restore()


def _draw_picture(canvas: Any, piece: Piece, colour: Any) -> None:
    builder = skia.TextBlobBuilder()
    builder.allocRunPos(piece.font.sized(piece.em_px), [piece.glyph_id], [skia.Point(0, 0)])
    canvas.save()
    canvas.concat(piece.place)
    canvas.drawTextBlob(builder.make(), 0, 0, skia.Paint(Color4f=colour))
    canvas.restore()
