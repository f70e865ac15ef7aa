"""One font file, opened when it is first asked for, and the same file at one weight."""

from __future__ import annotations

import math
import re
import stat
import struct
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from cutfarm.text.fonts.composites import Composites
from cutfarm.text.fonts.tables import is_whole
from cutfarm.text.unicode.characters import is_ignorable, is_space

REGULAR, BOLD = 400, 700
MAX_FONT_BYTES = 256 << 20  #: the largest collections of Han fonts have half of it
MOST_OUTLINES = 4096  #: of a font that are kept, the latest: of Han characters 10 MB
_MAX_NAMES, _MAX_NAME_LENGTH = 256, 256
_WEIGHTS = (1, 1000)
_MIN_LINE_EM, _MAX_LINE_EM = 0.5, 4.0
_OFFSET_WEIGHT, _OFFSET_SELECTION, _OFFSET_TYPO = 4, 62, 68
_ITALIC_BIT = 1
_ACCENT_REACH_EM = 0.1  # accents over two letters lie between them
_ACCENTS = re.compile(r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]")
_FAMILY, _STYLE, _LICENCE, _LICENCE_URL, _TYPOGRAPHIC_FAMILY, _TYPOGRAPHIC_STYLE = 1, 2, 13, 14, 16, 17
_NAME_IDS = (1, 4, 6, 16)
_WEIGHT_WORDS = (
    ("extralight", 200),
    ("ultralight", 200),
    ("extrabold", 800),
    ("ultrabold", 800),
    ("semibold", 600),
    ("demibold", 600),
    ("thin", 100),
    ("light", 300),
    ("regular", 400),
    ("normal", 400),
    ("medium", 500),
    ("bold", 700),
    ("black", 900),
    ("heavy", 900),
    ("特粗", 900),
    ("超粗", 900),
    ("中粗", 600),
    ("加粗", 700),
    ("粗体", 700),
    ("粗", 700),
    ("中等", 500),
    ("常规", 400),
    ("纤细", 100),
    ("细体", 300),
    ("细", 300),
)
_WEIGHT_LETTERS = {"L": 300, "R": 400, "M": 500, "B": 700, "H": 900}  # behind a hyphen at the end of a name


@dataclass(frozen=True, slots=True)
class FontQuery:
    """A font's name taken apart, so that `Poppins-BoldItalic` and `poppins bold italic` are the same."""

    family: str  #: lower-case letters and digits alone
    weight: int | None  #: 1…1000 where the name says it
    italic: bool

    @classmethod
    def parse(cls, name: str) -> FontQuery:
        """Read a family, a full or a file name (without its extension)."""
        bare = re.sub(r"\[[^]]*\]$", "", unicodedata.normalize("NFKC", name))
        rest = "".join(char for char in bare.casefold() if char.isalnum())
        italic = False
        for word in ("italic", "oblique"):
            if rest.endswith(word) and rest != word:
                rest, italic = rest.removesuffix(word), True
        for word, weight in _WEIGHT_WORDS:
            if rest.endswith(word) and rest != word:
                return cls(rest.removesuffix(word), weight, italic)
        stem, hyphen, letter = bare.rpartition("-")
        if hyphen and stem and letter in _WEIGHT_LETTERS:
            return cls(rest[:-1], _WEIGHT_LETTERS[letter], italic)
        return cls(rest, None, italic)


