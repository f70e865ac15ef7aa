"""Noise for masks and warps: one tile for all, its values spread evenly."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import skia
from numpy.typing import NDArray

from cutfarm.text.motion.chance import chance

TILE_PX = 512
CELL_PX = 16  #: of the tile's coarsest octave
_OCTAVES = 3
_SEED = 0x0C07FA23


@cache
def noise_tile() -> NDArray[np.float64]:
    """Value noise of three octaves, (`TILE_PX`, `TILE_PX`), repeating; ranked, so that every value is as frequent.

    An eighth of its pixels lies below an eighth, and so on: a threshold that rises evenly uncovers evenly.
    """
    total = np.zeros((TILE_PX, TILE_PX))
    for octave in range(_OCTAVES):
        cells = TILE_PX // CELL_PX << octave
        total += _octave(cells, octave) / 2.0**octave
    ranks = np.empty(total.size)
    ranks[np.argsort(total, axis=None, kind="stable")] = np.arange(total.size)
    return (ranks.reshape(total.shape) + 0.5) / total.size


def _octave(cells: int, channel: int) -> NDArray[np.float64]:
    """Values at cells × cells corners, with smooth ways between them."""
    corners = np.array([chance(_SEED, cell, channel) for cell in range(cells * cells)]).reshape(cells, cells)
    at = np.arange(TILE_PX) * cells / TILE_PX
    low = at.astype(np.int64)
    share = at - low
    share = share * share * (3.0 - 2.0 * share)
    rows = corners[low] + (corners[(low + 1) % cells] - corners[low]) * share[:, None]
    blended: NDArray[np.float64] = rows[:, low] + (rows[:, (low + 1) % cells] - rows[:, low]) * share
    return blended


@cache
def noise_shader() -> Any:
    """The tile as a skia.Shader, a texel a pixel, repeating, values in its alpha."""
    grey = np.minimum(noise_tile() * 256.0, 255.0).astype(np.uint8)
    pixels = np.ascontiguousarray(np.repeat(grey[:, :, None], 4, axis=2))
    image = skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType, copy=True)
    repeat = skia.TileMode.kRepeat
    return image.makeShader(repeat, repeat, skia.SamplingOptions(skia.FilterMode.kLinear))
