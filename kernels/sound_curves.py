"""Cubic Béziers as functions of time, for many instants at once; float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kernels.sound import Doubles

_ENOUGH = 1e-13  # of x, whose span is 1
_STEPS = 48  # of bisection, each of which may be a Newton step


@dataclass(frozen=True, slots=True)
class Ease:
    """The curve from (0, 0) by (x1, y1) and (x2, y2) to (1, `end`); x is the part of the time, held to 0…1."""

    x1: float
    y1: float
    x2: float
    y2: float
    end: float


def eased_by_knots(shares: Doubles, ease: Ease, knots: int) -> Doubles:
    """Values (n,) at the ascending parts `shares` (n,) of its time, by straight lines between `knots` places of it.

    The places are the same for any `shares`, evenly spaced from 0 to 1, and only those that are needed are solved for.
    """
    places = shares * knots
    first, last = int(np.floor(places[0])), int(np.ceil(places[-1]))
    at = np.arange(first, max(last, first + 1) + 1, dtype=np.float64)
    return np.interp(places, at, eased(at / knots, ease))


def eased(shares: Doubles, ease: Ease) -> Doubles:
    """Values (n,) of the curve at the parts `shares` (n,) of its time, 0…1.

    The parameter is solved for by Newton's steps, halved where they would leave the bracket.
    """
    x1, x2 = min(max(ease.x1, 0.0), 1.0), min(max(ease.x2, 0.0), 1.0)
    x = np.clip(shares, 0.0, 1.0)
    low, high, u = np.zeros_like(x), np.ones_like(x), x.copy()
    for _ in range(_STEPS):
        error = _cubic(u, x1, x2, 1.0) - x
        if float(np.abs(error).max(initial=0.0)) <= _ENOUGH:
            break
        np.copyto(high, u, where=error > 0)
        np.copyto(low, u, where=error <= 0)
        slope = _slope(u, x1, x2)
        newton = u - np.divide(error, slope, out=np.full_like(u, 2.0), where=slope > 0)
        u = np.where((newton > low) & (newton < high), newton, (low + high) / 2.0)
    return _cubic(u, ease.y1, ease.y2, ease.end)


def _cubic(u: Doubles, p1: float, p2: float, p3: float) -> Doubles:
    back = 1.0 - u
    return u * (3.0 * back * (back * p1 + u * p2) + u * u * p3)


def _slope(u: Doubles, x1: float, x2: float) -> Doubles:
    back = 1.0 - u
    return 3.0 * (back * back * x1 + 2.0 * back * u * (x2 - x1) + u * u * (1.0 - x2))
