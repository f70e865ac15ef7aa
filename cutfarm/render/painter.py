"""Painting the layers of a frame with tensors."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import TypeVar

import torch

from cutfarm.media.picture import Picture
from cutfarm.media.planes import SoftPicture, planes_of, tensors_of
from cutfarm.media.source import PictureSource
from cutfarm.render.backgrounds import Backgrounds
from cutfarm.render.canvas import Canvas
from cutfarm.render.captions import Captions
from cutfarm.render.edges import edges_of
from cutfarm.render.lettering import lettered, moved, sampled
from cutfarm.render.masks import Masks
from cutfarm.render.patch import Patch, dissolve, faded, place
from cutfarm.render.placement import Box, Placement, place_clip, sampling_size
from cutfarm.render.shown import shown_patch
from cutfarm.render.soft_canvas import SoftCanvas
from cutfarm.render.sources import Sources
from cutfarm.render.upright import laid_upright
from cutfarm.stages import stage
from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer, TextLayer
from cutfarm.timeline.model import Canvas as CanvasSize
from cutfarm.timeline.report import Report

AnyCanvas = TypeVar("AnyCanvas", Canvas, SoftCanvas)

_HOST = torch.device("cpu")


class Painter:
    """Draws layers in host memory and lays them over each other; what stays the same over frames is drawn once."""

    def __init__(self, canvas: CanvasSize, output_px: tuple[int, int], sources: Sources) -> None:
        self._canvas = canvas
        self._output_px = output_px
        self._sources = sources
        self.captions = Captions(canvas, output_px, sources.assets)
        self._backgrounds = Backgrounds(canvas, output_px, sources.assets, _HOST)
        self._masks = Masks(sources.assets)
        self._drawn: dict[str, tuple[Hashable, Patch | None]] = {}

    @property
    def report(self) -> Report:
        """What was found while drawing, such as fonts that had to be replaced."""
        return self.captions.report + self._masks.report

    @torch.inference_mode()
    def frame(self, layers: Sequence[Layer]) -> Picture:
        """`layers`, bottom first, on black. Only to be read."""
        with stage("composite"):
            canvas = Canvas(*self._output_px)
            for layer in layers:
                self._lay(canvas, layer, is_top=layer is layers[-1])
            return canvas.picture()

    @torch.inference_mode()
    def soft_frame(self, layers: Sequence[Layer]) -> SoftPicture:
        """`layers`, bottom first, on nothing: what they leave free is transparent. It is the caller's to keep."""
        with stage("composite"):
            canvas = SoftCanvas(*self._output_px)
            for layer in layers:
                self._lay(canvas, layer, is_top=layer is layers[-1])
            return canvas.picture()

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all that was drawn but for the segments `segment_ids`."""
        self.captions.keep(segment_ids)
        self._masks.keep(segment_ids)
        self._backgrounds.keep(segment_ids)
        for segment_id in [held for held in self._drawn if held not in segment_ids]:
            del self._drawn[segment_id]

    def _lay(self, canvas: AnyCanvas, layer: Layer, *, is_top: bool) -> None:
        match layer:
            case ClipLayer():
                self._lay_clip(canvas, layer, is_top=is_top)
            case TextLayer():
                patch = self._caption(layer)
                if patch is not None:
                    canvas.lay(patch)
            case DissolveLayer():
                self._lay_dissolve(canvas, layer)

    def _lay_clip(self, canvas: AnyCanvas, layer: ClipLayer, *, is_top: bool) -> None:
        patch, blend = self._clip(layer), layer.segment.blend
        if layer.segment.background is not None and (blend is not None or not self._fills(patch)):
            behind = self._backgrounds.patch(layer, self._sources.of(layer.segment))
            if behind is not None:
                canvas.lay(behind)
        if patch is None:
            return
        if not is_top and canvas.takes(patch, blend):
            del self._drawn[layer.segment.id]  # it may be drawn over
        canvas.lay(patch, blend)

    def _lay_dissolve(self, canvas: AnyCanvas, layer: DissolveLayer) -> None:
        sides = (layer.outgoing, layer.incoming)
        if all(side.segment.blend is None and side.segment.background is None for side in sides):
            patch = dissolve(self._clip(sides[0]), self._clip(sides[1]), layer.progress)
            if patch is not None:
                canvas.lay(patch)
            return
        # What each side makes of the picture depends on what is below, so the two results are mixed.
        copies = canvas.copy(), canvas.copy()
        for copy, side in zip(copies, sides, strict=True):
            self._lay_clip(copy, side, is_top=True)
        canvas.mix(*copies, layer.progress)

    def _fills(self, patch: Patch | None) -> bool:
        """Whether nothing below a clip can be seen."""
        if patch is None or patch.edges is not None or isinstance(patch.picture, SoftPicture):
            return False
        return patch.box == Box(0, 0, *self._output_px)

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

        def laid(alpha: float) -> Patch | None:
            return self._laid(layer, source, placement, alpha)

        return shown_patch(layer, placement, laid, self._masks, self._output_px[1])

    def _laid(self, layer: ClipLayer, source: PictureSource, placement: Placement, alpha: float) -> Patch | None:
        """The clip's whole picture in its place, with the opacity `alpha`."""
        laid = laid_upright(layer, source, placement, self._output_px)
        if laid is not None:
            edges = edges_of(placement, laid.box) if laid.is_cut else None
            patch = Patch(laid.box, planes_of(laid.picture), edges, laid.picture, is_scratch=laid.is_cut)
            return patch if alpha >= 1.0 else faded(patch, alpha)
        width_px, height_px = sampling_size(placement, layer.segment)
        picture = source.picture_at(layer.source_us, width_px, height_px)
        sampled = placement.resampled(width_px, height_px)
        return place(tensors_of(picture), sampled, alpha, self._output_px, _HOST)

    def _caption(self, layer: TextLayer) -> Patch | None:
        motion = self.captions.motion_key(layer)
        key = (layer.transform, layer.text, motion)
        held = self._drawn.get(layer.segment.id)
        if held is None or held[0] != key:
            draw = self._draw_caption if motion is None else self._draw_moving
            held = self._drawn[layer.segment.id] = (key, draw(layer))
        return held[1]

    def _draw_caption(self, layer: TextLayer) -> Patch | None:
        drawn = self.captions.picture(layer)
        if drawn is None:
            return None
        placement = self.captions.placement(layer, drawn)
        lay = sampled if layer.segment.curves else lettered
        return lay(drawn.rgba, placement, layer.transform.alpha, self._output_px, _HOST)

    def _draw_moving(self, layer: TextLayer) -> Patch | None:
        instant = self.captions.instant(layer)
        return None if instant is None else moved(instant, _HOST)
