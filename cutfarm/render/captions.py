"""Captions ready to be laid into place: each drawn once, however long it stands."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from cutfarm.errors import RenderError
from cutfarm.media.planes import SoftPicture, soft_picture
from cutfarm.render.spec import Assets
from cutfarm.timeline.curves import SCALE_CURVES
from cutfarm.timeline.layers import TextLayer
from cutfarm.timeline.model import Canvas, TextSegment, Transform
from cutfarm.timeline.report import Entry, Fidelity, Report

if TYPE_CHECKING:
    from cutfarm.text.caption import CaptionPicture
    from cutfarm.text.fonts import FontLibrary
    from cutfarm.timeline.text import TextBlock

_MOST_HALVINGS = 6  # smaller than a 64th nobody reads
_KEPT = 2  # drawings of a caption: those that it goes to and fro between


@dataclass(frozen=True, slots=True)
class DrawnCaption:
    """A caption's picture and how it was drawn."""

    picture: SoftPicture
    size_px: tuple[float, float]  #: width and height of the drawing
    origin_px: tuple[float, float]  #: the block's centre inside the picture
    drawn_scale: float  #: canvas scale that it was drawn for, output scaling left out
    stretch: tuple[float, float]  #: output pixels a drawn pixel covers at `drawn_scale`, in x and y

    def scale_at(self, transform: Transform) -> tuple[float, float]:
        """Output pixels to a drawn pixel, in x and y."""
        return (
            self.stretch[0] * transform.scale_x / self.drawn_scale,
            self.stretch[1] * transform.scale_y / self.drawn_scale,
        )


class Captions:
    """Draws captions at the largest scale that they reach and, where one is shown smaller, at halves of it.

    So a caption that grows is sharp when large, does not flicker when small, and is drawn a few times at most. `assets`
    has the fonts and textures that come with the draft.
    """

    def __init__(self, canvas: Canvas, output_px: tuple[int, int], assets: Assets) -> None:
        self._canvas = canvas
        self._output_px = output_px
        self._files = {path: Path(asset.path) for path, asset in assets.items()}
        self._drawn: dict[str, dict[Hashable, DrawnCaption | None]] = {}
        self._report = Report()

    @property
    def report(self) -> Report:
        """Fonts that had to be replaced so far."""
        return self._report

    def picture(self, layer: TextLayer) -> DrawnCaption | None:
        """The drawing that suits the layer's transform; None where there is nothing to see."""
        segment = layer.segment
        scale = _drawn_scale(_largest_scale(segment), layer.transform)
        key = (scale, None if layer.text is segment.text else layer.text)
        held = self._drawn.setdefault(segment.id, {})
        drawn = held.pop(key) if key in held else self._draw(segment.id, layer.text, scale)
        while len(held) >= _KEPT:
            del held[next(iter(held))]
        held[key] = drawn  # the latest one last
        return drawn

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all drawings but those of the segments `segment_ids`."""
        for segment_id in [held for held in self._drawn if held not in segment_ids]:
            del self._drawn[segment_id]

    def _draw(self, segment_id: str, text: TextBlock, scale: float) -> DrawnCaption | None:
        across = self._output_px[0] / self._canvas.width_px
        down = self._output_px[1] / self._canvas.height_px
        caption = _drawn(text, self._canvas, scale * down, self._files)
        self._report += _found(segment_id, caption)
        height_px, width_px = caption.rgba.shape[:2]
        if not caption.rgba.any():
            return None
        return DrawnCaption(
            soft_picture(caption.rgba),
            (width_px, height_px),
            caption.origin,
            scale,
            (across / down / caption.sampling, 1.0 / caption.sampling),
        )


def _largest_scale(segment: TextSegment) -> float:
    keyed = [abs(key.value) for curve in segment.curves if curve.property in SCALE_CURVES for key in curve.keys]
    return max(keyed, default=max(abs(segment.transform.scale_x), abs(segment.transform.scale_y))) or 1.0


def _drawn_scale(largest: float, transform: Transform) -> float:
    """`largest` halved as often as it stays as large as what `transform` asks for: bilinear samples need no less."""
    wanted = max(abs(transform.scale_x), abs(transform.scale_y))
    halvings = math.floor(math.log2(largest / wanted)) if 0.0 < wanted < largest else 0
    return largest * 0.5 ** min(halvings, _MOST_HALVINGS)


def _drawn(text: TextBlock, canvas: Canvas, scale: float, _files: Mapping[str, Path]) -> CaptionPicture:
    try:
        from cutfarm.text.caption import draw_caption  # a timeline without captions need not load fonts

        return draw_caption(
            text,
            canvas_width_px=canvas.width_px,
            canvas_height_px=canvas.height_px,
            scale=scale,
            fonts=_fonts(),
        )
    except ImportError as error:
        mend = "'apt-get install libegl1 libgl1' brings what it is linked to"
        raise RenderError(f"captions cannot be drawn, Skia does not load ({error}): {mend}") from error


def _found(segment_id: str, caption: CaptionPicture) -> Report:
    fonts = [
        Entry(Fidelity.CLOSE, "font", f"The font “{wanted}” is not there; “{used}” is used instead.", segment_id)
        for wanted, used in caption.font_substitutions
    ]
    if caption.missing:
        message = f"No font here has {' '.join(caption.missing)}, which is left out."
        fonts.append(Entry(Fidelity.UNSUPPORTED, "character", message, segment_id))
    return Report(tuple(fonts))


@cache
def _fonts() -> FontLibrary:
    """The machine's fonts, looked through once in a process."""
    from cutfarm.text.fonts import FontLibrary

    return FontLibrary()
