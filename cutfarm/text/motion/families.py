"""Every family of motion by its name in the effect tables."""

from __future__ import annotations

from collections.abc import Mapping

from cutfarm.text.motion import (
    bands,
    beams,
    edges,
    geometry,
    letters,
    light,
    luma,
    masks,
    particles,
    paths,
    recolor,
    shards,
    signals,
    sliding,
    smears,
    turning,
    warps,
)
from cutfarm.text.motion.moment import Family

FAMILIES: Mapping[str, Family] = {
    **bands.FAMILIES,
    **beams.FAMILIES,
    **edges.FAMILIES,
    **geometry.FAMILIES,
    **letters.FAMILIES,
    **light.FAMILIES,
    **luma.FAMILIES,
    **masks.FAMILIES,
    **particles.FAMILIES,
    **paths.FAMILIES,
    **recolor.FAMILIES,
    **shards.FAMILIES,
    **signals.FAMILIES,
    **signals.FAMILIES,
    **sliding.FAMILIES,
    **smears.FAMILIES,
    **turning.FAMILIES,
    **warps.FAMILIES,
}
"""What a row's `family` means; a name that is not here draws nothing else than the caption at rest."""
