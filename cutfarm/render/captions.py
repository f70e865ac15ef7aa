"""Captions ready to be laid into place: each drawn once, however long it stands."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cutfarm.errors import RenderError
from cutfarm.render.placement import Placement, place_drawn, settled
from cutfarm.render.spec import Assets
from cutfarm.timeline.curves import SCALE_CURVES
from cutfarm.timeline.layers import TextLayer
from cutfarm.timeline.model import Canvas, TextSegment, Transform
from cutfarm.timeline.report import Entry, Fidelity, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cutfarm.text.caption import CaptionPicture
    from cutfarm.timeline.text import TextBlock

_MOST_HALVINGS = 6  # smaller than a 64th nobody reads
_KEPT = 2  # drawings of a caption: those that it goes to and fro between
_KEPT_PX = 8_000_000  # that they have together, unless one alone has more


@dataclass(frozen=True, slots=True, eq=False)
class DrawnCaption:
    """A caption's picture and how it was drawn."""

    rgba: NDArray[np.uint8]  #: (H, W, 4), premultiplied
    origin_px: tuple[float, float]  #: the block's centre inside the picture
    drawn_scale: float  #: canvas scale that it was drawn for, output scaling left out
    stretch: tuple[float, float]  #: output pixels a drawn pixel covers at `drawn_scale`, in x and y

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height."""
        return self.rgba.shape[1], self.rgba.shape[0]

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
        """What could not be drawn as asked so far, such as fonts that had to be replaced."""
        return self._report

    def picture(self, layer: TextLayer) -> DrawnCaption | None:
        """The drawing that suits the layer's transform; None where there is nothing to see."""
        scale = _drawn_scale(_largest_scale(layer.segment), layer.transform)
        key = (scale, None if layer.text is layer.segment.text else layer.text)
        held = self._drawn.setdefault(layer.segment.id, {})
        if key in held:
            held[key] = held.pop(key)  # the latest one last
            return held[key]
        _make_room(held)
        drawn = held[key] = self._draw(layer.segment.id, layer.text, scale)
        return drawn

    def placement(self, layer: TextLayer, drawn: DrawnCaption) -> Placement:
        """Where a drawing lies in the output; upright captions that stand still lie on whole pixels."""
        scale = drawn.scale_at(layer.transform)
        placed = place_drawn(drawn.size_px, drawn.origin_px, scale, layer.transform, self._canvas, self._output_px)
        return placed if layer.segment.curves else settled(placed)

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all drawings but those of the segments `segment_ids`."""
        for segment_id in [held for held in self._drawn if held not in segment_ids]:
            del self._drawn[segment_id]

    def _draw(self, segment_id: str, text: TextBlock, scale: float) -> DrawnCaption | None:
        across = self._output_px[0] / self._canvas.width_px
        down = self._output_px[1] / self._canvas.height_px
        caption = _drawn(text, self._canvas, scale * down, self._files)
        self._report += _found(segment_id, caption)
        if not caption.rgba.any():
            return None
        stretch = (across / down / caption.sampling, 1.0 / caption.sampling)
        return DrawnCaption(caption.rgba, caption.origin, scale, stretch)


def _make_room(held: dict[Hashable, DrawnCaption | None]) -> None:
    """Forget the oldest drawings, and large ones before another is drawn."""

    def size_px() -> int:
        return sum(math.prod(drawn.size_px) for drawn in held.values() if drawn is not None)

    while len(held) >= _KEPT or size_px() > _KEPT_PX:
        del held[next(iter(held))]


def _largest_scale(segment: TextSegment) -> float:
    keyed = [abs(key.value) for curve in segment.curves if curve.property in SCALE_CURVES for key in curve.keys]
    return max(keyed, default=max(abs(segment.transform.scale_x), abs(segment.transform.scale_y))) or 1.0


def _drawn_scale(largest: float, transform: Transform) -> float:
    """`largest` halved as often as it stays as large as what `transform` asks for: bilinear samples need no less."""
    wanted = max(abs(transform.scale_x), abs(transform.scale_y))
    halvings = math.floor(math.log2(largest / wanted)) if 0.0 < wanted < largest else 0
    return largest * 0.5 ** min(halvings, _MOST_HALVINGS)


def _drawn(text: TextBlock, canvas: Canvas, scale: float, files: Mapping[str, Path]) -> CaptionPicture:
    try:
        from cutfarm.text.caption import draw_caption  # a timeline without captions need not load fonts
        from cutfarm.text.fonts import machine_fonts

        return draw_caption(
            text,
            canvas_width_px=canvas.width_px,
            canvas_height_px=canvas.height_px,
            scale=scale,
            fonts=machine_fonts(),
            files=files,
        )
    except ImportError as error:
        mend = "'apt-get install libegl1 libgl1' brings what it is linked to"
        raise RenderError(f"captions cannot be drawn, Skia does not load ({error}): {mend}") from error


def _found(segment_id: str, caption: CaptionPicture) -> Report:
    found = [
        Entry(Fidelity.CLOSE, "font", f"The font “{wanted}” is not there; “{used}” is used instead.", segment_id)
        for wanted, used in caption.font_substitutions
    ]
    if caption.missing:
        message = f"No font here has {' '.join(caption.missing)}, which is left out."
        found.append(Entry(Fidelity.UNSUPPORTED, "character", message, segment_id))
    found += [Entry(Fidelity.UNSUPPORTED, "text look", problem, segment_id) for problem in caption.problems]
    return Report(tuple(found))
