"""What lies under the fills, in the order in which it is painted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutfarm.text.ink.brushwork import strokes_of
from cutfarm.text.ink.casts import Cast, Look
from cutfarm.text.ink.outlines import StyleInk
from cutfarm.text.ink.paints import Substance, Substances
from cutfarm.timeline.text import Colour, TextBackground


@dataclass(frozen=True, slots=True)
class Step:
    """One of the three."""

    box: TextBackground | None = None  #: boxes behind glyphs
    look: Look | None = None  #: a shadow or a glow
    rank: int = 0  #: else the stroke, of each style, that has so many narrower ones


Layers = tuple[tuple[Step, ...], ...]
_Coloured = tuple[Step, frozenset[Colour | None]]  # None is what has more than one colour


def layers_of(
    boxes: Sequence[TextBackground], casts: Sequence[Cast], inks: Sequence[StyleInk], substances: Substances
) -> Layers:
    """The steps, the lowest first, in as few layers as can be; all of a layer is painted letter by letter.

    Steps of one colour share a layer: they look the same in any order.
    """
    layers: list[tuple[Step, ...]] = []
    last: frozenset[Colour | None] = frozenset()
    for step, colours in _steps(boxes, casts, inks, substances):
        both = last | colours
        if layers and len(both) == 1 and None not in both:
            layers[-1] += (step,)
        else:
            layers.append((step,))
        last = colours if len(layers[-1]) == 1 else both
    return tuple(layers)


def _steps(
    boxes: Sequence[TextBackground], casts: Sequence[Cast], inks: Sequence[StyleInk], substances: Substances
) -> Iterator[_Coloured]:
    for box in boxes:
        yield Step(box=box), frozenset((box.colour,))
    for cast in casts:
        yield Step(look=cast.look), frozenset((_plain(cast.look.substance),))
    strokes = [strokes_of(ink.style)[::-1] for ink in inks]
    for rank in reversed(range(max((len(every) for every in strokes), default=0))):
        drawn = [every[rank] for every in strokes if rank < len(every)]
        yield Step(rank=rank), frozenset(_plain(substances.of(stroke.colour, stroke.fill)) for stroke in drawn)


def _plain(substance: Substance) -> Colour | None:
    return substance.colour if substance.shader is None else None
