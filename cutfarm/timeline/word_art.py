"""Looks of our own in place of word art, whose packages a draft does not hold.

A look follows from the number of the word art, the colours that the draft's style carries, and the colour that its name
speaks of; the same number has the same look everywhere. Letters and the stroke around them differ enough to be read.
"""

from __future__ import annotations

import colorsys
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from cutfarm.timeline.styles import BLACK, WHITE, Look
from cutfarm.timeline.text import Colour, Fill, Glow, Gradient, GradientStop, Shadow, Stroke, Texture

Kind = Literal["framed", "raised", "neon", "foil"]

_KINDS: tuple[Kind, ...] = ("framed", "raised", "neon", "foil")
_KIND_WORDS: dict[str, Kind] = {
    "发光": "neon",
    "霓虹": "neon",
    "glow": "neon",
    "neon": "neon",
    "立体": "raised",
    "3d": "raised",
    "金属": "foil",
    "metal": "foil",
}
_GOLD, _SILVER = (1.0, 0.78, 0.22), (0.8, 0.83, 0.87)
_RED, _ORANGE, _YELLOW, _GREEN = (0.95, 0.2, 0.2), (1.0, 0.55, 0.1), (1.0, 0.86, 0.1), (0.25, 0.8, 0.35)
_CYAN, _BLUE, _PURPLE, _PINK = (0.2, 0.85, 0.9), (0.2, 0.5, 1.0), (0.6, 0.35, 0.95), (1.0, 0.45, 0.7)
_COLOUR_WORDS: dict[str, Colour] = {
    "金": _GOLD, "银": _SILVER, "红": _RED, "橙": _ORANGE, "橘": _ORANGE, "黄": _YELLOW, "绿": _GREEN, "青": _CYAN,
    "蓝": _BLUE, "紫": _PURPLE, "粉": _PINK, "白": WHITE, "黑": BLACK,
    "gold": _GOLD, "silver": _SILVER, "red": _RED, "orange": _ORANGE, "yellow": _YELLOW, "green": _GREEN,
    "cyan": _CYAN, "blue": _BLUE, "purple": _PURPLE, "pink": _PINK, "white": WHITE, "black": BLACK,
}  # fmt: skip
_COLOUR_NAMES = re.compile("|".join(rf"\b{word}\b" if word.isascii() else word for word in _COLOUR_WORDS))
_EDGE = "边"
_DOWNWARDS_DEG = 90.0
_GREY = 0.2  #: colours of less saturation say nothing of a hue
_LETTER_LIGHT, _EDGE_DARK = 0.34, 0.05  #: luminances that letters and strokes keep to, or the other way round
_MIDDLE = 0.15  #: of a stroke that the style carries: lighter ones have dark letters
_STEPS = 12


def in_word_art(look: Look, name: str) -> Look:
    """`look` as its word art `look.art_id`, called `name` or nothing, is drawn.

    Gradients, strokes, shadows and a glow of the style stay as they are; textures out of the word art's own package
    do not, as that cannot be had. A style that keeps its own colour has it in place of the art's.
    """
    art = _Art(look, name)
    fill = look.fill if look.own_colour or _is_at_hand(look) else art.fill
    return replace(
        look,
        colour=look.colour if look.own_colour else art.letters,
        fill=fill,
        strokes=look.strokes or art.strokes,
        shadows=look.shadows or art.shadows,
        glow=look.glow or art.glow,
    )


