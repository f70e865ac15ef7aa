"""The fonts that can be had: found by a draft's id or path, by family, or by the script of what must be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain
from pathlib import Path, PureWindowsPath
from types import MappingProxyType

from cutfarm.catalogue.fonts import FontClass, catalogue_font, catalogue_fonts
from cutfarm.errors import RenderError
from cutfarm.text.fonts.face import BOLD, REGULAR, FontFace, FontQuery, WeightedFont
from cutfarm.text.fonts.families import (
    LINE_BOXES,
    MAIN,
    NEVER_FALLBACK,
    STAND_INS,
    class_of_name,
    families_of_class,
    families_of_script,
    script_for,
    weight_of_kind,
)
from cutfarm.text.fonts.files import farm_folder, files_below, font_files, states

APPLICATION_FONT = "the application's default font"

_DIGEST = re.compile(r"[0-9a-f]{32,}")
MOST_WEIGHTED = 32  #: fonts at a weight that are kept, each with its outlines
_MOST_GIVEN = 64  # files of drafts that are kept open
_MAX_COLLECTION = 64  #: faces of one file that are looked at
_NOTHING: Mapping[str, Path] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FontMatch:
    """The font found for a style, and what it stands in for."""

    face: FontFace
    weight: int  #: 1…1000, before the style's own bold
    substitution: tuple[str, str] | None  #: (name wanted, name used); None where it is the font that was asked for
    same_metrics: bool = True  #: whether `vertical_em` is that of the font wanted; else that is not known
    known_em: tuple[float, float] | None = None  #: ascent and descent of the font wanted, where its box is no other's

    @property
    def vertical_em(self) -> tuple[float, float]:
        """Ascent and descent to lay lines out by, both positive, in parts of an em."""
        return self.known_em or self.face.vertical_em


class FontLibrary:
    """The font files of a machine: the caller's folders, the farm's, the installed font packages, the system's folders.

    Files are listed when first needed and opened one by one as questions need them. `names` maps resource ids to
    family or file names, before the catalogue's. `system=False` leaves all folders out but the caller's and the
    packages'. Raises `RenderError` where the machine has no font at all.
    """

    def __init__(
        self, folders: Iterable[Path] = (), *, names: Mapping[str, str] | None = None, system: bool = True
    ) -> None:
        self._folders = tuple(folders)
        self._names = names or MappingProxyType({})
        self._system = system
        self._weighted: dict[tuple[FontFace, int, bool], WeightedFont] = {}
        self._given: dict[Path, tuple[FontFace, ...]] = {}
        self._orders: dict[tuple[str, bool], tuple[FontFace, ...]] = {}
        self._chosen = lru_cache(maxsize=8192)(self._choose)

    @cached_property
    def faces(self) -> tuple[FontFace, ...]:
        """Every face of every font file, the caller's first."""
        return tuple(chain.from_iterable(map(faces_of, font_files(self._folders, system=self._system))))

    @cached_property
    def main(self) -> FontFace:
        """The face that draws what no named font draws: Noto Sans SC where it is installed."""
        face = self._first(MAIN) or next((face for face in self.faces if face.usable and not face.is_colour), None)
        if face is None:
            raise RenderError("No font file was found: install the font packages or name a folder of fonts.")
        return face

    def find(self, font_id: str, font_path: str, files: Mapping[str, Path] = _NOTHING) -> FontMatch:
        """The font that a style names by id or path, else one that stands in for it, else the main one.

        `files` holds the local files that came with the draft, by their paths as the draft says them.
        """
        wanted = font_name(font_id, font_path, self._names)
        is_named_elsewhere = _is_own(font_path) and wanted != APPLICATION_FONT
        stem = "" if is_named_elsewhere else PureWindowsPath(font_path).stem
        named = ("" if wanted == APPLICATION_FONT else wanted, stem, font_id)
        queries = [FontQuery.parse(name) for name in dict.fromkeys(named) if name]
        if font_path in files and (face := self._given_face(files[font_path], queries)) is not None:
            weight = next((query.weight for query in queries if query.weight), REGULAR)
            return FontMatch(face, _within(weight, face.weights), None)
        for query in queries:
            if (face := self._named(query)) is not None:
                return _found(face, query.weight, wanted)
        return self._stand_in(wanted, queries, _class_of(font_id, stem, wanted))

    def _stand_in(self, wanted: str, queries: list[FontQuery], font_class: FontClass | None) -> FontMatch:
        """A font with the same line box, else one of the same kind, else the main one as heavy as that kind is."""
        weight = next((query.weight for query in queries if query.weight), None)
        known_em = next((LINE_BOXES[query.family] for query in queries if query.family in LINE_BOXES), None)
        is_known = known_em is not None
        for query in queries:
            stand_in = STAND_INS.get(query.family)
            face = self._first((stand_in,), weight, italic=query.italic) if stand_in else None
            if face is not None:
                return FontMatch(face, weight or REGULAR, (wanted, face.family))
        if font_class is not None:
            italic = any(query.italic for query in queries)
            face = self._first(families_of_class(font_class), weight, italic=italic)
            if face is not None and face is not self.main:
                return FontMatch(face, weight or REGULAR, (wanted, face.family), is_known, known_em)
        weight = weight or weight_of_kind(font_class, wanted) or REGULAR
        return FontMatch(self.main, weight, (wanted, self.main.family), is_known, known_em)

    def weighted(self, face: FontFace, weight: int, *, bold: bool) -> WeightedFont:
        """The face at a weight; for bold its heavier self, else its family's bold file, else thickened outlines."""
        key = (face, weight, bold)
        held = self._weighted.pop(key, None)
        if held is None:
            held = self._make_bold(face, weight) if bold else WeightedFont(face, weight, embolden=False)
        self._weighted[key] = held  # the latest one last
        if len(self._weighted) > MOST_WEIGHTED:
            del self._weighted[next(iter(self._weighted))]
        return held

    def fallback(self, cluster: str, *, emoji: bool, context: str = "") -> FontFace | None:
        """The first face that has every character of a cluster, or None.

        Fonts made for the cluster's script come first; Han characters and their punctuation take the forms, Japanese,
        Korean, traditional or simplified, of the text around them, `context`. Colour fonts come first for emoji and
        last for everything else.
        """
        return self._chosen(cluster, script_for(cluster, context), emoji)

    def _choose(self, cluster: str, script: str, emoji: bool) -> FontFace | None:
        return next((face for face in self._order(script, emoji) if face.covers(cluster)), None)

    def _order(self, script: str, emoji: bool) -> tuple[FontFace, ...]:
        key = (script, emoji)
        if key not in self._orders:
            preferred = [face for family in families_of_script(script) if (face := self._first((family,))) is not None]
            ordered = dict.fromkeys([*preferred, *self._all])
            self._orders[key] = tuple(sorted(ordered, key=lambda face: face.is_colour != emoji))
        return self._orders[key]

    @cached_property
    def _all(self) -> list[FontFace]:
        """Every face that letters may be drawn with, upright ones first."""
        letters = [
            face for face in self.faces if face.usable and FontQuery.parse(face.family).family not in NEVER_FALLBACK
        ]
        return sorted(letters, key=lambda face: face.italic)

    def _make_bold(self, face: FontFace, weight: int) -> WeightedFont:
        bold = max(weight, BOLD)
        if face.weights[1] < 600:
            family = FontQuery.parse(face.family).family
            sibling = self._named(FontQuery(family, bold, face.italic))
            if sibling is not None and sibling.weights[1] >= 600 and sibling.italic == face.italic:
                face = sibling
        return WeightedFont(face, bold, embolden=face.weights[1] < 600)

    def _first(self, families: Iterable[str], weight: int | None = None, *, italic: bool = False) -> FontFace | None:
        """The first of the families that is here."""
        queries = (FontQuery(FontQuery.parse(family).family, weight, italic) for family in families)
        return next((face for query in queries if (face := self._named(query)) is not None), None)

    def _named(self, query: FontQuery) -> FontFace | None:
        """The face of this family nearest in slant and weight; the first of the catalogue among equals."""
        for index in (self._by_file_name, self._by_any_name):
            usable = [face for face in index.get(query.family, ()) if face.usable]
            if usable:
                return min(usable, key=lambda face: _distance(face, query))
        return None

    def _given_face(self, path: Path, queries: list[FontQuery]) -> FontFace | None:
        """Of a file that came with the draft the face that bears the name, else the first; None if it is no font."""
        if path not in self._given:
            if len(self._given) == _MOST_GIVEN:
                del self._given[next(iter(self._given))]
            self._given[path] = tuple(face for face in faces_of(path) if face.usable)
        families = {query.family for query in queries}

        def rank(face: FontFace) -> tuple[bool, tuple[bool, int]]:
            bears_it = any(query.family in families for query in face.queries)
            return not bears_it, _distance(face, queries[0])

        return min(self._given[path], key=rank, default=None) if queries else None

    @cached_property
    def _by_file_name(self) -> dict[str, list[FontFace]]:
        return _index((FontQuery.parse(face.path.stem), face) for face in self.faces)

    @cached_property
    def _by_any_name(self) -> dict[str, list[FontFace]]:
        return _index((query, face) for face in self.faces for query in face.queries)