class FontFace:
    """One face of a font file. Nothing is read before a property asks for it; a broken file is not `usable`."""

    def __init__(self, path: Path, index: int = 0) -> None:
        self.path = path
        self.index = index

    def __repr__(self) -> str:
        return f"FontFace({self.path.name!r}, {self.index})"

    @cached_property
    def hb_face(self) -> Any:
        """HarfBuzz's view of the file, mapped into memory. Raises OSError for what is no file or larger than a font."""
        import uharfbuzz as hb

        status = self.path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_FONT_BYTES:
            raise OSError(f"{self.path.name} is no file of a font's size")
        return hb.Face(hb.Blob.from_file_path(str(self.path)), self.index)

    @cached_property
    def usable(self) -> bool:
        """Whether the file is a font that can be both shaped and drawn with, on the same grid."""
        try:
            if self.hb_face.glyph_count == 0 or not is_whole(self.path, self.index):
                return False
            typeface = self.open_typeface()
        except (OSError, RuntimeError, ValueError):
            return False
        return typeface is not None and typeface.getUnitsPerEm() == self.upem

    def open_typeface(self) -> Any:
        """Skia's view of the file at its default weight; None where Skia cannot read it."""
        import skia

        return skia.FontMgr.New_Custom_Empty().makeFromFile(str(self.path), self.index)

    @cached_property
    def family(self) -> str:
        """The typographic family where the font has one, else the family, else the file's name."""
        return self._text(_TYPOGRAPHIC_FAMILY) or self._text(_FAMILY) or self.path.stem

    @cached_property
    def style(self) -> str:
        """Its style's own name, as `Bold Italic`; empty where it has none."""
        return self._text(_TYPOGRAPHIC_STYLE) or self._text(_STYLE)

    @cached_property
    def licence(self) -> str:
        """The address or else the words that it names its licence by; empty where it says nothing."""
        return self._text(_LICENCE_URL) or self._text(_LICENCE)

    @cached_property
    def queries(self) -> tuple[FontQuery, ...]:
        """The names that it answers to, in the languages that its name table has; of a broken file its own name."""
        names = {self.path.stem: None}
        try:
            listed = (entry for entry in self.hb_face.list_names() if int(entry.name_id) in _NAME_IDS)
            for entry in islice(listed, _MAX_NAMES):
                names[(self.hb_face.get_name(entry.name_id, entry.language) or "")[:_MAX_NAME_LENGTH]] = None
        except (OSError, RuntimeError, ValueError):
            pass
        return tuple(dict.fromkeys(FontQuery.parse(name) for name in names if name))

    @cached_property
    def weights(self) -> tuple[int, int]:
        """The lightest and the heaviest weight that it can draw, 1…1000; equal for a font without that axis."""
        for axis in self.hb_face.axis_infos:
            bounds = (axis.min_value, axis.max_value)
            if axis.tag == "wght" and all(map(math.isfinite, bounds)):
                low, high = (int(min(max(bound, _WEIGHTS[0]), _WEIGHTS[1])) for bound in bounds)
                return min(low, high), max(low, high)
        table = self._os2
        weight = struct.unpack_from(">H", table, _OFFSET_WEIGHT)[0] if len(table) > _OFFSET_WEIGHT + 1 else REGULAR
        return (weight, weight) if _WEIGHTS[0] <= weight <= _WEIGHTS[1] else (REGULAR, REGULAR)

    @cached_property
    def italic(self) -> bool:
        """Whether the face itself is slanted."""
        table = self._os2
        if len(table) < _OFFSET_SELECTION + 2:
            return False
        return bool(struct.unpack_from(">H", table, _OFFSET_SELECTION)[0] & _ITALIC_BIT)

    @cached_property
    def is_colour(self) -> bool:
        """Whether its glyphs bring colours that can be drawn: layers, paints or bitmaps, not SVG."""
        face = self.hb_face
        return bool(face.has_color_layers or face.has_color_paint or face.has_color_png)

    @cached_property
    def composites(self) -> Composites:
        """What its glyphs are put together from."""
        return Composites(self.path, self.index)

    @cached_property
    def upem(self) -> int:
        """Design units per em."""
        return int(self.hb_face.upem)

    @cached_property
    def vertical_em(self) -> tuple[float, float]:
        """Ascent and descent, both positive, in parts of an em: sTypoAscender and −sTypoDescender of OS/2."""
        import uharfbuzz as hb

        table = self._os2
        ascent, descent = 0, 0
        if len(table) >= _OFFSET_TYPO + 4:
            ascent, descent = struct.unpack_from(">hh", table, _OFFSET_TYPO)
        if ascent - descent <= 0:
            extents = hb.Font(self.hb_face).get_font_extents("ltr")
            ascent, descent = extents.ascender, extents.descender
        line_em = (ascent - descent) / self.upem
        if not _MIN_LINE_EM <= line_em <= _MAX_LINE_EM:
            return 0.88, 0.12
        return ascent / self.upem, -descent / self.upem

    def covers(self, text: str) -> bool:
        """Whether it has a glyph for each character that shows, composed or decomposed, with accents in place."""
        forms = dict.fromkeys((text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)))
        return any(
            all(map(self._has, form)) and (not _ACCENTS.search(form) or self._places_accents(form)) for form in forms
        )

    def _has(self, char: str) -> bool:
        if self._cmap.get_nominal_glyph(ord(char)) or is_ignorable(char):
            return True
        # HarfBuzz makes any width of space out of the plain one.
        return bool(is_space(char) and self._cmap.get_nominal_glyph(0x20))

    def _text(self, name_id: int) -> str:
        """One of its names on one line, in English where it has it, of a length that can be shown."""
        words = str(self.hb_face.get_name(name_id) or "")[: 4 * _MAX_NAME_LENGTH]
        return " ".join("".join(char if char.isprintable() else " " for char in words).split())[:_MAX_NAME_LENGTH]

    def _places_accents(self, text: str) -> bool:
        """Whether the accents of a letter lie over or under it, as shaped: many fonts of Han place but a few."""
        import uharfbuzz as hb

        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        hb.shape(self._cmap, buffer, {"kern": False})
        pen = 0
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            ink = self._cmap.get_glyph_extents(info.codepoint)
            if pen and ink is not None and position.x_advance == 0:
                centre = pen + position.x_offset + ink.x_bearing + ink.width / 2
                if not 0 <= centre <= pen + _ACCENT_REACH_EM * self.upem:
                    return False
            pen += position.x_advance
        return True

    @cached_property
    def _cmap(self) -> Any:
        import uharfbuzz as hb

        return hb.Font(self.hb_face)

    @cached_property
    def _os2(self) -> bytes:
        return bytes(self.hb_face.reference_table("OS/2").data)


