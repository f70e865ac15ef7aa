"""A unit of a caption to try families on, and what they make of its drawing."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import skia

from cutfarm.text.motion.moment import Box, Draw, Family, Moment, Params, Tint

BOX = Box(100.0, 40.0, 160.0, 120.0)
MOMENT = Moment(
    kind="in",
    p=0.5,
    time_s=0.5,
    duration_s=1.0,
    index=1,
    count=4,
    rank=1,
    box=BOX,
    line=Box(40.0, 40.0, 280.0, 120.0),
    block=Box(40.0, 40.0, 280.0, 200.0),
    canvas=Box(-200.0, -300.0, 500.0, 600.0),
    em_px=60.0,
    seed=12345,
    part="over",
    boxes=tuple(Box(40.0 + 60 * index, 40.0, 100.0 + 60 * index, 120.0) for index in range(4)),
)


@dataclass(slots=True)
class Seen:
    """One time that the unit was drawn."""

    matrix: Any
    tint: Tint
    clip: Any  #: what can be seen of the unit's own coordinates

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the unit is seen."""
        (point,) = self.matrix.mapPoints([skia.Point(x, y)])
        return point.fX, point.fY


@dataclass(slots=True)
class Stage:
    """A canvas that remembers how a unit was drawn."""

    seen: list[Seen] = field(default_factory=list)

    def draw(self, canvas: Any, tint: Tint) -> None:
        """The unit at rest."""
        self.seen.append(Seen(canvas.getTotalMatrix(), tint, canvas.getLocalClipBounds()))


def play(family: Family, params: Params, **fields: Any) -> list[Seen]:
    """How a unit is drawn at a moment."""
    stage = Stage()
    surface = skia.Surface(640, 480)
    canvas = surface.getCanvas()
    saves = canvas.getSaveCount()
    family(replace(MOMENT, **fields), params, stage.draw)(canvas, Tint())
    assert canvas.getSaveCount() == saves
    return stage.seen


def is_untouched(family: Family, params: Params, **fields: Any) -> bool:
    """Whether a family hands the drawing on as it is."""
    draw: Draw = Stage().draw
    return family(replace(MOMENT, **fields), params, draw) == draw
