"""From a laid out caption to pixels, by Skia."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.text.layout import CaptionLayout, Line, Run, bounded
from cutfarm.timeline.text import Colour, TextStyle

MAX_SIDE_PX = 8192
MAX_PICTURE_PX = 16_000_000  #: with the two layers that translucent text needs, under 200 MB
_SHEAR = math.tan(math.radians(10.0))
_EMBOLDEN_EM = 0.0105
_UNDERLINE_EM, _UNDERLINE_OFFSET_EM = 0.05, 0.22
_STROKE_WIDTHS_EM = (0.0, 1.0)
_EDGE_PX = 1  #: room for antialiasing


@dataclass(frozen=True, slots=True, eq=False)
class Raster:
    """Pixels of a caption."""

    rgba: NDArray[np.uint8]  #: (height, width, 4), R G B A, premultiplied
    centre_px: tuple[float, float]  #: the block's centre in the picture, x and y
    sampling: float  #: pixels of the picture per pixel asked for; below 1 where the limits made it smaller


@dataclass(slots=True)
class _Ink:
    """What one style paints at one thickness, in layout pixels."""

    em_px: float
    grow_em: float  #: how far the outline is thickened on each side
    path: Any = field(default_factory=skia.Path)

    def outset_px(self, style: TextStyle) -> float:
        widths = [self.grow_em + _stroke_width_em(stroke.width_em) for stroke in style.strokes]
        return max([self.grow_em, *widths]) * self.em_px


@dataclass(frozen=True, slots=True)
class _ColourRun:
    run: Run
    shear: Any  #: skia.Matrix


@dataclass(slots=True)
class _StyleInk:
    style: TextStyle
    inks: dict[tuple[float, float], _Ink] = field(default_factory=dict)
    pictures: list[_ColourRun] = field(default_factory=list)

    def ink(self, em_px: float, grow_em: float) -> _Ink:
        return self.inks.setdefault((em_px, grow_em), _Ink(em_px, grow_em))


def draw(layout: CaptionLayout, styles: Sequence[TextStyle], *, scale: float, alpha: float) -> Raster:
    """Draw a layout enlarged by `scale`, every stroke under every fill, the whole at `alpha`.

    The block's centre falls on a whole pixel. A picture beyond `MAX_SIDE_PX` or `MAX_PICTURE_PX` is drawn smaller,
    and `sampling` says by how much. Without any ink the picture is one transparent pixel.
    """
    painted = _collect(layout, styles)
    centre_x, centre_y = layout.width_px / 2, layout.height_px / 2
    bounds = _bounds(painted)
    if bounds is None:
        return Raster(np.zeros((1, 1, 4), np.uint8), (0.0, 0.0), 1.0)
    bounds.offset(-centre_x, -centre_y)
    bounds.join(skia.Rect.MakeXYWH(-0.5, -0.5, 1, 1))
    sampling = _sampling(bounds, scale)
    factor = scale * sampling
    left, top = (math.ceil(-edge * factor) + _EDGE_PX for edge in (bounds.left(), bounds.top()))
    right, bottom = (math.ceil(edge * factor) + _EDGE_PX for edge in (bounds.right(), bounds.bottom()))
    rgba = np.zeros((top + bottom, left + right, 4), np.uint8)
    surface = skia.Surface(rgba, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    canvas = surface.getCanvas()
    canvas.translate(left, top)
    canvas.scale(factor, factor)
    canvas.translate(-centre_x, -centre_y)
    for style_ink in painted:
        _draw_strokes(canvas, style_ink)
    for style_ink in painted:
        _draw_fill(canvas, style_ink)
    if alpha < 1.0:
        canvas.drawColor(skia.Color4f(0, 0, 0, bounded(alpha, 0.0, 1.0)), skia.BlendMode.kDstIn)
    surface.flushAndSubmit()
    return Raster(rgba, (float(left), float(top)), sampling)


def _collect(layout: CaptionLayout, styles: Sequence[TextStyle]) -> list[_StyleInk]:
    """The outlines of each style, all lines in one path, so that neighbours never darken each other."""
    painted: dict[int, _StyleInk] = {}
    for line in layout.lines:
        for index, runs in groupby(line.runs, key=lambda run: run.style):
            style_ink = painted.setdefault(index, _StyleInk(styles[index]))
            _collect_runs(style_ink, list(runs), line)
    return [painted[index] for index in sorted(painted)]


def _collect_runs(style_ink: _StyleInk, runs: list[Run], line: Line) -> None:
    outlines = [(run, _outline(run)) for run in runs]
    shear = _shear([path for _, path in outlines]) if style_ink.style.italic else skia.Matrix()
    for run, path in outlines:
        if run.font.face.is_colour:
            style_ink.pictures.append(_ColourRun(run, shear))
        else:
            style_ink.ink(run.em_px, _EMBOLDEN_EM if run.font.embolden else 0.0).path.addPath(path, shear)
    if style_ink.style.underline and runs:
        em_px = runs[0].em_px
        top_px = line.baseline_px + (_UNDERLINE_OFFSET_EM - _UNDERLINE_EM / 2) * em_px
        width_px = sum(run.width_px for run in runs)
        bar = skia.Rect.MakeXYWH(runs[0].x_px, top_px, width_px, _UNDERLINE_EM * em_px)
        style_ink.inks.setdefault((em_px, -1.0), _Ink(em_px, 0.0)).path.addRect(bar)


def _outline(run: Run) -> Any:
    path = skia.Path()
    if run.font.face.is_colour:
        return path
    unit_px = run.em_px / run.font.face.upem
    for glyph in run.glyphs:
        place = skia.Matrix.Translate(glyph.x_px, glyph.y_px).preScale(unit_px, unit_px)
        path.addPath(run.font.outline(glyph.glyph_id), place)
    return path


def _shear(paths: Sequence[Any]) -> Any:
    """Lean to the right about the middle of the ink."""
    box = skia.Rect.MakeEmpty()
    for path in paths:
        box.join(path.getBounds())
    matrix = skia.Matrix()
    matrix.setSkew(-_SHEAR, 0.0, 0.0, box.centerY())
    return matrix


def _bounds(painted: Sequence[_StyleInk]) -> Any | None:
    """The box around all ink, strokes included, in layout pixels."""
    boxes = []
    for style_ink in painted:
        for ink in style_ink.inks.values():
            if not ink.path.isEmpty():
                outset_px = ink.outset_px(style_ink.style)
                boxes.append(ink.path.getBounds().makeOutset(outset_px, outset_px))
        for picture in style_ink.pictures:
            boxes += _picture_boxes(picture)
    boxes = [box for box in boxes if box.isFinite() and not box.isEmpty()]
    for box in boxes[1:]:
        boxes[0].join(box)
    return boxes[0] if boxes else None


def _picture_boxes(picture: _ColourRun) -> list[Any]:
    run = picture.run
    _, boxes = run.font.sized(run.em_px).getWidthsBounds([glyph.glyph_id for glyph in run.glyphs])
    return [
        picture.shear.mapRect(box.makeOffset(glyph.x_px, glyph.y_px))
        for box, glyph in zip(boxes, run.glyphs, strict=True)
    ]


def _sampling(bounds: Any, scale: float) -> float:
    width_px, height_px = float(bounds.width() * scale), float(bounds.height() * scale)
    room = MAX_SIDE_PX - 2 * _EDGE_PX - 2
    return min(1.0, room / width_px, room / height_px, math.sqrt(MAX_PICTURE_PX * 0.99 / (width_px * height_px)))


def _draw_strokes(canvas: Any, style_ink: _StyleInk) -> None:
    style = style_ink.style
    strokes = [stroke for stroke in style.strokes if stroke.alpha > 0 and _stroke_width_em(stroke.width_em) > 0]
    if not strokes or not style_ink.inks:
        return
    see_through = style.alpha < 1.0
    if see_through:
        canvas.saveLayer()
    for stroke in sorted(strokes, key=lambda stroke: -stroke.width_em):
        with _layer(canvas, stroke.alpha):
            for ink in style_ink.inks.values():
                width_em = ink.grow_em + _stroke_width_em(stroke.width_em)
                canvas.drawPath(ink.path, _pen(stroke.colour, 2 * width_em * ink.em_px))
    if see_through:
        # A translucent fill shows what is behind the caption, not the inner half of its stroke.
        for ink in style_ink.inks.values():
            canvas.drawPath(ink.path, _fill(style.colour, ink, skia.BlendMode.kDstOut))
        canvas.restore()


def _draw_fill(canvas: Any, style_ink: _StyleInk) -> None:
    with _layer(canvas, style_ink.style.alpha):
        for ink in style_ink.inks.values():
            canvas.drawPath(ink.path, _fill(style_ink.style.colour, ink))
        for picture in style_ink.pictures:
            run = picture.run
            builder = skia.TextBlobBuilder()
            places = [skia.Point(glyph.x_px, glyph.y_px) for glyph in run.glyphs]
            builder.allocRunPos(run.font.sized(run.em_px), [glyph.glyph_id for glyph in run.glyphs], places)
            canvas.save()
            canvas.concat(picture.shear)
            canvas.drawTextBlob(builder.make(), 0, 0, skia.Paint(Color4f=_colour4f(style_ink.style.colour)))
            canvas.restore()


@contextmanager
def _layer(canvas: Any, alpha: float) -> Iterator[None]:
    """Paint what is drawn inside as one sheet of `alpha`, so that overlaps do not show."""
    if alpha >= 1.0:
        yield
        return
    canvas.saveLayer(None, skia.Paint(Alphaf=bounded(alpha, 0.0, 1.0)))
    try:
        yield
    finally:
        canvas.restore()


def _pen(colour: Colour, width_px: float) -> Any:
    return skia.Paint(
        AntiAlias=True,
        Color4f=_colour4f(colour),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width_px,
        StrokeJoin=skia.Paint.kRound_Join,
        StrokeCap=skia.Paint.kRound_Cap,
    )


def _fill(colour: Colour, ink: _Ink, blend: Any = skia.BlendMode.kSrcOver) -> Any:
    paint = _pen(colour, 2 * ink.grow_em * ink.em_px)
    paint.setStyle(skia.Paint.kStrokeAndFill_Style if ink.grow_em > 0 else skia.Paint.kFill_Style)
    paint.setBlendMode(blend)
    return paint


def _colour4f(colour: Colour) -> Any:
    red, green, blue = (bounded(channel, 0.0, 1.0) for channel in colour)
    return skia.Color4f(red, green, blue, 1.0)


def _stroke_width_em(width_em: float) -> float:
    return bounded(width_em, *_STROKE_WIDTHS_EM)
