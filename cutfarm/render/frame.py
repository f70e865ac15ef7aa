"""A frame: all layers of one instant, composited. A pure function of (timeline, frame number, output, device)."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace

import torch

from cutfarm.media.picture import Planes
from cutfarm.media.source import PictureSource
from cutfarm.media.video import VideoSource
from cutfarm.render.captions import Captions
from cutfarm.render.edges import edges_of
from cutfarm.render.patch import Canvas, Patch, crop, dissolve, faded, place
from cutfarm.render.placement import Placement, place_drawn, place_picture
from cutfarm.render.sources import Sources
from cutfarm.render.spec import Assets, Output
from cutfarm.render.upright import upright_cut
from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer, LayerStack, TextLayer
from cutfarm.timeline.model import Segment, Timeline
from cutfarm.timeline.report import Report

_SCALE_CURVES = frozenset({"KFTypeScaleX", "KFTypeScaleY", "KFTypeScale"})
_STILL_CURVES = frozenset({"KFTypeAlpha", "KFTypeGlobalAlpha", "KFTypeVolume"})  # the clip stays where it is
_LARGEST_FACTOR = 2.0  # above this many output sizes only the visible part of a clip is scaled


class Compositor:
    """Makes the frames of a timeline, best asked in ascending order.

    What does not change from one frame to the next is drawn once. Holds open files and decoders: close it.
    """

    def __init__(
        self, timeline: Timeline, assets: Assets, output: Output, *, device: str = "cpu", threads: int = 1
    ) -> None:
        self._canvas = timeline.canvas
        self._output_px = (output.width_px, output.height_px)
        self._device = torch.device(device)
        self._stack = LayerStack(timeline, output.fps)
        self._sources = Sources(assets, threads)
        self._captions = Captions(timeline.canvas, self._output_px)
        self._drawn: dict[str, tuple[Hashable, Patch | None]] = {}

    def __enter__(self) -> Compositor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all files."""
        self._drawn.clear()
        self._sources.close()

    @property
    def report(self) -> Report:
        """What was found while drawing, such as fonts that had to be replaced."""
        return self._captions.report

    @torch.inference_mode()
    def frame(self, number: int) -> Planes:
        """The picture of output frame `number`, on the compositor's device; only to be read.

        It may share memory with a decoder or with the next frame. Raises AssetMissing and AssetUnreadable.
        """
        layers = self._stack.at(number)
        self._forget(layers)
        canvas = Canvas(*self._output_px, self._device)
        for layer in layers:
            patch = self._patch(layer)
            if patch is not None:
                canvas.lay(patch)
        return canvas.picture()

    def _patch(self, layer: Layer) -> Patch | None:
        match layer:
            case ClipLayer():
                return self._clip(layer)
            case TextLayer():
                return self._caption(layer)
            case DissolveLayer():
                return dissolve(self._clip(layer.outgoing), self._clip(layer.incoming), layer.progress)

    def _clip(self, layer: ClipLayer) -> Patch | None:
        if layer.transform.alpha <= 0.0:
            return None
        source = self._sources.of(layer.segment)
        key = (source.key_at(layer.source_us), layer.transform)
        held = self._drawn.get(layer.segment.id)
        if held is None or held[0] != key:
            held = self._drawn[layer.segment.id] = (key, self._draw_clip(layer, source))
        return held[1]

    def _draw_clip(self, layer: ClipLayer, source: PictureSource) -> Patch | None:
        size_px = (source.width_px, source.height_px)
        placement = place_picture(size_px, layer.transform, self._canvas, self._output_px)
        if placement.is_degenerate:
            return None
        box = placement.whole_box()
        if box is not None and layer.transform.alpha >= 1.0 and self._is_reasonable(box.width_px, box.height_px):
            picture = source.picture_at(layer.source_us, box.width_px, box.height_px)
            if isinstance(picture, Planes):
                return crop(picture.to(self._device), box, self._output_px)
        upright = self._draw_upright(layer, source, placement)
        if upright is not None:
            return upright
        width_px, height_px = _sampling_size(placement, is_scaling=_has_curve(layer.segment))
        picture = source.picture_at(layer.source_us, width_px, height_px)
        sampled = placement.resampled(width_px, height_px)
        return place(picture, sampled, layer.transform.alpha, self._output_px, self._device)

    def _draw_upright(self, layer: ClipLayer, source: PictureSource, placement: Placement) -> Patch | None:
        """A clip that stands still and upright, scaled by swscale alone; None where that would not be exact."""
        if not isinstance(source, VideoSource) or not source.is_plain or _moves(layer.segment):
            return None
        visible = placement.bounds(*self._output_px)
        cut = None if visible.is_empty else upright_cut(placement, visible)
        if cut is None:
            return None
        picture = source.part_at(layer.source_us, cut.part, cut.box.width_px, cut.box.height_px)
        patch = crop(picture.to(self._device), cut.box, self._output_px)
        if patch is None:
            return None
        edged = replace(patch, edges=edges_of(placement, patch.box, self._device))
        return edged if layer.transform.alpha >= 1.0 else faded(edged, layer.transform.alpha)

    def _is_reasonable(self, width_px: int, height_px: int) -> bool:
        return width_px <= self._output_px[0] * _LARGEST_FACTOR and height_px <= self._output_px[1] * _LARGEST_FACTOR

    def _caption(self, layer: TextLayer) -> Patch | None:
        held = self._drawn.get(layer.segment.id)
        if held is None or held[0] != layer.transform:
            held = self._drawn[layer.segment.id] = (layer.transform, self._draw_caption(layer))
        return held[1]

    def _draw_caption(self, layer: TextLayer) -> Patch | None:
        drawn = self._captions.picture(layer.segment, layer.transform)
        if drawn is None:
            return None
        scale = drawn.scale_at(layer.transform)
        placement = place_drawn(drawn.size_px, drawn.origin_px, scale, layer.transform, self._canvas, self._output_px)
        return place(drawn.picture, placement, layer.transform.alpha, self._output_px, self._device)

    def _forget(self, layers: tuple[Layer, ...]) -> None:
        shown = {segment.id for layer in layers for segment in _segments(layer)}
        self._sources.keep(shown)
        self._captions.keep(shown)
        for segment_id in [held for held in self._drawn if held not in shown]:
            del self._drawn[segment_id]


def _segments(layer: Layer) -> tuple[Segment, ...]:
    if isinstance(layer, DissolveLayer):
        return (layer.outgoing.segment, layer.incoming.segment)
    return (layer.segment,)


def _has_curve(segment: Segment) -> bool:
    return any(curve.property in _SCALE_CURVES for curve in segment.curves)


def _moves(segment: Segment) -> bool:
    return any(curve.property not in _STILL_CURVES for curve in segment.curves)


def _sampling_size(placement: Placement, *, is_scaling: bool) -> tuple[int, int]:
    """The size to which a source is filtered before it is laid into place; never above its own.

    A scale that stands still is met to the pixel. One that moves takes halves, so that filtering does not pulse.
    """

    def length(own: float, scaled: float) -> int:
        if scaled >= own:
            return int(own)
        if is_scaling:
            halvings = max(int(math.log2(own / max(scaled, 1.0))), 0)
            return max(round(own * 0.5**halvings), 1)
        return max(math.ceil(scaled), 1)

    width, height = placement.scaled_size_px
    return length(placement.width_px, width), length(placement.height_px, height)
