"""The front door: a caption's data to its picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cutfarm.errors import RenderError
from cutfarm.text.fonts.library import FontLibrary
from cutfarm.timeline.text import TextBlock

_SCALES = (0.001, 100.0)


@dataclass(frozen=True, slots=True, eq=False)
class CaptionPicture:
    """A caption ready to be composited."""

    rgba: NDArray[np.uint8]  #: (height, width, 4), R G B A, premultiplied; one transparent pixel where nothing shows
    origin: tuple[float, float]  #: the block's centre in the picture, x and y in pixels from its top left corner
    sampling: float  #: pixels of the picture per pixel of the frame; below 1 only where the limits made it smaller
    block_width_px: float  #: the laid out block on the frame, without strokes
    block_height_px: float
    font_substitutions: tuple[tuple[str, str], ...]  #: (name wanted, name used), each once
    missing: tuple[str, ...]  #: characters that no font has and that are therefore not drawn, each once
    problems: tuple[str, ...] = ()  #: what of its looks could not be drawn as asked: one sentence each


def draw_caption(
    block: TextBlock,
    *,
    canvas_width_px: int,
    canvas_height_px: int,
    scale: float = 1.0,
    fonts: FontLibrary,
    files: Mapping[str, Path] = MappingProxyType({}),
) -> CaptionPicture:
    """Lay a caption out on the draft's canvas and draw it enlarged by `scale`: the clip's scale × the output's.

    Lines break as on the canvas whatever the scale. No side is longer than 8192 px and no caption takes more than
    200 MB. `files` are the local files of fonts and textures by the path that the draft says. The same arguments and
    files give the same bytes. Raises `RenderError` where there is no font at all or the canvas has no area.
    """
    if canvas_width_px <= 0 or canvas_height_px <= 0:
        raise RenderError(f"Caption {block.material_id} has no canvas: {canvas_width_px} × {canvas_height_px} px.")
    from cutfarm.text.ink.raster import draw
    from cutfarm.text.layout.block import bounded, lay_out

    factor = bounded(scale, *_SCALES)
    layout = lay_out(
        block, canvas_width_px=canvas_width_px, canvas_height_px=canvas_height_px, fonts=fonts, files=files
    )
    raster = draw(layout, block, files, scale=factor)
    return CaptionPicture(
        raster.rgba,
        raster.centre_px,
        raster.sampling,
        layout.width_px * factor,
        layout.height_px * factor,
        layout.font_substitutions,
        layout.missing,
        raster.problems,
    )
