"""Colours as drafts write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cutfarm.timeline import fields
from cutfarm.timeline.model import Rgba

_HEX = re.compile(r"#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})?", re.IGNORECASE | re.ASCII)


def rgba_of(value: object) -> Rgba | None:
    """`#RRGGBB`, `#RRGGBBAA` or a list of three or four numbers in 0…1, held to that; None for anything else."""
    if isinstance(value, str):
        return _of_hex(value.strip())
    if isinstance(value, Sequence) and len(value) in (3, 4):
        parts = [fields.finite(part) for part in value]
        known = [min(max(part, 0.0), 1.0) for part in parts if part is not None]
        if len(known) == len(parts):
            red, green, blue, alpha = (*known, 1.0)[:4]
            return red, green, blue, alpha
    return None


def places_of(written: Iterable[object], count: int) -> Sequence[float]:
    """Where a gradient's colours lie, 0…1, written as parts or as per cent; evenly where there is not one for each."""
    places = [place for item in written if (place := fields.finite(item)) is not None]
    if len(places) != count:
        return [at / max(count - 1, 1) for at in range(count)]
    whole = 100.0 if max(places, default=0.0) > 1.0 else 1.0
    return [min(max(place / whole, 0.0), 1.0) for place in places]


def _of_hex(value: str) -> Rgba | None:
    match = _HEX.fullmatch(value)
    if match is None:
        return None
    red, green, blue, alpha = (int(part, 16) / 255 for part in match.groups("ff"))
    return red, green, blue, alpha
