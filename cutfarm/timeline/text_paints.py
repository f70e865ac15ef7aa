"""What a caption's letters are painted with: colours, gradients and pictures, held to what can be drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cutfarm.timeline import fields
from cutfarm.timeline.colours import places_of, rgba_of
from cutfarm.timeline.fields import Node
from cutfarm.timeline.text import Colour, Fill, Gradient, GradientStop, Texture

MAX_STOPS = 64  #: of a gradient
_RADIAL = frozenset({"1", "radial"})


@dataclass(slots=True)
class Held:
    """Reads numbers and colours, holds them to their ranges, and remembers what that took away."""

    _said: dict[str, None] = field(default_factory=dict)

    @property
    def said(self) -> tuple[str, ...]:
        """One sentence for each value that could not be taken as it is."""
        return tuple(self._said)

    def say(self, sentence: str) -> None:
        """Remember a sentence once."""
        self._said[sentence] = None

    def number(self, parent: Node, key: str, default: float, low: float, high: float, what: str) -> float:
        """The finite number at `key`, brought into [low, high]; `default` where there is none."""
        value = fields.finite(parent.get(key))
        return default if value is None else self.within(value, low, high, what)

    def within(self, value: float, low: float, high: float, what: str) -> float:
        """`value`, brought into [low, high]."""
        held = min(max(value, low), high)
        if held != value:
            self.say(f"The {what} of {value:g} is drawn as {held:g}.")
        return held

    def alpha(self, parent: Node, key: str = "alpha") -> float:
        """The opacity at `key`, 1 where there is none."""
        return self.number(parent, key, 1.0, 0.0, 1.0, "caption's opacity")

    def colour(self, value: object) -> Colour | None:
        """R, G, B of a list of three or more numbers, of an object of `r`, `g`, `b`, or of `#RRGGBB`.

        Whole numbers of which one is past 1 count to 255, as some writers have them. None for anything else.
        """
        if isinstance(value, str):
            known = rgba_of(value)
            return None if known is None else known[:3]
        items = [value.get(name) for name in "rgb"] if isinstance(value, Mapping) else value
        parts = [fields.finite(part) for part in items[:3]] if isinstance(items, list) else []
        numbers = [part for part in parts if part is not None]
        return self.channels(numbers) if len(numbers) == 3 else None

    def channels(self, numbers: Sequence[float]) -> Colour:
        """R, G, B of the first three of `numbers`, brought into 0…1."""
        numbers = numbers[:3]
        if max(numbers) > 1.0 and all(number.is_integer() for number in numbers):
            self.say("A colour of the caption is read as counting to 255.")
            numbers = [number / 255.0 for number in numbers]
        red, green, blue = (min(max(number, 0.0), 1.0) for number in numbers)
        if (red, green, blue) != tuple(numbers):
            self.say("A colour of the caption lies beyond what can be shown and is held to it.")
        return red, green, blue


@dataclass(frozen=True, slots=True)
class Paint:
    """How one thing is filled."""

    colour: Colour | None  #: R, G, B, 0…1; of a gradient its first; None where the draft names none
    alpha: float = 1.0  #: 0…1
    fill: Fill | None = None


def read_paint(content: Node, held: Held) -> Paint:
    """The `content` of a fill, a stroke or a shadow: what its `render_type` names, else what is there."""
    solid = fields.node(content, "solid")
    colour, alpha = held.colour(solid.get("color")), held.alpha(solid)
    match fields.text(content, "render_type"):
        case "gradient":
            kinds = ["gradient"]
        case "texture":
            kinds = ["texture"]
        case "solid":
            kinds = [] if colour else ["gradient", "texture"]
        case _:
            kinds = ["gradient", "texture"]
    for kind in kinds:
        raw = fields.node(content, kind)
        paint = _gradient(raw, held) if kind == "gradient" else _texture(raw, colour)
        if paint is not None:
            return paint
    return Paint(colour, alpha)


def _texture(raw: Node, colour: Colour | None) -> Paint | None:
    path = fields.text(raw, "path")
    return Paint(colour, fill=Texture(path, fields.text(raw, "resource_id"))) if path else None


def _gradient(raw: Node, held: Held) -> Paint | None:
    """A gradient of two colours at least; of a single one a plain paint. The direction is a proposal: as of fills."""
    colours = [colour for item in fields.values(raw, "color") if (colour := held.colour(item)) is not None]
    if not colours:
        return None
    places = places_of(fields.values(raw, "percent"), len(colours))
    alphas = [fields.finite(item) for item in fields.values(raw, "alpha")]
    alphas += [None] * (len(colours) - len(alphas))
    stops = [
        GradientStop(place, colour, 1.0 if alpha is None else min(max(alpha, 0.0), 1.0))
        for place, colour, alpha in zip(places, colours, alphas, strict=False)
    ]
    stops.sort(key=lambda stop: stop.at)
    if len(stops) > MAX_STOPS:
        held.say(f"Of the {len(stops)} colours of the caption's gradient {MAX_STOPS} are drawn.")
        stops = [stops[at * (len(stops) - 1) // (MAX_STOPS - 1)] for at in range(MAX_STOPS)]
    if len(stops) == 1:
        return Paint(stops[0].colour, stops[0].alpha)
    angle_deg = fields.number(raw, "angle", low=-1e6, high=1e6)
    is_radial = str(raw.get("mode")).lower() in _RADIAL
    return Paint(stops[0].colour, fill=Gradient(tuple(stops), angle_deg, is_radial))
