"""Captions and canvases by hand."""

from __future__ import annotations

from fractions import Fraction

from cutfarm.subtitles.looks import Losses
from cutfarm.timeline.model import Animation, Canvas, TextSegment
from cutfarm.timeline.subtitles import Place, ShownCaption
from cutfarm.timeline.text import TextBlock, TextStyle
from cutfarm.timeline.time import TimeRange

CANVAS = Canvas(640, 360)


def losses() -> Losses:
    return Losses("a.srt")


def facts(found: Losses) -> list[str]:
    return [entry.fact for entry in found.report()]


def block(text: str, *, size: float = 10.0, **fields: object) -> TextBlock:
    """A block in one style; fields of the style and of the block by name."""
    own = {name: fields.pop(name) for name in list(fields) if name in TextStyle.__dataclass_fields__}
    return TextBlock("text", text, (TextStyle(0, len(text), size, **own),), **fields)


def caption(
    text: str | TextBlock, start_ms: float = 0, end_ms: float = 1000, *, place: Place | None = None, **more: object
) -> ShownCaption:
    words = block(text) if isinstance(text, str) else text
    start_us, end_us = round(start_ms * 1000), round(end_ms * 1000)
    segment = TextSegment(
        id="caption",
        target=TimeRange(start_us, end_us - start_us),
        text=words,
        animations=more.pop("animations", ()),
    )
    at = place or Place(CANVAS.width_px / 2, CANVAS.height_px * 0.9, 1.0, 1.0, 0.0, 1.0)
    order = more.pop("order", ((0, 0),))
    return ShownCaption(segment, Fraction(start_us), Fraction(end_us), order, CANVAS, at, **more)


def fade(kind: str, resource_id: str, duration_us: int = 500_000) -> Animation:
    return Animation(kind, "", resource_id, 0, duration_us)