class WeightedFont:
    """A face at one weight, for shaping (HarfBuzz) and for drawing (Skia).

    `embolden` says that bold is asked for and the face has no weight for it, so that the outline must be thickened.
    """

    def __init__(self, face: FontFace, weight: int, *, embolden: bool) -> None:
        low, high = face.weights
        self.face = face
        self.weight = min(max(weight, low), high)
        self.embolden = embolden
        self._outlines: OrderedDict[int, Any] = OrderedDict()

    def __repr__(self) -> str:
        return f"WeightedFont({self.face.path.name!r}, {self.weight}{', embolden' if self.embolden else ''})"

    @cached_property
    def hb_font(self) -> Any:
        """The font to shape with, in design units."""
        import uharfbuzz as hb

        font = hb.Font(self.face.hb_face)
        if self._is_variable:
            font.set_variations({"wght": float(self.weight)})
        return font

    @cached_property
    def typeface(self) -> Any:
        """The same font to draw with."""
        import skia

        typeface = self.face.open_typeface()
        if not self._is_variable:
            return typeface
        position = skia.FontArguments.VariationPosition
        # Skia keeps pointers into each of these and no reference: they must outlive the call.
        coordinates = position.Coordinates([position.Coordinate(int.from_bytes(b"wght", "big"), float(self.weight))])
        design = position(coordinates)
        arguments = skia.FontArguments()
        arguments.setVariationDesignPosition(design)
        return typeface.makeClone(arguments)

    def sized(self, size: float) -> Any:
        """A Skia font of `size` units an em that draws the outlines as they were designed."""
        import skia

        font = skia.Font(self.typeface, size)
        font.setHinting(skia.FontHinting.kNone)
        font.setSubpixel(True)
        font.setLinearMetrics(True)
        font.setEdging(skia.Font.Edging.kAntiAlias)
        return font

    def outline(self, glyph_id: int) -> Any:
        """The glyph's Skia path in design units, y down, origin on the baseline; an empty path if it has none."""
        import skia

        path = self._outlines.get(glyph_id)
        if path is None:
            is_endless = self.face.composites.is_endless(glyph_id)
            path = skia.Path() if is_endless else self._designed.getPath(glyph_id) or skia.Path()
            self._outlines[glyph_id] = path
            while len(self._outlines) > MOST_OUTLINES:
                self._outlines.popitem(last=False)
        return path

    @cached_property
    def _designed(self) -> Any:
        return self.sized(self.face.upem)

    @property
    def _is_variable(self) -> bool:
        low, high = self.face.weights
        return low != high
