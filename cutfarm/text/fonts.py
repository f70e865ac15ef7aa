"""The fonts that can be had: found by a draft's id or path, by family, or by the script of what must be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PureWindowsPath
from types import MappingProxyType

from cutfarm.errors import RenderError
from cutfarm.text.characters import has_kana, script_of
from cutfarm.text.face import BOLD, REGULAR, FontFace, FontQuery, WeightedFont
from cutfarm.text.files import font_files

APPLICATION_FONT = "the application's default font"

_MAIN_FAMILIES = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans", "DejaVu Sans")
_NEVER_FALLBACK = frozenset(("lastresort", "adobeblank", "adobenotdef", "adobeblank2", "unifont"))
_DIGEST = re.compile(r"[0-9a-f]{32,}")

# Families with the line box of one that may not be shipped: drawn to its widths, or by the same designers.
_STAND_INS: Mapping[str, str] = MappingProxyType(
    {
        "arial": "Liberation Sans",
        "helvetica": "Liberation Sans",
        "timesnewroman": "Liberation Serif",
        "times": "Liberation Serif",
        "couriernew": "Liberation Mono",
        "sourcehansans": "Noto Sans SC",
        "sourcehansanscn": "Noto Sans SC",
        "sourcehansanssc": "Noto Sans SC",
        "思源黑体": "Noto Sans SC",
        "zhhans": "Noto Sans SC",
        "zhhant": "Noto Sans TC",
        "notosanscjksc": "Noto Sans SC",
        "notosanscjkjp": "Noto Sans JP",
        "notosanscjkkr": "Noto Sans KR",
        "notosanscjktc": "Noto Sans TC",
    }
)
_SCRIPT_FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Arab": ("Noto Sans Arabic",),
        "Beng": ("Noto Sans Bengali",),
        "Bopo": ("Noto Sans TC", "Noto Sans SC"),
        "Cyrl": ("Noto Sans",),
        "Deva": ("Noto Sans Devanagari",),
        "Ethi": ("Noto Sans Ethiopic",),
        "Grek": ("Noto Sans",),
        "Hang": ("Noto Sans KR", "Noto Sans CJK KR"),
        "Hani": ("Noto Sans SC", "Noto Sans CJK SC", "Noto Sans TC", "Noto Sans JP", "Noto Sans KR"),
        "Hebr": ("Noto Sans Hebrew",),
        "Hira": ("Noto Sans JP", "Noto Sans CJK JP"),
        "Kana": ("Noto Sans JP", "Noto Sans CJK JP"),
        "Khmr": ("Noto Sans Khmer",),
        "Laoo": ("Noto Sans Lao",),
        "Latn": ("Noto Sans",),
        "Mymr": ("Noto Sans Myanmar",),
        "Taml": ("Noto Sans Tamil",),
        "Telu": ("Noto Sans Telugu",),
        "Thai": ("Noto Sans Thai",),
    }
)
_ANY_SCRIPT_FAMILIES = ("Noto Sans SC", "Noto Sans", "Noto Sans Symbols 2", "DejaVu Sans")


@dataclass(frozen=True, slots=True)
class FontMatch:
    """The font found for a style, and what it stands in for."""

    face: FontFace
    weight: int  #: 1…1000, before the style's own bold
    substitution: tuple[str, str] | None  #: (name wanted, name used); None where it is the font that was asked for
    same_metrics: bool = True  #: whether its line box is that of the font wanted; else that is not known


class FontLibrary:
    """A catalogue of font files: the caller's folders, then the installed font packages, then the system's folders.

    Files are listed when first needed and opened one by one as questions need them. `names` maps resource ids to
    family or file names. Raises `RenderError` where the machine has no font at all.
    """

    def __init__(
        self, folders: Iterable[Path] = (), *, names: Mapping[str, str] | None = None, system: bool = True
    ) -> None:
        self._folders = tuple(folders)
        self._names = names or {}
        self._system = system
        self._weighted: dict[tuple[FontFace, int, bool], WeightedFont] = {}
        self._orders: dict[tuple[str, bool], tuple[FontFace, ...]] = {}

    @cached_property
    def faces(self) -> tuple[FontFace, ...]:
        """Every face of every font file, the caller's first."""
        return tuple(face for path in font_files(self._folders, system=self._system) for face in _faces_of(path))

    @cached_property
    def main(self) -> FontFace:
        """The face that draws what no named font draws: Noto Sans SC where it is installed."""
        for family in _MAIN_FAMILIES:
            if (face := self._named(FontQuery.parse(family))) is not None:
                return face
        face = next((face for face in self.faces if face.usable and not face.is_colour), None)
        if face is None:
            raise RenderError("No font file was found: install the font packages or name a folder of fonts.")
        return face

    def find(self, font_id: str, font_path: str) -> FontMatch:
        """The font that a style names by id or path, else one that stands in for it, else the main one."""
        wanted = font_name(font_id, font_path, self._names)
        stem = PureWindowsPath(font_path).stem
        named = (font_id, stem, "" if wanted == APPLICATION_FONT else wanted)
        queries = [FontQuery.parse(name) for name in dict.fromkeys(named) if name]
        for query in queries:
            if (face := self._named(query)) is not None:
                return _found(face, query.weight, wanted)
        weight = next((query.weight for query in queries if query.weight), REGULAR)
        for query in queries:
            stand_in = _STAND_INS.get(query.family)
            if stand_in and (face := self._named(FontQuery(FontQuery.parse(stand_in).family, weight, query.italic))):
                return FontMatch(face, weight, (wanted, face.family))
        return FontMatch(self.main, weight, (wanted, self.main.family), same_metrics=False)

    def weighted(self, face: FontFace, weight: int, *, bold: bool) -> WeightedFont:
        """The face at a weight; for bold its heavier self, else its family's bold file, else thickened outlines."""
        key = (face, weight, bold)
        if key not in self._weighted:
            self._weighted[key] = self._make_bold(face, weight) if bold else WeightedFont(face, weight, embolden=False)
        return self._weighted[key]

    def fallback(self, cluster: str, *, emoji: bool, context: str = "") -> FontFace | None:
        """The first face that has every character of a cluster, or None.

        Fonts made for the cluster's script come first; Han characters follow the kana in `context`.
        Colour fonts come first for emoji and last for everything else.
        """
        script = next((script for char in cluster if (script := script_of(char)) != "Zyyy"), "Zyyy")
        if script == "Hani" and has_kana(context):
            script = "Hira"
        return next((face for face in self._order(script, emoji) if face.covers(cluster)), None)

    def _order(self, script: str, emoji: bool) -> tuple[FontFace, ...]:
        key = (script, emoji)
        if key not in self._orders:
            families = _SCRIPT_FAMILIES.get(script, ()) + _ANY_SCRIPT_FAMILIES
            preferred = [face for family in families if (face := self._named(FontQuery.parse(family))) is not None]
            others = [
                face
                for face in self.faces
                if face.usable and FontQuery.parse(face.family).family not in _NEVER_FALLBACK
            ]
            ordered = dict.fromkeys([*preferred, *sorted(others, key=lambda face: face.italic)])
            self._orders[key] = tuple(sorted(ordered, key=lambda face: face.is_colour != emoji))
        return self._orders[key]

    def _make_bold(self, face: FontFace, weight: int) -> WeightedFont:
        bold = max(weight, BOLD)
        if face.weights[1] < 600:
            family = FontQuery.parse(face.family).family
            sibling = self._named(FontQuery(family, bold, face.italic))
            if sibling is not None and sibling.weights[1] >= 600 and sibling.italic == face.italic:
                face = sibling
        return WeightedFont(face, bold, embolden=face.weights[1] < 600)

    def _named(self, query: FontQuery) -> FontFace | None:
        """The face of this family nearest in slant and weight; the first of the catalogue among equals."""
        faces = self._by_file_name.get(query.family) or self._by_any_name.get(query.family) or []
        usable = [face for face in faces if face.usable]
        return min(usable, key=lambda face: _distance(face, query), default=None)

    @cached_property
    def _by_file_name(self) -> dict[str, list[FontFace]]:
        return _index((FontQuery.parse(face.path.stem), face) for face in self.faces)

    @cached_property
    def _by_any_name(self) -> dict[str, list[FontFace]]:
        return _index((query, face) for face in self.faces if face.usable for query in face.queries)


