"""What a family of text animations is told, and what it makes: a drawing out of a drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Params = Mapping[str, Any]

Flow = Literal["ltr", "rtl", "ttb"]  #: to the right, to the left, downwards
Part = Literal["back", "under", "over"]  #: boxes behind lines and block; shadows, glows and strokes; fills


@dataclass(frozen=True, slots=True)
class Box:
    """An upright box, y down, in pixels of the picture that is drawn."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From edge to edge."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From edge to edge."""
        return self.bottom - self.top

    @property
    def center(self) -> tuple[float, float]:
        """Its middle, x and y."""
        return (self.left + self.right) / 2.0, (self.top + self.bottom) / 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Tint:
    """How a drawing lays itself down; passed on and on, so that fading needs no layer of its own."""

    alpha: float = 1.0  #: 0…1
    colours: Any = None  #: skia.ColorFilter on premultiplied R'G'B'A, or None
    image: Any = None  #: skia.ImageFilter, or None

    def faded(self, alpha: float) -> Tint:
        """The same with its opacity multiplied by `alpha`, which is held to 0…1."""
        return replace(self, alpha=self.alpha * min(max(alpha, 0.0), 1.0))


Draw = Callable[[Any, Tint], None]
"""Draws something on a skia.Canvas whose pixels are those of the picture; leaves the canvas as it was."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One unit of a caption (a cluster, a word, a line, all of it) at an instant of an animation."""

    kind: Literal["in", "out", "loop"]
    p: float  #: how far the unit is, 0…1, before easing: in 0 → 1 at rest, out 0 at rest → 1; loop: share of its turn
    time_s: float  #: since the animation began
    duration_s: float  #: of the animation; of a loop one turn
    index: int  #: of the unit in reading order
    count: int  #: units of the caption
    rank: int  #: of the unit in the order in which units move, 0 first
    box: Box  #: of the unit: the sum of its advances × the height of its line
    line: Box  #: of the unit's line
    block: Box  #: of the whole text
    canvas: Box  #: what is visible of the draft's canvas
    em_px: float  #: of the unit's letters, in pixels of the picture
    seed: int  #: 32 bits; the only source of chance
    part: Part  #: what is being drawn
    flow: Flow = "ltr"  #: the way the unit's letters follow each other
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)  #: of the unit's first letter, R, G, B, 0…1
    ink: Box | None = None  #: around all parts of the unit at rest and its box; None where that is its box
    boxes: tuple[Box, ...] = ()  #: of all units, in reading order
    piece: Callable[[int], Draw] | None = None  #: draws this part of the unit of that index, at rest in its own place

    @property
    def progress(self) -> float:
        """How far the whole animation is, 0…1; of a loop its turn."""
        if self.duration_s <= 0.0:
            return 1.0
        share = self.time_s / self.duration_s
        return share % 1.0 if self.kind == "loop" else min(max(share, 0.0), 1.0)


Family = Callable[[Moment, Params, Draw], Draw]
"""A family of the catalogue: wraps the drawing of a unit, at rest, into its drawing at a moment.

It may leave it out, draw it several times, move, clip, tint or mask it; its parameters are those of the effect tables.
At rest (in at p = 1, out at p = 0) it draws the very same pixels. Unknown parameters and values without meaning are
passed over.
"""
