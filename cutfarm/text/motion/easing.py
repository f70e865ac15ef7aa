"""Easing: how a motion's pace changes on its way, by the names of the effect tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

Curve = Callable[[float], float]

_BACK = 1.70158
_STEPS = 4
_BOUNCE, _BOUNCE_SPAN = 7.5625, 2.75


def ease(name: object, p: float, default: str = "linear") -> float:
    """Where a motion is that is `p` of its time on its way: 0 at 0, 1 at 1, outside 0…1 for those that overshoot.

    `p` is held to 0…1. `linear`; `in_`, `out_`, `in_out_` of `quad`, `cubic`, `quint`, `expo`, `sine`, `circ`, `back`,
    `elastic`, `bounce`; `steps`, four of them. A name that is none of these counts as `default`.
    """
    curve = CURVES.get(name) if isinstance(name, str) else None
    return (curve or CURVES[default])(min(max(p, 0.0), 1.0))


def restful(kind: str, name: object) -> object:
    """The curve of that name whose slow or springy end is at rest: `out_…` on the way in, `in_…` on the way out."""
    if not isinstance(name, str) or name.startswith("in_out_"):
        return name
    if kind == "in" and name.startswith("in_"):
        return f"out_{name.removeprefix('in_')}"
    return f"in_{name.removeprefix('out_')}" if kind == "out" and name.startswith("out_") else name


def smoothstep(low: float, high: float, x: float) -> float:
    """0 up to `low`, 1 from `high`, a cubic without corners between them; a step where they are one."""
    if high <= low:
        return float(x >= high)
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def _expo(p: float) -> float:
    return 0.0 if p <= 0.0 else math.exp2(10.0 * p - 10.0)


def _back(p: float) -> float:
    return p * p * ((_BACK + 1.0) * p - _BACK)


def _out_elastic(p: float) -> float:
    if p <= 0.0 or p >= 1.0:
        return p
    return math.exp2(-10.0 * p) * math.sin((10.0 * p - 0.75) * 2.0 * math.pi / 3.0) + 1.0


def _out_bounce(p: float) -> float:
    """Four parabolas, each a quarter as high as the one before."""
    x = p * _BOUNCE_SPAN
    for start, floor, end in ((0.0, 0.0, 1.0), (1.5, 0.75, 2.0), (2.25, 0.9375, 2.5)):
        if x < end:
            return _BOUNCE * ((x - start) / _BOUNCE_SPAN) ** 2 + floor
    return _BOUNCE * ((x - 2.625) / _BOUNCE_SPAN) ** 2 + 0.984375


def _reversed(curve: Curve) -> Curve:
    """Fast where `curve` is slow."""
    return lambda p: 1.0 - curve(1.0 - p)


def _both(curve: Curve) -> Curve:
    """`curve` up to the middle and its reverse from there."""
    return lambda p: curve(2.0 * p) / 2.0 if p < 0.5 else 1.0 - curve(2.0 - 2.0 * p) / 2.0


_IN: Mapping[str, Curve] = {
    "quad": lambda p: p**2,
    "cubic": lambda p: p**3,
    "quint": lambda p: p**5,
    "expo": _expo,
    "sine": lambda p: 1.0 - math.cos(p * math.pi / 2.0),
    "circ": lambda p: 1.0 - math.sqrt(1.0 - p * p),
    "back": _back,
    "elastic": _reversed(_out_elastic),
    "bounce": _reversed(_out_bounce),
}
CURVES: Mapping[str, Curve] = {
    "linear": lambda p: p,
    "steps": lambda p: math.floor(p * _STEPS) / _STEPS,
    **{f"in_{name}": curve for name, curve in _IN.items()},
    **{f"out_{name}": _reversed(curve) for name, curve in _IN.items()},
    **{f"in_out_{name}": _both(curve) for name, curve in _IN.items()},
}
"""Every curve by its name."""
