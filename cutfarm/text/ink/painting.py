"""How a laid out caption is painted, part by part and glyph by glyph, by Skia."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

import skia

from cutfarm.text.ink.boxes import Boxes
from cutfarm.text.ink.brushwork import (
    MOST_STROKES,
    fill_bounds,
    paint_fill,
    paint_stroke,
    stroke_bounds,
    strokes_of,
    union,
)
from cutfarm.text.ink.casts import Cast, casts_of
from cutfarm.text.ink.effort import affordable
from cutfarm.text.ink.outlines import StyleInk, gather, pieces_of
from cutfarm.text.ink.paints import Substances, colour4f
from cutfarm.text.ink.steps import Step, layers_of
from cutfarm.text.layout.placed import CaptionLayout
from cutfarm.text.motion.moment import Part
from cutfarm.timeline.text import TextBackground, TextBlock

MOST_CASTS = 64  #: shadows and glows of a caption


@dataclass(frozen=True, slots=True, eq=False)
class _Chosen:
    """The ink of some glyphs."""

    only: frozenset[int] | None
    inks: tuple[StyleInk, ...]
    casts: tuple[Cast, ...]


class Ink:
    """What a caption paints, in layout pixels: made once, painted whole or in pieces onto any skia.Canvas.

    Parts, bottom first: "back" boxes behind block and lines, "under" boxes behind glyphs, shadows, glows and strokes,
    "over" fills and underlines. "under" has `layers`: where letters are painted one by one, each layer of all of them
    comes before the next of any, so that no shadow falls on a neighbour's stroke. `only` is a collection of glyph
    numbers, positions in `layout.glyphs()`; None is all. What all glyphs share, such as the box of a gradient, does not
    depend on it. Shadows that are blurred are made for the scale that the canvas has when they are painted. The block's
    own alpha is left to whoever joins the parts.
    """

    def __init__(
        self, layout: CaptionLayout, block: TextBlock, files: Mapping[str, Path] = MappingProxyType({})
    ) -> None:
        self._layout = layout
        self._block = block  # as it is drawn
        self._substances = Substances(layout.width_px, layout.height_px, files)
        lacking = self._make_fills()  # before the glyphs, as reading a picture takes its room for a while
        pieces = pieces_of(layout, block.styles)
        drawn = affordable(block, pieces)
        self._block = block = drawn.block
        self._pieces = pieces[: drawn.glyphs]
        self._boxes = Boxes(layout, block)
        inks = gather(self._pieces, block.styles)
        casts = casts_of(inks, self._substances)
        self._looks = frozenset(cast.look for cast in casts[:MOST_CASTS])
        self._chosen = _Chosen(None, inks, casts[:MOST_CASTS])
        self._layers = layers_of(self._backgrounds("under"), casts[:MOST_CASTS], inks, self._substances)
        self._problems = (*layout.problems, *drawn.problems, *lacking, *_too_many(inks, casts))

    @property
    def problems(self) -> tuple[str, ...]:
        """What cannot be drawn as asked: one sentence each."""
        return self._problems

    @property
    def layers(self) -> int:
        """How many layers "under" has."""
        return len(self._layers)

    def paint(self, canvas: Any, part: Part, only: Collection[int] | None = None, layer: int | None = None) -> None:
        """Draw one part, of "under" one layer or all; leaves the canvas as it was."""
        chosen = self._choose(only)
        match part:
            case "back":
                for background in self._backgrounds(part):
                    self._paint_box(canvas, background, chosen)
            case "under":
                for step in self._steps(layer):
                    self._paint_step(canvas, step, chosen)
            case "over":
                for ink in chosen.inks:
                    paint_fill(canvas, ink, self._substances)

    def bounds(self, part: Part, only: Collection[int] | None = None, layer: int | None = None) -> Any | None:
        """A skia.Rect around all that `paint` leaves, in layout pixels; None where that is nothing."""
        chosen = self._choose(only)
        match part:
            case "back":
                boxes = [self._boxes.path(box, chosen.only).getBounds() for box in self._backgrounds(part)]
            case "under":
                boxes = [box for step in self._steps(layer) for box in self._step_bounds(step, chosen)]
            case "over":
                boxes = [fill_bounds(ink) for ink in chosen.inks]
        return union(box for box in boxes if box is not None)

    def _steps(self, layer: int | None) -> Iterator[Step]:
        return chain.from_iterable(self._layers if layer is None else self._layers[layer : layer + 1])

    def _paint_step(self, canvas: Any, step: Step, chosen: _Chosen) -> None:
        if step.box is not None:
            self._paint_box(canvas, step.box, chosen)
        elif step.look is not None:
            for cast in chosen.casts:
                if cast.look == step.look:
                    cast.paint(canvas)
        else:
            for ink in chosen.inks:
                paint_stroke(canvas, ink, step.rank, self._substances)

    def _step_bounds(self, step: Step, chosen: _Chosen) -> list[Any | None]:
        if step.box is not None:
            return [self._boxes.path(step.box, chosen.only).getBounds()]
        if step.look is not None:
            return [cast.bounds for cast in chosen.casts if cast.look == step.look]
        return [stroke_bounds(ink) for ink in chosen.inks]

    def _paint_box(self, canvas: Any, box: TextBackground, chosen: _Chosen) -> None:
        paint = skia.Paint(AntiAlias=True, Color4f=colour4f(box.colour, box.alpha))
        canvas.drawPath(self._boxes.path(box, chosen.only), paint)

    def _backgrounds(self, part: Part) -> list[TextBackground]:
        """The boxes that belong to a part."""
        here = {"back": ("block", "line"), "under": ("glyph",), "over": ()}[part]
        return [box for box in self._block.backgrounds if box.behind in here and box.alpha > 0]

    def _choose(self, only: Collection[int] | None) -> _Chosen:
        """The ink of some glyphs; those asked for last are kept, as part after part is painted."""
        key = None if only is None else frozenset(only)
        if self._chosen.only != key:
            wanted = range(len(self._pieces)) if key is None else sorted(key)
            pieces = [self._pieces[number] for number in wanted if number < len(self._pieces)]
            inks = gather(pieces, self._block.styles)
            casts = casts_of(inks, self._substances)
            self._chosen = _Chosen(key, inks, tuple(cast for cast in casts if cast.look in self._looks))
        return self._chosen

    def _make_fills(self) -> tuple[str, ...]:
        """Make every fill that is used; says which cannot be made."""
        for index in sorted({run.style for line in self._layout.lines for run in line.runs}):
            style = self._block.styles[index]
            looks = [(style.colour, style.fill), *((stroke.colour, stroke.fill) for stroke in strokes_of(style))]
            for colour, fill in looks:
                self._substances.of(colour, fill)
        return self._substances.problems


def _too_many(inks: Sequence[StyleInk], casts: Sequence[Cast]) -> Iterator[str]:
    strokes = max((len(ink.style.strokes) for ink in inks), default=0)
    if strokes > MOST_STROKES:
        yield f"The text has {strokes} strokes; the first {MOST_STROKES} are drawn."
    if len(casts) > MOST_CASTS:
        yield f"The text has {len(casts)} shadows; the lowest {MOST_CASTS} are drawn."
