"""Captions ready to be laid into place: each drawn once, however long it stands."""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cutfarm.errors import RenderError
from cutfarm.render.placement import Box, Placement, place_drawn, settled
from cutfarm.render.spec import Assets
from cutfarm.timeline.curves import SCALE_CURVES
from cutfarm.timeline.layers import TextLayer
from cutfarm.timeline.model import Canvas, TextSegment, Transform
from cutfarm.timeline.report import Entry, Fidelity, Report

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from cutfarm.text.caption import CaptionPicture
    from cutfarm.text.instants import Apart, Instant
    from cutfarm.text.moving import MovingCaption
    from cutfarm.timeline.text import TextBlock

_MOST_HALVINGS = 6  # smaller than a 64th nobody reads
_DRAWN_SCALES = 0.001, 100.0  # by which captions are enlarged when they are drawn
_TOLD = 40  # of the characters that no font has
_KEPT = 2  # drawings of a caption: those that it goes to and fro between
_KEPT_PX = 8_000_000  # that they have together, unless one alone has more


@dataclass(frozen=True, slots=True, eq=False)
class DrawnCaption:
    """A caption's picture and how it was drawn."""

    rgba: NDArray[np.uint8]  #: (H, W, 4), R G B A, premultiplied
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


@dataclass(slots=True)
class Tally:
    """How often captions were drawn."""

    drawings: int = 0  #: whole, at rest
    instants: int = 0  #: while they move


class Captions:
    """Draws captions at the largest scale that they reach and, where one is shown smaller, at halves of it.

    So a caption that grows is sharp when large, does not flicker when small, and is drawn a few times at most. One that
    moves is taken apart once and put together for each instant. `assets` has the fonts and textures that come with the
    draft.
    """

    def __init__(self, canvas: Canvas, output_px: tuple[int, int], assets: Assets) -> None:
        self._canvas = canvas
        self._output_px = output_px
        self._files = {path: Path(asset.path) for path, asset in assets.items()}
        self._drawn: dict[str, dict[Hashable, DrawnCaption | None]] = {}
        self._moving: dict[str, tuple[TextBlock, MovingCaption]] = {}
        self._report = Report()
        self.tally = Tally()

    @property
    def report(self) -> Report:
        """What could not be drawn as asked so far, such as fonts that had to be replaced."""
        return self._report

    def picture(self, layer: TextLayer) -> DrawnCaption | None:
        """The caption at rest, drawn for the layer's transform; None where there is nothing to see."""
        scale = _drawn_scale(self._largest_scale(layer.segment), layer.transform)
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
        return self._placed(layer, drawn.size_px, drawn.origin_px, drawn.scale_at(layer.transform))

    def motion_key(self, layer: TextLayer) -> Hashable | None:
        """Equal where what moves looks alike; None where the caption is at rest."""
        return self._taken_apart(layer).key_at(layer.at_us) if layer.segment.animations else None

    def instant(self, layer: TextLayer) -> Instant | None:
        """The moving caption in the output's pixels; None where nothing of it shows."""
        from cutfarm.text.instants import instant_of

        moving = self._taken_apart(layer)
        across, down = self._stretch(moving.sampling)
        transform, factor = layer.transform, self._largest_scale(layer.segment)
        scale = (across * transform.scale_x / factor, down * transform.scale_y / factor)
        to_output = self._placed(layer, (0.0, 0.0), (0.0, 0.0), scale).to_output
        self.tally.instants += 1
        return instant_of(moving, layer.at_us, to_output, transform.alpha, self._output_px)

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all drawings but those of the segments `segment_ids`."""
        for drawings in (self._drawn, self._moving):
            for segment_id in [held for held in drawings if held not in segment_ids]:
                del drawings[segment_id]

    def _placed(
        self, layer: TextLayer, size_px: tuple[float, float], origin_px: tuple[float, float], scale: tuple[float, float]
    ) -> Placement:
        placed = place_drawn(size_px, origin_px, scale, layer.transform, self._canvas, self._output_px)
        return placed if layer.segment.curves else settled(placed)

    def _draw(self, segment_id: str, text: TextBlock, scale: float) -> DrawnCaption | None:
        with _needing_skia():
            from cutfarm.text.caption import draw_caption  # a timeline without captions need not load fonts
            from cutfarm.text.fonts.library import machine_fonts

            caption = draw_caption(
                text,
                canvas_width_px=self._canvas.width_px,
                canvas_height_px=self._canvas.height_px,
                scale=scale * self._down,
                fonts=machine_fonts(),
                files=self._files,
            )
        self.tally.drawings += 1
        self._report += _found(segment_id, caption)
        if not caption.rgba.any():
            return None
        return DrawnCaption(caption.rgba, caption.origin, scale, self._stretch(caption.sampling))

    def _taken_apart(self, layer: TextLayer) -> MovingCaption:
        held = self._moving.get(layer.segment.id)
        if held is None or held[0] != layer.text:
            held = self._moving[layer.segment.id] = (layer.text, self._take_apart(layer))
        return held[1]

    def _take_apart(self, layer: TextLayer) -> MovingCaption:
        with _needing_skia():
            from cutfarm.text.fonts.library import machine_fonts
            from cutfarm.text.instants import take_apart

            apart = take_apart(
                layer.text,
                layer.segment.animations,
                canvas_px=(self._canvas.width_px, self._canvas.height_px),
                scale=self._largest_scale(layer.segment) * self._down,
                fonts=machine_fonts(),
                files=self._files,
                length_us=layer.segment.target.duration_us,
                seen=self._seen(layer.segment),
                seed=_seed(layer.segment),
            )
        self._report += _found(layer.segment.id, apart)
        return apart.moving

    def _seen(self, segment: TextSegment) -> tuple[float, float, float, float]:
        """What of the drawing's plane, around the block's centre, is on the canvas: left, top, right, bottom.

        By where the segment lies without its curves: far letters come from as far whatever carries the caption.
        """
        factor = self._largest_scale(segment)
        across, down = self._stretch(1.0)
        scale = (across * segment.transform.scale_x / factor, down * segment.transform.scale_y / factor)
        placed = place_drawn((1.0, 1.0), (0.0, 0.0), scale, segment.transform, self._canvas, self._output_px)
        if placed.is_degenerate:
            return 0.0, 0.0, 0.0, 0.0
        return placed.source_span(Box(0, 0, *self._output_px))

    def _largest_scale(self, segment: TextSegment) -> float:
        """The largest that the segment reaches, held to what is drawn at all."""
        keyed = [abs(key.value) for curve in segment.curves if curve.property in SCALE_CURVES for key in curve.keys]
        still = max(abs(segment.transform.scale_x), abs(segment.transform.scale_y))
        least, most = (bound / self._down for bound in _DRAWN_SCALES)
        return min(max(max(keyed, default=still) or 1.0, least), most)

    @property
    def _down(self) -> float:
        """Output pixels to one of the canvas."""
        return self._output_px[1] / self._canvas.height_px

    def _stretch(self, sampling: float) -> tuple[float, float]:
        """Output pixels that one of a drawing covers, of `sampling` drawn pixels to a pixel of the output's height."""
        across = self._output_px[0] / self._canvas.width_px
        return across / self._down / sampling, 1.0 / sampling


