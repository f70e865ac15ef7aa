"""Lines of a caption bent along an arc. How the application bends them is not known; this is our proposal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from cutfarm.text.layout.placed import Bounds, CaptionLayout, Line, PlacedGlyph, Run, moved

_STRAIGHT_DEG = 0.01
_FULL_TURN_DEG = 360.0
_QUARTER = math.pi / 2


@dataclass(frozen=True, slots=True)
class _Arc:
    """A line's baseline; angles in radians, clockwise from the point where it is level."""

    radius_px: float
    level_px: float  #: y of the point where it is level
    hump: float  #: 1: its middle is up; −1: its middle is down
    start: float
    left_px: float  #: x on the straight line of what lies at `start`

    def angle(self, x_px: float) -> float:
        """The angle of what lies at `x_px` on the straight line."""
        return self.start + (x_px - self.left_px) / self.radius_px

    def point(self, angle: float, above_px: float) -> tuple[float, float]:
        """The place so far above the baseline (away from the centre of a hump, towards that of a hollow)."""
        radius_px = max(0.0, self.radius_px + self.hump * above_px)
        # 1 − cos without the loss of digits that long radii would suffer from.
        sagitta_px = 2.0 * radius_px * math.sin(angle / 2) ** 2
        level_px = self.level_px - self.hump * (radius_px - self.radius_px)
        return radius_px * math.sin(angle), level_px + self.hump * sagitta_px


def bend(layout: CaptionLayout, angle_deg: float, share: float) -> CaptionLayout:
    """The layout with its lines on concentric arcs, each as long as the line was.

    The longest takes the whole angle, up to a full circle; positive angles have the middle of the lines up. A cluster
    turns about the middle of its advance. `share` of the room that a shorter line leaves on its arc lies before it.
    The block is the box around all lines with their thickness; small angles tend to the straight layout.
    """
    angle = math.radians(min(max(angle_deg, -_FULL_TURN_DEG), _FULL_TURN_DEG))
    longest_px = max((line.width_px for line in layout.lines), default=0.0)
    if not abs(angle_deg) >= _STRAIGHT_DEG or longest_px <= 0.0:
        return layout
    arcs = _arcs(layout.lines, angle, share)
    lines = [_bent(line, arc) for line, arc in zip(layout.lines, arcs, strict=True)]
    left, top, right, bottom = _around([line.box_px for line in lines])
    placed = tuple(moved(line, -left, -top) for line in lines)
    return replace(layout, lines=placed, width_px=right - left, height_px=bottom - top)


def _arcs(lines: Sequence[Line], angle: float, share: float) -> list[_Arc]:
    hump = math.copysign(1.0, angle)
    heights_px = [-hump * line.baseline_px for line in lines]
    outwards_px = [height_px - min(heights_px) for height_px in heights_px]
    # The smallest circle on which no line takes more than the angle.
    least_px = max(line.width_px / abs(angle) - out_px for line, out_px in zip(lines, outwards_px, strict=True))
    arcs = []
    for line, out_px in zip(lines, outwards_px, strict=True):
        radius_px = least_px + out_px
        room = abs(angle) - (line.width_px / radius_px if radius_px > 0 else 0.0)
        start = -abs(angle) / 2 + share * room
        arcs.append(_Arc(max(radius_px, 1e-6), line.baseline_px, hump, start, line.x_px))
    return arcs


def _bent(line: Line, arc: _Arc) -> Line:
    ascent_px, descent_px = line.baseline_px - line.top_px, line.top_px + line.height_px - line.baseline_px
    left, top, right, bottom = _sector(
        arc, arc.angle(line.x_px), arc.angle(line.x_px + line.width_px), ascent_px, descent_px
    )
    runs = tuple(_bent_run(run, arc, ascent_px, descent_px) for run in line.runs)
    return Line(top, line.baseline_px, bottom - top, left, right - left, runs)


def _bent_run(run: Run, arc: _Arc, ascent_px: float, descent_px: float) -> Run:
    glyphs: list[PlacedGlyph] = []
    for _, cluster in groupby(run.glyphs, key=lambda glyph: glyph.source):
        glyphs += _bent_cluster(list(cluster), arc, ascent_px, descent_px)
    left, _, right, _ = _around([glyph.box_px for glyph in glyphs]) if glyphs else (run.x_px,) * 4
    return replace(run, x_px=left, width_px=right - left, glyphs=tuple(glyphs))


def _bent_cluster(cluster: Sequence[PlacedGlyph], arc: _Arc, ascent_px: float, descent_px: float) -> list[PlacedGlyph]:
    ends_px = [edge for glyph in cluster for edge in (glyph.pen_px[0], glyph.pen_px[0] + glyph.advance_px)]
    middle_px = (min(ends_px) + max(ends_px)) / 2
    angle = arc.angle(middle_px)
    turn = arc.hump * angle
    foot = arc.point(angle, 0.0)
    cosine, sine = math.cos(turn), math.sin(turn)

    def place(x_px: float, y_px: float) -> tuple[float, float]:
        right_px, down_px = x_px - middle_px, y_px - arc.level_px
        return foot[0] + cosine * right_px - sine * down_px, foot[1] + sine * right_px + cosine * down_px

    bent = []
    for glyph in cluster:
        (x_px, y_px), pen_px = place(glyph.x_px, glyph.y_px), place(*glyph.pen_px)
        start_px, end_px = glyph.pen_px[0], glyph.pen_px[0] + glyph.advance_px
        top_px, bottom_px = arc.level_px - ascent_px, arc.level_px + descent_px
        corners = [place(x, y) for x in (start_px, end_px) for y in (top_px, bottom_px)]
        box_px = _around([(x, y, x, y) for x, y in corners])
        degrees = math.degrees(turn)
        bent.append(
            replace(glyph, x_px=x_px, y_px=y_px, turn_deg=degrees, pen_px=pen_px, way_deg=degrees, box_px=box_px)
        )
    return bent


def _sector(arc: _Arc, start: float, end: float, ascent_px: float, descent_px: float) -> Bounds:
    """The box around a bent line: its corners, and where its edges run level or upright in between."""
    quarters = range(math.ceil(start / _QUARTER), math.floor(end / _QUARTER) + 1)
    angles = [start, end, *(quarter * _QUARTER for quarter in quarters)]
    points = [arc.point(angle, above_px) for angle in angles for above_px in (ascent_px, -descent_px)]
    return _around([(x, y, x, y) for x, y in points])


def _around(boxes: Sequence[Bounds]) -> Bounds:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