def machine_fonts() -> FontLibrary:
    """The library of this machine's fonts, kept as long as no font is added to the farm's folder or leaves it."""
    folder = farm_folder()
    return _machine_fonts(folder, states(files_below(folder)))


@lru_cache(maxsize=1)
def _machine_fonts(folder: Path, held: object) -> FontLibrary:  # noqa: ARG001  # other files make another library
    return FontLibrary()


def font_name(font_id: str, font_path: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
    """A style's font for the report: the catalogue's name of its id, else its file's name, else the id itself.

    `names` are asked before the catalogue.
    """
    path = PureWindowsPath(font_path)
    if (known := names.get(font_id)) is not None:
        return known
    if (font := catalogue_font(font_id)) is not None:
        return font.name
    if _is_own(font_path) or not (path.stem or font_id):
        return APPLICATION_FONT
    if path.stem and not _DIGEST.fullmatch(path.stem.casefold()):
        return path.stem
    return font_id or path.stem


def faces_of(path: Path) -> Iterable[FontFace]:
    """The faces of a font file; of a collection the first 64."""
    first = FontFace(path)
    if path.suffix.lower() not in (".ttc", ".otc") and not _is_collection(path):
        return (first,)
    count = min(first.hb_face.count, _MAX_COLLECTION) if first.usable else 1
    return (first, *(FontFace(path, index) for index in range(1, count)))


def _is_collection(path: Path) -> bool:
    """Whether a file without a font's ending, as a store keeps it, holds several faces."""
    if path.suffix:
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) == b"ttcf"
    except OSError:
        return False


def _is_own(font_path: str) -> bool:
    """Whether it is a font of the application itself, which it names where nothing else is chosen."""
    return PureWindowsPath(font_path).parent.name.casefold() == "systemfont"


def _class_of(font_id: str, stem: str, wanted: str) -> FontClass | None:
    font = catalogue_font(font_id, stem)
    if font is not None:
        return font.font_class
    return _classes_of_families().get(FontQuery.parse(wanted).family) or class_of_name(wanted)


@cache
def _classes_of_families() -> Mapping[str, FontClass]:
    """What the catalogue knows of fonts whose other weights it has."""
    return {FontQuery.parse(font.name).family: font.font_class for font in catalogue_fonts()}


def _found(face: FontFace, weight: int | None, wanted: str) -> FontMatch:
    """The match of a face that bears the name; it still stands in for a weight that the family does not have."""
    drawn = _within(weight or REGULAR, face.weights)
    return FontMatch(face, drawn, (wanted, f"{face.family} {drawn}") if weight not in (None, drawn) else None)


def _within(weight: int, weights: tuple[int, int]) -> int:
    return min(max(weight, weights[0]), weights[1])


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