def _make_room(held: dict[Hashable, DrawnCaption | None]) -> None:
    """Forget the oldest drawings, and large ones before another is drawn."""

    def size_px() -> int:
        return sum(math.prod(drawn.size_px) for drawn in held.values() if drawn is not None)

    while len(held) >= _KEPT or size_px() > _KEPT_PX:
        del held[next(iter(held))]


def _drawn_scale(largest: float, transform: Transform) -> float:
    """`largest` halved as often as it stays as large as what `transform` asks for: bilinear samples need no less."""
    wanted = max(abs(transform.scale_x), abs(transform.scale_y))
    halvings = math.floor(math.log2(largest / wanted)) if 0.0 < wanted < largest else 0
    return largest * 0.5 ** min(halvings, _MOST_HALVINGS)


@contextmanager
def _needing_skia() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        mend = "'apt-get install libegl1 libgl1' brings what it is linked to"
        raise RenderError(f"captions cannot be drawn, Skia does not load ({error}): {mend}") from error


def _seed(segment: TextSegment) -> int:
    """The same however the draft's tools name the segment: chunks that show the same have the same keys."""
    return zlib.crc32(f"{segment.target.start_us} {segment.text.text}".encode("utf-8", "surrogatepass"))


def _found(segment_id: str, caption: CaptionPicture | Apart) -> Report:
    found = [
        Entry(Fidelity.CLOSE, "font", f"The font “{wanted}” is not there; “{used}” is used instead.", segment_id)
        for wanted, used in caption.font_substitutions
    ]
    if caption.missing:
        told, more = caption.missing[:_TOLD], len(caption.missing) - _TOLD
        named = " ".join(told) + (f" and {more} more" if more > 0 else "")
        message = f"No font here has {named}, which is left out."
        found.append(Entry(Fidelity.UNSUPPORTED, "character", message, segment_id))
    found += [Entry(Fidelity.UNSUPPORTED, "text look", problem, segment_id) for problem in caption.problems]
    return Report(tuple(found))
