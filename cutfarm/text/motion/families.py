"""Every family of motion by its name in the effect tables."""

from __future__ import annotations

from collections.abc import Mapping

from cutfarm.text.motion import geometry, letters, paths, sliding, turning
from cutfarm.text.motion.moment import Family

FAMILIES: Mapping[str, Family] = {
    **geometry.FAMILIES,
    **letters.FAMILIES,
    **paths.FAMILIES,
    **sliding.FAMILIES,
    **turning.FAMILIES,
}
"""What a row's `family` means; a name that is not here draws nothing else than the caption at rest."""
