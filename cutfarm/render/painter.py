"""Painting the layers of a frame with tensors."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

import torch

from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, planes_of
from cutfarm.media.source import PictureSource
from cutfarm.render.canvas import Canvas
from cutfarm.render.captions import Captions
from cutfarm.render.edges import edges_of
from cutfarm.render.patch import Patch, dissolve, faded, place
from cutfarm.render.placement import place_clip, place_drawn, sampling_size
from cutfarm.render.sources import Sources
from cutfarm.render.upright import laid_upright
from cutfarm.stages import stage
from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer, TextLayer
from cutfarm.timeline.model import Canvas as CanvasSize
from cutfarm.timeline.report import Report


class Painter:
    """Draws layers and lays them over each other; what does not change from one frame to the next is drawn once."""

    def __init__(self, canvas: CanvasSize, output_px: tuple[int, int], sources: Sources, device: str) -> None:
        self._canvas = canvas
        self._output_px = output_px
        self._device = torch.device(device)
        self._sources = sources
        self._captions = Captions(canvas, output_px)
        self._drawn: dict[str, tuple[Hashable, Patch | None]] = {}

    @property
    def report(self) -> Report:
        """What was found while drawing, such as fonts that had to be replaced."""
        return self._captions.report

    @torch.inference_mode()
    def frame(self, layers: Sequence[Layer]) -> Picture | Planes:
        """`layers`, bottom first, on black: a picture in host memory, or planes on the GPU. Only to be read."""
        with stage("composite"):
            canvas = Canvas(*self._output_px, self._device)
            for layer in layers:
                patch = self._patch(layer)
                if patch is None:
                    continue
                if isinstance(layer, ClipLayer) and layer is not layers[-1] and canvas.takes(patch):
                    del self._drawn[layer.segment.id]  # it may be drawn over
                canvas.lay(patch)
            return canvas.picture()

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all that was drawn but for the segments `segment_ids`."""
        self._captions.keep(segment_ids)
        for segment_id in [held for held in self._drawn if held not in segment_ids]:
            del self._drawn[segment_id]

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
        key = (source.key_at(layer.source_us), layer.transform, layer.mask, layer.chroma_key)
        held = self._drawn.get(layer.segment.id)
        if held is None or held[0] != key:
            held = self._drawn[layer.segment.id] = (key, self._draw_clip(layer, source))
        return held[1]

    def _draw_clip(self, layer: ClipLayer, source: PictureSource) -> Patch | None:
        placement = place_clip(layer, source, self._canvas, self._output_px)
        if placement.is_degenerate:
            return None
        laid = laid_upright(layer, source, placement, self._output_px)
        if laid is not None:
            edges = edges_of(placement, laid.box, self._device) if laid.is_cut else None
            host = laid.picture if self._device.type == "cpu" else None
            patch = Patch(laid.box, planes_of(laid.picture).to(self._device), edges, host, is_scratch=laid.is_cut)
            return patch if layer.transform.alpha >= 1.0 else faded(patch, layer.transform.alpha)
        width_px, height_px = sampling_size(placement, layer.segment)
        picture = source.picture_at(layer.source_us, width_px, height_px)
        sampled = placement.resampled(width_px, height_px)
        tensors = planes_of(picture) if isinstance(picture, Picture) else picture
        return place(tensors, sampled, layer.transform.alpha, self._output_px, self._device)

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
