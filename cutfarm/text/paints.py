"""What outlines are painted with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import skia

from cutfarm.text.layout import bounded
from cutfarm.timeline.text import Colour


def pen(colour: Colour, width_px: float) -> Any:
    """A skia.Paint that draws a line of this width around a path, its corners round."""
    return skia.Paint(
        AntiAlias=True,
        Color4f=colour4f(colour),
        Style=skia.Paint.kStroke_Style,
        StrokeWidth=width_px,
        StrokeJoin=skia.Paint.kRound_Join,
        StrokeCap=skia.Paint.kRound_Cap,
    )


def brush(colour: Colour, grow_px: float, blend: Any = skia.BlendMode.kSrcOver) -> Any:
    """A skia.Paint that fills a path thickened by `grow_px` on each side."""
    paint = pen(colour, 2 * grow_px)
    paint.setStyle(skia.Paint.kStrokeAndFill_Style if grow_px > 0 else skia.Paint.kFill_Style)
    paint.setBlendMode(blend)
    return paint


def colour4f(colour: Colour, alpha: float = 1.0) -> Any:
    """A skia.Color4f with every channel brought into 0…1."""
    return skia.Color4f(*(bounded(channel, 0.0, 1.0) for channel in (*colour, alpha)))


@contextmanager
def sheet(canvas: Any, alpha: float) -> Iterator[None]:
    """Paint what is drawn inside as one sheet of `alpha`, so that overlaps do not show."""
    if alpha >= 1.0:
        yield
        return
    canvas.saveLayer(None, skia.Paint(Alphaf=bounded(alpha, 0.0, 1.0)))
    try:
        yield
    finally:
        canvas.restore()
