"""From a point that a block hangs on to the middle of the block, which is what drafts place."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cutfarm.subtitles.measure import Measure
from cutfarm.timeline.curves import MAX_SHIFT
from cutfarm.timeline.model import Canvas, Transform
from cutfarm.timeline.text import TextBlock

_LEFT, _MIDDLE, _RIGHT = 0.0, 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Hold:
    """The point of a block that is held: 0 its left or upper edge, 1 its right or lower one."""

    across: float
    down: float

    @classmethod
    def of_numpad(cls, key: int) -> Hold:
        """As the keys of a number pad lie, 1 at the bottom left, which is how SubStation Alpha counts."""
        column, row = (key - 1) % 3, (key - 1) // 3
        return cls(column / 2, 1.0 - row / 2)

    @property
    def alignment(self) -> int:
        """Of the lines within the block."""
        return {_LEFT: 0, _RIGHT: 2}.get(self.across, 1)


@dataclass(frozen=True, slots=True)
class Hanging:
    """Where a block hangs, and how it is enlarged and turned about a point."""

    x_px: float
    y_px: float
    hold: Hold
    scale_x: float = 1.0
    scale_y: float = 1.0
    rotation_deg: float = 0.0  #: clockwise
    turned_about_px: tuple[float, float] | None = None  #: None: about the point that it hangs on


def hung(block: TextBlock, hanging: Hanging, canvas: Canvas, measure: Measure) -> Transform:
    """The transform under which `block` hangs there."""
    right_px = down_px = 0.0
    if (hanging.hold.across, hanging.hold.down) != (_MIDDLE, _MIDDLE):
        layout = measure.layout(block)
        right_px = (_MIDDLE - hanging.hold.across) * layout.width_px * hanging.scale_x
        down_px = (_MIDDLE - hanging.hold.down) * layout.height_px * hanging.scale_y
    about_x, about_y = hanging.turned_about_px or (hanging.x_px, hanging.y_px)
    right_px += hanging.x_px - about_x
    down_px += hanging.y_px - about_y
    turn = math.radians(hanging.rotation_deg)
    x_px = about_x + right_px * math.cos(turn) - down_px * math.sin(turn)
    y_px = about_y + right_px * math.sin(turn) + down_px * math.cos(turn)
    return Transform(
        scale_x=hanging.scale_x,
        scale_y=hanging.scale_y,
        rotation_deg=hanging.rotation_deg,
        shift_x=_held(2 * x_px / canvas.width_px - 1),
        shift_y=_held(1 - 2 * y_px / canvas.height_px),
    )


def _held(shift: float) -> float:
    return min(max(shift, -MAX_SHIFT), MAX_SHIFT)
