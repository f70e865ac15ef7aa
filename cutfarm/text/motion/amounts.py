"""How much of an effect a moment asks for: its parameters as numbers, its strength, its clock."""

from __future__ import annotations

import math
import re

from cutfarm.text.motion.easing import ease, restful
from cutfarm.text.motion.moment import Moment, Params

FRAME_EM = 4.0
_LEAST_EM_PX = 0.01
_MAX = 1e4
_COLOUR = re.compile(r"#([0-9a-fA-F]{6})")

Rgb = tuple[float, float, float]

WHITE: Rgb = (1.0, 1.0, 1.0)


def frame_px(moment: Moment) -> float:
    """The height of a frame whose parts the tables' lengths are.

    A caption has no frame of its own, and the canvas would give letters smears of half their height: a frame is taken
    to be four letters high.
    """
    return FRAME_EM * max(moment.em_px, _LEAST_EM_PX)


def number(params: Params, name: str, default: float) -> float:
    """A parameter as a number that can be reckoned with; `default` where there is none."""
    value = params.get(name)
    if isinstance(value, bool | int | float) and math.isfinite(value):
        return min(max(float(value), -_MAX), _MAX)
    return default


def whole(params: Params, name: str, default: int, most: int) -> int:
    """A parameter as a count, 1 … `most`."""
    return min(max(round(number(params, name, default)), 1), most)


def colour(value: object, default: Rgb = WHITE) -> Rgb:
    """R, G, B in 0…1 of `#rrggbb`; `default` for anything else."""
    if not isinstance(value, str) or (found := _COLOUR.fullmatch(value)) is None:
        return default
    code = int(found[1], 16)
    return (code >> 16) / 255.0, (code >> 8 & 255) / 255.0, (code & 255) / 255.0


def at_rest(moment: Moment) -> bool:
    """Whether the drawing is to be left as it is: the end of a way in, the start of a way out."""
    return (moment.kind == "in" and moment.p >= 1.0) or (moment.kind == "out" and moment.p <= 0.0)


def shown(moment: Moment, params: Params) -> float:
    """The share of the drawing that has come or is left, 0…1, linear where no `ease` is named; 1 in a loop."""
    if moment.kind == "loop":
        return 1.0
    p = min(max(ease(params.get("ease"), moment.p), 0.0), 1.0)
    return p if moment.kind == "in" else 1.0 - p


def away(moment: Moment, params: Params) -> float:
    """How far from rest, 1 far … 0 at rest: in 1 − ease(p), `out_cubic`; out ease(p), `in_cubic`.

    In a loop it is 1, or with `osc` it swells from 0 and goes back once a turn. Held to 0…1.
    """
    if moment.kind == "loop":
        return swell(moment, params) if number(params, "osc", 0.0) else 1.0
    name = restful(moment.kind, params.get("ease"))
    eased = ease(name, moment.p, "out_cubic" if moment.kind == "in" else "in_cubic")
    return min(max(1.0 - eased if moment.kind == "in" else eased, 0.0), 1.0)


def ridden(moment: Moment) -> tuple[float, float]:
    """The opacity of a drawing that something rides on, and the strength of that: 1 − away, sin πp; in a loop 1, 1."""
    if moment.kind == "loop":
        return 1.0, 1.0
    return 1.0 - away(moment, {}), math.sin(math.pi * min(max(moment.p, 0.0), 1.0))


def emerging(far: float) -> float:
    """The opacity of what would be there all at once while it is far: 0 at 1, nearly all of it from a half on."""
    return 1.0 - far * far


def turn(moment: Moment, params: Params) -> float:
    """Turns gone by: seconds × `rate` where there is one, else of a loop the share of its turn, else seconds."""
    rate = number(params, "rate", 0.0)
    if rate > 0.0:
        return moment.time_s * rate
    return moment.p if moment.kind == "loop" else moment.time_s


def swell(moment: Moment, params: Params) -> float:
    """0 at the start of a turn, 1 in its middle, a cosine."""
    return 0.5 - 0.5 * math.cos(2.0 * math.pi * turn(moment, params))


def step(moment: Moment, rate: float) -> int:
    """Which of `rate` steps a second it is."""
    return math.floor(moment.time_s * rate + 1e-6)


def direction(params: Params, default: str = "r") -> tuple[float, float]:
    """The unit vector of `angle` (degrees clockwise, 0 to the right), else of `dir`."""
    name = params.get("dir")
    angle_deg = _ANGLES_DEG.get(name if isinstance(name, str) else default, _ANGLES_DEG[default])
    angle = math.radians(number(params, "angle", angle_deg))
    return math.cos(angle), math.sin(angle)


_ANGLES_DEG = {"r": 0.0, "dr": 45.0, "d": 90.0, "dl": 135.0, "l": 180.0, "ul": 225.0, "u": 270.0, "ur": 315.0}
