"""When each unit of a caption moves, of an animation that moves one after the other."""

from __future__ import annotations

from cutfarm.text.motion.amounts import number
from cutfarm.text.motion.chance import shuffled
from cutfarm.text.motion.moment import Params

SHARE = 0.4  #: of an animation's time that one unit takes
STILL = 0.2  #: share of a turn in which a repeated entrance stands before it comes again
_PHASED = frozenset({"flip3d"})  # whose turn brings a unit back to where it was
_REPEATED = frozenset({"slide", "typewriter", "karaoke"})
_UNITS = {"karaoke": "line", "spread": "char", "text_path": "char", "text_style": "char", "typewriter": "char"}


def unit_of(family: str, params: Params) -> str:
    """What moves as one piece, of an animation whose main family is this: `char`, `word`, `line` or `all`."""
    if params.get("shape") == "tile_rows":
        return "all"
    unit = params.get("unit")
    return unit if unit in ("char", "word", "line", "all") else _UNITS.get(family, "all")


def order_of(kind: str, family: str, params: Params) -> object:
    """The order in which units move; what was typed is deleted from its end."""
    return params.get("order", "rev" if (kind, family) == ("out", "typewriter") else "fwd")


def ranks(order: object, count: int, seed: int) -> tuple[int, ...]:
    """The place of each unit in the order in which they move, of units in reading order.

    `fwd` as they are read, `rev` the other way, `center` from the middle outwards, `random` by the seed.
    """
    match order:
        case "rev":
            sequence = list(reversed(range(count)))
        case "center":
            sequence = sorted(range(count), key=lambda index: abs(index - (count - 1) / 2))
        case "random":
            sequence = list(shuffled(seed, count))
        case _:
            sequence = list(range(count))
    places = [0] * count
    for rank, index in enumerate(sequence):
        places[index] = rank
    return tuple(places)


def unit_progress(family: str, params: Params, progress: float, rank: int, count: int) -> float:
    """How far the unit of a rank is, 0…1, of an animation that is `progress` of its time on its way.

    start = rank/(count − 1) · (1 − w), p = (progress − start)/w; w is 0.4, 1/(1 + (count − 1)(1 − o)) with `overlap` o,
    and 1 where there is but one unit. Lines are sung one after the other.
    """
    if count < 2:
        return min(max(progress, 0.0), 1.0)
    share = SHARE
    if family == "karaoke":
        share = 1.0 / count
    elif "overlap" in params:
        share = 1.0 / (1.0 + (count - 1) * (1.0 - min(max(number(params, "overlap", 0.0), 0.0), 1.0)))
    start = rank / (count - 1) * (1.0 - share)
    return min(max((progress - start) / share, 0.0), 1.0)


def turn_progress(family: str, params: Params, turn: float, rank: int, count: int) -> float:
    """How far the unit of a rank is in its turn of a loop, `turn` of which is over.

    Units of most loops are alike; an entrance that is repeated, and cards that turn over, go one after the other.
    """
    if params.get("osc") or params.get("mode") == "marquee":
        return turn
    if family in _REPEATED:
        return unit_progress(family, params, min(turn / (1.0 - STILL), 1.0), rank, count)
    return unit_progress(family, params, turn, rank, count) if family in _PHASED else turn
