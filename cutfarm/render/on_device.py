"""What clips show, on a device: their pictures as they are sampled there, and clips in their places."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import TypeVar, cast

import torch

from cutfarm.media.nvdec import TensorVideo, scaling
from cutfarm.media.picture import Picture
from cutfarm.media.planes import Planes, SoftPicture, empty, planes_of, tensors_of
from cutfarm.media.resample import Cut
from cutfarm.media.source import PictureSource
from cutfarm.media.still import ImageSource
from cutfarm.media.video import VideoSource
from cutfarm.render.blending import shown_part
from cutfarm.render.edges import edges_of
from cutfarm.render.generated import GeneratedSource
from cutfarm.render.masks import Masks
from cutfarm.render.patch import Patch, faded, place
from cutfarm.render.placement import Box, Placement, sampling_size
from cutfarm.render.sheet import Jobs, extent_in, scaled
from cutfarm.render.shown import shown_patch
from cutfarm.render.sources import ComposedSource, is_opaque_at
from cutfarm.render.spec import Assets
from cutfarm.render.upright import visible_cut
from cutfarm.timeline.layers import ClipLayer
from cutfarm.timeline.report import Report
from kernels.jobs import Extent, draw
from kernels.yuva import Yuva

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class Upright:
    """An opaque picture that scaling alone brings into its place."""

    box: Box  #: that it fills, inside the output
    planes: Planes
    cut: Cut | None  #: what of `planes` is scaled to the box; None is all of them
    extent: Extent | None  #: what the clip covers of the box; None is all of it

    def jobs(self, target: Planes, alpha: float = 1.0) -> Jobs:
        """Lay it over `target`, which is the box."""
        if self.cut is None:
            return scaling(target, self.planes, alpha)
        return scaled(target, self.planes, self.cut, extent=self.extent, alpha=alpha)


class DevicePictures:
    """Brings what clips show to `device`; what was made last for a clip is kept.

    Films are `TensorVideo`s of the same device. All other sources draw in host memory, and what they draw is uploaded.
    `assets` has the fonts of text masks.
    """

    def __init__(self, output_px: tuple[int, int], device: torch.device, assets: Assets) -> None:
        self._output_px = output_px
        self._device = device
        self._masks = Masks(assets)
        self._made: dict[tuple[str, str], tuple[Hashable, object]] = {}

    @property
    def report(self) -> Report:
        """Fonts of text masks that had to be replaced so far."""
        return self._masks.report

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all that was made but for the segments `segment_ids`."""
        self._masks.keep(segment_ids)
        for key in [held for held in self._made if held[0] not in segment_ids]:
            del self._made[key]

    def once(self, segment_id: str, what: str, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """What was made last for a segment under the name `what` if `key` is the same."""
        held = self._made.get((segment_id, what))
        if held is None or held[0] != key:
            held = self._made[segment_id, what] = (key, make())
        return cast("_Made", held[1])

    def upright(self, layer: ClipLayer, source: PictureSource, placement: Placement) -> Upright | None:
        """The clip's whole picture where it is opaque and lies so that scaling alone is exact; else None."""
        if not is_opaque_at(source, layer.source_us):
            return None
        whole = placement.whole_box()
        if whole is not None and placement.window is None and whole.is_inside(Box(0, 0, *self._output_px)):
            planes = self._whole(layer, source, (whole.width_px, whole.height_px))
            return None if planes is None else Upright(whole, planes, None, None)
        found = visible_cut(layer.segment, placement, self._output_px)
        planes = None if found is None else self._own(layer, source)
        if found is None or planes is None:
            return None
        return Upright(found[0], planes, found[1], extent_in(placement, found[0]))

    def sampled(
        self, layer: ClipLayer, source: PictureSource, size_px: tuple[int, int], made_ready: Jobs
    ) -> Planes | SoftPicture:
        """The clip's whole picture, filtered to a size once the jobs are done that are added to `made_ready`."""
        if not isinstance(source, TensorVideo):
            return self._uploaded(layer, source, size_px)
        planes = source.planes_at(layer.source_us)
        if (planes.width_px, planes.height_px) == size_px:
            return planes

        def smaller() -> Planes:
            made = empty(*size_px, self._device)
            made_ready.extend(scaling(made, planes))
            return made

        return self.once(layer.segment.id, "sampled", (source.key_at(layer.source_us), size_px), smaller)

    def patch(self, layer: ClipLayer, source: PictureSource, placement: Placement) -> Patch | None:
        """The clip in its place, keyed and masked; `placement` is not degenerate."""

        def laid(alpha: float) -> Patch | None:
            return self._laid(layer, source, placement, alpha)

        return self.once(
            layer.segment.id,
            "patch",
            _looks(layer, source),
            lambda: shown_patch(layer, placement, laid, self._masks, self._output_px[1]),
        )

    def shown_part(
        self, layer: ClipLayer, source: PictureSource, placement: Placement, weight: float
    ) -> tuple[Box, Yuva] | None:
        """The same where anything of it shows, its opacity multiplied by `weight`."""
        patch = self.patch(layer, source, placement)
        if patch is None:
            return None
        return self.once(
            layer.segment.id,
            "shown part",
            (_looks(layer, source), weight),
            lambda: shown_part(patch if weight >= 1.0 else faded(patch, weight)),
        )

    def _laid(self, layer: ClipLayer, source: PictureSource, placement: Placement, alpha: float) -> Patch | None:
        """The clip's whole picture in its place, with the opacity `alpha`."""
        upright = self.upright(layer, source, placement)
        if upright is not None:
            box = upright.box
            planes = empty(box.width_px, box.height_px, self._device)
            draw([Upright(box, upright.planes, upright.cut, None).jobs(planes)])
            edges = None if upright.cut is None else edges_of(placement, box)
            patch = Patch(box, planes, None if edges is None else edges.to(self._device))
            return patch if alpha >= 1.0 else faded(patch, alpha)
        size_px = sampling_size(placement, layer.segment)
        made_ready: Jobs = []
        picture = self.sampled(layer, source, size_px, made_ready)
        draw([made_ready])
        return place(picture, placement.resampled(*size_px), alpha, self._output_px, self._device)

    def _whole(self, layer: ClipLayer, source: PictureSource, size_px: tuple[int, int]) -> Planes | None:
        """An opaque picture that fills a box of `size_px`, in that size or in another one."""
        if isinstance(source, TensorVideo):
            return source.planes_at(layer.source_us)
        picture = self._uploaded(layer, source, size_px)
        return picture if isinstance(picture, Planes) else None

    def _own(self, layer: ClipLayer, source: PictureSource) -> Planes | None:
        """The opaque picture of a film or of a compound clip in its own size, if it can be had in that."""
        if isinstance(source, TensorVideo):
            return source.planes_at(layer.source_us) if source.is_plain else None

        def uploaded() -> Planes | None:
            picture = _own_picture(layer, source)
            return None if picture is None else planes_of(picture).to(self._device)

        return self.once(layer.segment.id, "own", source.key_at(layer.source_us), uploaded)

    def _uploaded(self, layer: ClipLayer, source: PictureSource, size_px: tuple[int, int]) -> Planes | SoftPicture:
        """The picture of what is no `TensorVideo`, filtered to a size."""
        key = (source.key_at(layer.source_us), size_px)
        return self.once(
            layer.segment.id,
            "uploaded",
            key,
            lambda: tensors_of(source.picture_at(layer.source_us, *size_px)).to(self._device),
        )


def is_moving(source: PictureSource) -> bool:
    """Whether the picture of a source changes with time."""
    return source.is_animated if isinstance(source, ImageSource) else not isinstance(source, GeneratedSource)


def _own_picture(layer: ClipLayer, source: PictureSource) -> Picture | None:
    match source:
        case ComposedSource():
            return source.own_picture_at(layer.source_us)
        case VideoSource() if source.is_plain:
            return source.picture_at(layer.source_us, source.width_px, source.height_px)
        case _:
            return None


def _looks(layer: ClipLayer, source: PictureSource) -> Hashable:
    """What a clip in its place depends on."""
    return source.key_at(layer.source_us), layer.transform, layer.mask, layer.chroma_key