def luminance(colour: Colour) -> float:
    """How light a gamma-encoded colour is to the eye, 0…1 (WCAG 2.2, relative luminance)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass(frozen=True, slots=True)
class _Art:
    """What the word art of a look is made of."""

    look: Look
    name: str

    @property
    def kind(self) -> Kind:
        spoken = next((kind for word, kind in _KIND_WORDS.items() if word in self.name.lower()), None)
        return spoken or _KINDS[int(self._chance("kind") * len(_KINDS))]

    @property
    def letters(self) -> Colour:
        """The letters' colour where they have no other."""
        return self._letter(self._base)

    @property
    def fill(self) -> Fill:
        match self.kind:
            case "neon":
                shades = [_mixed(self._base, WHITE, 0.85), _mixed(self._base, WHITE, 0.7)]
            case "foil":
                shades = [_mixed(self._base, WHITE, part) for part in (0.75, 0.1, 0.6, 0.0)]
            case _:
                shades = [_mixed(self._base, WHITE, 0.55), self._base]
        stops = [GradientStop(at / (len(shades) - 1), self._letter(shade)) for at, shade in enumerate(shades)]
        return Gradient(tuple(stops), _DOWNWARDS_DEG)

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        width_em = 0.045 + 0.03 * self._chance("stroke")
        edge = Stroke(self._edge, 1.0, width_em)
        if self.kind == "framed":
            return (edge, Stroke(BLACK if self._is_dark else WHITE, 1.0, width_em + 0.05))
        return (edge,)

    @property
    def shadows(self) -> tuple[Shadow, ...]:
        match self.kind:
            case "raised":
                return (Shadow(_mixed(self._edge, BLACK, 0.4), 1.0, -60.0, 0.08),)
            case "foil":
                return (Shadow(BLACK, 0.6, -45.0, 0.04, 0.04),)
            case _:
                return ()

    @property
    def glow(self) -> Glow | None:
        return Glow(_mixed(self._vivid, WHITE, 0.15), 0.9, 0.12) if self.kind == "neon" else None

    @property
    def _is_dark(self) -> bool:
        """Whether the letters are dark and what is around them light."""
        carried = next(iter(self.look.strokes), None)
        around_is_light = carried is not None and luminance(carried.colour) > _MIDDLE
        return around_is_light or (carried is None and luminance(self._base) < _EDGE_DARK)

    def _letter(self, shade: Colour) -> Colour:
        return _darkened(shade) if self._is_dark else _lightened(shade)

    @property
    def _edge(self) -> Colour:
        colour = self._edge_word or _mixed(self._vivid, BLACK, 0.55)
        return _lightened(colour) if self._is_dark else _darkened(colour)

    @property
    def _base(self) -> Colour:
        """The colour that the letters are derived from: the style's, its name's, else one by chance."""
        look = self.look
        stops = look.fill.stops if isinstance(look.fill, Gradient) else ()
        carried = [look.colour, *(stop.colour for stop in stops), *(stroke.colour for stroke in look.strokes)]
        spoken = next((colour for colour, is_edge in _spoken(self.name) if not is_edge), None)
        return next((colour for colour in carried if _saturation(colour) >= _GREY), None) or spoken or self._by_chance

    @property
    def _vivid(self) -> Colour:
        """A colour that suits the base, also where that is grey."""
        return self._base if _saturation(self._base) >= _GREY else self._by_chance

    @property
    def _by_chance(self) -> Colour:
        return colorsys.hsv_to_rgb(self._chance("hue"), 0.65 + 0.25 * self._chance("saturation"), 1.0)

    @property
    def _edge_word(self) -> Colour | None:
        return next((colour for colour, is_edge in _spoken(self.name) if is_edge), None)

    def _chance(self, what: str) -> float:
        """A number in [0, 1) that belongs to the word art alone."""
        digest = hashlib.sha256(f"{self.look.art_id}\n{what}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48


def _is_at_hand(look: Look) -> bool:
    """Whether the style's own gradient or picture can be had."""
    if isinstance(look.fill, Texture):
        return not (look.art_path and look.fill.path.startswith(look.art_path))
    return look.fill is not None


def _spoken(name: str) -> Iterator[tuple[Colour, bool]]:
    """The colours that a name speaks of, in its order, and whether each is that of an edge."""
    lower = name.lower()
    for found in _COLOUR_NAMES.finditer(lower):
        yield _COLOUR_WORDS[found[0]], lower[found.end() :].removeprefix("色").startswith(_EDGE)


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = ((1 - share) * one + share * two for one, two in zip(colour, other, strict=True))
    return red, green, blue


def _lightened(colour: Colour) -> Colour:
    """`colour` with as little white as makes it light enough for letters on a dark edge."""
    shades = (_mixed(colour, WHITE, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if luminance(shade) >= _LETTER_LIGHT)


def _darkened(colour: Colour) -> Colour:
    """`colour` with as little black as makes it dark enough for an edge around light letters."""
    shades = (_mixed(colour, BLACK, step / _STEPS) for step in range(_STEPS + 1))
    return next(shade for shade in shades if luminance(shade) <= _EDGE_DARK)


def _saturation(colour: Colour) -> float:
    return colorsys.rgb_to_hsv(*colour)[1]
