"""Where the glyphs of a caption lie, in pixels of the draft's canvas; y runs down, turns run clockwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cutfarm.text.fonts.face import WeightedFont

Bounds = tuple[float, float, float, float]  #: left, top, right, bottom


@dataclass(frozen=True, slots=True)
class PlacedGlyph:
    """A glyph on the canvas.

    Its advance starts at its pen, a point of the baseline, and runs `advance_px` along the baseline: to the right in
    lines, down in columns (there the baseline is at the left of the letters, as of a line turned by 90°), and on a
    curve wherever it heads for. The glyph itself is drawn at its origin and need not be turned with the baseline.
    """

    glyph_id: int
    source: int  #: first character that it stands for, index into the block's text
    x_px: float  #: its origin, from the block's left edge
    y_px: float  #: its origin, from the block's top edge
    turn_deg: float = 0.0  #: about its origin
    pen_px: tuple[float, float] = (0.0, 0.0)  #: x and y
    way_deg: float = 0.0  #: the baseline's: 0 to the right, 90 down
    advance_px: float = 0.0  #: with the letter spacing
    box_px: Bounds = (0.0, 0.0, 0.0, 0.0)  #: around its advance × the thickness of its line


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring glyphs of a line that share style and font."""

    style: int  #: index into the block's styles
    font: WeightedFont
    em_px: float
    x_px: float  #: left edge, from the block's
    width_px: float  #: sum of the advances; in a column its thickness
    glyphs: tuple[PlacedGlyph, ...]  #: from left to right or from top to bottom


@dataclass(frozen=True, slots=True)
class Line:
    """One line or column of a block, and the upright box around it."""

    top_px: float
    baseline_px: float  #: from the block's top edge; of a column from its left edge; of a bent line where it is level
    height_px: float
    x_px: float
    width_px: float
    runs: tuple[Run, ...]  #: from left to right or from top to bottom

    @property
    def box_px(self) -> Bounds:
        """The box around its advances × its thickness."""
        return self.x_px, self.top_px, self.x_px + self.width_px, self.top_px + self.height_px


@dataclass(frozen=True, slots=True)
class CaptionLayout:
    """A laid out block: `width_px` × `height_px`, without strokes and without what hangs out of its line boxes."""

    lines: tuple[Line, ...]
    width_px: float
    height_px: float
    font_substitutions: tuple[tuple[str, str], ...]  #: (wanted, used), each once, in the order of the text
    missing: tuple[str, ...]  #: characters that no font has, each once
    problems: tuple[str, ...] = ()  #: what could not be laid out as asked: one sentence each

    def glyphs(self) -> tuple[PlacedGlyph, ...]:
        """All glyphs in the order of lines and runs; a glyph's number is its position here."""
        return tuple(glyph for line in self.lines for run in line.runs for glyph in run.glyphs)


def moved(line: Line, right_px: float, down_px: float) -> Line:
    """The same line elsewhere."""
    runs = tuple(
        replace(run, x_px=run.x_px + right_px, glyphs=tuple(_moved(glyph, right_px, down_px) for glyph in run.glyphs))
        for run in line.runs
    )
    return replace(
        line,
        top_px=line.top_px + down_px,
        baseline_px=line.baseline_px + down_px,
        x_px=line.x_px + right_px,
        runs=runs,
    )


def _moved(glyph: PlacedGlyph, right_px: float, down_px: float) -> PlacedGlyph:
    left, top, right, bottom = glyph.box_px
    return PlacedGlyph(
        glyph.glyph_id,
        glyph.source,
        glyph.x_px + right_px,
        glyph.y_px + down_px,
        glyph.turn_deg,
        (glyph.pen_px[0] + right_px, glyph.pen_px[1] + down_px),
        glyph.way_deg,
        glyph.advance_px,
        (left + right_px, top + down_px, right + right_px, bottom + down_px),
    )


def bounded(value: float, low: float, high: float) -> float:
    """The value brought into [low, high]; what is not a number becomes `low`."""
    return min(max(value, low), high) if value == value else low