def font_name(font_id: str, font_path: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """A style's font for the report: the table's name of its id, else its file's name, else the id itself."""
    path = PureWindowsPath(font_path)
    if font_id in names:
        return names[font_id]
    if path.parent.name.casefold() == "systemfont" or not (path.stem or font_id):
        return APPLICATION_FONT
    if path.stem and not _DIGEST.fullmatch(path.stem.casefold()):
        return path.stem
    return font_id or path.stem


def _found(face: FontFace, weight: int | None, wanted: str) -> FontMatch:
    """The match of a face that bears the name; it still stands in for a weight that the family does not have."""
    low, high = face.weights
    drawn = min(max(weight or REGULAR, low), high)
    return FontMatch(face, drawn, (wanted, f"{face.family} {drawn}") if weight not in (None, drawn) else None)


def _distance(face: FontFace, query: FontQuery) -> tuple[bool, int]:
    low, high = face.weights
    weight = query.weight or REGULAR
    return face.italic != query.italic, max(low - weight, weight - high, 0)


def _index(named: Iterable[tuple[FontQuery, FontFace]]) -> dict[str, list[FontFace]]:
    index: dict[str, list[FontFace]] = {}
    for query, face in named:
        faces = index.setdefault(query.family, [])
        if face not in faces:
            faces.append(face)
    return index


def _faces_of(path: Path) -> list[FontFace]:
    if path.suffix.lower() not in (".ttc", ".otc"):
        return [FontFace(path)]
    first = FontFace(path)
    return [FontFace(path, index) for index in range(first.hb_face.count)] if first.usable else []
