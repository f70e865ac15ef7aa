"""A caption as plain data: its characters, their styles and the block that they are laid out in."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Stroke:
    """An outline around the glyphs, under their fill."""

    colour: Colour  #: R, G, B, 0…1
    alpha: float  #: 0…1
    width_em: float  #: thickness outside the glyph, parts of an em


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How the characters [start, end) look."""

    start: int  #: first character, index into the Python string
    end: int  #: one past the last character
    size: float  #: the draft's unit: a line is 6.21 × size × canvas width / 1080 px high at scale 1
    colour: Colour = (1.0, 1.0, 1.0)  #: R, G, B, 0…1
    alpha: float = 1.0  #: 0…1
    font_id: str = ""  #: resource id
    font_path: str = ""  #: as the draft says it; never opened as it stands
    bold: bool = False
    italic: bool = False
    underline: bool = False
    strokes: tuple[Stroke, ...] = ()


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A caption's text and layout."""

    material_id: str
    text: str
    styles: tuple[TextStyle, ...]  #: cover every character exactly once, in order
    alignment: int = 1  #: of the lines inside the block: 0 left, 1 centre, 2 right
    letter_spacing_em: float = 0.0  #: added after each glyph
    line_spacing: float = 0.02  #: extra gap between lines, parts of the line height
    wrap_width: float | None = None  #: parts of the canvas width; None: lines break only at line feeds
    alpha: float = 1.0  #: the material's `global_alpha`
