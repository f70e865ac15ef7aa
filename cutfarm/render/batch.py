"""Painting several frames at once, for a GPU: each kind of work is one launch, however many frames it is for.

The same pictures as `cutfarm.render.painter` makes, within two code values: swscale's work is done by
`kernels.resample`, and a dissolve of layers that do not fill the same box rounds once more. A chroma key, a burn and a
dodge make more of one code value where they are steep, and films in another light or matrix are converted before they
are scaled: there some samples along edges are farther apart.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence

import torch

from cutfarm.media.planes import Planes, SoftPicture, empty, soft_picture
from cutfarm.render.backgrounds import Backgrounds
from cutfarm.render.blending import strength_of
from cutfarm.render.captions import Captions
from cutfarm.render.lettering import lettered, moved
from cutfarm.render.on_device import DevicePictures, is_moving
from cutfarm.render.patch import Patch, faded, part_of, place
from cutfarm.render.placement import Box, Placement, place_clip, sampling_size
from cutfarm.render.sheet import Sheet, Surface, blended, copied, merged, mixed, patched, warped
from cutfarm.render.sources import Sources, is_opaque_at
from cutfarm.render.upright import visible_cut
from cutfarm.stages import stage
from cutfarm.timeline.layers import ClipLayer, DissolveLayer, Layer, TextLayer
from cutfarm.timeline.model import Canvas
from cutfarm.timeline.report import Report
from kernels.colour import CHROMA_ZERO, LUMA_BLACK
from kernels.jobs import draw


class BatchPainter:
    """Draws the layers of frames on a device; what does not change from one frame to the next is made once.

    The videos of `sources` are `TensorVideo`s of the same device. `has_nv12` interleaves chroma as NVENC takes it.
    """

    def __init__(
        self,
        canvas: Canvas,
        output_px: tuple[int, int],
        sources: Sources,
        device: torch.device,
        *,
        has_nv12: bool = False,
    ) -> None:
        self._canvas = canvas
        self._output_px = output_px
        self._output = Box(0, 0, *output_px)
        self._sources = sources
        self._device = device
        self._has_nv12 = has_nv12
        self._captions = Captions(canvas, output_px, sources.assets)
        self._backgrounds = Backgrounds(canvas, output_px, sources.assets, device)
        self._pictures = DevicePictures(output_px, device, sources.assets)

    @property
    def report(self) -> Report:
        """What was found while drawing, such as fonts that had to be replaced."""
        return self._captions.report + self._pictures.report

    @torch.inference_mode()
    def frames(self, count: int, stacks: Iterable[Sequence[Layer]]) -> list[Planes]:
        """The pictures of `count` frames, each given by its layers, bottom first. Only to be read.

        A frame's layers are asked for when those before it are looked up and its sources stand at their times.
        """
        with stage("composite"):
            pictures = self._blank(count)
            sheets = [self._sheet(layers, planes) for layers, planes in zip(stacks, pictures, strict=True)]
            draw(merged(sheets))
            return pictures

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all that was made but for the segments `segment_ids`."""
        self._captions.keep(segment_ids)
        self._backgrounds.keep(segment_ids)
        self._pictures.keep(segment_ids)

    def _blank(self, count: int) -> list[Planes]:
        """Black pictures."""
        width, height = self._output_px
        half = (count, height // 2, width // 2)
        y = torch.full((count, height, width), int(LUMA_BLACK), dtype=torch.uint8, device=self._device)
        chroma_shape = (*half, 2) if self._has_nv12 else (2, *half)
        chroma = torch.full(chroma_shape, int(CHROMA_ZERO), dtype=torch.uint8, device=self._device)
        u, v = chroma.unbind(-1 if self._has_nv12 else 0)
        return [Planes(*planes) for planes in zip(y, u, v, strict=True)]

    def _sheet(self, layers: Sequence[Layer], planes: Planes) -> Sheet:
        sheet, surface = Sheet(), Surface(planes, self._output)
        for layer in layers:
            match layer:
                case ClipLayer():
                    self._clip(sheet, surface, layer)
                case TextLayer():
                    self._caption(sheet, surface, layer)
                case DissolveLayer():
                    self._dissolve(sheet, surface, layer)
        return sheet

    def _clip(self, sheet: Sheet, surface: Surface, layer: ClipLayer, weight: float = 1.0) -> None:
        if layer.segment.background is not None and not self._covers(layer, surface.box):
            self._behind(sheet, surface, layer)
        alpha = layer.transform.alpha * weight
        placement = self._placement(layer)
        if alpha <= 0.0 or placement.is_degenerate or placement.bounds(*self._output_px).is_empty:
            return
        source = self._sources.of(layer.segment)
        if not layer.is_plain:
            self._patched(sheet, surface, layer, placement, weight)
            return
        upright = self._pictures.upright(layer, source, placement)
        if upright is not None:
            sheet.laid.append(upright.jobs(surface.part(upright.box), alpha))
            return
        size_px = sampling_size(placement, layer.segment)
        picture = self._pictures.sampled(layer, source, size_px, sheet.made_ready)
        placement = placement.resampled(*size_px)
        if isinstance(picture, SoftPicture):
            key = (source.key_at(layer.source_us), size_px)
            stands = not is_moving(source) and not layer.segment.curves
            self._soft(sheet, surface, layer.segment.id, (picture, key), placement, alpha, stands=stands)
        else:
            self._warp(sheet, surface, picture, placement, alpha)

    def _patched(self, sheet: Sheet, surface: Surface, layer: ClipLayer, placement: Placement, weight: float) -> None:
        """Lay a clip that is keyed, masked or blended."""
        source, blend = self._sources.of(layer.segment), layer.segment.blend
        if blend is None:
            patch = self._pictures.patch(layer, source, placement)
            if patch is not None:
                sheet.laid += patched(surface, patch if weight >= 1.0 else faded(patch, weight))
            return
        part, strength = self._pictures.shown_part(layer, source, placement, weight), strength_of(blend)
        if part is not None and strength > 0.0:
            sheet.laid.append(blended(surface.part(part[0]), part[1], blend.mode, strength))

    def _behind(self, sheet: Sheet, surface: Surface, layer: ClipLayer) -> None:
        """Lay the background of a clip that does not hide it."""
        patch = self._backgrounds.patch(layer, self._sources.of(layer.segment))
        if patch is not None and isinstance(patch.picture, Planes):
            sheet.laid.append(copied(surface.planes, part_of(patch.picture, surface.box)))

    def _caption(self, sheet: Sheet, surface: Surface, layer: TextLayer) -> None:
        if not layer.transform.alpha > 0.0:
            return
        motion = self._captions.motion_key(layer)
        if motion is not None:
            key = (layer.transform, layer.text, motion)
            patch = self._pictures.once(layer.segment.id, "patch", key, lambda: self._moving(layer))
        else:
            patch = self._standing(sheet, surface, layer)
        if patch is not None:
            sheet.laid += patched(surface, patch)

    def _moving(self, layer: TextLayer) -> Patch | None:
        """What is seen of a caption at an instant: drawn in host memory, and uploaded."""
        instant = self._captions.instant(layer)
        return None if instant is None else moved(instant, self._device)

    def _standing(self, sheet: Sheet, surface: Surface, layer: TextLayer) -> Patch | None:
        """A caption at rest that nothing carries, put into place once; one that is carried is laid for each frame."""
        drawn = self._captions.picture(layer)
        if drawn is None:
            return None
        placement, alpha = self._captions.placement(layer, drawn), layer.transform.alpha
        segment_id = layer.segment.id
        if layer.segment.curves:
            picture = self._pictures.once(segment_id, "text", drawn, lambda: soft_picture(drawn.rgba, self._device))
            self._warp(sheet, surface, picture, placement, alpha)
            return None

        def laid() -> Patch | None:
            return lettered(drawn.rgba, placement, alpha, self._output_px, self._device)

        return self._pictures.once(segment_id, "patch", drawn, laid)

    def _soft(
        self,
        sheet: Sheet,
        surface: Surface,
        segment_id: str,
        picture: tuple[SoftPicture, Hashable],
        placement: Placement,
        alpha: float,
        *,
        stands: bool,
    ) -> None:
        """Lay a picture with transparency; one that stands still is put into place once."""
        if not stands or surface.box != self._output:
            self._warp(sheet, surface, picture[0], placement, alpha)
            return
        patch = self._pictures.once(
            segment_id,
            "patch",
            (picture[1], placement, alpha),
            lambda: place(picture[0], placement, alpha, self._output_px, self._device),
        )
        if patch is not None:
            sheet.laid += patched(surface, patch)

    def _warp(
        self, sheet: Sheet, surface: Surface, picture: Planes | SoftPicture, placement: Placement, alpha: float
    ) -> None:
        box = placement.bounds(*self._output_px)
        if not box.is_empty and not placement.is_degenerate:
            sheet.laid.append(warped(surface.part(box), picture, placement, box, alpha))

    def _dissolve(self, sheet: Sheet, surface: Surface, layer: DissolveLayer) -> None:
        """Both clips over copies of what lies below, and the two mixed: the same as mixing them before."""
        clips = (layer.outgoing, layer.incoming)
        bounds = [self._bounds(clip) for clip in clips]
        if any(clip.segment.background is not None for clip in clips):
            box = self._output
        elif bounds[0] is None or bounds[1] is None:
            for clip, weight in zip(clips, (1.0 - layer.progress, layer.progress), strict=True):
                self._clip(sheet, surface, clip, weight)
            return
        else:
            box = bounds[0].union(bounds[1])
        target = surface.part(box)
        sides = [Surface(empty(box.width_px, box.height_px, self._device), box) for _ in clips]
        below = [side for side, clip in zip(sides, clips, strict=True) if not self._hides(clip, box)]
        if below:
            sheet.laid.append([job for side in below for job in copied(side.planes, target)])
        for side, clip in zip(sides, clips, strict=True):
            self._clip(sheet, side, clip)
        sheet.laid.append(mixed(target, sides[0].planes, sides[1].planes, layer.progress))

    def _placement(self, clip: ClipLayer) -> Placement:
        return place_clip(clip, self._sources.of(clip.segment), self._canvas, self._output_px)

    def _bounds(self, clip: ClipLayer) -> Box | None:
        """The part of the output that a clip can touch."""
        placement = self._placement(clip)
        if clip.transform.alpha <= 0.0 or placement.is_degenerate:
            return None
        found = visible_cut(clip.segment, placement, self._output_px)
        box = placement.bounds(*self._output_px)
        box = box if found is None else box.union(found[0])
        return None if box.is_empty else box

    def _hides(self, clip: ClipLayer, box: Box) -> bool:
        """Whether nothing below a clip and its background shows in `box`."""
        return clip.segment.background is not None or self._covers(clip, box)

    def _covers(self, clip: ClipLayer, box: Box) -> bool:
        """Whether nothing behind a clip shows in `box`."""
        source = self._sources.of(clip.segment)
        is_opaque = clip.transform.alpha >= 1.0 and clip.is_plain and is_opaque_at(source, clip.source_us)
        return is_opaque and self._placement(clip).covers(box)
