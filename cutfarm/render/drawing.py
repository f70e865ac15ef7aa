"""Layers to a picture of one size: what is hidden is not looked at, and what need not be composited is not."""

from __future__ import annotations

import gc
from collections.abc import Collection, Hashable
from functools import cache
from typing import TYPE_CHECKING

from cutfarm.media.picture import Picture, black
from cutfarm.media.source import SourcePicture
from cutfarm.render.placement import Box, Placement, place_clip
from cutfarm.render.sources import Sources, is_opaque_at
from cutfarm.render.upright import laid_upright
from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer
from cutfarm.timeline.model import Canvas, Segment
from cutfarm.timeline.report import Report

if TYPE_CHECKING:
    from cutfarm.render.painter import Painter


class Drawing:
    """Draws the layers of a canvas at one size, both numbers even.

    What does not change from one picture to the next is drawn once; what an opaque clip hides is not looked at; a clip
    that fills the canvas alone goes through as its source made it, and tensors are loaded for nothing else.
    """

    def __init__(self, canvas: Canvas, output_px: tuple[int, int], sources: Sources) -> None:
        self._canvas = canvas
        self._output_px = output_px
        self._sources = sources
        self._painter: Painter | None = None
        self._empty = black(*output_px)
        self._last: tuple[Hashable, Picture] | None = None

    @property
    def report(self) -> Report:
        """What was found while drawing, such as fonts that had to be replaced."""
        return Report() if self._painter is None else self._painter.report

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget what was drawn, but for the segments `segment_ids`."""
        if self._painter is not None:
            self._painter.keep(segment_ids)

    def seen(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """`layers` without those that an opaque clip above them covers wholly."""
        for place in range(len(layers) - 1, 0, -1):
            if self.hides(layers[place]):
                return layers[place:]
        return layers

    def hides(self, layer: Layer) -> bool:
        """Whether nothing below shows through."""
        clips = clips_of((layer,))
        return bool(clips) and all(
            clip.segment.background is not None or self._filling(clip) is not None for clip in clips
        )

    def picture(self, seen: tuple[Layer, ...]) -> Picture:
        """The layers `seen`, bottom first, on black. Only to be read."""
        if not seen:
            return self._empty
        return self.alone(seen) or self.painter.frame(seen)

    def cut_out(self, seen: tuple[Layer, ...]) -> SourcePicture:
        """The layers `seen`, bottom first, on nothing: premultiplied, or opaque where the lowest one fills the canvas.

        Only to be read.
        """
        alone = self.alone(seen)
        if alone is not None:
            return alone
        return self.painter.frame(seen) if seen and self.hides(seen[0]) else self.painter.soft_frame(seen)

    def alone(self, seen: tuple[Layer, ...]) -> Picture | None:
        """The picture of a clip that is all there is to see and needs no compositing."""
        if len(seen) != 1 or not isinstance(seen[0], ClipLayer):
            return None
        clip = seen[0]
        placement = self._filling(clip)
        if placement is None:
            return None
        source = self._sources.of(clip.segment)
        key = (clip.segment.id, source.key_at(clip.source_us), clip.transform)
        if self._last is None or self._last[0] != key:
            laid = laid_upright(clip, source, placement, self._output_px)
            if laid is None:
                return None
            self._last = (key, laid.picture)
        return self._last[1]

    @property
    def painter(self) -> Painter:
        """What composites."""
        if self._painter is None:
            self._painter = _painter()(self._canvas, self._output_px, self._sources)
        return self._painter

    def _filling(self, clip: ClipLayer) -> Placement | None:
        """Where a clip lies that hides all that is below it; None for all others."""
        if clip.transform.alpha < 1.0 or not clip.is_plain:
            return None
        source = self._sources.of(clip.segment)
        placement = place_clip(clip, source, self._canvas, self._output_px)
        if not is_opaque_at(source, clip.source_us):
            return None
        return placement if placement.covers(Box(0, 0, *self._output_px)) else None


@cache
def _painter() -> type[Painter]:
    """The class, imported when it is needed: it brings tensors, which a plain cut does without."""
    was_enabled = gc.isenabled()
    gc.disable()  # a library's hundred thousand objects stay, and need not be looked through again and again
    try:
        from cutfarm.render.painter import Painter
    finally:
        if was_enabled:
            gc.freeze()
            gc.enable()
    return Painter


def clips_of(layers: tuple[Layer, ...]) -> list[ClipLayer]:
    """All clips, those of dissolves too."""
    found: list[ClipLayer] = []
    for layer in layers:
        if isinstance(layer, DissolveLayer):
            found += (layer.outgoing, layer.incoming)
        elif isinstance(layer, ClipLayer):
            found.append(layer)
    return found


def segments_of(layer: Layer) -> tuple[Segment, ...]:
    """Whom a layer shows."""
    if isinstance(layer, DissolveLayer):
        return (layer.outgoing.segment, layer.incoming.segment)
    return (layer.segment,)


def shown_ids(layers: tuple[Layer, ...]) -> frozenset[str]:
    """The ids of the segments that layers show."""
    return frozenset(segment.id for layer in layers for segment in segments_of(layer))
