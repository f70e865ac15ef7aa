"""Cubic Béziers as functions of time, for many instants at once; float64."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kernels.sound import Doubles

_KNOTS = 4096  # of its parameter; chords between them are off by some 1e-7 of its height, and by less at the ends


@dataclass(frozen=True, slots=True)
class Ease:
    """The curve from (0, 0) by (x1, y1) and (x2, y2) to (1, `end`); x is the part of the time, held to 0…1."""

    x1: float
    y1: float
    x2: float
    y2: float
    end: float


def eased(shares: Doubles, ease: Ease) -> Doubles:
    """Values (n,) of the curve at the parts `shares` (n,) of its time, held to 0…1.

    Chords join places of the curve's parameter, so that they lie close where it is steep in time, and closest towards
    both ends, where a gain may come from nothing.
    """
    times, values = _table(ease)
    return np.interp(shares, times, values)


@lru_cache(maxsize=64)
def _table(ease: Ease) -> tuple[Doubles, Doubles]:
    u = (1.0 - np.cos(np.linspace(0.0, np.pi, _KNOTS + 1))) / 2.0
    x1, x2 = (min(max(x, 0.0), 1.0) for x in (ease.x1, ease.x2))
    return _cubic(u, x1, x2, 1.0), _cubic(u, ease.y1, ease.y2, ease.end)


def _cubic(u: Doubles, p1: float, p2: float, p3: float) -> Doubles:
    back = 1.0 - u
    return u * (3.0 * back * (back * p1 + u * p2) + u * u * p3)
