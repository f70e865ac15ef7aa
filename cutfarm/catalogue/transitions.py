"""Which transitions of the catalogue are the plain cross-dissolve."""

from __future__ import annotations

_RESOURCE_IDS = frozenset({"6724845717472416269", "6943605272933831169"})
_EFFECT_IDS = frozenset({"322577", "CE454E9E-9C57-43C5-9E80-B46A6A495D10", "2C1C4FD5-A421-43A1-8A0B-3A7AF421761F"})
_NAMES = frozenset({"叠化", "mix"})


def is_dissolve(*, resource_id: str = "", effect_id: str = "", name: str = "") -> bool:
    """Whether these mean the cross-dissolve; the first of them that is given decides, since names are translated."""
    if resource_id:
        return resource_id in _RESOURCE_IDS
    if effect_id:
        return effect_id.upper() in _EFFECT_IDS
    return name.strip().lower() in _NAMES
