"""Chroma keys laid on clips: a colour becomes transparent."""

from __future__ import annotations

from cutfarm.media.planes import Planes, SoftPicture
from cutfarm.render.patch import Patch, cut
from cutfarm.timeline.model import ChromaKey
from kernels.chroma_key import Key, choked, key_opacity, key_spill, without_spill
from kernels.colour import subsample
from kernels.yuva import Yuva

_EDGE = 1.0 / 500.0  # of the output's height: the blur of an outline that is smoothed wholly


def keyed(patch: Patch, key: ChromaKey, output_height_px: int) -> Patch:
    """`patch` without what has the key's colour, in the output's pixels. An intensity of 0 leaves it as it is.

    Of the key's distance to grey, .05 + .45·intensity is clear, and .08 + .3·shadow more is opaque. The key's hue is
    taken away by `spill`, and by up to the intensity in what is nearer to it than grey is: proposals of ours.
    """
    if key.intensity <= 0.0:
        return patch
    near = 0.05 + 0.45 * key.intensity
    colour = Key(key.red, key.green, key.blue, near, near + 0.08 + 0.3 * key.shadow)
    picture = _yuva(patch.picture)
    luma = key_opacity(picture, colour)
    if key.edge > 0.0:
        luma = choked(luma, key.edge * _EDGE * output_height_px)
    kept = cut(patch, patch.box, luma, subsample(luma))
    spill = key_spill(picture, colour).mul_(key.intensity).clamp_min_(key.spill)
    u, v = without_spill(kept.u, kept.v, kept.chroma_alpha, colour, spill)
    return Patch(patch.box, SoftPicture(kept.y, u, v, kept.alpha, kept.chroma_alpha))


def _yuva(picture: Planes | SoftPicture) -> Yuva:
    if isinstance(picture, Planes):
        return Yuva(*picture)
    return Yuva(picture.y, picture.u, picture.v, picture.alpha, picture.chroma_alpha)
