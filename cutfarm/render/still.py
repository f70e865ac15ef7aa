"""One frame as a picture for people."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from PIL import Image

from cutfarm.media.colour import RANGE_FULL, RANGE_LIMITED, SWS_BT709
from cutfarm.media.picture import Picture
from cutfarm.render.frame import open_compositor
from cutfarm.render.spec import Assets, Output
from cutfarm.timeline.model import Timeline
from cutfarm.timeline.time import US_PER_SECOND
from cutfarm.timeline.time import frame_of as frame_number_of

if TYPE_CHECKING:
    from cutfarm.media.planes import Planes


def render_frame(
    timeline: Timeline, assets: Assets, output: Output, at_s: float, *, device: str = "cpu"
) -> Image.Image:
    """The frame shown at `at_s` seconds, an RGB image of the output's size; the last frame at the end and beyond."""
    last = max(frame_number_of(timeline.duration_us, output.fps) - 1, 0)
    number = min(int(Fraction(at_s).limit_denominator(US_PER_SECOND) * output.fps), last)
    with open_compositor(timeline, assets, output, device=device) as compositor:
        return to_image(compositor.frame(number))


def to_image(picture: Picture | Planes) -> Image.Image:
    """The RGB image of a picture."""
    if not isinstance(picture, Picture):
        from cutfarm.media.planes import picture_of  # there are tensors already

        picture = picture_of(picture)
    rgb = picture.frame.reformat(
        format="rgb24",
        src_colorspace=SWS_BT709,
        dst_colorspace=SWS_BT709,
        src_color_range=RANGE_LIMITED,
        dst_color_range=RANGE_FULL,
    )
    return Image.fromarray(rgb.to_ndarray())
