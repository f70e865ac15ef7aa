"""What of a clip is shown: its picture in its place, then what is cut out of it, then its opacity."""

from __future__ import annotations

from collections.abc import Callable

from cutfarm.render.keying import keyed
from cutfarm.render.masks import Masks
from cutfarm.render.patch import Patch, faded
from cutfarm.render.placement import Placement
from cutfarm.timeline.layers import ClipLayer


def shown_patch(
    layer: ClipLayer,
    placement: Placement,
    laid: Callable[[float], Patch | None],
    masks: Masks,
    output_height_px: int,
) -> Patch | None:
    """The clip in its place, keyed and masked; None where nothing of it shows.

    `laid` makes the clip's whole picture in its place with an opacity, on the device that all the rest happens on.
    """
    alpha = layer.transform.alpha
    if layer.mask is None and layer.chroma_key is None:
        return laid(alpha)
    patch = laid(1.0)
    if patch is not None and layer.chroma_key is not None:
        patch = keyed(patch, layer.chroma_key, output_height_px)
    if patch is not None and layer.mask is not None:
        patch = masks.masked(layer.segment.id, patch, layer.mask, placement)
    if patch is None or alpha >= 1.0:
        return patch
    return faded(patch, alpha)
