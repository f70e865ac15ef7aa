"""A caption laid out: lines, columns or bent lines, and the place of every glyph in pixels of the draft's canvas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from cutfarm.text.fonts.library import FontLibrary
from cutfarm.text.layout import columns
from cutfarm.text.layout.curve import bend
from cutfarm.text.layout.placed import CaptionLayout, Line, PlacedGlyph, Run, bounded, moved
from cutfarm.text.layout.typesetter import LINE_PX_PER_SIZE, REFERENCE_CANVAS_PX, Typesetter
from cutfarm.timeline.text import TextBlock

__all__ = [
    "LINE_PX_PER_SIZE",
    "REFERENCE_CANVAS_PX",
    "CaptionLayout",
    "Line",
    "PlacedGlyph",
    "Run",
    "bounded",
    "lay_out",
]

MAX_CHARACTERS = 20_000  #: what 200 MB hold
_LINE_SPACINGS = (-0.9, 10.0)
_WRAP_WIDTHS = (0.01, 10.0)
_SHARES_BEFORE = {0: 0.0, 2: 1.0, 3: 0.0, 4: 1.0}  # of the room beside a line, by alignment; else half of it


def lay_out(
    block: TextBlock,
    *,
    canvas_width_px: float,
    canvas_height_px: float | None = None,
    fonts: FontLibrary,
    files: Mapping[str, Path] = MappingProxyType({}),
) -> CaptionLayout:
    """Lay a caption out at scale 1: a line is 6.21 × size × canvas width / 1080 px high, a column as wide.

    The size of the letters in it follows from the font's OS/2 line box: of Han fonts mostly 1 em, of others about 1.2.
    Lines wrap at `wrap_width` of the canvas's width, columns at as much of its height where that is given. Columns are
    not bent. Sizes, spacings and widths beyond what can be meant are brought into their bounds.
    Of a text of more than `MAX_CHARACTERS` the first are laid out, and `problems` says so.
    `files` are the local files of fonts by the path that the draft says.
    """
    problems = []
    if len(block.text) > MAX_CHARACTERS:
        problems.append(f"Of the caption's {len(block.text)} characters the first {MAX_CHARACTERS} are drawn.")
        block = replace(block, text=block.text[:MAX_CHARACTERS])
    along_px = canvas_height_px if block.is_vertical else canvas_width_px
    limit_px = None
    if block.wrap_width is not None and along_px is not None:
        limit_px = bounded(block.wrap_width, *_WRAP_WIDTHS) * along_px
    setter = Typesetter(block, canvas_width_px=canvas_width_px, limit_px=limit_px, fonts=fonts, files=files)
    lines = list(setter.lines())
    spacing = bounded(block.line_spacing, *_LINE_SPACINGS)
    share = _SHARES_BEFORE.get(block.alignment, 0.5)
    stacked = (columns.stack if block.is_vertical else _stack)(lines, spacing=spacing, share=share)
    layout = CaptionLayout(*stacked, tuple(setter.substitutions), tuple(setter.missing), tuple(problems))
    return layout if block.is_vertical else bend(layout, block.curve_deg, share)


def _stack(lines: Sequence[Line], *, spacing: float, share: float) -> tuple[tuple[Line, ...], float, float]:
    """Lines below each other; with the width and the height of them all in pixels.

    `spacing` is the gap before a line in parts of its height, `share` how much of the room that a line leaves lies on
    its left.
    """
    width_px = max((line.width_px for line in lines), default=0.0)
    placed: list[Line] = []
    top_px = 0.0
    for line in lines:
        top_px += spacing * line.height_px if placed else 0.0
        placed.append(moved(line, share * (width_px - line.width_px), top_px))
        top_px += line.height_px
    return tuple(placed), width_px, top_px
