"""A frame: all layers of one instant. A pure function of (timeline, frame number, output, device)."""

from __future__ import annotations

import gc
from collections.abc import Hashable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Self

from cutfarm.media.picture import Picture, black
from cutfarm.media.source import PictureSource
from cutfarm.media.video import VideoSource
from cutfarm.render.faults import FilmFaults
from cutfarm.render.placement import Box, Placement, place_clip
from cutfarm.render.sources import Sources, shown_files
from cutfarm.render.spec import Assets, Output
from cutfarm.render.upright import laid_upright
from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer, LayerStack
from cutfarm.timeline.model import ClipSegment, Segment, Timeline
from cutfarm.timeline.report import Report

if TYPE_CHECKING:
    from cutfarm.media.device import Download
    from cutfarm.media.planes import Planes
    from cutfarm.render.painter import Painter


class Compositor:
    """Makes the frames of a timeline, best asked in ascending order.

    What does not change from one frame to the next is drawn once; what an opaque clip hides is not looked at; a clip
    that fills the output alone goes through as its decoder or swscale made it, and tensors are loaded for nothing else.
    Holds open files and decoders: close it.
    """

    def __init__(
        self, timeline: Timeline, assets: Assets, output: Output, *, device: str = "cpu", threads: int = 1
    ) -> None:
        self._canvas = timeline.canvas
        self._output_px = (output.width_px, output.height_px)
        self._device = device
        self._stack = LayerStack(timeline, output.fps)
        self._sources = Sources(assets, threads, shown_files(timeline), self._open_content, self._open_video)
        self._painter: Painter | None = None
        self._faults = FilmFaults(output.fps)
        self._empty = black(*self._output_px)
        self._last: tuple[Hashable, Picture] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        if self._painter is not None:
            self._painter.keep(())
        self._sources.close()

    @property
    def report(self) -> Report:
        """What was found while drawing, such as films that are damaged and fonts that had to be replaced."""
        return self._faults.report + (Report() if self._painter is None else self._painter.report)

    def frame(self, number: int) -> Picture | Planes:
        """The picture of output frame `number`; planes where it was composited on a GPU. Only to be read.

        It may share memory with a decoder or with the next frame. Raises AssetMissing and AssetUnreadable.
        """
        layers = self._stack.at(number)
        self._forget(layers)
        seen = self._seen(layers)
        picture = self._drawn(seen)
        self._faults.look(number, clips_of(seen), self._sources)
        return picture

    def pictures(self, numbers: Sequence[int]) -> Iterator[Picture | Download]:
        """The pictures of `numbers`, each drawn when it is asked for, as the encoder takes them."""
        for number in numbers:
            picture = self.frame(number)
            assert isinstance(picture, Picture)
            yield picture

    def _drawn(self, seen: tuple[Layer, ...]) -> Picture | Planes:
        if not seen:
            return self._empty
        if len(seen) == 1 and isinstance(seen[0], ClipLayer):
            alone = self._alone(seen[0])
            if alone is not None:
                return alone
        return self._painted().frame(seen)

    def _open_video(self, path: str, threads: int) -> PictureSource:
        return VideoSource(path, threads)

    def _open_content(self, segment: ClipSegment) -> PictureSource:
        from cutfarm.render.contents import open_content  # brings tensors, which a plain cut does without

        return open_content(segment)

    def _painted(self) -> Painter:
        if self._painter is None:
            self._painter = _painter()(self._canvas, self._output_px, self._sources, self._device)
        return self._painter

    def _seen(self, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
        """`layers` without those that an opaque clip above them covers wholly."""
        for place in range(len(layers) - 1, 0, -1):
            clips = clips_of((layers[place],))
            if clips and all(self._filling(clip) is not None for clip in clips):
                return layers[place:]
        return layers

    def _filling(self, clip: ClipLayer) -> Placement | None:
        """Where a clip lies that hides all that is below it; None for all others."""
        if clip.transform.alpha < 1.0 or not clip.is_plain:
            return None
        source = self._sources.of(clip.segment)
        placement = place_clip(clip, source, self._canvas, self._output_px)
        return placement if source.is_opaque and placement.covers(Box(0, 0, *self._output_px)) else None

    def _alone(self, clip: ClipLayer) -> Picture | None:
        """A clip that is the whole picture, needing no compositing."""
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

    def _forget(self, layers: tuple[Layer, ...]) -> None:
        shown = {segment.id for layer in layers for segment in segments_of(layer)}
        self._sources.keep(shown)
        if self._painter is not None:
            self._painter.keep(shown)


def open_compositor(
    timeline: Timeline, assets: Assets, output: Output, *, device: str = "cpu", threads: int = 1
) -> Compositor:
    """The compositor for a device: `cpu`, or `cuda` with or without a number."""
    if device == "cpu":
        return Compositor(timeline, assets, output, threads=threads)
    from cutfarm.render.gpu import GpuCompositor  # brings tensors and the GPU's codecs

    return GpuCompositor(timeline, assets, output, device=device, threads=threads)


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
