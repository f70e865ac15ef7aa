"""The value of a cubic Bézier at a time: the time is solved for, the value read off."""

from __future__ import annotations

_ENOUGH = 1e-15  # of x, whose span is 1
_MOST_STEPS = 80


def eased(share: float, first: tuple[float, float], second: tuple[float, float], end: float) -> float:
    """The value at `share` of the time, 0…1, of the curve from (0, 0) by `first` and `second` to (1, `end`).

    Points are (share of the time, value). Control points beyond the span are held to it in time, so that the curve
    never runs back and has one value at each time; their values stay, and may lie beyond both ends'.
    """
    x1, x2 = min(max(first[0], 0.0), 1.0), min(max(second[0], 0.0), 1.0)
    u = _place(min(max(share, 0.0), 1.0), x1, x2)
    return _cubic(u, first[1], second[1], end)


def _place(x: float, x1: float, x2: float) -> float:
    """The parameter at which the curve's time is `x`: Newton's steps, halving where they would leave the bracket."""
    low, high, u = 0.0, 1.0, x
    for _ in range(_MOST_STEPS):
        error = _cubic(u, x1, x2, 1.0) - x
        if abs(error) <= _ENOUGH or high - low <= _ENOUGH:
            break
        if error > 0.0:
            high = u
        else:
            low = u
        slope = _slope(u, x1, x2)
        newton = u - error / slope if slope > 0.0 else low
        u = newton if low < newton < high else (low + high) / 2.0
    return u


def _cubic(u: float, p1: float, p2: float, p3: float) -> float:
    back = 1.0 - u
    return u * (3.0 * back * (back * p1 + u * p2) + u * u * p3)


def _slope(u: float, p1: float, p2: float) -> float:
    back = 1.0 - u
    return 3.0 * (back * back * p1 + 2.0 * back * u * (p2 - p1) + u * u * (1.0 - p2))
