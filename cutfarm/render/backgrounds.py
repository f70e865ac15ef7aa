"""What covers the canvas behind a clip."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from dataclasses import replace
from fractions import Fraction

import torch

from cutfarm.errors import AssetMissing, AssetUnreadable
from cutfarm.media.picture import Picture, black
from cutfarm.media.planes import Planes, picture_of, planes_of, tensors_of
from cutfarm.media.source import PictureSource
from cutfarm.render.blurred import Blur, on_black, rounded
from cutfarm.render.fills import fill_source
from cutfarm.render.patch import Patch, place
from cutfarm.render.placement import Box, Placement, place_clip, place_picture
from cutfarm.render.sources import open_picture
from cutfarm.render.spec import Assets
from cutfarm.timeline.layers import ClipLayer
from cutfarm.timeline.model import BlurBackground, Canvas, ColourBackground, Fill, ImageBackground, Transform

_HOST = torch.device("cpu")
_START = Fraction(0)
_SIGMA = 0.045  # of the canvas's height: the standard deviation at the full amount


class Backgrounds:
    """Opaque pictures that fill the output; one that does not change is made once.

    A blurred one is the clip's own cropped picture, covering the canvas whatever the clip's transform, mask and key. A
    picture covers the canvas too; one that was not supplied is black, as is what is transparent and what is so thin
    that nothing of it could cover the canvas.
    """

    def __init__(self, canvas: Canvas, output_px: tuple[int, int], assets: Assets, device: torch.device) -> None:
        self._canvas = canvas
        self._output_px = output_px
        self._assets = assets
        self._device = device
        self._blur = Blur(output_px, device)
        self._made: dict[str, tuple[Hashable, Patch]] = {}

    def patch(self, layer: ClipLayer, source: PictureSource) -> Patch | None:
        """What lies behind `layer`, which shows `source`; None where it has no background. Only to be read.

        Raises AssetMissing or AssetUnreadable, naming the segment, where the background's own file cannot be read.
        """
        background = layer.segment.background
        if background is None:
            return None
        key = background, source.key_at(layer.source_us) if isinstance(background, BlurBackground) else None
        held = self._made.get(layer.segment.id)
        if held is None or held[0] != key:
            held = self._made[layer.segment.id] = (key, self._patch(layer, source))
        return held[1]

    def keep(self, segment_ids: Collection[str]) -> None:
        """Forget all that was made but for the segments `segment_ids`."""
        for segment_id in [held for held in self._made if held not in segment_ids]:
            del self._made[segment_id]

    def _patch(self, layer: ClipLayer, source: PictureSource) -> Patch:
        picture = self._picture(layer, source)
        host = picture if isinstance(picture, Picture) and self._device.type == "cpu" else None
        planes = planes_of(picture) if isinstance(picture, Picture) else picture
        return Patch(Box(0, 0, *self._output_px), planes.to(self._device), host=host)

    def _picture(self, layer: ClipLayer, source: PictureSource) -> Picture | Planes:
        match layer.segment.background:
            case ColourBackground(red, green, blue):
                fill = Fill("", *self._output_px, ((red, green, blue, 1.0),))
                made = fill_source(fill, self._canvas).picture_at(_START, *self._output_px)
                assert isinstance(made, Picture)
                return made
            case BlurBackground(amount):
                return self._blurred(layer, source, amount)
            case ImageBackground(path) if path in self._assets:
                try:
                    return self._image(self._assets[path].path)
                except (AssetMissing, AssetUnreadable) as error:
                    raise type(error)(f"background of segment {layer.segment.id}: {error}") from error
            case _:
                return black(*self._output_px)

    def _blurred(self, layer: ClipLayer, source: PictureSource, amount: float) -> Picture | Planes:
        placement = self._covering(
            lambda transform: place_clip(replace(layer, transform=transform), source, self._canvas, self._output_px)
        )
        sigma = amount * _SIGMA * self._canvas.height_px
        if placement.is_degenerate:
            return black(*self._output_px)
        across, down = self._output_px[0] / self._canvas.width_px, self._output_px[1] / self._canvas.height_px
        return self._blur.picture(source, layer.source_us, placement, (sigma * across, sigma * down))

    def _image(self, path: str) -> Picture:
        source = open_picture(path)
        try:
            own_px = source.width_px, source.height_px
            placement = self._covering(
                lambda transform: place_picture(own_px, transform, self._canvas, self._output_px)
            )
            if placement.is_degenerate:
                return black(*self._output_px)
            width, height = placement.scaled_size_px
            size_px = min(round(width), own_px[0]), min(round(height), own_px[1])
            picture = source.picture_at(_START, *size_px)
            laid = place(tensors_of(picture), placement.resampled(*size_px), 1.0, self._output_px, _HOST)
        finally:
            source.close()
        assert laid is not None  # it covers the output
        return picture_of(Planes(*(rounded(plane.float()) for plane in on_black(laid.picture, _HOST))))

    def _covering(self, laid: Callable[[Transform], Placement]) -> Placement:
        """The placement of what is contained in the canvas at scale 1, at the scale at which it covers the output."""
        contained = laid(Transform()).scaled_size_px
        scale = max(whole / side for whole, side in zip(self._output_px, contained, strict=True))
        return laid(Transform(scale_x=scale, scale_y=scale))
