"""Forgiving, typed access to a draft's JSON: whatever is missing or of the wrong type reads as its default."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from cutfarm.errors import DraftError
from cutfarm.timeline.time import TimeRange

Node = Mapping[str, Any]

MAX_TIME_US = 360_000_000_000  #: 100 hours; no draft is longer

_EMPTY: Node = {}
_SURROGATES = re.compile("[\ud800-\udfff]")


def text(parent: Node, key: str, default: str = "") -> str:
    """The string at `key`, without lone surrogates, which no encoder takes."""
    value = parent.get(key)
    return whole_characters(value) if isinstance(value, str) else default


def whole_characters(value: str) -> str:
    """`value` with surrogate pairs joined and lone surrogates replaced by U+FFFD."""
    if not _SURROGATES.search(value):
        return value
    return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def finite(value: object) -> float | None:
    """`value` as a finite float; None for booleans, texts, NaN, infinities and integers that no float holds."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number_ = float(value)
    except OverflowError:
        return None
    return number_ if math.isfinite(number_) else None


def number(parent: Node, key: str, default: float = 0.0, *, low: float = -1e12, high: float = 1e12) -> float:
    """The finite number at `key`, held to [low, high]."""
    value = finite(parent.get(key))
    return default if value is None else min(max(value, low), high)


def integer(parent: Node, key: str, default: int = 0) -> int:
    """The number at `key`, rounded."""
    return round(number(parent, key, default))


def flag(parent: Node, key: str, default: bool = False) -> bool:
    """The truth at `key`; numbers count as their truth."""
    value = parent.get(key)
    if isinstance(value, bool):
        return value
    value = finite(value)
    return default if value is None else value != 0


def node(parent: Node, key: str) -> Node:
    """The object at `key`, or an empty one."""
    value = parent.get(key)
    return value if isinstance(value, Mapping) else _EMPTY


def nodes(parent: Node, key: str) -> list[Node]:
    """The objects in the list at `key`."""
    value = parent.get(key)
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def values(parent: Node, key: str) -> list[Any]:
    """The list at `key`, or an empty one."""
    value = parent.get(key)
    return value if isinstance(value, list) else []


def time_us(value: object, owner: str) -> int | None:
    """Integer microseconds, None where the draft says none.

    Raises DraftError, naming `owner`, for NaN, infinities and times past 100 hours.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        raise DraftError(f"{owner} has a time that is not a number.")
    if not -MAX_TIME_US <= value <= MAX_TIME_US:
        raise DraftError(f"{owner} has a time of more than 100 hours.")
    return round(value)


def time_range(parent: Node, key: str, owner: str) -> TimeRange | None:
    """The `{start, duration}` at `key`; None where there is none.

    Raises DraftError, naming `owner`, for a time that is negative, not a number, or past 100 hours.
    """
    raw = node(parent, key)
    duration_us = time_us(raw.get("duration"), owner)
    if duration_us is None:
        return None
    start_us = time_us(raw.get("start"), owner) or 0
    if start_us < 0 or duration_us < 0:
        raise DraftError(f"{owner} has a negative time in its {key}.")
    if start_us + duration_us > MAX_TIME_US:
        raise DraftError(f"{owner} ends after more than 100 hours.")
    return TimeRange(start_us, duration_us)
