"""The units of one kind as a drawing at a scale has them."""

from __future__ import annotations

from dataclasses import dataclass

from cutfarm.text.layout.placed import CaptionLayout
from cutfarm.text.layout.units import Unit, UnitKind, units_of
from cutfarm.text.motion.moment import Box
from cutfarm.timeline.text import TextBlock

FINEST_FIRST: tuple[UnitKind, ...] = ("char", "word", "spoken", "line", "all")
"""Each is made of whole units of the ones before, but for `spoken`, which may end within a `word`."""


@dataclass(frozen=True, slots=True)
class Level:
    """Units in reading order; boxes are in pixels of the drawing around the block's centre."""

    units: tuple[Unit, ...]
    boxes: tuple[Box, ...]
    lines: tuple[Box, ...]  #: of each unit's line
    block: Box
    of_glyph: dict[int, int]  #: index of the unit that a glyph's number is in


def level_of(layout: CaptionLayout, block: TextBlock, kind: UnitKind, factor: float) -> Level:
    """The units of a kind; `factor` is pixels of the drawing per layout pixel."""
    units = units_of(layout, block, kind)
    x, y = layout.width_px / 2.0, layout.height_px / 2.0

    def drawn(box: Box) -> Box:
        return Box((box.left - x) * factor, (box.top - y) * factor, (box.right - x) * factor, (box.bottom - y) * factor)

    return Level(
        units,
        tuple(drawn(unit.box) for unit in units),
        tuple(drawn(unit.line) for unit in units),
        drawn(Box(0.0, 0.0, layout.width_px, layout.height_px)),
        {number: index for index, unit in enumerate(units) for number in unit.glyphs},
    )
