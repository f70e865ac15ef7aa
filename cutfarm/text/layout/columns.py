"""Vertical writing: what stands upright in a column (CSS `text-orientation: mixed`), and lines turned into columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from cutfarm.text.fonts.face import WeightedFont
from cutfarm.text.layout.placed import Line, PlacedGlyph, moved
from cutfarm.text.unicode.characters import wants_emoji
from cutfarm.text.unicode.properties import vertical_orientation

FEATURES = {"vert": True, "vrt2": True}
_QUARTER_TURN_DEG = 90.0


def stands(cluster: str, font: WeightedFont) -> bool:
    """Whether a cluster stands upright in a column: Han, kana, hangul and emoji do, letters lie on their side.

    Brackets and dashes stand where the font has glyphs of its own for columns.
    """
    if wants_emoji(cluster):
        return True
    orientation = vertical_orientation(cluster[0])
    return orientation == "U" or (orientation == "Tr" and _has_vertical_form(font, cluster[0]))


def turned(line: Line) -> Line:
    """The line, which starts at (0, 0), turned by 90° clockwise into a column that starts there."""
    runs = tuple(
        replace(
            run,
            x_px=0.0,
            width_px=line.height_px,
            glyphs=tuple(_turned_glyph(glyph, line.height_px) for glyph in run.glyphs),
        )
        for run in line.runs
    )
    return Line(0.0, line.height_px - line.baseline_px, line.width_px, 0.0, line.height_px, runs)


def stack(columns: Sequence[Line], *, spacing: float, share: float) -> tuple[tuple[Line, ...], float, float]:
    """Columns side by side, the first on the right; with the width and the height of them all in pixels.

    `spacing` is the gap before a column in parts of its width, `share` how much of the room that a column leaves lies
    above it.
    """
    height_px = max((column.height_px for column in columns), default=0.0)
    gaps_px = [spacing * column.width_px if index else 0.0 for index, column in enumerate(columns)]
    width_px = right_px = sum(gaps_px) + sum(column.width_px for column in columns)
    placed = []
    for column, gap_px in zip(columns, gaps_px, strict=True):
        right_px -= gap_px + column.width_px
        down_px = share * (height_px - column.height_px)
        placed.append(replace(moved(column, right_px, down_px), baseline_px=column.baseline_px + right_px))
    return tuple(placed), width_px, height_px


def _turned_glyph(glyph: PlacedGlyph, thickness_px: float) -> PlacedGlyph:
    left, top, right, bottom = glyph.box_px
    return replace(
        glyph,
        x_px=thickness_px - glyph.y_px,
        y_px=glyph.x_px,
        turn_deg=glyph.turn_deg + _QUARTER_TURN_DEG,
        pen_px=(thickness_px - glyph.pen_px[1], glyph.pen_px[0]),
        way_deg=glyph.way_deg + _QUARTER_TURN_DEG,
        box_px=(thickness_px - bottom, left, thickness_px - top, right),
    )


@lru_cache(maxsize=4096)
def _has_vertical_form(font: WeightedFont, char: str) -> bool:
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(char)
    buffer.guess_segment_properties()
    buffer.direction = "ttb"
    hb.shape(font.hb_font, buffer, FEATURES)
    return [info.codepoint for info in buffer.glyph_infos] != [font.hb_font.get_nominal_glyph(ord(char))]
