"""Pictures that fill letters, read with a limit on what they may take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import skia
from PIL import Image, ImageOps

from cutfarm.errors import AssetTooLarge, AssetUnreadable
from cutfarm.media.icc import in_srgb
from cutfarm.media.images import IMAGE_FAULTS, open_image

MAX_TEXTURE_PX = 13_000_000  #: of the file; it is decoded whole, with its transparency twice
KEPT_SIDE_PX = 1448  #: longest side that is kept: 8 MB at most


def load_texture(path: Path) -> Any:
    """The first frame of an image file, upright and in sRGB, as a skia.Image no larger than `KEPT_SIDE_PX` a side.

    Raises AssetMissing, AssetTooLarge above `MAX_TEXTURE_PX` and AssetUnreadable where it is no image that can be read.
    """
    with open_image(str(path)) as image:
        if image.width * image.height > MAX_TEXTURE_PX:
            raise AssetTooLarge(f"{path.name} has more than {MAX_TEXTURE_PX} pixels")
        try:
            profile = image.info.get("icc_profile")
            image.thumbnail((KEPT_SIDE_PX, KEPT_SIDE_PX), Image.Resampling.BOX)
            upright = in_srgb(ImageOps.exif_transpose(image), profile).convert("RGBA")
        except IMAGE_FAULTS as error:
            raise AssetUnreadable(f"{path.name} is damaged or truncated ({error})") from error
    pixels = np.array(upright)
    is_opaque = bool((pixels[..., 3] == 255).all())
    alpha_type = skia.kOpaque_AlphaType if is_opaque else skia.kUnpremul_AlphaType
    return skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType, alpha_type)
