"""A caption as plain data: its characters, their styles and the block that they are laid out in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Colour = tuple[float, float, float]

Behind = Literal["block", "line", "glyph"]


@dataclass(frozen=True, slots=True)
class GradientStop:
    """A colour on the way of a gradient."""

    at: float  #: 0 start … 1 end
    colour: Colour  #: R, G, B, 0…1
    alpha: float = 1.0  #: 0…1


@dataclass(frozen=True, slots=True)
class Gradient:
    """Colours that run into each other over the box of the whole text."""

    stops: tuple[GradientStop, ...]  #: two at least, ascending
    angle_deg: float = 0.0  #: of a straight one: clockwise on the screen, 0 from left to right
    is_radial: bool = False  #: from the middle outwards


@dataclass(frozen=True, slots=True)
class Texture:
    """A picture that covers the box of the whole text."""

    path: str  #: as the draft says it; never opened as it stands
    resource_id: str = ""


Fill = Gradient | Texture


@dataclass(frozen=True, slots=True)
class Stroke:
    """An outline around the glyphs, under their fill."""

    colour: Colour  #: R, G, B, 0…1
    alpha: float  #: 0…1
    width_em: float  #: thickness outside the glyph, parts of an em
    fill: Fill | None = None  #: in place of `colour`; a texture that is not there leaves the colour


@dataclass(frozen=True, slots=True)
class Shadow:
    """What the glyphs with their strokes throw, under everything else of the text."""

    colour: Colour  #: R, G, B, 0…1
    alpha: float  #: 0…1
    angle_deg: float  #: counterclockwise: 0 to the right, −45 down and to the right
    distance_em: float
    blur_em: float = 0.0  #: standard deviation of its Gaussian


@dataclass(frozen=True, slots=True)
class Glow:
    """Light around the glyphs, under their strokes."""

    colour: Colour | None  #: R, G, B, 0…1; None: that of the glyphs themselves
    alpha: float  #: 0…1
    radius_em: float  #: standard deviation of its Gaussian


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
    fill: Fill | None = None  #: in place of `colour`; a texture that is not there leaves the colour
    shadows: tuple[Shadow, ...] = ()  #: the first lies lowest
    glow: Glow | None = None


@dataclass(frozen=True, slots=True)
class TextBackground:
    """A box behind the text, behind each line or behind each glyph."""

    behind: Behind
    colour: Colour  #: R, G, B, 0…1
    alpha: float = 1.0  #: 0…1
    round_radius: float = 0.0  #: 0 square … 1 half of the box's shorter side
    pad_x: float = 0.0  #: room on each side, parts of the line's height
    pad_y: float = 0.0
    shift_x: float = 0.0  #: to the right, parts of the line's height
    shift_y: float = 0.0  #: down


@dataclass(frozen=True, slots=True)
class Word:
    """When a word of a caption is spoken."""

    start: int  #: first character, index into the Python string
    end: int  #: one past the last character
    start_us: int  #: after the segment's start
    end_us: int


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A caption's text and layout."""

    material_id: str
    text: str
    styles: tuple[TextStyle, ...]  #: cover every character exactly once, in order
    alignment: int = 1  #: of the lines inside the block: 0 left, 1 centre, 2 right; of columns: top, middle, bottom
    letter_spacing_em: float = 0.0  #: added after each glyph
    line_spacing: float = 0.02  #: extra gap between lines, parts of the line height
    wrap_width: float | None = None  #: parts of the canvas width, of columns its height; None: only line feeds break
    alpha: float = 1.0  #: the material's `global_alpha`
    is_vertical: bool = False  #: columns from top to bottom, the first one on the right
    curve_deg: float = 0.0  #: the arc that the lines are bent along: 0 straight, positive with its middle up
    backgrounds: tuple[TextBackground, ...] = ()  #: the first lies lowest
    words: tuple[Word, ...] = ()  #: in order; none where the draft has no clock for them
