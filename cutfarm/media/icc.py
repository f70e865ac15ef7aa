"""Photos with a colour profile, such as Display P3 or Adobe RGB, brought to sRGB by LittleCMS."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageCms

_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # Pillow's of the colour spaces that profiles name


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """`image` as RGB, or RGBA where it has transparency, in sRGB; itself where `profile` is none, sRGB's or damaged.

    Colours are matched relative to white with black point compensation, as browsers do; what sRGB lacks is clipped.
    """
    if not profile:
        return image
    try:
        transform = _transform(profile)
        if transform is None:
            return image
        straight = image.convert("RGBA") if image.has_transparency_data else image
        seen = ImageCms.applyTransform(straight.convert(transform.input_mode), transform)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image
    assert seen is not None
    if straight.mode == "RGBA":
        seen.putalpha(straight.getchannel("A"))
    return seen


@lru_cache(maxsize=8)
def _transform(profile: bytes) -> ImageCms.ImageCmsTransform | None:
    """From `profile` to sRGB; None where nothing is to be done or nothing can be."""
    given = ImageCms.ImageCmsProfile(BytesIO(profile))
    mode = _MODES.get(given.profile.xcolor_space.strip())
    if mode is None or "sRGB" in (given.profile.profile_description or ""):
        return None
    return ImageCms.buildTransform(
        given,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
